"""What a hook that fails leads to (Lifecycle, steps 3 to 13; Errors; Warnings)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance import requirement
from conformance.bundle.programs import Hook, holding
from conformance.facts.environment import BUNDLE_FILE, changes_since, observe
from conformance.host.traces import processes_of
from conformance.verdict.findings import Finding

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.fixtures import MakeContainer
    from conformance.runtime.invocation import Invocation

DURING_CREATE = ("prestart", "createRuntime", "createContainer")

DURING_START = ("startContainer", "poststart")


def with_failing(container: MakeContainer, kind: str, **changes: Any) -> Container:
    """A container whose hook of a kind fails, and which has a poststop hook."""
    hooks = {kind: [Hook("fails", status=1)], "poststop": [Hook("after")]}
    return container(program=holding(), hooks=hooks, **changes)


def bring_to_failure(container: Container, kind: str) -> Invocation:
    """Call the operation that calls hooks of a kind, and wait for the end of the container.

    What comes after the end of `start` is too late to be reported, which is a check of its own; the other checks look at
    what comes of the failure in the end.
    """
    invocation = container.create().attempt("start") if kind in DURING_START else container.attempt_create()
    container.stdout.wait_for_end(container.soon())
    return invocation


def for_each(kinds: tuple[str, ...], effect: str) -> list[Any]:
    """A parameter for each kind of hook, with the requirement for this effect of its failure."""
    return [
        pytest.param(kind, marks=requirement(f"runtime.lifecycle.hooks.{kind}.failure.{effect}"), id=kind)
        for kind in kinds
    ]


@pytest.mark.parametrize("kind", for_each(DURING_CREATE + DURING_START, "error"))
def test_operation_reports_that_a_hook_failed(container: MakeContainer, kind: str) -> None:
    one = with_failing(container, kind)
    invocation = bring_to_failure(one, kind)
    assert one.hook("fails").name == "fails"
    assert not invocation.ok, f"the operation {invocation.outcome} though its {kind} hook failed"


@pytest.mark.parametrize("kind", for_each(DURING_CREATE + DURING_START, "stopped"))
def test_container_is_stopped_when_a_hook_fails(container: MakeContainer, kind: str) -> None:
    one = with_failing(container, kind)
    bring_to_failure(one, kind)
    # The end of the streams is the end of every process of the container.
    if not one.stdout.ended:
        alive = sorted(pid for pid, _ in processes_of(one.identifier, str(one.directory)))
        raise Finding("no process of the container is left", f"its stdout is still open; processes: {alive}")


@pytest.mark.parametrize("kind", for_each(DURING_CREATE + DURING_START, "destroyed"))
def test_container_is_destroyed_when_a_hook_fails(container: MakeContainer, kind: str) -> None:
    one = with_failing(container, kind)
    before = observe(one)
    bring_to_failure(one, kind)
    assert changes_since(before, one, BUNDLE_FILE) == []


@pytest.mark.parametrize("kind", for_each(DURING_CREATE + DURING_START, "destroyed"))
def test_poststop_hooks_run_when_a_hook_fails(container: MakeContainer, kind: str) -> None:
    one = with_failing(container, kind)
    bring_to_failure(one, kind)
    assert [name for name in one.ran() if name != "program"] == ["fails", "after"]


@pytest.mark.parametrize("kind", for_each((*DURING_CREATE, "startContainer"), "stopped"))
def test_program_does_not_run_when_a_hook_before_it_fails(container: MakeContainer, kind: str) -> None:
    one = with_failing(container, kind)
    if bring_to_failure(one, kind).ok and kind not in DURING_START:
        one.attempt("start")
        one.stdout.wait_for_end(one.soon())
    assert one.runs == 0


@pytest.mark.parametrize("kind", for_each(DURING_CREATE + DURING_START, "error"))
def test_hooks_after_the_one_that_failed_do_not_run(container: MakeContainer, kind: str) -> None:
    one = container(program=holding(), hooks={kind: [Hook("fails", status=1), Hook("next")]})
    bring_to_failure(one, kind)
    assert [name for name in one.ran() if name != "program"] == ["fails"]


@pytest.mark.parametrize("kind", for_each(DURING_CREATE + DURING_START, "error"))
def test_hook_that_cannot_be_executed_fails(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("missing", properties={"path": "/no/such/hook"})]})
    invocation = bring_to_failure(one, kind)
    assert not invocation.ok, f"the operation {invocation.outcome} though its {kind} hook does not exist"


@pytest.mark.parametrize("kind", for_each(DURING_CREATE, "destroyed"))
def test_id_is_free_after_a_hook_failed_during_create(container: MakeContainer, kind: str) -> None:
    one = with_failing(container, kind)
    bring_to_failure(one, kind)
    two = container()
    own, two.identifier = two.identifier, one.identifier
    try:
        assert two.attempt_create().ok, "`create` with the same ID is refused"
    finally:
        two.runtime.delete(two.identifier, force=True)
        two.identifier = own


@requirement("runtime.lifecycle.hooks.poststart.failure.warning", "runtime.warnings.flow_unchanged")
def test_failing_poststart_hook_does_not_stop_the_container(container: MakeContainer) -> None:
    one = container(program=holding(), hooks={"poststart": [Hook("fails", status=1), Hook("next")]})
    invocation = one.create().attempt("start")
    assert invocation.ok, f"`start` {invocation.outcome}"
    one.wait_until_ready()
    assert one.status == "running"


@requirement("runtime.lifecycle.hooks.poststart.failure.warning", "runtime.warnings.flow_unchanged")
def test_poststart_hooks_run_after_one_that_failed(container: MakeContainer) -> None:
    one = container(program=holding(), hooks={"poststart": [Hook("fails", status=1), Hook("next")]})
    one.create().attempt("start")
    assert [name for name in one.ran() if name != "program"] == ["fails", "next"]


@requirement("runtime.lifecycle.hooks.poststop.failure.warning", "runtime.warnings.flow_unchanged")
def test_failing_poststop_hook_does_not_make_delete_fail(container: MakeContainer) -> None:
    one = container(hooks={"poststop": [Hook("fails", status=1)]}).run()
    invocation = one.attempt("delete")
    assert invocation.ok, f"`delete` {invocation.outcome}"


@requirement("runtime.lifecycle.hooks.poststop.failure.continues", "runtime.warnings.flow_unchanged")
def test_poststop_hooks_run_after_one_that_failed(container: MakeContainer) -> None:
    one = container(hooks={"poststop": [Hook("fails", status=1), Hook("next"), Hook("last")]}).run()
    one.attempt("delete")
    assert one.ran() == ["fails", "next", "last"]


@requirement("runtime.lifecycle.hooks.poststop.failure.continues")
@pytest.mark.parametrize("how", ["fails", "does not exist"])
def test_container_is_gone_though_a_poststop_hook_failed(container: MakeContainer, how: str) -> None:
    properties = {} if how == "fails" else {"path": "/no/such/hook"}
    one = container(hooks={"poststop": [Hook("fails", status=1, properties=properties)]})
    before = observe(one)
    one.run().attempt("delete")
    assert changes_since(before, one, BUNDLE_FILE) == []
