"""State, and Query State."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement, resources
from conformance.bundle.programs import Hook, holding
from conformance.container import CREATED, CREATING, RUNNING, STOPPED
from conformance.validation import validate
from conformance.verdict.findings import Advisory, Finding

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer

ANNOTATIONS = {"org.example.one": "1", "org.example.empty": "", "org.example.ünïcode": "käse ☃"}

KINDS = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")

# Seconds in which a runtime answers that does not wait for another operation to end.
SOON = 2.0

STATUSES = (CREATED, RUNNING, STOPPED)


@requirement("runtime.state.oci_version.present")
@pytest.mark.parametrize("status", STATUSES)
def test_state_has_an_oci_version(container: MakeContainer, status: str) -> None:
    state = container(program=holding()).bring_to(status).state()
    assert isinstance(state.get("ociVersion"), str)


@requirement("runtime.state.oci_version.complies")
def test_oci_version_of_the_state_is_one_of_the_specification(container: MakeContainer) -> None:
    demand_version(container(program=holding()).create().state().get("ociVersion"))


@requirement("runtime.state.oci_version.complies")
@pytest.mark.parametrize("kind", KINDS)
def test_oci_version_of_the_state_that_a_hook_gets_is_one_of_the_specification(
    container: MakeContainer, kind: str
) -> None:
    one = container(hooks={kind: [Hook("hook")]})
    one.run().delete()
    demand_version(one.hook("hook").state.get("ociVersion"))


@requirement("runtime.state.id.present")
@pytest.mark.parametrize("status", STATUSES)
def test_state_has_the_id_given_to_create(container: MakeContainer, status: str) -> None:
    one = container(program=holding()).bring_to(status)
    assert one.state().get("id") == one.identifier


@requirement("runtime.state.status.present")
@pytest.mark.parametrize("status", STATUSES)
def test_state_has_a_status(container: MakeContainer, status: str) -> None:
    assert isinstance(container(program=holding()).bring_to(status).state().get("status"), str)


@requirement("runtime.state.status.standard_values", "runtime.state.status.additional.new_only")
@pytest.mark.parametrize("status", STATUSES)
def test_status_is_a_standard_value_in_a_standard_situation(container: MakeContainer, status: str) -> None:
    assert container(program=holding()).bring_to(status).status in (CREATING, CREATED, RUNNING, STOPPED)


@requirement("runtime.state.status.creating")
def test_status_is_not_that_of_a_later_time_while_the_container_is_created(container: MakeContainer) -> None:
    one = container(hooks={"createRuntime": [Hook("waits", waits=True)]})
    creating = one.begin_create()
    one.wait_for_hook("waits")
    asking = one.begin("state")
    answered = asking.ends_within(SOON)
    one.release("waits")
    one.finish_create(creating)
    invocation = one.finish(asking)
    if not answered or not invocation.ok:
        # It is not said that a container can be queried while it is being created.
        return
    status = one.parsed_state(invocation).get("status")
    # The process has neither exited nor executed the program.
    assert status not in (RUNNING, STOPPED)
    if status != CREATING:
        raise Advisory("the status is creating until create has ended", f"it is {status} in a createRuntime hook")


@requirement("runtime.state.status.created")
def test_status_is_created_after_create(container: MakeContainer) -> None:
    assert container().create().status == CREATED


@requirement("runtime.state.status.created")
def test_status_stays_created_until_start(container: MakeContainer) -> None:
    one = container().create()
    other = container().create()
    other.start().wait()
    assert one.status == CREATED


@requirement("runtime.state.status.running")
def test_status_is_running_after_start(container: MakeContainer) -> None:
    assert container(program=holding()).hold().status == RUNNING


@requirement("runtime.state.status.running")
def test_status_is_running_while_start_is_refused(container: MakeContainer) -> None:
    one = container(program=holding()).hold()
    one.attempt("start")
    assert one.status == RUNNING


@requirement("runtime.state.status.stopped", "runtime.lifecycle.process_ends")
@pytest.mark.parametrize("status", [0, 1, 255])
def test_status_is_stopped_after_an_exit(container: MakeContainer, status: int) -> None:
    one = container(program=["facts", f"--status={status}"]).create().start()
    one.wait_for_output_end()
    assert one.wait_for_status(STOPPED).status == STOPPED


@requirement("runtime.state.status.stopped", "runtime.lifecycle.process_ends")
def test_status_is_stopped_after_a_signal_that_the_program_did_not_expect(container: MakeContainer) -> None:
    one = container(program=holding()).hold()
    one.kill("KILL")
    assert one.wait().status == STOPPED


@requirement("runtime.state.status.stopped", "runtime.lifecycle.process_ends")
def test_status_is_stopped_after_an_exit_on_request(container: MakeContainer) -> None:
    one = container(program=holding(exit_on=15, status=3)).hold()
    one.kill("TERM")
    assert one.wait().status == STOPPED


@requirement("runtime.state.status.stopped")
def test_status_is_stopped_when_the_process_was_killed_before_start(container: MakeContainer) -> None:
    one = container().create().kill_process()
    assert one.wait_for_status(STOPPED).status == STOPPED


@requirement("runtime.state.pid.present")
@pytest.mark.parametrize("status", [CREATED, RUNNING])
def test_state_has_a_pid_while_there_is_a_process(container: MakeContainer, status: str) -> None:
    pid = container(program=holding()).bring_to(status).state().get("pid")
    assert isinstance(pid, int), f"the pid in the state is {pid!r}"
    assert pid > 0


@requirement("runtime.state.pid.container_process")
@needs("process.visible")
def test_pid_is_that_of_the_program(container: MakeContainer) -> None:
    pid = container(program=holding()).hold().pid
    command = Path(f"/proc/{pid}/cmdline").read_bytes()
    assert command.split(b"\0")[:2] == [b"/probe", b"hold"]


@requirement("runtime.state.pid.container_process")
def test_pid_stays_the_same_from_create_to_start(container: MakeContainer) -> None:
    one = container(program=holding()).create()
    before = one.pid
    one.start().wait_until_ready()
    assert one.pid == before


@requirement("runtime.state.pid.container_process", "command_line.create.pid_file")
@pytest.mark.parametrize("status", [CREATED, RUNNING])
def test_pid_is_that_of_the_pid_file(container: MakeContainer, status: str) -> None:
    one = container(program=holding()).bring_to(status)
    assert one.pid == one.pid_in_file()


@requirement("runtime.state.pid.runtime_namespace_hooks")
@pytest.mark.parametrize("kind", ["prestart", "createRuntime", "poststart"])
@needs("process.visible")
def test_hooks_in_the_runtime_namespace_get_the_pid_that_the_runtime_sees(container: MakeContainer, kind: str) -> None:
    one = container(program=holding(), hooks={kind: [Hook("hook")]}).hold()
    assert one.hook("hook").state.get("pid") == one.pid


@requirement("runtime.state.pid.container_namespace_hooks")
@pytest.mark.parametrize("kind", ["createContainer", "startContainer"])
def test_hooks_in_the_container_namespace_get_the_pid_that_the_container_sees(
    container: MakeContainer, kind: str
) -> None:
    one = container(program=holding(), hooks={kind: [Hook("hook")]}).hold()
    # The first process of the new pid namespace.
    assert one.hook("hook").state.get("pid") == 1


@requirement("runtime.state.bundle.present")
@pytest.mark.parametrize("status", STATUSES)
def test_state_has_a_bundle(container: MakeContainer, status: str) -> None:
    assert isinstance(container(program=holding()).bring_to(status).state().get("bundle"), str)


@requirement("runtime.state.bundle.absolute")
def test_bundle_is_the_one_given_to_create(container: MakeContainer) -> None:
    one = container().create()
    assert one.state().get("bundle") == str(one.bundle.path)


@requirement("runtime.state.bundle.absolute")
@pytest.mark.parametrize("path", [".", "../bundle"])
def test_bundle_is_absolute_though_given_to_create_as_relative(container: MakeContainer, path: str) -> None:
    one = container()
    # The working directory of create is the bundle.
    bundle = one.create(bundle=path).state().get("bundle")
    assert isinstance(bundle, str)
    assert os.path.isabs(bundle), f"bundle in the state is {bundle!r}"
    assert os.path.samefile(bundle, one.bundle.path)


@requirement("runtime.state.annotations.map")
@pytest.mark.parametrize("status", STATUSES)
def test_annotations_are_a_map_of_strings(container: MakeContainer, status: str) -> None:
    annotations = container(program=holding(), annotations=ANNOTATIONS).bring_to(status).annotations()
    assert [value for value in annotations.values() if not isinstance(value, str)] == []


@requirement("runtime.state.annotations.listed")
@pytest.mark.parametrize("status", STATUSES)
def test_annotations_are_those_of_the_configuration(container: MakeContainer, status: str) -> None:
    annotations = container(program=holding(), annotations=ANNOTATIONS).bring_to(status).annotations()
    assert {name: annotations.get(name) for name in ANNOTATIONS} == ANNOTATIONS


@requirement("runtime.state.annotations.none")
@pytest.mark.parametrize("annotations", [None, {}], ids=["absent", "empty"])
def test_annotations_are_absent_or_empty_if_there_are_none(
    container: MakeContainer, annotations: dict[str, str] | None
) -> None:
    assert container(annotations=annotations).create().annotations() == {}


@requirement("runtime.state.form")
@pytest.mark.parametrize("status", STATUSES)
def test_state_has_its_form(container: MakeContainer, status: str) -> None:
    one = container(program=holding(), annotations=ANNOTATIONS).bring_to(status)
    one.state()
    report = validate(one.invocations[-1].stdout, kind="state")
    found = [finding.sentence for finding in report.findings if "runtime.state.form" in finding.requirements]
    assert found == []


@requirement("runtime.state.schema")
@pytest.mark.parametrize("status", STATUSES)
def test_state_satisfies_its_schema(container: MakeContainer, status: str) -> None:
    state = container(program=holding(), annotations=ANNOTATIONS).bring_to(status).state()
    assert schema_errors(state) == []


@requirement("runtime.state.schema")
@pytest.mark.parametrize("kind", KINDS)
def test_state_that_a_hook_gets_satisfies_its_schema(container: MakeContainer, kind: str) -> None:
    one = container(annotations=ANNOTATIONS, hooks={kind: [Hook("hook")]})
    one.run().delete()
    assert schema_errors(one.hook("hook").state) == []


@requirement("runtime.state_operation.returns_state")
def test_state_is_the_same_when_asked_twice(container: MakeContainer) -> None:
    one = container(program=holding(), annotations=ANNOTATIONS).hold()
    first = one.state()
    names = ("ociVersion", "id", "status", "pid", "bundle", "annotations")
    second = one.state()
    assert {name: second.get(name) for name in names} == {name: first.get(name) for name in names}


@requirement("runtime.state_operation.returns_state")
def test_state_is_that_of_the_container_asked_for(container: MakeContainer) -> None:
    one, other = container().create(), container(program=holding()).hold()
    found = [(c.state().get("id"), c.state().get("status")) for c in (one, other)]
    assert found == [(one.identifier, CREATED), (other.identifier, RUNNING)]


@requirement("runtime.state_operation.no_id", "command_line.state.exit_status")
@pytest.mark.parametrize("words", [(), ("",)], ids=["none", "empty"])
def test_state_without_an_id_is_an_error(container: MakeContainer, words: tuple[str, ...]) -> None:
    one = container().create()
    invocation = one.call("state", *words)
    assert not invocation.ok, f"`state` without an ID {invocation.outcome}"


@requirement("runtime.state_operation.unknown_id", "command_line.state.exit_status")
def test_state_of_an_unknown_container_is_an_error(container: MakeContainer) -> None:
    container().create()
    invocation = container().attempt("state")
    assert not invocation.ok, f"`state` of an unknown container {invocation.outcome}"


@requirement("runtime.state_operation.unknown_id")
def test_no_state_is_printed_of_an_unknown_container(container: MakeContainer) -> None:
    container().create()
    assert not looks_like_a_state(container().attempt("state").stdout)


@requirement("runtime.state_operation.unknown_id", "command_line.state.exit_status")
def test_state_of_a_deleted_container_is_an_error(container: MakeContainer) -> None:
    one = container().run().delete()
    invocation = one.attempt("state")
    assert not invocation.ok, f"`state` of a deleted container {invocation.outcome}"


def demand_version(value: Any) -> None:
    """Raise a `Finding` for what cannot be a version 1 of the specification; a suffix does not matter."""
    expected = "ociVersion is a version of the specification"
    found = re.fullmatch(r"1\.\d+(\.\d+([-+][0-9A-Za-z.+-]+)?)?", value) if isinstance(value, str) else None
    if not found:
        raise Finding(expected, f"ociVersion of the state is {value!r}")
    if not found[1]:
        raise Advisory(expected, f"ociVersion of the state is {value!r}, which names no release")


def looks_like_a_state(output: bytes) -> bool:
    """Whether an output has the required properties of a state."""
    try:
        document: Any = json.loads(output)
    except ValueError:
        return False
    return isinstance(document, dict) and {"id", "status"} <= set(document)


def schema_errors(state: dict[str, Any]) -> list[str]:
    """What a state has that its schema does not allow, one line for each."""
    import jsonschema

    schema = json.loads(Path(resources.schema_path("state")).read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(state)]
