"""Create, and the first steps of the lifecycle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.config import mounts_with, namespaces_with
from conformance.bundle.programs import Hook, holding
from conformance.container import CREATED, RUNNING
from conformance.facts import mountinfo
from conformance.facts.environment import BUNDLE_FILE, changes_since, observe
from conformance.verdict.findings import Finding
from conformance.verdict.refusal import create_without_effect, told

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer

IMPOSSIBLE: dict[str, dict[str, Any]] = {
    "missing root": {"root": {"path": "nowhere"}},
    "missing bind source": {
        "mounts": mounts_with({"destination": "/a", "source": "/nowhere/at/all", "options": ["bind"]})
    },
    "unknown filesystem": {"mounts": mounts_with({"destination": "/a", "type": "no-such-filesystem", "source": "x"})},
    "unknown filesystem option": {
        "mounts": mounts_with({"destination": "/a", "type": "tmpfs", "source": "x", "options": ["no-such-option=1"]})
    },
    "missing namespace": {"linux": {"namespaces": namespaces_with({"type": "uts", "path": "/nowhere/at/all"})}},
    "file that is no namespace": {"linux": {"namespaces": namespaces_with({"type": "uts", "path": "/proc/self/comm"})}},
    "namespace of another type": {
        "linux": {"namespaces": namespaces_with({"type": "uts", "path": "/proc/self/ns/ipc"})}
    },
    "unknown kernel parameter": {"linux": {"sysctl": {"net.ipv4.no_such_parameter": "1"}}},
    "value that a kernel parameter does not take": {"linux": {"sysctl": {"net.ipv4.ip_forward": "word"}}},
}
"""Configurations that no runtime can apply, on any host."""

IDENTIFIERS = {
    "slash at the end": "{}/",
    "one directory up": "../{}",
    "two directories up": "../../{}",
    "slash inside": "{}/below",
    "slash at the beginning": "/{}",
    "down and up": "{}/../{}",
    "newline": "{}\n",
    "300 letters": "x" * 300,
}
"""IDs that cannot be the name of a thing on this host, but for the container's own name that they have inside; some would
be a path out of a runtime's state directory."""


@requirement("runtime.create.creates", "runtime.lifecycle.create.arguments", "runtime.operations.supported")
def test_create_makes_a_container_with_the_id(container: MakeContainer) -> None:
    one = container()
    assert not one.attempt("state").ok, "there is a container before create"
    assert one.create().state().get("id") == one.identifier


@requirement("runtime.lifecycle.create.arguments")
def test_create_uses_the_bundle_that_it_is_given(container: MakeContainer) -> None:
    one = container(files={"/mark": "this bundle"}, program=["try", "read", "/mark"])
    container(files={"/mark": "another bundle"}, program=["try", "read", "/mark"])
    assert [attempt.content for attempt in one.attempts()] == ["this bundle"]


@requirement("runtime.scope.creator_operates", "runtime.operations.supported")
def test_creator_can_use_every_operation_on_its_container(container: MakeContainer) -> None:
    one = container(program=holding(exit_on=15)).create()
    assert one.state().get("id") == one.identifier
    one.start().wait_until_ready()
    one.kill("TERM").wait().delete()
    assert not one.attempt("state").ok, "there is still a state after delete"


@requirement("runtime.lifecycle.program_not_run_by_create", "runtime.create.args_not_applied")
def test_create_does_not_run_the_program(container: MakeContainer) -> None:
    one = container().create()
    other = container().create().start()
    # By the time the other program has ended, this one would have run.
    other.wait_for_output_end()
    assert (other.runs, one.runs) == (1, 0)


@requirement("runtime.create.args_not_applied")
@needs("process.visible")
def test_created_process_is_not_the_program_yet(container: MakeContainer) -> None:
    command = Path(f"/proc/{container(program=holding()).create().pid}/cmdline").read_bytes()
    assert not command.startswith(b"/probe\0")


