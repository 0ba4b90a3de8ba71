"""`run`: the whole life of a container in one command."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from conformance.runtime.console import ConsoleSocket

if TYPE_CHECKING:
    import subprocess

    from tests.reference_runtime.conftest import Runtime

pytestmark = pytest.mark.usefixtures("root")

PATIENCE = 20.0
FORWARDED = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
)


def begin_run(runtime: Runtime, *program: str) -> subprocess.Popen[str]:
    """`run`, up to the moment at which the program says that it is there."""
    runtime.make_bundle(*program)
    command = runtime.begin("run", f"--bundle={runtime.bundle.path}", runtime.identifier)
    assert command.stdout is not None
    assert json.loads(command.stdout.readline())["probe"] == "ready"
    return command


def test_output_is_that_of_the_program(runtime: Runtime) -> None:
    runtime.make_bundle("try", "read", "/etc/passwd")
    done = runtime.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["results"][0]["errno"] == 0
    assert runtime.left == []


def test_input_is_that_of_the_caller(runtime: Runtime) -> None:
    runtime.make_bundle("try", "read", "/proc/self/fd/0")
    (runtime.directory / "input").write_text("for the program", encoding="ascii")
    with (runtime.directory / "input").open("rb") as stdin:
        done = runtime.run(stdin=stdin)
    assert json.loads(done.stdout)["results"][0]["content"] == "for the program"


@pytest.mark.parametrize("status", [0, 1, 7, 125, 255])
def test_status_is_that_of_the_program(runtime: Runtime, status: int) -> None:
    command = begin_run(runtime, "hold", f"--exit-on={signal.SIGUSR1.value}", f"--status={status}")
    command.send_signal(signal.SIGUSR1)
    with command:
        command.communicate(timeout=PATIENCE)
    assert command.returncode == status
    assert runtime.left == []


def test_status_tells_the_signal_that_ended_the_program(runtime: Runtime) -> None:
    command = begin_run(runtime, "hold")
    runtime.succeed("kill", runtime.identifier, "KILL")
    with command:
        command.communicate(timeout=PATIENCE)
    assert command.returncode == 128 + signal.SIGKILL
    assert runtime.left == []


@pytest.mark.parametrize("number", FORWARDED, ids=[number.name for number in FORWARDED])
def test_signals_are_forwarded(runtime: Runtime, number: signal.Signals) -> None:
    command = begin_run(runtime, "hold", f"--exit-on={number.value}", "--status=7")
    command.send_signal(number)
    with command:
        out, err = command.communicate(timeout=PATIENCE)
    assert json.loads(out)["signal"] == number.value
    assert (command.returncode, err) == (7, "")
    assert runtime.left == []


def test_signals_are_forwarded_one_by_one(runtime: Runtime) -> None:
    command = begin_run(runtime, "hold", f"--exit-on={signal.SIGTERM.value}")
    assert command.stdout is not None
    for _ in range(3):
        command.send_signal(signal.SIGUSR1)
        assert json.loads(command.stdout.readline())["signal"] == signal.SIGUSR1.value
    command.send_signal(signal.SIGTERM)
    with command:
        command.communicate(timeout=PATIENCE)
    assert command.returncode == 0


def test_other_operations_are_possible_meanwhile(runtime: Runtime) -> None:
    command = begin_run(runtime, "hold", f"--exit-on={signal.SIGTERM.value}")
    assert runtime.state()["status"] == "running"
    assert "it is running" in runtime("start", runtime.identifier).stderr
    runtime.succeed("kill", runtime.identifier, "TERM")
    with command:
        command.communicate(timeout=PATIENCE)
    assert command.returncode == 0
    assert runtime.left == []


def test_deletion_by_somebody_else_is_no_failure(runtime: Runtime) -> None:
    command = begin_run(runtime, "hold")
    runtime.succeed("delete", "--force", runtime.identifier)
    with command:
        _, err = command.communicate(timeout=PATIENCE)
    assert (command.returncode, err) == (128 + signal.SIGKILL, "")


def test_program_that_does_not_exist_is_an_error(runtime: Runtime) -> None:
    runtime.make_bundle(process={"args": ["/no/such/program"]})
    done = runtime.run()
    assert done.returncode == 1
    assert "process.execute ($.process.args): execve of /no/such/program: ENOENT" in done.stderr
    assert runtime.left == []


def test_container_without_a_process_cannot_be_run(runtime: Runtime) -> None:
    runtime.make_bundle(process=None)
    done = runtime.run()
    assert done.returncode == 1
    assert "process is not set" in done.stderr
    assert runtime.left == []


def test_identifier_that_is_taken_is_refused_and_kept(runtime: Runtime) -> None:
    runtime.make_bundle("hold")
    runtime.create()
    done = runtime.run()
    assert done.returncode == 1
    assert done.stderr.endswith(f"container {runtime.identifier} exists already\n")
    assert runtime.state()["status"] == "created"


def test_pid_file_and_terminal(runtime: Runtime) -> None:
    runtime.make_bundle("facts", process={"terminal": True})
    pid_file = runtime.directory / "pid"
    with ConsoleSocket(runtime.directory) as console:
        words = [f"--bundle={runtime.bundle.path}", f"--console-socket={console.path}", f"--pid-file={pid_file}"]
        command = runtime.begin("run", *words, runtime.identifier)
        facts = json.loads(console.read_to_end(PATIENCE))
    with command:
        out, err = command.communicate(timeout=PATIENCE)
    assert (command.returncode, out, err) == (0, "", "")
    assert facts["terminals"]["1"]["controlling"]
    assert int(pid_file.read_text(encoding="ascii")) > 1
