"""Hooks: which, when, where and with what (POSIX-platform Hooks)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.config import mounts_with
from conformance.bundle.programs import LOGGING, Hook, holding
from conformance.container import SOON
from conformance.facts import mountinfo
from conformance.host.traces import cgroups_of
from conformance.verdict.findings import Advisory, Finding

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.fixtures import MakeContainer
    from conformance.runtime.invocation import Running

KINDS = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")

DURING_CREATE = KINDS[:3]

IN_RUNTIME_NAMESPACE = ("prestart", "createRuntime", "poststart", "poststop")

IN_CONTAINER_NAMESPACE = ("createContainer", "startContainer")

TYPES = ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")

# Seconds in which a command that does not wait for a hook has ended.
A_WHILE = 1.0

# Seconds by which a hook with a timeout of one second has been aborted, on a slow machine too.
LATE = 10.0

ENVIRONMENT = ["FIRST=1", "EMPTY=", "SPACES=two words", "EQUALS=a=b", "FIRST_AGAIN=1"]


def for_each(kinds: tuple[str, ...], *suffixes: str) -> list[Any]:
    """A parameter for each kind of hook, with its requirements of these names."""
    return [
        pytest.param(kind, marks=requirement(*(f"config.hooks.{kind}.{suffix}" for suffix in suffixes)), id=kind)
        for kind in kinds
    ]


def called(kinds: tuple[str, ...]) -> list[Any]:
    """A parameter for each kind of hook, with the requirements that it is called."""
    return [
        pytest.param(
            kind,
            marks=requirement(f"config.hooks.{kind}.called", f"runtime.lifecycle.hooks.{kind}.invoked"),
            id=kind,
        )
        for kind in kinds
    ]


def whole_life(container: Container) -> Container:
    """Create, start, wait, delete."""
    return container.run().delete()


# Which


@requirement("config.hooks.optional")
@pytest.mark.parametrize("hooks", [None, {}], ids=["absent", "empty"])
def test_hooks_need_not_be_there(container: MakeContainer, hooks: dict[str, Any] | None) -> None:
    one = container()
    one.configure(hooks=hooks)
    whole_life(one)
    assert one.runs == 1


@requirement("config.hooks.properties")
def test_each_list_may_be_empty(container: MakeContainer) -> None:
    one = whole_life(container(hooks={kind: [] for kind in KINDS}))
    assert one.runs == 1


@requirement("config.hooks.properties")
def test_all_lists_may_be_given(container: MakeContainer) -> None:
    one = whole_life(container(hooks={kind: [Hook(kind)] for kind in KINDS}))
    assert sorted(one.ran()) == sorted(KINDS)


@pytest.mark.parametrize("kind", called(KINDS))
def test_hook_is_called(container: MakeContainer, kind: str) -> None:
    one = whole_life(container(hooks={kind: [Hook("hook")]}))
    assert one.ran() == ["hook"]


@requirement("config.hooks.order")
@pytest.mark.parametrize("kind", KINDS)
def test_hooks_of_a_kind_are_called_in_the_listed_order(container: MakeContainer, kind: str) -> None:
    one = whole_life(container(hooks={kind: [Hook("one"), Hook("two"), Hook("three")]}))
    assert one.ran() == ["one", "two", "three"]


@requirement("config.hooks.order")
@pytest.mark.parametrize("kind", KINDS)
def test_hooks_of_a_kind_do_not_overlap(container: MakeContainer, kind: str) -> None:
    one = whole_life(container(hooks={kind: [Hook("one"), Hook("two")]}))
    assert [(entry["probe"], entry["name"]) for entry in one.logged()] == [
        ("hook", "one"),
        ("hook-end", "one"),
        ("hook", "two"),
        ("hook-end", "two"),
    ]


@requirement("config.hooks.properties")
def test_same_hook_may_be_listed_twice(container: MakeContainer) -> None:
    one = whole_life(container(hooks={"createRuntime": [Hook("again"), Hook("again")]}))
    assert one.ran() == ["again", "again"]


# When


@requirement("config.hooks.prestart.before_createRuntime")
def test_prestart_hooks_are_called_before_create_runtime_hooks(container: MakeContainer) -> None:
    one = container(hooks={"createRuntime": [Hook("later")], "prestart": [Hook("one"), Hook("two")]}).create()
    assert one.ran() == ["one", "two", "later"]


@requirement("config.hooks.createContainer.after_createRuntime")
def test_create_container_hooks_are_called_after_create_runtime_hooks(container: MakeContainer) -> None:
    one = container(hooks={"createContainer": [Hook("later")], "createRuntime": [Hook("one"), Hook("two")]}).create()
    assert one.ran() == ["one", "two", "later"]


@requirement("config.hooks.order")
def test_kinds_are_called_in_the_order_of_the_lifecycle(container: MakeContainer) -> None:
    hooks = {kind: [Hook(kind)] for kind in ("poststop", "startContainer", "createContainer", "createRuntime")}
    one = whole_life(container(program=["facts", *LOGGING], hooks=hooks))
    assert one.ran() == ["createRuntime", "createContainer", "startContainer", "program", "poststop"]


@pytest.mark.parametrize("kind", for_each(DURING_CREATE, "when"))
def test_hook_has_been_called_when_create_has_ended(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook")]}).create()
    assert [(entry["probe"], entry["name"]) for entry in one.logged()] == [("hook", "hook"), ("hook-end", "hook")]


@pytest.mark.parametrize("kind", for_each(DURING_CREATE, "when"))
def test_create_waits_for_the_hook(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook", waits=True)]})
    creating = one.begin_create()
    one.wait_for_hook("hook")
    ended = creating.ends_within(A_WHILE)
    one.release("hook")
    invocation = one.finish_create(creating)
    assert not ended, f"`create` {invocation.outcome} while its {kind} hook was still running"
    assert invocation.ok


@pytest.mark.parametrize("kind", for_each(("prestart", "createRuntime"), "when"))
@needs("process.visible", "root")
def test_namespaces_are_there_when_the_hook_is_called(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook", inspects=True)]}).create()
    seen = one.hook("hook").process
    assert seen is not None, "the state that the hook got has no pid"
    own = {name: os.readlink(f"/proc/self/ns/{name}") for name in ("mnt", "net", "ipc", "uts")}
    assert [name for name, link in own.items() if seen.namespaces[name] in (link, None)] == []


@requirement("config.hooks.createRuntime.environment_ready")
@needs("process.visible")
def test_mounts_are_made_when_a_create_runtime_hook_is_called(container: MakeContainer) -> None:
    made = {"destination": "/made", "type": "tmpfs", "source": "tmpfs"}
    one = container(mounts=mounts_with(made), hooks={"createRuntime": [Hook("hook", inspects=True)]}).create()
    seen = one.hook("hook").process
    assert seen is not None, "the state that the hook got has no pid"
    assert mounted_below_root(seen.mountinfo.content or "", "/made")


@requirement("config.hooks.createContainer.mounts_ready")
def test_mounts_are_made_when_a_create_container_hook_is_called(container: MakeContainer) -> None:
    made = {"destination": "/made", "type": "tmpfs", "source": "tmpfs"}
    one = container(mounts=mounts_with(made), hooks={"createContainer": [Hook("hook")]}).create()
    assert mounted_below_root(one.hook("hook").mountinfo.content or "", "/made")


@pytest.mark.parametrize("kind", for_each(("createContainer",), "when"))
def test_root_is_not_changed_yet_when_the_hook_is_called(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook")]}).create()
    rootfs = one.bundle.rootfs.stat()
    assert one.hook("hook").root.identity != (rootfs.st_dev, rootfs.st_ino)


@pytest.mark.parametrize("kind", for_each(("prestart", "createRuntime"), "when"))
@needs("process.visible")
def test_container_process_has_not_changed_its_root_when_the_hook_is_called(
    container: MakeContainer, kind: str
) -> None:
    one = container(hooks={kind: [Hook("hook", inspects=True)]}).create()
    seen = one.hook("hook").process
    assert seen is not None, "the state that the hook got has no pid"
    rootfs = one.bundle.rootfs.stat()
    assert seen.root.identity != (rootfs.st_dev, rootfs.st_ino)


@pytest.mark.parametrize("kind", for_each(("startContainer",), "when"))
def test_hook_is_called_by_start_and_before_the_program(container: MakeContainer, kind: str) -> None:
    one = container(program=["facts", *LOGGING], hooks={kind: [Hook("hook")]}).create()
    before = one.ran()
    one.start().wait_for_output_end()
    assert (before, one.ran()) == ([], ["hook", "program"])


@pytest.mark.parametrize("kind", for_each(("startContainer",), "when"))
def test_program_does_not_run_before_the_hook_has_ended(container: MakeContainer, kind: str) -> None:
    one = container(program=["facts", *LOGGING], hooks={kind: [Hook("hook", waits=True)]}).create()
    starting = one.begin("start")
    one.wait_for_hook("hook")
    ran = one.runs
    one.release("hook")
    one.finish(starting)
    one.wait_for_output_end()
    assert (ran, one.runs) == (0, 1)


@pytest.mark.parametrize("kind", for_each(("startContainer", "poststart"), "when"))
def test_start_waits_for_the_hook(container: MakeContainer, kind: str) -> None:
    one = container(program=holding(), hooks={kind: [Hook("hook", waits=True)]})
    creating = one.begin_create()
    if not creating.ends_within(A_WHILE) and one.ran():
        one.release("hook")
        one.finish_create(creating)
        raise Finding(f"the {kind} hook is called by start", "it is called by create, which waits for it")
    one.finish_create(creating)
    starting = one.begin("start")
    one.wait_for_hook("hook")
    ended = starting.ends_within(A_WHILE)
    one.release("hook")
    invocation = one.finish(starting)
    assert not ended, f"`start` {invocation.outcome} while its {kind} hook was still running"


@pytest.mark.parametrize("kind", for_each(("poststart",), "when"))
def test_hook_is_not_called_before_start(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook")]}).create()
    before = one.ran()
    one.start()
    assert (before, one.ran()) == ([], ["hook"])


@pytest.mark.parametrize("kind", for_each(("poststart",), "when"))
@needs("process.visible")
def test_program_is_executed_when_the_hook_is_called(container: MakeContainer, kind: str) -> None:
    # A hook that is slow before the program makes the order show: whatever came too early would come first.
    hooks = {"startContainer": [Hook("slow", waits=True)], kind: [Hook("hook", inspects=True)]}
    one = container(program=holding(), hooks=hooks).create()
    starting = one.begin("start")
    one.wait_for_hook("slow")
    starting.ends_within(A_WHILE)
    one.release("slow")
    one.finish(starting)
    seen = one.hook("hook").process
    assert seen is not None, "the state that the hook got has no pid"
    assert (seen.cmdline.content or "").split("\0")[:2] == ["/probe", "hold"]


@pytest.mark.parametrize("kind", for_each(("poststop",), "when"))
def test_hook_is_not_called_before_delete(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook")]}).run()
    before = one.ran()
    one.delete()
    assert (before, one.ran()) == ([], ["hook"])


@pytest.mark.parametrize("kind", for_each(("poststop",), "when"))
def test_delete_waits_for_the_hook(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook", waits=True)]}).run()
    deleting = one.begin("delete")
    one.wait_for_hook("hook")
    ended = deleting.ends_within(A_WHILE)
    one.release("hook")
    invocation = one.finish(deleting)
    assert not ended, f"`delete` {invocation.outcome} while its {kind} hook was still running"


@pytest.mark.parametrize("kind", for_each(("poststop",), "when"))
def test_container_is_gone_when_the_hook_is_called(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook", waits=True)]}).run()
    deleting = one.begin("delete")
    one.wait_for_hook("hook")
    asking = one.begin("state")
    answered = asking.ends_within(2.0)
    cgroups = list(cgroups_of(one.identifier))
    one.release("hook")
    one.finish(deleting)
    invocation = one.finish(asking)
    # A `state` that waits for the end of delete says nothing about the time of the hook.
    if answered and invocation.ok:
        raise Finding("the container is deleted", f"`state` {invocation.outcome} while the poststop hook ran")
    assert cgroups == []


# Where


@pytest.mark.parametrize("kind", for_each(IN_RUNTIME_NAMESPACE, "namespace"))
def test_hook_is_in_the_namespaces_of_the_runtime(container: MakeContainer, kind: str) -> None:
    one = whole_life(container(hooks={kind: [Hook("hook")]}))
    expected = {name: os.readlink(f"/proc/self/ns/{name}") for name in TYPES if os.path.exists(f"/proc/self/ns/{name}")}
    seen = one.hook("hook").namespaces
    assert {name: seen[name] for name in expected} == expected


@requirement("glossary.container_namespace")
@pytest.mark.parametrize("kind", for_each(IN_CONTAINER_NAMESPACE, "namespace"))
@needs("process.visible")
def test_hook_is_in_the_namespaces_of_the_container(container: MakeContainer, kind: str) -> None:
    one = container(program=holding(), hooks={kind: [Hook("hook")]}).hold()
    pid = one.pid
    expected = {
        name: os.readlink(f"/proc/{pid}/ns/{name}") for name in TYPES if os.path.exists(f"/proc/{pid}/ns/{name}")
    }
    seen = one.hook("hook").namespaces
    assert {name: seen[name] for name in expected} == expected


@pytest.mark.parametrize("kind", for_each(("startContainer",), "namespace"))
def test_hook_is_in_the_root_filesystem_of_the_container(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook")]})
    facts = one.facts()
    assert one.hook("hook").root.identity == facts.root.identity


@pytest.mark.parametrize("kind", for_each(IN_RUNTIME_NAMESPACE, "namespace"))
def test_hook_is_in_the_root_filesystem_of_the_runtime(container: MakeContainer, kind: str) -> None:
    one = whole_life(container(hooks={kind: [Hook("hook")]}))
    root = os.stat("/")
    assert one.hook("hook").root.identity == (root.st_dev, root.st_ino)


@pytest.mark.parametrize("kind", for_each((*IN_RUNTIME_NAMESPACE, "createContainer"), "path.namespace"))
def test_path_is_one_of_the_runtime_s(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook")]})
    path = one.config["hooks"][kind][0]["path"]
    # In the container, the same path leads to a file that cannot be executed.
    one.bundle.put(path, "not a program")
    whole_life(one)
    expected = Path(path).stat()
    assert one.hook("hook").executable.identity == (expected.st_dev, expected.st_ino)


@pytest.mark.parametrize("kind", for_each(("startContainer",), "path.namespace"))
def test_path_is_one_of_the_container_s(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook", properties={"path": "/usr/bin/only-in-the-container"})]})
    os.link(one.inside("/probe"), one.inside("/usr/bin/only-in-the-container"))
    whole_life(one)
    assert one.hook("hook").executable.inode == one.inside("/usr/bin/only-in-the-container").stat().st_ino


# With what


@requirement("config.hooks.state_on_stdin")
@pytest.mark.parametrize("kind", KINDS)
def test_state_on_stdin_is_that_of_the_container(container: MakeContainer, kind: str) -> None:
    one = whole_life(container(annotations={"org.example.key": "value"}, hooks={kind: [Hook("hook")]}))
    state = one.hook("hook").state
    found = {name: state.get(name) for name in ("id", "bundle", "annotations")}
    expected = {"id": one.identifier, "bundle": str(one.bundle.path), "annotations": {"org.example.key": "value"}}
    assert found == expected


@requirement("config.hooks.state_on_stdin")
@pytest.mark.parametrize("kind", KINDS)
def test_state_on_stdin_has_an_end(container: MakeContainer, kind: str) -> None:
    one = whole_life(container(hooks={kind: [Hook("hook")]}))
    assert one.hook("hook").stdin_ended


@requirement("config.hooks.state_on_stdin")
@pytest.mark.parametrize("kind", KINDS)
def test_state_on_stdin_has_a_status_that_can_be(container: MakeContainer, kind: str) -> None:
    one = container(program=holding(), hooks={kind: [Hook("hook")]}).hold()
    one.kill("KILL").wait().delete()
    status = one.hook("hook").state.get("status")
    possible = {"poststart": ("running",), "poststop": ("stopped",)}.get(kind, ("creating", "created"))
    # Runtimes may have names of their own for what is none of the four.
    if status in possible or (isinstance(status, str) and status not in ("creating", "created", "running", "stopped")):
        return
    kind_of_finding = Advisory if (kind, status) == ("poststart", "created") else Finding
    # Which status a hook is told is not defined for each kind; what is no lie would be one of these.
    raise kind_of_finding(f"the status is {' or '.join(possible)}", f"it is {status!r}")


@requirement("config.hooks.state_on_stdin")
@pytest.mark.parametrize("kind", KINDS)
def test_every_hook_of_a_kind_gets_the_state(container: MakeContainer, kind: str) -> None:
    one = whole_life(container(hooks={kind: [Hook("one"), Hook("two")]}))
    assert [one.hook(name).state.get("id") for name in ("one", "two")] == [one.identifier] * 2


@pytest.mark.parametrize("kind", for_each(KINDS, "args"))
def test_args_are_the_argument_vector(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook")]})
    args = ["any name", *one.config["hooks"][kind][0]["args"][1:], "", "with space", "--flag", "$HOME"]
    one.configure(hooks={kind: [{**one.config["hooks"][kind][0], "args": args}]})
    assert whole_life(one).hook("hook").argv == args


@pytest.mark.parametrize("kind", for_each(KINDS, "env"))
def test_env_is_the_environment(container: MakeContainer, kind: str) -> None:
    one = whole_life(container(hooks={kind: [Hook("hook", properties={"env": ENVIRONMENT})]}))
    assert sorted(one.hook("hook").environ) == sorted(ENVIRONMENT)


@pytest.mark.parametrize("kind", for_each(KINDS, "path.execv"))
def test_path_is_not_searched_for(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook", properties={"path": "hook-of-the-suite"})]})
    bin_directory = one.directory / "bin"
    bin_directory.mkdir()
    os.link(one.inside("/probe"), bin_directory / "hook-of-the-suite")
    os.link(one.inside("/probe"), one.inside("/usr/bin/hook-of-the-suite"))
    entry = one.config["hooks"][kind][0]
    one.configure(hooks={kind: [{**entry, "env": [f"PATH={bin_directory}:/usr/bin"]}]})
    attempt_whole_life(one)
    assert one.ran() == []


@pytest.mark.parametrize("kind", for_each(KINDS, "path.absolute"))
def test_relative_path_is_refused(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook", properties={"path": "./hook"})]})
    # Wherever the runtime or the hook may be, there is something to find.
    for directory in (one.bundle.path, one.bundle.rootfs):
        os.link(one.inside("/probe"), directory / "hook")
    attempt_whole_life(one)
    assert one.ran() == []


@pytest.mark.parametrize("kind", for_each(KINDS, "path.required"))
def test_entry_without_a_path_is_refused(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook")]})
    entry = {name: value for name, value in one.config["hooks"][kind][0].items() if name != "path"}
    one.configure(hooks={kind: [entry]})
    assert not attempt_whole_life(one), "every operation succeeds"


@pytest.mark.parametrize("kind", for_each(KINDS, "timeout.positive"))
@pytest.mark.parametrize("timeout", [0, -1])
def test_timeout_that_is_not_positive_is_refused(container: MakeContainer, kind: str, timeout: int) -> None:
    # The hook takes its time, so that a timer that ends at once is not too late.
    one = container(hooks={kind: [Hook("hook", waits=True, properties={"timeout": timeout})]})
    assert not attempt_whole_life(one, "hook", A_WHILE), "every operation succeeds"


@pytest.mark.parametrize("kind", for_each(KINDS, "timeout"))
def test_hook_is_aborted_when_its_time_is_over(container: MakeContainer, kind: str) -> None:
    one = container(hooks={kind: [Hook("hook", waits=True, properties={"timeout": 1})]})
    attempt_whole_life(one, "hook", LATE)
    one.release("hook")
    # A hook that is aborted does not come to its end, though it may go on now.
    assert [entry["probe"] for entry in one.logged() if entry["name"] == "hook"] == ["hook"]


@pytest.mark.parametrize("kind", for_each(KINDS, "timeout"))
def test_hook_that_ends_in_time_is_not_aborted(container: MakeContainer, kind: str) -> None:
    one = whole_life(container(hooks={kind: [Hook("hook", properties={"timeout": 20})]}))
    assert [entry["probe"] for entry in one.logged() if entry["name"] == "hook"] == ["hook", "hook-end"]


def attempt_whole_life(container: Container, waiting: str | None = None, patience: float = SOON) -> bool:
    """Create, start and delete, as far as that goes; whether all of it succeeded.

    `waiting` is a hook that waits: it is released if an operation has not ended within `patience` seconds.
    """

    def let_go(running: Running) -> Running:
        if waiting and not running.ends_within(patience):
            container.release(waiting)
        return running

    if not container.finish_create(let_go(container.begin_create())).ok:
        return False
    if not container.finish(let_go(container.begin("start"))).ok:
        return False
    if not container.stdout.wait_for_end(container.soon(patience)) and waiting:
        container.release(waiting)
    container.wait()
    return container.finish(let_go(container.begin("delete"))).ok


def mounted_below_root(text: str, place: str) -> bool:
    """Whether something is mounted at a place of the container, wherever its root directory is at the time."""
    return any(mount.mount_point.endswith(place) for mount in mountinfo.parse(text))