@requirement("runtime.lifecycle.environment.as_configured")
def test_program_finds_the_environment_as_configured(container: MakeContainer) -> None:
    facts = container(
        hostname="a-name",
        process={"cwd": "/srv", "env": ["PATH=/bin", "A=1", "B=two words"], "user": {"uid": 7, "gid": 8}},
        mounts=mounts_with({"destination": "/made", "type": "tmpfs", "source": "tmpfs", "options": ["noexec"]}),
    ).facts()
    made = facts.mount("/made")
    assert {"A=1", "B=two words"} <= set(facts.environ)
    assert (facts.hostname, facts.cwd, facts.uids[0], facts.gids[0]) == ("a-name", "/srv", 7, 8)
    assert (made and made.type) == "tmpfs"


@requirement("runtime.lifecycle.resources_created", "runtime.create.applies_properties")
@needs("process.visible", "root")
def test_namespaces_exist_when_create_has_ended(container: MakeContainer) -> None:
    pid = container().create().pid
    shared = [
        name
        for name in ("pid", "net", "ipc", "uts", "mnt")
        if os.readlink(f"/proc/{pid}/ns/{name}") == os.readlink(f"/proc/self/ns/{name}")
    ]
    assert shared == []


@requirement("runtime.lifecycle.resources_created", "runtime.create.applies_properties")
@needs("process.visible")
def test_mounts_exist_when_create_has_ended(container: MakeContainer) -> None:
    one = container(mounts=mounts_with({"destination": "/made", "type": "tmpfs", "source": "tmpfs"})).create()
    mounts = mountinfo.parse(Path(f"/proc/{one.pid}/mountinfo").read_text(encoding="utf-8"))
    made = {mount.mount_point: mount.type for mount in mounts}
    expected = {"/proc": "proc", "/dev": "tmpfs", "/dev/pts": "devpts", "/dev/shm": "tmpfs", "/made": "tmpfs"}
    assert {place: made.get(place) for place in expected} == expected


@requirement("runtime.lifecycle.resources_created", "runtime.create.applies_properties")
@needs("process.visible", "root")
def test_root_is_the_container_s_when_create_has_ended(container: MakeContainer) -> None:
    one = container(files={"/mark": ""}).create()
    root = os.stat(f"/proc/{one.pid}/root")
    expected = one.bundle.rootfs.stat()
    assert (root.st_dev, root.st_ino) == (expected.st_dev, expected.st_ino)


@requirement("runtime.lifecycle.config_updates_ignored")
def test_program_is_the_one_of_the_config_at_create(container: MakeContainer) -> None:
    one = container(program=["facts", "before"], process={"env": ["PATH=/bin", "WHEN=before"]}).create()
    one.configure(process={"args": ["/probe", "facts", "after"], "env": ["PATH=/bin", "WHEN=after"], "cwd": "/srv"})
    facts = one.start().facts()
    assert "WHEN=before" in facts.environ
    assert (facts.argv, facts.cwd) == (["/probe", "facts", "before"], "/")


@requirement("runtime.lifecycle.config_updates_ignored")
def test_annotations_are_those_of_the_config_at_create(container: MakeContainer) -> None:
    one = container(annotations={"org.example.when": "before"}).create()
    one.configure(annotations={"org.example.when": "after"})
    assert one.annotations().get("org.example.when") == "before"


@requirement("runtime.lifecycle.config_updates_ignored")
@pytest.mark.parametrize("kind", ["startContainer", "poststart", "poststop"])
def test_hooks_are_those_of_the_config_at_create(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("before")]}).create()
    hooks = one.config["hooks"]
    hooks[kind][0]["args"] = [word.replace("--name=before", "--name=after") for word in hooks[kind][0]["args"]]
    one.configure(hooks=hooks)
    one.start().wait().delete()
    assert one.ran() == ["before"]


@requirement("runtime.lifecycle.config_updates_ignored")
def test_container_does_not_need_its_config_after_create(container: MakeContainer) -> None:
    one = container().create()
    (one.bundle.path / "config.json").unlink()
    assert one.start().facts().argv == ["/probe", "facts"]
    one.wait().delete()


@requirement("runtime.create.no_bundle", "command_line.create.exit_status")
def test_create_in_a_directory_that_is_no_bundle_is_an_error(container: MakeContainer) -> None:
    one = container()
    (one.directory / "empty").mkdir()
    invocation = one.attempt_create(bundle=str(one.directory / "empty"))
    assert not invocation.ok, f"`create` without a bundle {invocation.outcome}"


