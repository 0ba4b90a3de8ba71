"""Kill."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from conformance import requirement
from conformance.bundle.programs import holding
from conformance.container import CREATED, RUNNING, STOPPED
from conformance.verdict.refusal import kill_without_effect

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.fixtures import MakeContainer

NAMES = ("HUP", "INT", "QUIT", "USR1", "USR2", "PIPE", "ALRM", "CONT", "TSTP", "WINCH")
"""Signals that a runtime need not know by name; TERM and KILL it has to."""


def received(container: Container) -> list[int]:
    """The signals that the program has got, at least one."""
    return [report["signal"] for report in container.wait_for_report("signal")]


@requirement("runtime.kill.sends_signal", "runtime.operations.supported", "command_line.kill.signals")
def test_kill_sends_term(container: MakeContainer) -> None:
    one = container(program=holding()).hold().kill("TERM")
    assert received(one) == [signal.SIGTERM]


@requirement("runtime.kill.sends_signal")
@pytest.mark.parametrize("name", [*NAMES, "SIGUSR1", "SIGTERM"])
def test_kill_sends_the_signal_of_a_name(container: MakeContainer, name: str) -> None:
    one = container(program=holding()).hold().kill_supporting(name)
    assert received(one) == [signal.Signals[f"SIG{name.removeprefix('SIG')}"]]


@requirement("runtime.kill.sends_signal")
@pytest.mark.parametrize("number", [1, 10, 15])
def test_kill_sends_the_signal_of_a_number(container: MakeContainer, number: int) -> None:
    one = container(program=holding()).hold().kill_supporting(str(number))
    assert received(one) == [number]


@requirement("runtime.kill.sends_signal", "command_line.kill.signals")
def test_kill_sends_kill(container: MakeContainer) -> None:
    one = container(program=holding()).hold().kill("KILL")
    assert one.wait().status == STOPPED
    assert b'"probe":"signal"' not in one.stdout.content


@requirement("runtime.kill.sends_signal", "command_line.kill.signals")
def test_kill_sends_term_and_nothing_else(container: MakeContainer) -> None:
    one = container(program=holding(exit_on=signal.SIGTERM)).hold().kill("TERM")
    one.wait()
    assert [report["signal"] for report in one.wait_for_report("signal")] == [signal.SIGTERM]


@requirement("runtime.kill.sends_signal")
def test_program_lives_on_after_a_signal_that_it_catches(container: MakeContainer) -> None:
    one = container(program=holding()).hold().kill("TERM")
    assert received(one) == [signal.SIGTERM]
    assert one.status == RUNNING


@requirement("runtime.kill.sends_signal")
def test_kill_reaches_the_container_that_is_named(container: MakeContainer) -> None:
    one, other = (container(program=holding()).hold() for _ in range(2))
    other.kill("TERM")
    assert received(other) == [signal.SIGTERM]
    one.kill("KILL").wait()
    assert b'"probe":"signal"' not in one.stdout.content
    assert other.status == RUNNING


@requirement("runtime.kill.sends_signal")
def test_kill_reaches_a_created_container(container: MakeContainer) -> None:
    one = container().create().kill("KILL")
    assert one.wait().status == STOPPED
    assert one.runs == 0


@requirement("command_line.kill.default")
def test_kill_without_a_signal_sends_term(container: MakeContainer) -> None:
    one = container(program=holding()).hold()
    assert one.attempt("kill").ok, "`kill` without a signal is refused"
    assert received(one) == [signal.SIGTERM]


@requirement("runtime.kill.sends_signal")
@pytest.mark.parametrize("name", ["NOSUCH", "999", "-1"])
def test_kill_with_a_signal_that_does_not_exist_sends_none(container: MakeContainer, name: str) -> None:
    one = container(program=holding()).hold()
    one.attempt_kill(name)
    one.kill("TERM")
    assert received(one) == [signal.SIGTERM]


@requirement("runtime.kill.no_id", "command_line.kill.exit_status")
@pytest.mark.parametrize("words", [(), ("",), ("", "KILL")], ids=["none", "empty", "empty with a signal"])
def test_kill_without_an_id_is_an_error(container: MakeContainer, words: tuple[str, ...]) -> None:
    one = container().create()
    invocation = one.call("kill", *words)
    assert not invocation.ok, f"`kill` without an ID {invocation.outcome}"


@requirement("runtime.kill.no_id", "runtime.errors.environment_unchanged")
def test_kill_without_an_id_kills_nothing(container: MakeContainer) -> None:
    one = container(program=holding()).hold()
    one.call("kill", "", "KILL")
    assert one.status == RUNNING


@requirement("runtime.kill.not_running.no_effect", "runtime.errors.environment_unchanged")
@pytest.mark.parametrize("name", ["KILL", "TERM"])
def test_kill_has_no_effect_on_a_stopped_container(container: MakeContainer, name: str) -> None:
    kill_without_effect(container(program=holding()).bring_to(STOPPED), name)


@requirement("runtime.kill.not_running.error", "command_line.kill.exit_status")
@pytest.mark.parametrize("name", ["KILL", "TERM"])
def test_kill_of_a_stopped_container_is_an_error(container: MakeContainer, name: str) -> None:
    invocation = container(program=holding()).bring_to(STOPPED).attempt_kill(name)
    assert not invocation.ok, f"`kill` of a stopped container {invocation.outcome}"


@requirement("runtime.kill.not_running.error", "command_line.kill.exit_status")
def test_kill_of_an_unknown_container_is_an_error(container: MakeContainer) -> None:
    invocation = container().attempt_kill("KILL")
    assert not invocation.ok, f"`kill` of an unknown container {invocation.outcome}"


@requirement("runtime.kill.not_running.error", "command_line.kill.exit_status")
def test_kill_of_a_deleted_container_is_an_error(container: MakeContainer) -> None:
    invocation = container().run().delete().attempt_kill("KILL")
    assert not invocation.ok, f"`kill` of a deleted container {invocation.outcome}"


@requirement("runtime.kill.not_running.no_effect")
def test_refused_kill_leaves_a_created_neighbour_alone(container: MakeContainer) -> None:
    neighbour = container().create()
    container(program=holding()).bring_to(STOPPED).attempt_kill("KILL")
    assert neighbour.status == CREATED
