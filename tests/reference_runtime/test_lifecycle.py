"""Create, start, kill, delete and run, with real containers."""

from __future__ import annotations

import json
import os
import select
import signal
import stat
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from reference_runtime import lifecycle
from tests.reference_runtime.hooks import begin_create_that_hangs, hook, names_in

if TYPE_CHECKING:
    from tests.reference_runtime.conftest import Runtime

pytestmark = pytest.mark.usefixtures("root")

PATIENCE = 20.0


def wait_for_the_end(pid: int) -> None:
    process = os.pidfd_open(pid)
    assert select.select([process], [], [], PATIENCE)[0]
    os.close(process)


def status_of(runtime: Runtime) -> str:
    status: str = runtime.state()["status"]
    return status


def test_life_of_a_container(runtime: Runtime) -> None:
    runtime.make_bundle("hold")
    runtime.create()
    created = runtime.state()
    assert created["status"] == "created"
    assert created["bundle"] == str(runtime.bundle.path)
    assert len(runtime.cgroups) > 0
    runtime.succeed("start", runtime.identifier)
    assert runtime.state() == {**created, "status": "running"}
    process = os.pidfd_open(created["pid"])
    runtime.succeed("kill", runtime.identifier, "KILL")
    assert select.select([process], [], [], PATIENCE)[0]
    os.close(process)
    stopped = {name: value for name, value in created.items() if name != "pid"}
    assert runtime.state() == {**stopped, "status": "stopped"}
    runtime.succeed("delete", runtime.identifier)
    assert runtime.left == []
    assert runtime("state", runtime.identifier).stderr.endswith(f"container {runtime.identifier} does not exist\n")


def test_identifier_can_be_used_again(runtime: Runtime) -> None:
    runtime.make_bundle("try", "read", "/etc/passwd")
    for _ in range(2):
        runtime.create()
        runtime.succeed("start", runtime.identifier)
        runtime.succeed("delete", "--force", runtime.identifier)


