"""Mutants whose state lies."""

from __future__ import annotations

from conformance.mutants.mutant import mutant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Document = dict[str, Any]


def edit_report(edit: Callable[[Document], Document]) -> None:
    """Change what `state` prints."""
    from reference_runtime.state import StateDirectory

    original = StateDirectory.report
    StateDirectory.report = lambda self: edit(original(self))  # type: ignore[method-assign]


def edit_hook_state(edit: Callable[[Document], Document]) -> None:
    """Change the state that hooks get."""
    from reference_runtime.context import Context

    original = Context.document
    Context.document = lambda self, status, pid=None: edit(original(self, status, pid))  # type: ignore[method-assign]


@mutant("runtime.state.status.stopped")
def stopped_is_reported_as_running() -> None:
    """The status stays running when the process has ended."""
    edit_report(lambda state: {**state, "status": "running" if state["status"] == "stopped" else state["status"]})


@mutant("runtime.state.status.created")
def created_is_reported_as_running() -> None:
    """The status is running from create on."""
    edit_report(lambda state: {**state, "status": "running" if state["status"] == "created" else state["status"]})


@mutant("runtime.state.status.standard_values", "runtime.state.status.additional.new_only")
def running_has_another_name() -> None:
    """The status of a running container is a word of the runtime's own."""
    edit_report(lambda state: {**state, "status": "active" if state["status"] == "running" else state["status"]})


@mutant("runtime.state.status.creating")
def creating_is_reported_as_running() -> None:
    """The status is running while the container is being created."""
    edit_report(lambda state: {**state, "status": "running" if state["status"] == "creating" else state["status"]})


@mutant("runtime.state.oci_version.present")
def no_oci_version() -> None:
    """The state has no ociVersion."""
    edit_report(lambda state: {name: value for name, value in state.items() if name != "ociVersion"})


@mutant("runtime.state.oci_version.complies")
def oci_version_is_no_version() -> None:
    """The ociVersion of the state is no version of the specification."""
    edit_report(lambda state: {**state, "ociVersion": "1"})


@mutant("runtime.state.id.present")
def id_is_cut_off() -> None:
    """The ID in the state is not the one that was given to create."""
    edit_report(lambda state: {**state, "id": state["id"][:12]})


@mutant("runtime.state.status.present")
def no_status() -> None:
    """The state has no status."""
    edit_report(lambda state: {name: value for name, value in state.items() if name != "status"})


@mutant("runtime.state.pid.present")
def no_pid() -> None:
    """The state has no pid."""
    edit_report(lambda state: {name: value for name, value in state.items() if name != "pid"})


@mutant("runtime.state.pid.container_process")
def pid_of_another_process() -> None:
    """The pid in the state is that of another process."""
    edit_report(lambda state: {**state, "pid": 1} if "pid" in state else state)


@mutant("runtime.state.bundle.present")
def no_bundle() -> None:
    """The state has no bundle."""
    edit_report(lambda state: {name: value for name, value in state.items() if name != "bundle"})


@mutant("runtime.state.bundle.absolute")
def bundle_as_given() -> None:
    """The bundle in the state is the path as it was given to create."""
    from reference_runtime import config

    load = config.load

    def load_and_forget(bundle: str, identifier: str) -> tuple[config.Config, bytes]:
        loaded, content = load(bundle, identifier)
        given = bundle

        class Forgetful(config.Config):
            @property
            def rootfs(self) -> str:
                return loaded.rootfs

        return Forgetful(loaded.document, given, identifier), content

    config.load = load_and_forget


@mutant("runtime.state.annotations.listed")
def no_annotations() -> None:
    """The state has no annotations."""
    edit_report(lambda state: {name: value for name, value in state.items() if name != "annotations"})


@mutant("runtime.state.annotations.map", "runtime.state.schema")
def annotations_are_a_list() -> None:
    """The annotations of the state are a list."""
    edit_report(lambda state: {**state, "annotations": [f"{n}={v}" for n, v in state["annotations"].items()]})


@mutant("runtime.state.annotations.none")
def annotations_are_invented() -> None:
    """The state has annotations that the configuration does not have."""
    edit_report(lambda state: {**state, "annotations": {"org.example.invented": "", **state["annotations"]}})


@mutant("runtime.state.schema", "runtime.state.form")
def pid_is_a_string() -> None:
    """The pid in the state is a string."""
    edit_report(lambda state: {**state, "pid": str(state["pid"])} if "pid" in state else state)


@mutant("runtime.state_operation.unknown_id")
def unknown_container_has_a_state() -> None:
    """`state` of a container that does not exist prints a state."""
    from reference_runtime.errors import NoSuchContainer
    from reference_runtime.state import StateDirectory

    original = StateDirectory.report

    def report(self: StateDirectory) -> Document:
        try:
            return original(self)
        except NoSuchContainer:
            return {"ociVersion": "1.3.0", "id": self.identifier, "status": "stopped", "bundle": "/"}

    StateDirectory.report = report  # type: ignore[method-assign]


@mutant("runtime.state.pid.container_namespace_hooks")
def container_hooks_get_the_pid_of_the_host() -> None:
    """Hooks in the container namespace get the pid that the runtime sees."""
    import os

    from reference_runtime import hooks

    original = hooks.run

    def run(context: Any, kind: str, index: int, hook: Document) -> None:
        in_container, context.in_container = context.in_container, False
        if in_container:
            context.pid = context.pid or os.getppid() + 1
        original(context, kind, index, hook)
        context.in_container = in_container

    hooks.run = run


@mutant("runtime.state.pid.runtime_namespace_hooks")
def runtime_hooks_get_the_pid_of_the_container() -> None:
    """Hooks in the runtime namespace get the pid that the container sees."""
    edit_hook_state(lambda state: {**state, "pid": 1} if "pid" in state else state)


@mutant("config.hooks.state_on_stdin")
def hooks_get_the_state_of_another_container() -> None:
    """The state that hooks get has another ID."""
    edit_hook_state(lambda state: {**state, "id": f"{state['id']}-other"})


@mutant("config.hooks.state_on_stdin")
def hooks_get_a_status_of_the_past() -> None:
    """The state that poststop hooks get says that the container is running."""
    edit_hook_state(lambda state: {**state, "status": "running"})
