"""Delete."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from conformance import needs, requirement
from conformance.bundle.config import mounts_with, namespaces_with
from conformance.bundle.programs import holding
from conformance.container import CREATED, RUNNING, STOPPED
from conformance.facts.environment import BUNDLE_FILE, changes_since, observe
from conformance.host.traces import cgroups_of
from conformance.verdict.findings import Finding
from conformance.verdict.refusal import attempt_without_effect

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.fixtures import MakeContainer


def leftovers(container: Container, *, status: str) -> list[str]:
    """What is left of a container that is brought to a status, and deleted.

    What was made in the root filesystem for mounts to go on may stay: another container may be using it by now.
    """
    before = observe(container)
    container.bring_to(status)
    container.delete()
    return changes_since(before, container, BUNDLE_FILE)


@requirement("runtime.lifecycle.delete.arguments", "runtime.operations.supported")
def test_delete_needs_the_id_only(container: MakeContainer) -> None:
    one = container().run()
    (one.bundle.path / "config.json").unlink()
    one.delete()
    assert not one.attempt("state").ok, "there is still a state after delete"


@requirement("runtime.delete.removes_resources", "runtime.lifecycle.destroyed_by_undoing")
def test_delete_leaves_nothing_of_a_container_that_ran(container: MakeContainer) -> None:
    assert leftovers(container(program=holding()), status=STOPPED) == []


@requirement("runtime.delete.removes_resources", "runtime.lifecycle.destroyed_by_undoing")
def test_delete_leaves_nothing_of_a_container_that_never_ran(container: MakeContainer) -> None:
    one = container()
    before = observe(one)
    one.create().kill_process().wait_for_status(STOPPED)
    one.delete()
    assert changes_since(before, one, BUNDLE_FILE) == []


@requirement("runtime.delete.removes_resources", "runtime.lifecycle.destroyed_by_undoing")
@needs("cgroup.managed")
def test_delete_removes_the_cgroups(container: MakeContainer) -> None:
    one = container(program=holding())
    one.config["linux"]["cgroupsPath"] = f"/{one.identifier}/below/it"
    one.configure()
    one.bring_to(STOPPED).delete()
    # A runtime may leave the parents, which it may have made for others too.
    assert [path for path in cgroups_of("it") if path.endswith(f"{one.identifier}/below/it")] == []


@requirement("runtime.delete.removes_resources")
def test_delete_removes_a_container_among_others(container: MakeContainer) -> None:
    one, other = container(program=holding()).hold(), container(program=holding())
    assert leftovers(other, status=STOPPED) == []
    assert one.status == RUNNING


@requirement("runtime.delete.keeps_foreign_resources")
def test_delete_keeps_the_bundle(container: MakeContainer) -> None:
    one = container(files={"/keep/this": "kept"}).run().delete()
    assert one.content("/keep/this") == "kept"
    assert (one.bundle.path / "config.json").exists()


@requirement("runtime.delete.keeps_foreign_resources")
def test_delete_keeps_the_source_of_a_bind_mount(container: MakeContainer) -> None:
    one = container()
    source = one.directory / "source"
    source.mkdir()
    (source / "file").write_text("kept", encoding="utf-8")
    one.configure(mounts=mounts_with({"destination": "/bound", "source": str(source), "options": ["rbind"]}))
    one.run().delete()
    assert (source / "file").read_text(encoding="utf-8") == "kept"


@requirement("runtime.delete.keeps_foreign_resources")
@pytest.mark.parametrize("type_", ["network", "ipc", "uts"])
@needs("process.visible", "root")
def test_delete_keeps_a_namespace_that_was_joined(container: MakeContainer, type_: str) -> None:
    owner = container(program=holding()).hold()
    name = {"network": "net"}.get(type_, type_)
    path = f"/proc/{owner.pid}/ns/{name}"
    before = os.readlink(path)
    namespaces = namespaces_with({"type": type_, "path": path})
    container(linux={"namespaces": namespaces}, hostname=None).run().delete()
    assert (os.readlink(path), owner.status) == (before, RUNNING)


@requirement("runtime.delete.id_reusable")
def test_id_can_be_used_again(container: MakeContainer) -> None:
    one = container().run().delete()
    two = container()
    two.identifier = one.identifier
    two.run().delete()
    assert two.runs == 1


@requirement("runtime.delete.no_id", "command_line.delete.exit_status")
@pytest.mark.parametrize("words", [(), ("",)], ids=["none", "empty"])
def test_delete_without_an_id_is_an_error(container: MakeContainer, words: tuple[str, ...]) -> None:
    one = container().run()
    invocation = one.call("delete", *words)
    assert not invocation.ok, f"`delete` without an ID {invocation.outcome}"


@requirement("runtime.delete.no_id", "runtime.errors.environment_unchanged")
@pytest.mark.parametrize("words", [(), ("",)], ids=["none", "empty"])
def test_delete_without_an_id_deletes_nothing(container: MakeContainer, words: tuple[str, ...]) -> None:
    one = container().run()
    one.call("delete", *words)
    assert one.status == STOPPED


@requirement(
    "runtime.delete.not_stopped.no_effect", "runtime.delete.not_stopped.error", "runtime.errors.environment_unchanged"
)
def test_delete_has_no_effect_on_a_running_container(container: MakeContainer) -> None:
    one = container(program=holding()).hold()
    attempt_without_effect(one, "delete")
    assert one.status == RUNNING


@requirement("runtime.delete.not_stopped.error", "command_line.delete.exit_status")
def test_delete_of_a_running_container_is_an_error(container: MakeContainer) -> None:
    invocation = container(program=holding()).hold().attempt("delete")
    assert not invocation.ok, f"`delete` of a running container {invocation.outcome}"


@requirement("runtime.delete.not_stopped.no_effect")
def test_running_program_does_not_notice_that_delete_is_refused(container: MakeContainer) -> None:
    one = container(program=holding()).hold()
    one.attempt("delete")
    one.kill("TERM")
    assert [report["signal"] for report in one.wait_for_report("signal")] == [signal.SIGTERM]


@requirement("runtime.delete.created_container", "runtime.errors.environment_unchanged")
def test_delete_has_no_effect_on_a_created_container(container: MakeContainer) -> None:
    attempt_without_effect(container().create(), "delete")


@requirement("runtime.delete.created_container")
def test_created_container_can_be_started_after_delete_was_refused(container: MakeContainer) -> None:
    one = container().create()
    invocation = one.attempt("delete")
    if not one.attempt("state").ok:
        raise Finding("the created container is still there", f"`delete` {invocation.outcome}, and it is gone")
    assert one.start().facts().argv == ["/probe", "facts"]


@requirement("runtime.delete.not_stopped.error", "command_line.delete.exit_status")
def test_delete_of_an_unknown_container_is_an_error(container: MakeContainer) -> None:
    invocation = container().attempt("delete")
    assert not invocation.ok, f"`delete` of an unknown container {invocation.outcome}"


@requirement("runtime.delete.not_stopped.error", "command_line.delete.exit_status")
def test_delete_of_a_deleted_container_is_an_error(container: MakeContainer) -> None:
    invocation = container().run().delete().attempt("delete")
    assert not invocation.ok, f"`delete` of a deleted container {invocation.outcome}"


@requirement("runtime.delete.not_stopped.no_effect")
def test_refused_delete_leaves_a_created_neighbour_alone(container: MakeContainer) -> None:
    neighbour = container().create()
    container(program=holding()).hold().attempt("delete")
    assert neighbour.status == CREATED
