"""Lanes: what is there, that a run gets there and back, and that nothing of them stays."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.errors import InvalidUse, LaneClosed
from conformance.facts import mountinfo
from conformance.host.traces import PREFIX, mounts
from conformance.lanes import entering, rootless, vm
from conformance.lanes.cgroup1 import CGROUP1, _hierarchies
from conformance.lanes.cgroup2 import CGROUP2
from conformance.lanes.entering import LANES
from conformance.lanes.lane import HOST, NAMES, VARIABLE, Lane, current
from conformance.lanes.rootless import ROOTLESS
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from tests.conftest import Suite

CHECK = "runtime_linux/test_dev_symlinks.py::test_link_is_there[stdin]"

# The lanes that take no time to enter.
QUICK = [
    pytest.param(lane, marks=pytest.mark.skipif(bool(lane.obstacle()), reason="closed"), id=lane.name)
    for lane in (CGROUP1, CGROUP2, ROOTLESS)
]

quick = pytest.mark.parametrize("lane", QUICK)

# Enters a lane, to run a program of Python there.
ENTER = """
import sys
from conformance.lanes import entering
with entering.directory() as files:
    status, _ = entering.run(entering.LANES[sys.argv[1]], [sys.executable, "-c", *sys.argv[2:]], files)
sys.exit(status)
"""

WAIT = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
print("ready", flush=True)
signal.sigwait([signal.SIGINT])
sys.exit(17)
"""


def places() -> list[tuple[str, str]]:
    """What is mounted here, but for what other runs of the suite are doing."""
    return [(mount.mount_point, mount.type) for mount in mounts() if PREFIX not in mount.mount_point]


def inside(lane: Lane, *words: str) -> str:
    """What a command prints in a lane."""
    with entering.directory() as files:
        status, output = entering.run(lane, list(words), files, quiet=True)
    assert status == 0, output
    return output


def test_names_are_those_of_the_lanes() -> None:
    assert (HOST, *LANES) == NAMES


@quick
def test_command_ends_as_it_does_elsewhere(lane: Lane) -> None:
    with entering.directory() as files:
        assert entering.run(lane, ["sh", "-c", "echo said; exit 17"], files, quiet=True) == (17, "said\n")
    assert not files.parent.exists()


@quick
def test_command_knows_its_lane(lane: Lane) -> None:
    assert inside(lane, "sh", "-c", f"echo ${VARIABLE}") == f"{lane.name}\n"
    assert current() == HOST


@quick
def test_lane_is_no_matter_of_the_host(lane: Lane) -> None:
    before = places()
    seen = inside(lane, "sh", "-c", "readlink /proc/self/ns/mnt /proc/self/ns/pid").split()
    assert not set(seen) & {os.readlink(f"/proc/self/ns/{name}") for name in ("mnt", "pid")}
    assert places() == before


@pytest.mark.parametrize("lane", QUICK[:1])
def test_cgroup1_is_alone(lane: Lane) -> None:
    found = mountinfo.parse(inside(lane, "cat", "/proc/self/mountinfo"))
    assert {m.type for m in found if m.mount_point.startswith("/sys/fs/cgroup/")} == {"cgroup"}


def test_hierarchies_of_cgroup1_are_those_of_the_host_and_one_for_each_idle_controller() -> None:
    mounted = "5:cpu,cpuacct:/a\n2:name=systemd:/:x\n0::/\n"
    controllers = "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t5\t1\t1\nnet_cls\t0\t1\t1\nmemory\t0\t1\t0\n"
    found = list(_hierarchies(mounted, controllers))
    assert found == [("cpu,cpuacct", "cpu,cpuacct"), ("systemd", "none,name=systemd"), ("net_cls", "net_cls")]


@pytest.mark.parametrize("lane", QUICK[1:2])
def test_cgroup2_is_alone(lane: Lane) -> None:
    found = mountinfo.parse(inside(lane, "cat", "/proc/self/mountinfo"))
    assert [(m.mount_point, m.type) for m in found if m.type in ("cgroup", "cgroup2")] == [
        ("/sys/fs/cgroup", "cgroup2")
    ]


@pytest.mark.parametrize("lane", QUICK[2:])
def test_ordinary_user_has_no_privileges_and_a_home(lane: Lane) -> None:
    script = 'id -u; id -G; grep -E "Cap(Prm|Eff|Amb)" /proc/self/status; touch "$HOME/file" && echo made; id -un'
    uid, groups, *capabilities, made, name = inside(lane, "sh", "-c", script).splitlines()
    assert int(uid) in rootless._TRANSIENT
    assert groups == uid
    assert [line.split()[1] for line in capabilities] == ["0" * 16] * 3
    assert (made, name) == ("made", "oci-conform")


@pytest.mark.parametrize("lane", QUICK[2:])
def test_ordinary_user_can_run_this_interpreter_and_the_suite(lane: Lane) -> None:
    assert inside(lane, sys.executable, "-m", "conformance", "--version").startswith("oci-conform ")


@quick
def test_orphans_are_taken_in(lane: Lane) -> None:
    """Or containers would stay zombies."""
    # The first process is the parent of whom nobody else waits for, and `wait` of the shell that of its own children only.
    script = """
import os, select, sys
r, w = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        os.write(w, str(os.getpid()).encode())
        sys.stdin.close()
    os._exit(0)
os.wait()
pid = int(os.read(r, 20))
for _ in range(1000):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        print("gone")
        break
    select.select([], [], [], 0.01)
"""
    assert inside(lane, sys.executable, "-c", script) == "gone\n"


