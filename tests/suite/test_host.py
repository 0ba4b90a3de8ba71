"""What is known of this host, of its mounts, and of the versions of the specification."""

from __future__ import annotations

import dataclasses
import os
import platform
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance import errors, versions
from conformance.facts import mountinfo
from conformance.host import host, idmapping, mounting, needs, traces
from conformance.host.host import Host
from conformance.host.needs import NEEDS

CGROUP = "30 20 0:26 / {} rw,relatime shared:9 - {} none rw,pids\n"

BARE = Host("6.0", "x86_64", 1000, frozenset(), "none", cgroup_writable=False, namespaces=frozenset())


def test_host_is_this_one() -> None:
    found = host.detect()
    assert (found.kernel, found.machine, found.uid) == (platform.release(), platform.machine(), os.geteuid())
    assert found.namespaces >= {"mnt", "pid", "net"}
    assert found.missing_capabilities == [name for name in found.missing_capabilities if name not in found.capabilities]


@pytest.mark.parametrize(
    ("lines", "mode"),
    [
        ([], "none"),
        ([("/sys/fs/cgroup", "cgroup2")], "v2"),
        ([("/sys/fs/cgroup/pids", "cgroup"), ("/sys/fs/cgroup/cpu", "cgroup")], "v1"),
        ([("/sys/fs/cgroup/pids", "cgroup"), ("/sys/fs/cgroup/unified", "cgroup2")], "hybrid"),
    ],
)
def test_mode_of_cgroups(lines: list[tuple[str, str]], mode: str) -> None:
    mounts = mountinfo.parse("".join(CGROUP.format(*line) for line in lines))
    assert host._cgroup_mode(mounts) == mode


def test_bare_host_and_silent_runtime_meet_no_need_but_the_one_of_a_check() -> None:
    assert needs.unmet(BARE, {}).keys() == NEEDS.keys() - {"features.said", "value.supported"}
    assert all(needs.unmet(BARE, {}).values())


def test_needs_that_are_met() -> None:
    namespaces = frozenset({"cgroup", "time", "user"})
    able = dataclasses.replace(
        BARE, uid=0, cgroup_writable=True, namespaces=namespaces, abilities=frozenset(NEEDS) | {"cgroup.rdma.device"}
    )
    of_runtime = {name: True for name, need in NEEDS.items() if need.met is None}
    assert needs.unmet(able, of_runtime) == {}


@pytest.mark.parametrize("name", NEEDS)
def test_need_says_what_its_lack_means(name: str) -> None:
    assert NEEDS[name].lack
    assert not NEEDS[name].lack.endswith(".")


def test_ids_of_mounts_of_a_pseudo_filesystem_cannot_be_mapped() -> None:
    before = os.listdir("/proc/self/fd")
    assert not idmapping.is_possible(Path("/proc"))
    assert not idmapping.is_possible(Path("/no/such/directory"))
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: it mounts something")
def test_what_is_mounted_for_a_check_is_unmounted(tmp_path: Path) -> None:
    mounts = mounting.HostMounts()
    source = mounts.tmpfs(tmp_path / "source")
    mounts.change(mounts.tmpfs(source / "below"), ["nosuid", "ro"])
    mounts.share(source)
    mounts.bind(source, tmp_path / "copy")
    made = {mount.mount_point: mount for mount in traces.mounts_of(str(tmp_path))}
    assert made.keys() == {str(tmp_path / name) for name in ("source", "source/below", "copy")}
    assert {"nosuid", "ro"} <= set(made[str(source / "below")].options)
    assert made[str(tmp_path / "copy")].propagation == made[str(source)].propagation != ()
    mounts.undo()
    assert traces.mounts_of(str(tmp_path)) == []


def test_mounts_of_a_process() -> None:
    text = (
        "23 29 0:21 / /proc rw,nosuid - proc proc rw\n"
        "24 29 8:1 /a\\040b /mnt/with\\040space\\134 ro,nodev shared:2 master:3 - ext4 /dev/sda\\0401 rw,discard\n"
        "25 29 0:30 / /proc rw - tmpfs none rw\n"
        "26 29 0:31 / /empty rw - tmpfs  rw\n"
    )
    first, second, third, fourth = mountinfo.parse(text)
    assert (first.mount_point, first.type, first.options, first.propagation) == ("/proc", "proc", ("rw", "nosuid"), ())
    assert (second.root, second.mount_point, second.source) == ("/a b", "/mnt/with space\\", "/dev/sda 1")
    assert (second.propagation, second.super_options) == (("shared:2", "master:3"), ("rw", "discard"))
    assert fourth.super_options == ("rw",)
    # The one that is seen.
    assert mountinfo.at([first, second, third], "/proc") == third
    assert mountinfo.at([first], "/nothing") is None


def test_mounts_of_this_process_are_understood() -> None:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        lines = file.readlines()
    found = mountinfo.parse("".join(lines))
    assert len(found) == len(lines)
    assert any(mount.mount_point == "/" for mount in found)


@pytest.mark.parametrize(
    ("version", "newest"),
    [
        ("1.0.0", "1.0.0"),
        ("1.0.2-dev", "1.0.2"),
        ("1.0.9", "1.0.2"),
        ("v1.2.1", "1.2.1"),
        ("1.3.0", "1.3.0"),
        ("1.10.0", "1.3.0"),
        ("2.0.0", "1.3.0"),
        ("0.9.0", None),
        ("newest", None),
        ("", None),
        ("1.2", None),
    ],
)
def test_newest_version_with_rules(version: str, newest: str | None) -> None:
    assert versions.newest_known(version) == newest


def test_versions_are_in_order() -> None:
    assert sorted(versions.KNOWN, key=versions.key) == list(versions.KNOWN)
    assert versions.KNOWN[-1] == versions.NEWEST


@given(st.text())
def test_what_is_no_version_is_refused_as_such(text: str) -> None:
    try:
        major, minor, patch = versions.key(text)
    except ValueError:
        return
    assert min(major, minor, patch) >= 0


ERRORS = (
    errors.InvalidUse("it cannot be"),
    errors.UnknownName("need", "x", "y", "there"),
    errors.BadFile("/file", "it is bad"),
    errors.RuntimeNotFound("runtime", "it is not there"),
    errors.RuntimeUnusable("it fails", "$ runtime", "try this"),
    errors.ProbeNotBuilt("cc", "no"),
    errors.DamagedData("/file", "it is damaged"),
    errors.SuiteFault("it broke"),
    errors.ProbeFault("it is cut off"),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_error_survives_the_way_from_a_worker(error: errors.ConformanceError) -> None:
    import pickle

    found = pickle.loads(pickle.dumps(error))  # noqa: S301 - it is ours
    assert type(found) is type(error)
    assert str(found) == str(error)
    assert str(error).strip()
