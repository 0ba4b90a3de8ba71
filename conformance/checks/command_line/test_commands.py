"""What the command line interface says of all commands, and of create."""

from __future__ import annotations

import os
import select
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance import needs, requirement
from conformance.bundle.programs import attempting, holding
from conformance.runtime.console import ConsoleSocket

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer


@requirement("command_line.unknown_command")
@pytest.mark.parametrize("name", ["no-such-command", "Create"])
def test_unknown_command_is_an_error(container: MakeContainer, name: str) -> None:
    invocation = container().call(name)
    assert not invocation.ok, f"`{name}` {invocation.outcome}"


@requirement("command_line.create.exit_status")
def test_create_exits_with_0_if_the_container_was_created(container: MakeContainer) -> None:
    one = container()
    assert (one.attempt_create().status, one.attempt("state").status) == (0, 0)


@requirement("command_line.start.exit_status")
def test_start_exits_with_0_if_the_container_was_started(container: MakeContainer) -> None:
    one = container().create()
    assert one.attempt("start").status == 0


@requirement("command_line.start.exit_status")
def test_start_exits_with_0_though_the_program_fails(container: MakeContainer) -> None:
    one = container(program=["facts", "--status=3"]).create()
    assert one.attempt("start").status == 0


@requirement("command_line.state.exit_status", "command_line.state.stdout")
def test_state_prints_json(container: MakeContainer) -> None:
    one = container().create()
    invocation = one.attempt("state")
    assert invocation.status == 0
    assert one.parsed_state(invocation)


@requirement("command_line.kill.exit_status")
def test_kill_exits_with_0_if_the_signal_was_sent(container: MakeContainer) -> None:
    one = container(program=holding()).hold()
    assert one.attempt_kill("TERM").status == 0


@requirement("command_line.delete.exit_status")
def test_delete_exits_with_0_if_the_container_was_deleted(container: MakeContainer) -> None:
    assert container().run().attempt("delete").status == 0


@requirement("command_line.create.bundle_default")
def test_bundle_is_the_current_directory_by_default(container: MakeContainer) -> None:
    one = container()
    invocation = one.call("create", one.identifier, cwd=str(one.bundle.path))
    bundle = one.state().get("bundle") if invocation.ok else None
    one.runtime.delete(one.identifier, force=True)
    assert bundle == str(one.bundle.path), f"`create` without --bundle {invocation.outcome}"


@requirement("command_line.create.pid_file")
@needs("process.visible")
def test_pid_file_has_the_id_of_the_container_process(container: MakeContainer) -> None:
    one = container(program=holding()).hold()
    assert Path(f"/proc/{one.pid_in_file()}/cmdline").read_bytes().startswith(b"/probe\0hold")


@requirement("command_line.create.pid_file")
def test_pid_file_is_there_when_create_has_ended(container: MakeContainer) -> None:
    one = container().create()
    assert one.pid_in_file() > 0


@requirement("command_line.create.stdin")
def test_stdin_of_create_is_that_of_the_program(container: MakeContainer) -> None:
    one = container(program=attempting(["read", "/proc/self/fd/0"]))
    reading, writing = os.pipe()
    try:
        os.write(writing, b"for the program")
        one.create(stdin=reading).start()
        assert [attempt.content for attempt in one.attempts()] == ["for the program"]
    finally:
        os.close(reading)
        os.close(writing)


@requirement("command_line.create.stdin")
def test_create_reads_nothing_of_stdin(container: MakeContainer) -> None:
    one = container()
    reading, writing = os.pipe()
    try:
        os.write(writing, b"for the program")
        one.create(stdin=reading)
        # What is no longer there would be waited for without an end.
        assert select.select([reading], [], [], 0)[0] == [reading], "what is for the program is still to be read"
        assert os.read(reading, 100) == b"for the program"
    finally:
        os.close(reading)
        os.close(writing)


@requirement("command_line.create.stdout")
def test_stdout_of_create_is_that_of_the_program(container: MakeContainer) -> None:
    one = container(program=attempting(["write", "/proc/self/fd/1", "by the program\n"])).run()
    assert b"by the program\n" in one.stdout.content


@requirement("command_line.create.stderr")
def test_stderr_of_create_is_that_of_the_program(container: MakeContainer) -> None:
    one = container(program=attempting(["write", "/proc/self/fd/2", "by the program\n"])).run()
    one.stderr.pump()
    assert b"by the program\n" in one.stderr.content


@requirement("command_line.console_socket.master", "config.process.terminal.allocated")
def test_terminal_is_passed_through_the_console_socket(container: MakeContainer) -> None:
    one = container(process={"terminal": True}, program=attempting(["write", "/proc/self/fd/1", "on the terminal"]))
    with ConsoleSocket(one.directory) as socket:
        one.create("--console-socket", socket.path)
        assert os.isatty(socket.master(one.runtime.deadline))
        one.start()
        assert b"on the terminal" in socket.read_to_end(one.runtime.deadline)
