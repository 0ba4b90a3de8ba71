"""Hooks (config.md, POSIX-platform Hooks): one step for each, at its place in the lifecycle."""

from __future__ import annotations

import os
import select

from reference_runtime import signals, syscalls
from reference_runtime.config import HOOKS
from reference_runtime.documents import encode
from reference_runtime.errors import HookFailed, call
from reference_runtime.state import CREATED, CREATING, RUNNING, STOPPED
from reference_runtime.steps import CONTAINER, CREATE, DELETE, RUNTIME, START, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from reference_runtime.config import Config
    from reference_runtime.context import Context

# The table of config.md, Hooks, Summary, and the status that the state then has.
WHERE_AND_WHEN = {
    "prestart": (RUNTIME, CREATE, CREATING),
    "createRuntime": (RUNTIME, CREATE, CREATING),
    "createContainer": (CONTAINER, CREATE, CREATING),
    "startContainer": (CONTAINER, START, CREATED),
    "poststart": (RUNTIME, START, RUNNING),
    "poststop": (RUNTIME, DELETE, STOPPED),
}

# What a failing hook wrote, as far as an error message shows it.
_SHOWN = 400


def plan(config: Config, *kinds: str) -> Iterator[Step]:
    """The hooks of these kinds, in the listed order."""
    for kind in kinds:
        assert kind in HOOKS
        where, when, _ = WHERE_AND_WHEN[kind]
        for index, hook in enumerate(config.hooks(kind)):
            place = f"$.hooks.{kind}[{index}]"
            why = f"runtime.lifecycle.hooks.{kind}.invoked"
            yield Step("hooks.run", why, place, where=where, when=when, kind=kind, index=index, hook=hook)


def run(context: Context, kind: str, index: int, hook: dict[str, Any]) -> None:
    """Run a hook with the container's state on its stdin, until it ends or its time is over.

    Raises `HookFailed` for a hook that cannot be executed, exits with another status than 0, or takes too long.
    """
    # In the container's process, the ID is the one that the container sees.
    pid = os.getpid() if context.in_container else context.pid
    status = WHERE_AND_WHEN[kind][2]
    state = _file_with(encode(context.document(status, pid)))
    output = _file_with("")
    try:
        child = call(os.fork)
        if child == 0:
            _execute(hook, state, output)
        problem = _wait(child, hook.get("timeout"))
        if problem:
            said = os.pread(output, _SHOWN, 0).decode("utf-8", "replace").strip()
            cause = f"{kind} hook {hook['path']} {problem}" + (f": {said!r}" if said else "")
            raise HookFailed("hooks.run", f"$.hooks.{kind}[{index}]", cause)
    finally:
        os.close(state)
        os.close(output)


def _file_with(content: str) -> int:
    # A file in memory, not a pipe: a hook that does not read its stdin then blocks nobody.
    descriptor = call(os.memfd_create, "oci-hook")
    call(os.write, descriptor, content.encode())
    call(os.lseek, descriptor, 0, os.SEEK_SET)
    return descriptor


def _execute(hook: dict[str, Any], state: int, output: int) -> None:
    try:
        signals.restore_defaults()
        os.dup2(state, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        syscalls.execve(hook["path"], hook.get("args") or [hook["path"]], hook.get("env") or [])
    except (OSError, ValueError) as error:
        os.write(2, str(error).encode())
    finally:
        os._exit(127)


def _wait(child: int, timeout: int | None) -> str:
    descriptor = os.pidfd_open(child)
    ended: list[int] = []
    try:
        ended, _, _ = select.select([descriptor], [], [], timeout)
    finally:
        # Its time is over, or the operation is interrupted.
        if not ended:
            signals.send(descriptor, signals.KILL)
        _, status = os.waitpid(child, 0)
        os.close(descriptor)
    if not ended:
        return f"was aborted after {timeout} s"
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return f"was killed by signal {-code}"
    return f"exited with status {code}" if code else ""
