"""`linux.resources` as files of cgroups, in both versions: planned without a host, and written without a kernel."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any, cast

import pytest

from conformance.bundle.config import base, merge, mounts_with, namespaces_with
from conformance.requirements import register
from reference_runtime import plan
from reference_runtime.cgroups import limits, ownership, v1_limits, v2_limits
from reference_runtime.config import NEWEST_VERSION, Config
from reference_runtime.errors import SyscallFailed, UnsupportedConfig
from reference_runtime.host import Hierarchy, Host
from reference_runtime.steps import Step, function

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from reference_runtime.context import Context

CONTROLLERS = ("memory", "cpu", "cpuset", "blkio", "hugetlb", "net_cls", "net_prio", "rdma", "pids")

V1 = [Hierarchy(f"/sys/fs/cgroup/{name}", "cgroup", (name,)) for name in CONTROLLERS]
V2 = [Hierarchy("/sys/fs/cgroup", "cgroup2", ("cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma"))]
HYBRID = [
    Hierarchy("/sys/fs/cgroup/pids", "cgroup", ("pids",)),
    Hierarchy("/sys/fs/cgroup/unified", "cgroup2", ("hugetlb",)),
]

# No step does anything with it.
CONTEXT = cast("Context", None)


def steps_of(resources: dict[str, Any], hierarchies: Iterable[Hierarchy], **changes: Any) -> list[Step]:
    document = merge({"ociVersion": NEWEST_VERSION, **base()}, {"linux": {"resources": resources}})
    config = Config(merge(document, {"linux": {"cgroupsPath": "/above/one"}, **changes}), "/bundle", "one")
    return [s for s in plan.build(config, Host(list(hierarchies), bool)) if _is_of_resources(s)]


def _is_of_resources(step: Step) -> bool:
    return step.action.startswith("cgroups.") and not step.action.startswith("cgroups.groups.")


def files_of(resources: dict[str, Any], hierarchies: Iterable[Hierarchy]) -> list[dict[str, str]]:
    steps = steps_of(resources, hierarchies)
    return [step.arguments["files"] for step in steps if "files" in step.arguments]


DEVICE = {"major": 8, "minor": 16}


@pytest.mark.parametrize(
    ("resources", "of_v1", "of_v2"),
    [
        (
            {"memory": {"limit": 100, "swap": 150}},
            [{"memory.limit_in_bytes": "100", "memory.memsw.limit_in_bytes": "150"}],
            [{"memory.max": "100"}, {"memory.swap.max": "50"}],
        ),
        (
            {"memory": {"limit": -1, "swap": -1}},
            [{"memory.limit_in_bytes": "-1", "memory.memsw.limit_in_bytes": "-1"}],
            [{"memory.max": "max"}, {"memory.swap.max": "max"}],
        ),
        (
            {"memory": {"limit": 100, "checkBeforeUpdate": True}},
            [{"memory.limit_in_bytes": "100"}],
            [{"memory.max": "100"}, {"memory.max": "100"}],
        ),
        ({"memory": {"reservation": 7}}, [{"memory.soft_limit_in_bytes": "7"}], [{"memory.low": "7"}]),
        ({"cpu": {"shares": 1024}}, [{"cpu.shares": "1024"}], [{"cpu.weight": "39"}]),
        (
            {"cpu": {"quota": 5, "period": 10}},
            [{"cpu.cfs_period_us": "10"}, {"cpu.cfs_quota_us": "5"}],
            [{"cpu.max": "5 10"}],
        ),
        ({"cpu": {"quota": -1}}, [{"cpu.cfs_quota_us": "-1"}], [{"cpu.max": "max"}]),
        ({"cpu": {"period": 10}}, [{"cpu.cfs_period_us": "10"}], [{"cpu.max": "max 10"}]),
        ({"cpu": {"burst": 5}}, [{"cpu.cfs_burst_us": "5"}], [{"cpu.max.burst": "5"}]),
        ({"cpu": {"idle": 1}}, [{"cpu.idle": "1"}], [{"cpu.idle": "1"}]),
        (
            {"cpu": {"cpus": "0-3", "mems": "0"}},
            [{"cpuset.cpus": "0-3"}, {"cpuset.mems": "0"}],
            [{"cpuset.cpus": "0-3"}, {"cpuset.mems": "0"}],
        ),
        ({"pids": {"limit": -1}}, [{"pids.max": "max"}], [{"pids.max": "max"}]),
        ({"pids": {"limit": 0}}, [{"pids.max": "0"}], [{"pids.max": "0"}]),
        ({"pids": {}}, [], []),
        (
            {"blockIO": {"weight": 1000}},
            [{"blkio.weight": "1000", "blkio.bfq.weight": "1000"}],
            [{"io.bfq.weight": "1000", "io.weight": "default 10000"}],
        ),
        (
            {"blockIO": {"weightDevice": [{**DEVICE, "weight": 10}]}},
            [{"blkio.weight_device": "8:16 10", "blkio.bfq.weight_device": "8:16 10"}],
            [{"io.bfq.weight": "8:16 10", "io.weight": "8:16 1"}],
        ),
        (
            {"blockIO": {"throttleReadBpsDevice": [{**DEVICE, "rate": 9}]}},
            [{"blkio.throttle.read_bps_device": "8:16 9"}],
            [{"io.max": "8:16 rbps=9"}],
        ),
        (
            {"blockIO": {"throttleWriteIOPSDevice": [{**DEVICE, "rate": 9}]}},
            [{"blkio.throttle.write_iops_device": "8:16 9"}],
            [{"io.max": "8:16 wiops=9"}],
        ),
        (
            {"hugepageLimits": [{"pageSize": "2MB", "limit": 9}]},
            [{"hugetlb.2MB.rsvd.limit_in_bytes": "9", "hugetlb.2MB.limit_in_bytes": "9"}],
            [{"hugetlb.2MB.rsvd.max": "9", "hugetlb.2MB.max": "9"}],
        ),
        (
            {"rdma": {"mlx5_1": {"hcaHandles": 3, "hcaObjects": 4}}},
            [{"rdma.max": "mlx5_1 hca_handle=3 hca_object=4"}],
            [{"rdma.max": "mlx5_1 hca_handle=3 hca_object=4"}],
        ),
        (
            {"memory": {"kernel": -1, "disableOOMKiller": False}},
            [{"memory.kmem.limit_in_bytes": "-1"}, {"memory.oom_control": "0"}],
            [],
        ),
    ],
)
def test_files_of_both_versions(
    resources: dict[str, Any], of_v1: list[dict[str, str]], of_v2: list[dict[str, str]]
) -> None:
    assert files_of(resources, V1) == of_v1
    assert files_of(resources, V2) == of_v2


@pytest.mark.parametrize(
    ("resources", "files", "place"),
    [
        ({"memory": {"kernel": 7}}, {"memory.kmem.limit_in_bytes": "7"}, "memory.kernel"),
        ({"memory": {"kernelTCP": 7}}, {"memory.kmem.tcp.limit_in_bytes": "7"}, "memory.kernelTCP"),
        ({"memory": {"swappiness": 0}}, {"memory.swappiness": "0"}, "memory.swappiness"),
        ({"memory": {"disableOOMKiller": True}}, {"memory.oom_control": "1"}, "memory.disableOOMKiller"),
        ({"memory": {"useHierarchy": False}}, {"memory.use_hierarchy": "0"}, "memory.useHierarchy"),
        ({"memory": {"swap": 7}}, {"memory.memsw.limit_in_bytes": "7"}, "memory.swap"),
        ({"cpu": {"realtimeRuntime": 7}}, {"cpu.rt_runtime_us": "7"}, "cpu.realtimeRuntime"),
        ({"cpu": {"realtimePeriod": 7}}, {"cpu.rt_period_us": "7"}, "cpu.realtimePeriod"),
        ({"blockIO": {"leafWeight": 7}}, {"blkio.leaf_weight": "7"}, "blockIO.leafWeight"),
        (
            {"blockIO": {"weightDevice": [{**DEVICE, "leafWeight": 7}]}},
            {"blkio.leaf_weight_device": "8:16 7"},
            "blockIO.weightDevice[0].leafWeight",
        ),
        ({"network": {"classID": 7}}, {"net_cls.classid": "7"}, "network.classID"),
        (
            {"network": {"priorities": [{"name": "lo", "priority": 7}]}},
            {"net_prio.ifpriomap": "lo 7"},
            "network.priorities",
        ),
    ],
)
def test_what_only_v1_has_is_refused_in_v2(resources: dict[str, Any], files: dict[str, str], place: str) -> None:
    assert files_of(resources, V1) == [files]
    with pytest.raises(UnsupportedConfig) as refused:
        steps_of(resources, V2)
    assert refused.value.place == f"$.linux.resources.{place}"


@pytest.mark.parametrize(("shares", "weight"), [(0, 1), (2, 1), (262144, 10000), (1 << 40, 10000)])
def test_shares_go_from_end_to_end(shares: int, weight: int) -> None:
    assert v2_limits.weight_of_shares(shares) == weight


def test_controllers_are_enabled_from_the_top_down() -> None:
    steps = steps_of({"pids": {"limit": 7}, "memory": {"limit": 7}, "unified": {"cpu.weight": "7"}}, V2)
    enabled = [step for step in steps if step.action == "cgroups.v2_limits.enable"]
    assert steps[:2] == enabled
    assert [step.arguments["path"] for step in enabled] == ["/sys/fs/cgroup", "/sys/fs/cgroup/above"]
    assert all(step.arguments["controllers"] == ["memory", "pids", "cpu"] for step in enabled)
    assert {step.arguments["directory"] for step in steps[2:]} == {"/sys/fs/cgroup/above/one"}


def test_each_controller_is_where_the_host_has_it() -> None:
    resources = {"pids": {"limit": 7}, "hugepageLimits": [{"pageSize": "2MB", "limit": 9}]}
    found = [step.arguments["directory"] for step in steps_of(resources, HYBRID) if "files" in step.arguments]
    assert sorted(found) == ["/sys/fs/cgroup/pids/above/one", "/sys/fs/cgroup/unified/above/one"]


@pytest.mark.parametrize(
    ("hierarchies", "file"), [([], "memory.soft_limit_in_bytes"), (HYBRID[1:], "memory.low")], ids=["none", "v2"]
)
def test_missing_controller_is_an_error_that_names_file_and_place(hierarchies: list[Hierarchy], file: str) -> None:
    with pytest.raises(UnsupportedConfig, match=f"controller for {file}") as refused:
        steps_of({"memory": {"reservation": 7}}, hierarchies)
    assert refused.value.place == "$.linux.resources.memory.reservation"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("nothing.max", "has no controller nothing"),
        ("cpuset.cpus/../../escape", "is no name of a file"),
        ("..", "is no name of a file"),
        ("memory", "is no name of a file"),
    ],
)
def test_parameters_that_cannot_be_are_refused(name: str, problem: str) -> None:
    with pytest.raises(UnsupportedConfig, match=problem) as refused:
        steps_of({"unified": {name: "1"}}, V2)
    assert refused.value.place == f"$.linux.resources.unified['{name}']"


def test_unified_needs_cgroup_v2() -> None:
    with pytest.raises(UnsupportedConfig, match="no hierarchy of cgroup v2"):
        steps_of({"unified": {"pids.max": "1"}}, V1)


def test_unified_needs_no_controller_for_what_every_cgroup_has() -> None:
    (step,) = steps_of({"unified": {"cgroup.max.depth": "1"}}, HYBRID)
    assert step.arguments["files"] == {"cgroup.max.depth": "1"}


@pytest.mark.parametrize("hierarchies", [V1, V2], ids=["v1", "v2"])
def test_steps_are_of_this_runtime_and_say_why(hierarchies: list[Hierarchy]) -> None:
    resources = {
        "memory": {"limit": 7, "checkBeforeUpdate": True},
        "cpu": {"shares": 7, "cpus": "0"},
        "pids": {"limit": 7},
    }
    for step in steps_of(resources, hierarchies):
        assert callable(function(step.action))
        assert step.why in register.load()
        assert step.where == "runtime"


def test_limits_of_tasks_come_after_the_last_fork() -> None:
    document = merge({"ociVersion": NEWEST_VERSION, **base()}, {"linux": {"resources": {"pids": {"limit": 1}}}})
    actions = [step.action for step in plan.build(Config(document, "/bundle", "one"), Host(V1, bool))]
    assert actions.index("init.enter") < actions.index("cgroups.limits.write")


def test_first_file_that_there_is_gets_the_value(tmp_path: Path) -> None:
    (tmp_path / "second").touch()
    limits.write(CONTEXT, str(tmp_path), {"first": "1", "second": "2"})
    assert (tmp_path / "second").read_text() == "2"
    with pytest.raises(SyscallFailed, match="/first: ENOENT"):
        limits.write(CONTEXT, str(tmp_path), {"first": "1", "third": "3"})


@pytest.mark.parametrize(
    ("present", "limit", "swap", "order"),
    [
        ("200", "100", "150", ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]),
        ("100", "200", "300", ["memory.memsw.limit_in_bytes", "memory.limit_in_bytes"]),
        ("100", "-1", "-1", ["memory.memsw.limit_in_bytes", "memory.limit_in_bytes"]),
    ],
)
def test_memory_is_never_above_memory_with_swap(
    monkeypatch: pytest.MonkeyPatch, present: str, limit: str, swap: str, order: list[str]
) -> None:
    written: list[str] = []
    monkeypatch.setattr("reference_runtime.kernel_files.read", lambda _path: present)
    monkeypatch.setattr("reference_runtime.kernel_files.write", lambda path, _value: written.append(path))
    files = {"memory.limit_in_bytes": limit, "memory.memsw.limit_in_bytes": swap}
    v1_limits.limit_memory(CONTEXT, "/one", files)
    assert written == [f"/one/{name}" for name in order]


def test_limit_that_the_kernel_forgets_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reference_runtime.kernel_files.write", lambda _path, _value: None)
    monkeypatch.setattr("reference_runtime.kernel_files.read", lambda _path: "9223372036854771712\n")
    v1_limits.limit_kernel_memory(CONTEXT, "/one", {"memory.kmem.limit_in_bytes": "-1"})
    with pytest.raises(SyscallFailed, match="Operation not supported"):
        v1_limits.limit_kernel_memory(CONTEXT, "/one", {"memory.kmem.limit_in_bytes": "7"})


def test_limit_below_the_usage_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reference_runtime.kernel_files.read", lambda _path: "8\n")
    v2_limits.check_usage(CONTEXT, "/one", {"memory.max": "8"})
    v2_limits.check_usage(CONTEXT, "/one", {"memory.max": "max"})
    with pytest.raises(SyscallFailed, match=r"/one/memory\.current: EBUSY"):
        v2_limits.check_usage(CONTEXT, "/one", {"memory.max": "7"})


MOUNT = {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup"}
NAMESPACE = namespaces_with({"type": "cgroup"})
MAPPINGS = [{"containerID": 0, "hostID": 1000, "size": 5}, {"containerID": 5, "hostID": 5000, "size": 5}]


def owners_of(hierarchies: list[Hierarchy], **changes: Any) -> list[int]:
    document = merge({"ociVersion": NEWEST_VERSION, **base()}, {"process": {"user": {"uid": 7}}})
    document = merge(document, {"mounts": mounts_with(MOUNT), "linux": {"namespaces": NAMESPACE}})
    steps = plan.build(Config(merge(document, changes), "/bundle", "one"), Host(hierarchies, bool))
    return [step.arguments["uid"] for step in steps if step.action == "cgroups.ownership.give"]


@pytest.mark.parametrize(
    ("hierarchies", "changes", "owners"),
    [
        (V2, {}, [7]),
        (V1, {}, []),
        (HYBRID, {}, []),
        ([], {}, []),
        (V2, {"linux": {"namespaces": namespaces_with()}}, []),
        (V2, {"linux": {"namespaces": namespaces_with({"type": "cgroup", "path": "/a"})}}, []),
        (V2, {"mounts": mounts_with({**MOUNT, "options": ["ro"]})}, []),
        (V2, {"mounts": mounts_with({**MOUNT, "source": "none"})}, []),
        (V2, {"mounts": mounts_with({**MOUNT, "destination": "/srv"})}, []),
        (
            V2,
            {"linux": {"namespaces": [*NAMESPACE, {"type": "user"}], "uidMappings": MAPPINGS, "gidMappings": MAPPINGS}},
            [5002],
        ),
        (
            V2,
            {
                "process": {"user": {"uid": 10}},
                "linux": {
                    "namespaces": [*NAMESPACE, {"type": "user"}],
                    "uidMappings": MAPPINGS,
                    "gidMappings": MAPPINGS,
                },
            },
            [],
        ),
    ],
)
def test_cgroup_is_given_away_by_the_rules(
    hierarchies: list[Hierarchy], changes: dict[str, Any], owners: list[int]
) -> None:
    assert owners_of(hierarchies, **changes) == owners


@pytest.mark.parametrize("listed", [True, False], ids=["list", "no list"])
def test_files_that_are_given_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: bool) -> None:
    changed: list[tuple[str, int, int]] = []

    def chown(path: str, uid: int, gid: int) -> None:
        if path.endswith("cgroup.threads"):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        changed.append((path, uid, gid))

    if listed:
        (tmp_path / "delegate").write_text("cgroup.procs\nmemory.oom.group\ncgroup.threads\n")
    monkeypatch.setattr(ownership, "_DELEGATE", str(tmp_path / "delegate"))
    monkeypatch.setattr(os, "chown", chown)
    ownership.give(CONTEXT, "/one", 7)
    others = ["cgroup.procs", "memory.oom.group"] if listed else ["cgroup.procs", "cgroup.subtree_control"]
    assert changed == [("/one", 7, -1), *((f"/one/{name}", 7, -1) for name in others)]
