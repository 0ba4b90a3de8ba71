"""Start."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from conformance import requirement
from conformance.bundle.programs import holding
from conformance.container import CREATED
from conformance.verdict.findings import Finding
from conformance.verdict.refusal import attempt_without_effect

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer


@requirement("runtime.start.runs_program", "runtime.lifecycle.program_run", "runtime.operations.supported")
def test_start_runs_the_program(container: MakeContainer) -> None:
    one = container().create().start()
    one.wait_for_output_end()
    assert one.runs == 1


@requirement("runtime.start.runs_program", "runtime.lifecycle.program_run")
def test_program_is_the_one_of_the_process(container: MakeContainer) -> None:
    facts = container(program=["facts", "one", "", "with space", "-dash"]).facts()
    assert facts.argv == ["/probe", "facts", "one", "", "with space", "-dash"]


@requirement("runtime.lifecycle.start.arguments")
def test_start_needs_the_id_only(container: MakeContainer) -> None:
    one = container().create()
    # From a directory that has nothing to do with the bundle.
    one.start().wait_for_output_end()
    assert one.runs == 1


@requirement("runtime.start.runs_program")
def test_start_runs_the_program_of_that_container_and_of_no_other(container: MakeContainer) -> None:
    one, other = (container().create() for _ in range(2))
    one.start().wait_for_output_end()
    assert (one.runs, other.runs) == (1, 0)


@requirement("runtime.start.no_id", "command_line.start.exit_status")
@pytest.mark.parametrize("words", [(), ("",)], ids=["none", "empty"])
def test_start_without_an_id_is_an_error(container: MakeContainer, words: tuple[str, ...]) -> None:
    one = container().create()
    invocation = one.call("start", *words)
    assert not invocation.ok, f"`start` without an ID {invocation.outcome}"


@requirement("runtime.start.no_id", "runtime.errors.environment_unchanged")
@pytest.mark.parametrize("words", [(), ("",)], ids=["none", "empty"])
def test_start_without_an_id_starts_nothing(container: MakeContainer, words: tuple[str, ...]) -> None:
    one = container().create()
    one.call("start", *words)
    assert one.status == CREATED


@requirement(
    "runtime.start.not_created.no_effect", "runtime.start.not_created.error", "runtime.errors.environment_unchanged"
)
@pytest.mark.parametrize("status", ["running", "stopped"])
def test_start_has_no_effect_on_a_container_that_is_not_created(container: MakeContainer, status: str) -> None:
    one = container(program=holding()).bring_to(status)
    attempt_without_effect(one, "start")
    assert one.runs == 1


@requirement("runtime.start.not_created.error", "command_line.start.exit_status")
@pytest.mark.parametrize("status", ["running", "stopped"])
def test_start_of_a_container_that_is_not_created_is_an_error(container: MakeContainer, status: str) -> None:
    invocation = container(program=holding()).bring_to(status).attempt("start")
    assert not invocation.ok, f"`start` of a {status} container {invocation.outcome}"


@requirement("runtime.start.not_created.no_effect")
def test_running_program_does_not_notice_that_start_is_refused(container: MakeContainer) -> None:
    one = container(program=holding()).hold()
    before = one.pid
    one.attempt("start")
    one.kill("TERM")
    assert [report["signal"] for report in one.wait_for_report("signal")] == [signal.SIGTERM]
    assert one.pid == before


@requirement("runtime.start.not_created.error", "command_line.start.exit_status")
def test_start_of_an_unknown_container_is_an_error(container: MakeContainer) -> None:
    invocation = container().attempt("start")
    assert not invocation.ok, f"`start` of an unknown container {invocation.outcome}"


@requirement("runtime.start.not_created.no_effect", "runtime.errors.environment_unchanged")
def test_start_of_an_unknown_container_makes_nothing(container: MakeContainer) -> None:
    attempt_without_effect(container(), "start")


@requirement("runtime.start.not_created.error", "command_line.start.exit_status")
def test_start_of_a_deleted_container_is_an_error(container: MakeContainer) -> None:
    one = container().run().delete()
    invocation = one.attempt("start")
    assert not invocation.ok, f"`start` of a deleted container {invocation.outcome}"
    assert one.runs == 1


@requirement("runtime.start.no_process", "config.process.required_by_start", "command_line.start.exit_status")
def test_start_without_a_process_is_an_error(container: MakeContainer) -> None:
    one = container(process=None)
    if not one.attempt_create().ok:
        # It may refuse such a configuration here already.
        return
    invocation = one.attempt("start")
    if invocation.ok:
        raise Finding("`start` is refused, for process is not set", f"it {invocation.outcome}")
