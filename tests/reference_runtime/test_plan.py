"""The plan: made without touching the system, in the order of the lifecycle, of steps that exist."""

from __future__ import annotations

import inspect
import itertools
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from conformance.bundle.config import base, merge, mounts_without, namespaces_with
from conformance.requirements import register
from reference_runtime import host, plan, printing
from reference_runtime.config import HOOKS, NEWEST_VERSION, Config
from reference_runtime.steps import CONTAINER, CREATE, DELETE, RUNTIME, START, Step, function

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MAPPINGS = [{"containerID": 0, "hostID": 0, "size": 1000}]
MAPPED = {"uidMappings": MAPPINGS, "gidMappings": MAPPINGS}
FULL: dict[str, Any] = {
    "root": {"readonly": True},
    "process": {
        "terminal": True,
        "consoleSize": {"height": 1, "width": 2},
        "noNewPrivileges": True,
        "oomScoreAdj": 1,
        "scheduler": {"policy": "SCHED_BATCH"},
        "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 1},
        "apparmorProfile": "profile",
        "user": {"umask": 7, "additionalGids": [5]},
        "rlimits": [{"type": "RLIMIT_CORE", "soft": 0, "hard": 0}],
    },
    "domainname": "example.org",
    "hooks": {kind: [{"path": f"/{kind}/1"}, {"path": f"/{kind}/2"}] for kind in HOOKS},
    "mounts": [
        *mounts_without("/dev/shm"),
        {"destination": "/srv", "source": "srv", "options": ["bind"]},
        {"destination": "/sys/fs/cgroup", "type": "cgroup", "options": ["ro"]},
        {"destination": "/a", "source": "a", "options": ["rbind", "ridmap"], **MAPPED},
        {"destination": "/b", "type": "tmpfs", "options": ["idmap"], **MAPPED},
    ],
    "linux": {
        "namespaces": namespaces_with({"type": "cgroup"}, {"type": "time"}, {"type": "ipc", "path": "/ipc"}),
        "timeOffsets": {"monotonic": {"secs": 1}},
        "sysctl": {"net.ipv4.ip_forward": "1"},
        "rootfsPropagation": "shared",
        "cgroupsPath": "/above/one",
        "devices": [{"type": "p", "path": "/dev/pipe"}],
        "netDevices": {"eth0": {"name": "inside"}},
        "maskedPaths": ["/proc/kcore"],
        "readonlyPaths": ["/proc/sys"],
        "personality": {"domain": "LINUX32"},
        "memoryPolicy": {"mode": "MPOL_LOCAL"},
        "intelRdt": {"l3CacheSchema": "L3:0=f"},
        "seccomp": {
            "defaultAction": "SCMP_ACT_ALLOW",
            "listenerPath": "/run/listener",
            "syscalls": [
                {
                    "names": ["umask"],
                    "action": "SCMP_ACT_NOTIFY",
                    "args": [{"index": 0, "value": 7, "op": "SCMP_CMP_EQ"}],
                }
            ],
        },
    },
}
USER = {
    "linux": {
        "namespaces": namespaces_with({"type": "user"}),
        "uidMappings": MAPPINGS,
        "gidMappings": MAPPINGS,
        "devices": [{"type": "p", "path": "/dev/pipe"}],
    }
}
CONFIGS: dict[str, dict[str, Any]] = {
    "full": FULL,
    "user namespace": USER,
    "nothing": {"process": None, "mounts": None, "linux": None, "hostname": None},
    "no mount namespace": {"linux": {"namespaces": [{"type": "pid"}]}, "hostname": None},
    "joined mount namespace": {"linux": {"namespaces": namespaces_with({"type": "mount", "path": "/mnt"})}},
}
V1 = host.Hierarchy("/sys/fs/cgroup/cpuset", "cgroup", ("cpuset", "devices"))
V2 = host.Hierarchy("/sys/fs/cgroup", "cgroup2", ())
HOSTS = {"v1": [V1], "v2": [V2], "none": []}