@requirement("runtime.create.no_bundle", "runtime.errors.environment_unchanged")
@pytest.mark.parametrize("bundle", ["empty", "missing"])
def test_create_without_a_bundle_makes_nothing(container: MakeContainer, bundle: str) -> None:
    one = container()
    (one.directory / "empty").mkdir()
    create_without_effect(one, bundle=str(one.directory / bundle))


@requirement("runtime.create.no_id", "command_line.create.exit_status")
@pytest.mark.parametrize("words", [(), ("",)], ids=["none", "empty"])
def test_create_without_an_id_is_an_error(container: MakeContainer, words: tuple[str, ...]) -> None:
    one = container()
    invocation = one.call("create", "--bundle", str(one.bundle.path), *words)
    assert not invocation.ok, f"`create` without an ID {invocation.outcome}"


@requirement("runtime.create.duplicate_id", "command_line.create.exit_status")
@pytest.mark.parametrize("status", [CREATED, RUNNING, "stopped"])
def test_create_with_the_id_of_another_container_is_an_error(container: MakeContainer, status: str) -> None:
    one = container(program=holding()).bring_to(status)
    invocation = one.call("create", "--bundle", str(container().bundle.path), one.identifier)
    assert not invocation.ok, f"`create` with an ID that is taken {invocation.outcome}"


@requirement(
    "runtime.create.duplicate_id",
    "runtime.create.rejected_id.no_container",
    "runtime.state.id.unique",
    "runtime.errors.environment_unchanged",
)
@pytest.mark.parametrize("status", [CREATED, RUNNING, "stopped"])
def test_create_with_the_id_of_another_container_leaves_that_as_it_is(container: MakeContainer, status: str) -> None:
    one = container(program=holding()).bring_to(status)
    other = container()
    before = observe(one)
    invocation = one.call("create", "--bundle", str(other.bundle.path), one.identifier)
    differences = changes_since(before, one)
    if differences:
        raise Finding("the first container stays as it was", told(invocation, differences))


@requirement("runtime.create.invalid_id", "runtime.create.rejected_id.no_container")
@pytest.mark.parametrize("form", IDENTIFIERS.values(), ids=IDENTIFIERS)
def test_id_that_is_no_name_is_refused_or_a_name_like_others(container: MakeContainer, form: str) -> None:
    one = container()
    own, identifier = one.identifier, form.format(one.identifier, one.identifier)
    before = observe(one)
    one.identifier = identifier
    invocation = one.attempt_create()
    if invocation.ok:
        found = one.state().get("id")
        one.kill_process().call("delete", "--force", identifier)
        assert found == identifier
    one.identifier = own
    # A path out of the state directory would have led here.
    assert [path.name for path in one.directory.parent.parent.glob(f"*{own}*")] == []
    assert changes_since(before, one, BUNDLE_FILE) == []


@requirement(
    "runtime.create.property_not_applicable",
    "runtime.create.property_not_applicable.no_container",
    "runtime.lifecycle.environment.error",
    "runtime.errors.environment_unchanged",
)
@pytest.mark.parametrize("impossible", IMPOSSIBLE)
def test_create_of_an_impossible_environment_makes_nothing(container: MakeContainer, impossible: str) -> None:
    create_without_effect(container(**IMPOSSIBLE[impossible]))


@requirement("runtime.create.property_not_applicable", "command_line.create.exit_status")
@pytest.mark.parametrize("impossible", IMPOSSIBLE)
def test_create_of_an_impossible_environment_is_an_error(container: MakeContainer, impossible: str) -> None:
    invocation = container(**IMPOSSIBLE[impossible]).attempt_create()
    assert not invocation.ok, f"`create` {invocation.outcome}"


@requirement("runtime.create.property_not_applicable.no_container")
def test_id_is_free_after_a_create_that_failed(container: MakeContainer) -> None:
    one = container(**IMPOSSIBLE["missing bind source"])
    one.attempt_create()
    two = container()
    two.identifier, own = one.identifier, two.identifier
    try:
        two.create().start().wait_for_output_end()
        assert two.runs == 1
    finally:
        two.runtime.delete(two.identifier, force=True)
        two.identifier = own
