"""The runtime fails, or is killed, at every step of a plan in turn: nothing is left, at the latest after `delete`."""

from __future__ import annotations

import contextlib
import json
import os
import select
import time
from typing import TYPE_CHECKING, Any

import pytest

from conformance.bundle.config import base, merge, mounts_with, namespaces_with
from conformance.runtime.console import ConsoleSocket
from reference_runtime import execution, host, lifecycle, plan, signals, syscalls
from reference_runtime.config import NEWEST_VERSION, Config
from reference_runtime.errors import RuntimeFault, StepFailed
from reference_runtime.steps import CREATE, function

if TYPE_CHECKING:
    from collections.abc import Callable

    from reference_runtime.context import Context
    from reference_runtime.steps import Step
    from tests.reference_runtime.conftest import Runtime

pytestmark = pytest.mark.usefixtures("root")

# Seconds that a process may take to end, or to get to a step.
PATIENCE = 20.0

HOOK = {"path": "/bin/true"}
FULL: dict[str, Any] = {
    "process": {
        "terminal": True,
        "consoleSize": {"height": 20, "width": 60},
        "noNewPrivileges": True,
        "oomScoreAdj": 100,
        "rlimits": [{"type": "RLIMIT_CORE", "soft": 0, "hard": 0}],
    },
    "root": {"readonly": True},
    "domainname": "example.org",
    "hooks": {"prestart": [HOOK], "createRuntime": [HOOK], "createContainer": [HOOK]},
    "mounts": mounts_with({"destination": "/srv", "source": "/etc", "options": ["rbind", "ro"]}),
    "linux": {
        "namespaces": namespaces_with({"type": "cgroup"}, {"type": "time"}),
        "timeOffsets": {"monotonic": {"secs": 100}},
        "sysctl": {"net.ipv4.ip_forward": "1"},
        "rootfsPropagation": "private",
        "devices": [{"type": "p", "path": "/dev/pipe"}],
        "maskedPaths": ["/proc/kcore"],
        "readonlyPaths": ["/proc/sys"],
    },
}
# What is mounted is then mounted for the host, and has to be unmounted again.
IN_THE_HOSTS_MOUNT_NAMESPACE: dict[str, Any] = {
    "mounts": [
        {"destination": "/srv", "type": "tmpfs", "source": "tmpfs"},
        {"destination": "/srv/etc", "source": "/etc", "options": ["bind", "ro"]},
        {"destination": "/run", "type": "tmpfs", "source": "tmpfs"},
    ],
    "linux": {"namespaces": [{"type": "pid"}, {"type": "uts"}]},
}
CONFIGS = {"full": FULL, "host-mounts": IN_THE_HOSTS_MOUNT_NAMESPACE}


def _steps(changes: dict[str, Any]) -> list[Step]:
    document = merge({"ociVersion": NEWEST_VERSION, **base()}, changes)
    steps = plan.build(Config(document, "/bundle", "test"), host.detect())
    return [step for step in steps if step.when == CREATE]


EVERY_STEP = pytest.mark.parametrize(
    ("name", "index"),
    [
        pytest.param(name, index, id=f"{name}-{index}-{step.action}")
        for name, changes in CONFIGS.items()
        for index, step in enumerate(_steps(changes))
    ],
)


class Interrupted:
    """One `create`, in a child, with something that happens at one of its steps."""

    def __init__(self, runtime: Runtime, name: str, index: int) -> None:
        self.runtime = runtime
        self.index = index
        self.action = _steps(CONFIGS[name])[index].action
        runtime.make_bundle(**CONFIGS[name])

    def create(self, happen: Callable[[Step, Context], None]) -> int:
        """Fork a runtime that creates the container; at the step, it does what `happen` says. Returns its ID."""

        def perform(step: Step, context: Context) -> None:
            if context.steps.index(step) == self.index and step.when == CREATE:
                assert step.action == self.action
                happen(step, context)
            else:
                original(step, context)

        original = execution.perform
        execution.perform = perform
        try:
            return _fork(
                lambda: lifecycle.create(
                    str(self.runtime.root),
                    self.runtime.identifier,
                    str(self.runtime.bundle.path),
                    str(self.runtime.directory / "console"),
                )
            )
        finally:
            execution.perform = original

    def delete(self) -> int:
        """Fork a runtime that deletes the container, whatever it is doing. Returns its ID."""
        return _fork(lambda: lifecycle.delete(str(self.runtime.root), self.runtime.identifier, force=True))


def _fork(function: Callable[[], object]) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        function()
        status = 0
    except RuntimeFault as error:
        os.write(2, f"{error}\n".encode())
    finally:
        os._exit(status)


def _supervised(function: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Call a function in a child that adopts what its children abandon; what it returns gets a member `left`: the
    processes that have not ended.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            # Errors that are expected are not for the test's own stderr.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
            result = {**function(), "left": _left()}
            os.write(writing, json.dumps(result).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        said = file.read()
    os.waitpid(child, 0)
    adopted: dict[str, Any] = json.loads(said)
    return adopted


def _left() -> list[str]:
    end = time.monotonic() + PATIENCE
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0) or time.monotonic() < end:
            time.sleep(0.001)
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return file.read().split()
    return []


def _status(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@EVERY_STEP
def test_create_that_fails_at_a_step_leaves_nothing(runtime: Runtime, name: str, index: int) -> None:
    interrupted = Interrupted(runtime, name, index)

    def fail(step: Step, _: Context) -> None:
        raise StepFailed(step.action, step.place, "it was to fail")

    with ConsoleSocket(runtime.directory):
        result = _supervised(lambda: {"create": _status(interrupted.create(fail))})
    assert result == {"create": 1, "left": []}
    assert runtime.left == []


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@EVERY_STEP
def test_delete_removes_what_a_killed_create_left(runtime: Runtime, name: str, index: int, done: bool) -> None:
    interrupted = Interrupted(runtime, name, index)
    asked, asking = os.pipe()
    heard, answering = os.pipe()

    def wait_for_the_end(step: Step, context: Context) -> None:
        if done:
            function(step.action)(context, **step.arguments)
        # The container's process cannot kill the runtime's, which is in none of its namespaces.
        os.write(asking, b".")
        os.read(heard, 1)
        if not done:
            function(step.action)(context, **step.arguments)

    def kill_and_delete() -> dict[str, Any]:
        creating = interrupted.create(wait_for_the_end)
        assert select.select([asked], [], [], PATIENCE)[0]
        os.kill(creating, signals.KILL)
        killed = _status(creating)
        os.write(answering, b".")
        return {"create": killed, "delete": _status(interrupted.delete())}

    try:
        with ConsoleSocket(runtime.directory):
            result = _supervised(kill_and_delete)
    finally:
        for descriptor in (asked, asking, heard, answering):
            os.close(descriptor)
    assert result == {"create": -signals.KILL, "delete": 0, "left": []}
    assert runtime.left == []