# The life of a container, by what each step does; each action is at all its places in this order.
ORDER = [
    "init.make_fifo",
    "cgroups.groups.make_parent",
    "cgroups.groups.make",
    "intel_rdt.make",
    "intel_rdt.write_schema",
    "seccomp.compile_filter",
    "terminal.connect",
    "init.fork",
    "cgroups.groups.attach",
    "intel_rdt.attach",
    "process.set_oom_score",
    "mapped_mounts.open_source",
    "mapped_mounts.open_mappings",
    "process.hide",
    "namespaces.join",
    "namespaces.create",
    "namespaces.offset_clock",
    "init.enter",
    "security_labels.open_file",
    "namespaces.set_hostname",
    "namespaces.set_domainname",
    "network.move",
    "network.add_addresses",
    "network.set_up",
    "namespaces.set_sysctl",
    "mounts.isolate",
    "mounts.bind_root",
    "mounts.filesystem",
    "mounts.bind",
    "mapped_mounts.map_filesystem",
    "mounts.default",
    "devices.make",
    "devices.link",
    "devices.link_if_there",
    "terminal.allocate",
    "terminal.make_console",
    "terminal.send_master",
    "masks.make_readonly",
    "masks.mask",
    "cgroups.devices.set_v1",
    "hooks.run prestart",
    "hooks.run createRuntime",
    "hooks.run createContainer",
    "mounts.pivot",
    "mounts.propagate_root",
    "mounts.make_root_readonly",
    "terminal.new_session",
    "terminal.attach",
    "personality.set_domain",
    "memory_policy.set_policy",
    "security_labels.request",
    "process.set_umask",
    "process.set_no_new_privileges",
    "process.become",
    "process.change_directory",
    "seccomp.load",
    "seccomp.send_state",
    "process.set_limit",
    "scheduling.set_scheduler",
    "scheduling.set_io_priority",
    "hooks.run startContainer",
    "process.execute",
    "hooks.run poststart",
    "hooks.run poststop",
]


def steps_of(changes: dict[str, Any], hierarchies: Iterable[host.Hierarchy] = (V1,)) -> list[Step]:
    document = merge({"ociVersion": NEWEST_VERSION, **base()}, changes)
    mount_points = {hierarchy.mount_point for hierarchy in hierarchies}
    return plan.build(
        Config(document, "/bundle", "one"), host.Host(list(hierarchies), mount_points.__contains__, "/resctrl")
    )


def name_of(step: Step) -> str:
    return f"hooks.run {step.arguments['kind']}" if step.action == "hooks.run" else step.action


EVERY_PLAN = pytest.mark.parametrize(
    "steps",
    [
        pytest.param(steps_of(changes, hierarchies), id=f"{name}-{cgroups}")
        for (name, changes), (cgroups, hierarchies) in itertools.product(CONFIGS.items(), HOSTS.items())
    ],
)


def test_full_plan_is_in_the_order_of_the_lifecycle() -> None:
    found = [name_of(step) for step in steps_of(FULL)]
    assert set(found) - {"cgroups.v1.inherit_cpuset"} == set(ORDER)
    last = {name: len(found) - 1 - found[::-1].index(name) for name in ORDER}
    first = {name: found.index(name) for name in ORDER}
    several = {"mounts.filesystem", "mounts.bind"}
    for before, after in itertools.pairwise(ORDER):
        if {before, after} != several:
            assert last[before] < first[after], f"{before} comes before {after}"


def test_mounts_are_in_the_listed_order() -> None:
    steps = [step for step in steps_of(FULL) if step.action.startswith("mounts.")]
    places = [step.place for step in steps if step.place.startswith("$.mounts[")]
    assert [place for place, _ in itertools.groupby(places)] == [f"$.mounts[{index}]" for index in range(8)]


@pytest.mark.parametrize("kind", HOOKS)
def test_hooks_are_in_the_listed_order(kind: str) -> None:
    found = [step for step in steps_of(FULL) if name_of(step) == f"hooks.run {kind}"]
    assert [step.arguments["hook"]["path"] for step in found] == [f"/{kind}/1", f"/{kind}/2"]
    assert [step.arguments["index"] for step in found] == [0, 1]


@pytest.mark.parametrize(
    ("kind", "where", "when"),
    [
        ("prestart", RUNTIME, CREATE),
        ("createRuntime", RUNTIME, CREATE),
        ("createContainer", CONTAINER, CREATE),
        ("startContainer", CONTAINER, START),
        ("poststart", RUNTIME, START),
        ("poststop", RUNTIME, DELETE),
    ],
)
def test_hooks_run_where_and_when_the_specification_says(kind: str, where: str, when: str) -> None:
    found = [step for step in steps_of(FULL) if name_of(step) == f"hooks.run {kind}"]
    assert {(step.where, step.when) for step in found} == {(where, when)}


@pytest.mark.parametrize("type_", ["user", "pid", "mount"])
def test_process_is_hidden_before_it_enters_a_namespace_of_others(type_: str) -> None:
    joined = {"namespaces": namespaces_with({"type": type_, "path": "/joined"})}
    found = [step.action for step in steps_of({"linux": joined})]
    assert found.index("process.hide") < found.index("namespaces.join")


def test_user_namespace_is_created_and_mapped_before_the_others() -> None:
    found = [(step.action, step.arguments.get("types") or step.arguments.get("kind")) for step in steps_of(USER)]
    user = found.index(("namespaces.create", ["user"]))
    expected = [("namespaces.map_ids", "uid"), ("namespaces.map_ids", "gid"), ("namespaces.become_root", None)]
    assert found[user + 1 : user + 4] == expected
    # An ordinary user could map nothing of a process that has hidden.
    assert [action for action, _ in found[user + 4 : user + 6]] == ["process.hide", "namespaces.create"]