def test_state_directory_is_for_its_owner_alone(runtime: Runtime) -> None:
    runtime.make_bundle("hold")
    runtime.create()
    names = ("state.json", "config.json", "plan", "journal", "exec.fifo")
    modes = {name: stat.S_IMODE((runtime.state_directory / name).stat().st_mode) for name in names}
    # Any user may be the one that the container process has become when it opens the FIFO.
    assert modes == {**dict.fromkeys(names, 0o600), "exec.fifo": 0o622}
    assert stat.S_IMODE(runtime.state_directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(runtime.root.stat().st_mode) == 0o700
    assert sorted(os.listdir(runtime.state_directory)) == sorted(names)


@pytest.mark.parametrize(
    ("status", "operation"),
    [
        ("created", ("delete",)),
        ("running", ("start",)),
        ("running", ("delete",)),
        ("stopped", ("start",)),
        ("stopped", ("kill",)),
    ],
)
def test_operation_that_is_not_for_the_status_is_refused(
    runtime: Runtime, status: str, operation: tuple[str, ...]
) -> None:
    runtime.make_bundle("hold")
    runtime.create()
    pid = runtime.state()["pid"]
    if status != "created":
        runtime.succeed("start", runtime.identifier)
    if status == "stopped":
        runtime.succeed("kill", runtime.identifier, "KILL")
        with_process_gone(pid)
    done = runtime(*operation, runtime.identifier)
    assert done.returncode == 1
    assert f"cannot {operation[0]} container {runtime.identifier}: it is {status}" in done.stderr
    assert status_of(runtime) == status


@pytest.mark.parametrize(
    ("stop_signal", "sent"), [("SIGUSR1", signal.SIGUSR1), ("SIGRTMIN+3", signal.SIGRTMIN + 3), (None, signal.SIGTERM)]
)
def test_kill_without_a_signal_sends_that_of_the_image(runtime: Runtime, stop_signal: str | None, sent: int) -> None:
    annotations = {"org.opencontainers.image.stopSignal": stop_signal} if stop_signal else {}
    runtime.make_bundle("hold", f"--exit-on={sent}", "--status=7", annotations=annotations)
    with runtime.begin("run", f"--bundle={runtime.bundle.path}", runtime.identifier) as running:
        assert running.stdout is not None
        assert "ready" in running.stdout.readline()
        runtime.succeed("kill", runtime.identifier)
        assert running.wait(30) == 7


def with_process_gone(pid: int) -> None:
    try:
        wait_for_the_end(pid)
    except ProcessLookupError:
        return


@pytest.mark.parametrize("status", ["created", "running", "stopped"])
def test_forced_delete_is_for_every_status(runtime: Runtime, status: str) -> None:
    runtime.make_bundle("hold")
    runtime.create()
    process = os.pidfd_open(runtime.state()["pid"])
    if status != "created":
        runtime.succeed("start", runtime.identifier)
    if status == "stopped":
        signal.pidfd_send_signal(process, signal.SIGKILL)
        assert select.select([process], [], [], PATIENCE)[0]
    runtime.succeed("delete", "--force", runtime.identifier)
    assert select.select([process], [], [], 0)[0], "the process is still there"
    os.close(process)
    assert runtime.left == []


def test_forced_delete_ends_a_create_that_hangs(runtime: Runtime) -> None:
    creating = begin_create_that_hangs(runtime)
    assert status_of(runtime) == "creating"
    pid = runtime.state()["pid"]
    deleting = runtime.begin("delete", "--force", runtime.identifier)
    with_process_gone(pid)
    releasing = os.open(runtime.directory / "fifo", os.O_RDWR | os.O_NONBLOCK)
    os.write(releasing, b".")
    with creating, deleting:
        creating.communicate(timeout=PATIENCE)
        deleting.communicate(timeout=PATIENCE)
    os.close(releasing)
    assert creating.returncode == 1
    assert runtime.left == []


def test_one_of_several_creates_wins(runtime: Runtime) -> None:
    runtime.make_bundle("hold")
    errors = [(runtime.directory / f"stderr.{index}").open("w+") for index in range(6)]
    commands = [
        runtime.begin(
            "create",
            f"--bundle={runtime.bundle.path}",
            runtime.identifier,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
        for stderr in errors
    ]
    statuses = [command.wait(PATIENCE) for command in commands]
    assert sorted(statuses) == [0, 1, 1, 1, 1, 1]
    for status, stderr in zip(statuses, errors, strict=True):
        stderr.seek(0)
        said = stderr.read()
        stderr.close()
        assert said.endswith(f"container {runtime.identifier} exists already\n") or status == 0
    assert status_of(runtime) == "created"
    runtime.succeed("start", runtime.identifier)


@pytest.mark.parametrize("missing", ["state.json", "config.json", "plan", None])
def test_forced_delete_removes_what_never_began(runtime: Runtime, missing: str | None) -> None:
    """A create that was killed before its first step, or a delete that was killed after its last."""
    runtime.make_bundle("hold")
    runtime.state_directory.mkdir(parents=True)
    for name in ("state.json", "config.json", "plan"):
        if missing and name != missing:
            (runtime.state_directory / name).touch()
    done = runtime("delete", runtime.identifier)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "is damaged" in done.stderr
    runtime.succeed("delete", "--force", runtime.identifier)
    assert runtime.left == []


def test_config_is_that_of_create(runtime: Runtime) -> None:
    runtime.make_bundle("try", "read", "/etc/passwd", hooks={"poststop": [hook("old", runtime.directory / "log")]})
    runtime.create()
    (runtime.bundle.path / "config.json").unlink()
    runtime.succeed("start", runtime.identifier)
    runtime.succeed("delete", "--force", runtime.identifier)
    assert names_in(runtime.directory / "log") == ["old"]


def test_bundle_is_the_current_directory_by_default(runtime: Runtime) -> None:
    runtime.make_bundle("hold")
    runtime.succeed("create", runtime.identifier, cwd=runtime.bundle.path, stdout=subprocess.DEVNULL, stderr=None)
    assert runtime.state()["bundle"] == str(runtime.bundle.path)


def test_pid_file_has_the_pid_of_the_state(runtime: Runtime) -> None:
    runtime.make_bundle("hold")
    pid_file = runtime.directory / "pid"
    pid_file.write_text("old", encoding="ascii")
    runtime.create(f"--pid-file={pid_file}")
    assert pid_file.read_text(encoding="ascii") == str(runtime.state()["pid"])
    assert stat.S_IMODE(pid_file.stat().st_mode) == 0o644
    assert not list(runtime.directory.glob("pid.*"))


def test_pid_file_that_cannot_be_written_fails_the_create(runtime: Runtime) -> None:
    runtime.make_bundle("hold")
    done = runtime.create("--pid-file=/does/not/exist/pid", succeed=False)
    assert done.returncode == 1
    assert "/does/not/exist/pid" in done.stderr
    assert runtime.left == []


def test_signal_that_asks_for_an_end_undoes_the_create(runtime: Runtime) -> None:
    creating = begin_create_that_hangs(runtime)
    creating.send_signal(signal.SIGTERM)
    with creating:
        assert creating.communicate(timeout=PATIENCE)[1].endswith(": interrupted\n")
    assert creating.returncode == 130
    assert runtime.left == []
    # The hook is gone as well.
    with pytest.raises(OSError, match="No such device"):
        os.open(runtime.directory / "fifo", os.O_WRONLY | os.O_NONBLOCK)


def test_signals_of_a_created_container_have_their_default_effect(runtime: Runtime) -> None:
    """The process is the first of its pid namespace, which the kernel protects from what it does not handle."""
    runtime.make_bundle("hold")
    runtime.create()
    for name in ("TERM", "INT", "HUP"):
        runtime.succeed("kill", runtime.identifier, name)
    assert status_of(runtime) == "created"
    runtime.succeed("start", runtime.identifier)
    assert status_of(runtime) == "running"


def test_program_that_does_not_exist_is_an_error_of_start(runtime: Runtime) -> None:
    runtime.make_bundle(process={"args": ["/no/such/program"]})
    runtime.create()
    done = runtime("start", runtime.identifier)
    assert done.returncode == 1
    assert "process.execute ($.process.args): execve of /no/such/program: ENOENT" in done.stderr
    assert status_of(runtime) == "stopped"
    runtime.succeed("delete", runtime.identifier)


def test_container_without_a_process_cannot_be_started(runtime: Runtime) -> None:
    runtime.make_bundle(process=None)
    runtime.create()
    done = runtime("start", runtime.identifier)
    assert done.returncode == 1
    assert "process is not set" in done.stderr
    assert status_of(runtime) == "created"


def test_delete_of_one_container_spares_another_below_the_same_cgroup(runtime: Runtime) -> None:
    above = f"/{runtime.identifier}"
    runtime.make_bundle("hold", linux={"cgroupsPath": f"{above}/one"})
    runtime.create()
    other = f"{runtime.identifier}-other"
    runtime.bundle.config["linux"]["cgroupsPath"] = f"{above}/other"
    runtime.bundle.write_config()
    bundle = f"--bundle={runtime.bundle.path}"
    runtime.succeed("create", bundle, other, stdout=subprocess.DEVNULL, stderr=None)
    runtime.succeed("delete", "--force", runtime.identifier)
    assert json.loads(runtime.succeed("state", other).stdout)["status"] == "created"
    runtime.succeed("delete", "--force", other)
    for path in runtime.cgroups:
        # Whoever made it was not the last to use it.
        os.rmdir(path)


def test_start_succeeds_though_the_program_is_gone_at_once(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime.make_bundle("facts")
    runtime.create()
    process = os.pidfd_open(runtime.state()["pid"])
    opened = os.open

    def open_and_wait(path: str, flags: int, mode: int = 0o777) -> int:
        descriptor = opened(path, flags, mode)
        if os.path.basename(path) == "exec.fifo":
            assert select.select([process], [], [], PATIENCE)[0]
            # Whoever has become its parent reaps it.
            deadline = time.monotonic() + PATIENCE
            while _exists(process) and time.monotonic() < deadline:
                os.sched_yield()
        return descriptor

    monkeypatch.setattr(os, "open", open_and_wait)
    try:
        lifecycle.start(str(runtime.root), runtime.identifier)
    finally:
        os.close(process)
    assert status_of(runtime) == "stopped"


def _exists(process: int) -> bool:
    try:
        signal.pidfd_send_signal(process, 0)
    except ProcessLookupError:
        return False
    return True