@quick
def test_lane_that_ends_before_the_command_is_closed(lane: Lane) -> None:
    broken = Lane(
        lane.name, "", lambda: None, lambda _words, _directory: ["sh", "-c", "echo no such thing >&2; exit 1"]
    )
    with entering.directory() as files, pytest.raises(LaneClosed, match=r"status 1 before .*: no such thing"):
        entering.run(broken, ["true"], files, quiet=True)


def test_lane_with_an_obstacle_is_closed(tmp_path: Path) -> None:
    broken = Lane("broken", "", lambda: "there is a wall", lambda words, _: words)
    with pytest.raises(LaneClosed, match="the lane broken cannot be entered here: there is a wall"):
        entering.run(broken, ["true"], tmp_path)


def test_lane_is_not_entered_from_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "vm")
    with pytest.raises(InvalidUse, match="in the lane vm"):
        entering.run(CGROUP2, ["true"], tmp_path)


def begin(suite: Suite, lane: Lane) -> subprocess.Popen[str]:
    """A command that waits in a lane for an interrupt, and says so first."""
    words = [sys.executable, "-c", ENTER, lane.name, WAIT, str(suite.directory)]
    process = subprocess.Popen(
        words, env=suite.environment(), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def processes(suite: Suite) -> list[int]:
    """The processes that have the test's directory among their words."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(suite.directory).encode() in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


@quick
def test_signal_reaches_the_command(suite: Suite, lane: Lane) -> None:
    process = begin(suite, lane)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 17
    assert processes(suite) == []
    assert suite.left == []


@quick
def test_nothing_runs_on_when_whoever_waits_is_killed(suite: Suite, lane: Lane) -> None:
    process = begin(suite, lane)
    pidfds = [os.pidfd_open(pid) for pid in processes(suite) if pid != process.pid]
    assert pidfds
    process.kill()
    process.wait(PATIENCE)
    end = time.monotonic() + PATIENCE
    for pidfd in pidfds:
        assert select.select([pidfd], [], [], max(0, end - time.monotonic()))[0], "it still runs"
        os.close(pidfd)
    assert processes(suite) == []
    assert suite.command("clean").status == 0
    assert suite.left == []


@quick
def test_run_in_a_lane(suite: Suite, lane: Lane) -> None:
    junit = suite.directory / "junit.xml"
    run = suite.run("-n", "0", f"--lane={lane.name}", f"--junit-xml={junit}", CHECK)
    assert (run.status, run.outcomes) == (0, {CHECK: "pass"}), run.output
    assert run.header["lane"] == lane.name
    assert f"{lane.name}: Linux " in run.stdout
    assert {
        "cgroup1": run.header["cgroup_mode"] == "v1",
        "cgroup2": run.header["cgroup_mode"] == "v2",
        "rootless": run.header["uid"] != 0,
    }[lane.name]
    assert "<testsuite " in junit.read_text(encoding="utf-8")
    assert suite.left == []


@quick
def test_failure_is_seen_again_in_the_lane(suite: Suite, lane: Lane) -> None:
    broken = suite.runtime('case " $* " in *" delete "*) exit 1;; esac; exec $REFERENCE "$@"')
    run = suite.run("-n", "0", f"--lane={lane.name}", f"--runtime={broken}", "runtime/test_delete.py", "-k", "id_only")
    assert run.status == 1, run.output
    assert f"oci-conform run --lane={lane.name} --runtime={broken}" in run.stdout


def test_run_in_a_lane_that_is_closed(suite: Suite) -> None:
    run = suite.run("--lane=vm", CHECK, env={"PATH": "/nothing"})
    assert (run.status, run.has_traceback) == (3, False)
    assert "the lane vm cannot be entered here: " in run.stderr


def test_kernel_of_the_virtual_machine_is_the_newest_with_modules(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    boot, modules = tmp_path / "boot", tmp_path / "modules"
    boot.mkdir()
    modules.mkdir()
    for release in ("6.1.0-9-amd64", "6.1.0-56-amd64", "6.12.1-amd64"):
        (boot / f"vmlinuz-{release}").touch()
    for release in ("6.1.0-9-amd64", "6.1.0-56-amd64"):
        (modules / release).mkdir()
    monkeypatch.setattr(vm, "_BOOT", boot)
    monkeypatch.setattr(vm, "_MODULES", modules)
    assert vm._kernel() == boot / "vmlinuz-6.1.0-56-amd64"


@pytest.mark.vm
def test_run_in_a_virtual_machine(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    if obstacle := LANES["vm"].obstacle():
        pytest.skip(obstacle)
    monkeypatch.setattr("tests.conftest.PATIENCE", 3600)
    run = suite.run("--lane=vm", "config_linux/test_masked_paths.py")
    assert run.status == 0, run.output
    assert (run.header["lane"], run.header["cgroup_mode"], run.header["uid"]) == ("vm", "v2", 0)
    assert run.header["kernel"] != os.uname().release
    assert list(run.outcomes.values()).count("pass") >= 5
    assert suite.left == []