def test_filter_is_loaded_before_the_right_to_do_so_goes_with_the_user() -> None:
    found = [name_of(step) for step in steps_of(merge(FULL, {"process": {"noNewPrivileges": False}}))]
    assert found.index("seccomp.send_state") + 1 == found.index("process.become")


def test_devices_of_a_user_namespace_are_bound() -> None:
    actions = {step.action for step in steps_of(USER)}
    assert "devices.bind" in actions
    assert "devices.make" not in actions


def test_configured_devices_of_a_user_namespace_are_made_before_it_is_there() -> None:
    found = [step.action for step in steps_of(USER)]
    assert found.index("init.fork") < found.index("devices.prepare") < found.index("namespaces.create")


@EVERY_PLAN
def test_every_reason_is_a_requirement(steps: list[Step]) -> None:
    assert [step.why for step in steps if step.why not in register.load()] == []


@EVERY_PLAN
def test_every_action_and_undo_takes_the_arguments_of_its_step(steps: list[Step]) -> None:
    for step in steps:
        for name in filter(None, (step.action, step.undo)):
            # Raises TypeError where they do not fit.
            inspect.signature(function(name)).bind(object(), **step.arguments)


@EVERY_PLAN
def test_every_step_can_be_written_down(steps: list[Step]) -> None:
    for step in steps:
        document = json.loads(json.dumps(step.document()))
        again = Step.of(document)
        assert again.document() == step.document()
        assert {name: getattr(again, name) for name in Step.__slots__} == {
            name: getattr(step, name) for name in Step.__slots__
        }


@EVERY_PLAN
def test_every_step_is_for_one_of_the_processes_and_operations(steps: list[Step]) -> None:
    assert steps
    assert {step.where for step in steps} <= {RUNTIME, CONTAINER}
    order = [CREATE, START, DELETE]
    assert [order.index(step.when) for step in steps] == sorted(order.index(step.when) for step in steps)


def test_cgroups_above_are_removed_only_when_empty() -> None:
    undo = {
        step.arguments["path"]: step.undo for step in steps_of(FULL) if step.action.startswith("cgroups.groups.make")
    }
    assert undo == {
        "/sys/fs/cgroup/cpuset/above": "cgroups.groups.remove_if_empty",
        "/sys/fs/cgroup/cpuset/above/one": "cgroups.groups.remove",
    }


def test_cgroup_that_exists_is_neither_made_nor_removed() -> None:
    document = merge({"ociVersion": NEWEST_VERSION, **base()}, FULL)
    steps = plan.build(Config(document, "/bundle", "one"), host.Host([V1], bool, "/resctrl"))
    assert not [step for step in steps if step.action.startswith("cgroups.groups.make")]


@pytest.mark.parametrize("path", ["../../above", "/../above", "./above/", "above"])
def test_cgroup_is_below_the_mount_point(path: str) -> None:
    steps = steps_of({"linux": {"cgroupsPath": path}})
    (attach,) = (step for step in steps if step.action == "cgroups.groups.attach")
    assert attach.arguments["path"] == "/sys/fs/cgroup/cpuset/above"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "rootfs").mkdir()
    # Few hosts have a resctrl.
    document = merge(merge({"ociVersion": NEWEST_VERSION, **base()}, FULL), {"linux": {"intelRdt": None}})
    (tmp_path / "config.json").write_text(json.dumps(document), encoding="utf-8")
    return tmp_path


TOUCHES_NOTHING = """
import sys
from reference_runtime import cli, syscalls

READING = ("open", "import", "compile", "exec", "marshal.", "object.", "os.listdir", "os.scandir", "sys.", "code.")

class Forbidden:
    def __getattr__(self, name):
        raise AssertionError(f"the system call {name}")

def audit(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        # Access mode, O_CREAT and O_TRUNC.
        assert flags & 0o1103 == 0, f"{path} is opened for writing"
    elif event.startswith("ctypes.") or not event.startswith(READING):
        raise AssertionError(f"{event} {arguments}")

syscalls._libc = Forbidden()
sys.addaudithook(audit)
sys.exit(cli.main(["plan", "--format=json", sys.argv[1]]))
"""


def test_plan_touches_nothing(bundle: Path) -> None:
    before = sorted(os.walk(bundle))
    # No byte code either, which Python would write for the modules that it reads.
    words = [sys.executable, "-B", "-c", TOUCHES_NOTHING, str(bundle)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["action"] == "init.make_fifo"
    assert sorted(os.walk(bundle)) == before


@pytest.mark.usefixtures("root")
def test_plan_is_the_same_for_a_user_without_rights(directory: Path, bundle: Path) -> None:
    own = directory / "bundle"
    own.mkdir(mode=0o755)
    (own / "rootfs").mkdir()
    (own / "config.json").write_bytes((bundle / "config.json").read_bytes())
    expected = printing.plan_of(str(own), "json")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            os.write(writing, printing.plan_of(str(own), "json").encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="ascii") as file:
        assert file.read() == expected
    os.waitpid(child, 0)
