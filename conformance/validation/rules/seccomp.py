"""Seccomp: what has to be there together, and what has no effect, as seccomp(2) and libseccomp have it."""

from __future__ import annotations

from conformance.validation.fault import NOTE, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_KILLING = ("SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD")

_NOTIFY = "SCMP_ACT_NOTIFY"

_WITHOUT_ERRNO = (*_KILLING, _NOTIFY, "SCMP_ACT_ALLOW", "SCMP_ACT_LOG")

_WITH_ERRNO = ("SCMP_ACT_ERRNO", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP")
"""The signal of SCMP_ACT_TRAP has an errno: libseccomp 2.6 cannot set it, and its development version can."""

_ACTIONS = _WITHOUT_ERRNO + _WITH_ERRNO

_OF_ONE_VALUE = tuple(f"SCMP_CMP_{name}" for name in ("NE", "LT", "LE", "EQ", "GE", "GT"))

_LARGEST_ERRNO = 0xFFFF
"""What SECCOMP_RET_DATA of seccomp(2) has room for."""

_LOOKED_AT = 50
"""Unknown names that are compared with all that are known, at the most."""


@rule(
    "seccomp.errno",
    "config_linux.seccomp.default_errno.without_errno",
    "config_linux.seccomp.syscalls.errno.without_errno",
)
def action_has_an_errno(config: Any) -> Iterator[Fault]:
    """There is an errno only where the action has one."""
    for path, action, _ in _errnos(config):
        if action in _WITHOUT_ERRNO:
            of = "default_errno" if path.endswith(".defaultErrnoRet") else "syscalls.errno"
            problem = f"must be left out, for {action} has no errno; SCMP_ACT_ERRNO and SCMP_ACT_TRACE have one"
            yield Fault(path, problem, requirements=[f"config_linux.seccomp.{of}.without_errno"])


@rule("seccomp.large_errno", severity=NOTE)
def errno_has_room(config: Any) -> Iterator[Fault]:
    """An errno is no larger than what a filter can return."""
    for path, action, errno in _errnos(config):
        if action in _WITH_ERRNO and isinstance(errno, int) and errno > _LARGEST_ERRNO:
            yield Fault(path, f"{errno} does not fit into the 16 bits that a filter has for it")


@rule("seccomp.metadata", "config_linux.seccomp.listener.metadata.needs_path")
def metadata_has_a_path(config: Any) -> Iterator[Fault]:
    """There is a listener, if there is metadata for it."""
    for path, seccomp in each(config, "linux", "seccomp", of=dict):
        if "listenerMetadata" in seccomp and "listenerPath" not in seccomp:
            yield Fault(f"{path}.listenerMetadata", "must be left out where listenerPath is")


@rule("seccomp.listener", severity=NOTE)
def listener_is_used(config: Any) -> Iterator[Fault]:
    """There is a listener if, and only if, an action needs it."""
    for path, seccomp in each(config, "linux", "seccomp", of=dict):
        entries = seccomp.get("syscalls", [])
        if not isinstance(entries, list):
            continue
        actions = {f"{path}.defaultAction": seccomp.get("defaultAction")}
        for index, entry in enumerate(entries):
            actions[f"{path}.syscalls[{index}].action"] = entry.get("action") if isinstance(entry, dict) else None
        users = [place for place, action in actions.items() if action == _NOTIFY]
        if users and "listenerPath" not in seccomp and "listenerMetadata" not in seccomp:
            yield Fault(users[0], f"is {_NOTIFY}, and without listenerPath nobody is notified")
        elif "listenerPath" in seccomp and not users and all(action in _ACTIONS for action in actions.values()):
            yield Fault(f"{path}.listenerPath", f"is ignored, for no action is {_NOTIFY}")


@rule("seccomp.second_value", severity=NOTE)
def second_value_is_used(config: Any) -> Iterator[Fault]:
    """There is a second value only where the operator has one."""
    for path, argument in each(config, "linux", "seccomp", "syscalls", ..., "args", ..., of=dict):
        if argument.get("valueTwo") and argument.get("op") in _OF_ONE_VALUE:
            yield Fault(f"{path}.valueTwo", f"is ignored, for {argument['op']} has one value")


@rule("seccomp.all_killed", severity=NOTE)
def something_is_allowed(config: Any) -> Iterator[Fault]:
    """The process survives its first system call."""
    for path, seccomp in each(config, "linux", "seccomp", of=dict):
        action = seccomp.get("defaultAction")
        if action in _KILLING and seccomp.get("syscalls", []) == []:
            problem = f"is {action}, and there are no syscalls: the first system call kills the process"
            yield Fault(f"{path}.defaultAction", problem)


@rule("seccomp.spelling", severity=NOTE)
def system_calls_exist(config: Any) -> Iterator[Fault]:
    """No name looks like that of a system call, but for a slip; others may be of a later kernel."""
    from conformance.validation.spelling import typo_of
    from conformance.validation.system_calls import LINUX, NAMES

    names = each(config, "linux", "seccomp", "syscalls", ..., "names", ..., of=str)
    unknown = ((path, name) for path, name in names if name not in NAMES)
    for _, (path, name) in zip(range(_LOOKED_AT), unknown, strict=False):
        meant = typo_of(name, sorted(NAMES))
        if meant is not None or not _is_word(name):
            yield Fault(path, f"{shown(name)} is no system call of Linux {LINUX}", suggestion=meant)


def _errnos(config: Any) -> Iterator[tuple[str, Any, Any]]:
    """The JSON path of each errno, the action that it is for, and the errno."""
    for path, seccomp in each(config, "linux", "seccomp", of=dict):
        if "defaultErrnoRet" in seccomp:
            yield f"{path}.defaultErrnoRet", seccomp.get("defaultAction"), seccomp["defaultErrnoRet"]
    for path, entry in each(config, "linux", "seccomp", "syscalls", ..., of=dict):
        if "errnoRet" in entry:
            yield f"{path}.errnoRet", entry.get("action"), entry["errnoRet"]


def _is_word(name: str) -> bool:
    return name.isascii() and name.replace("_", "").isalnum() and name == name.lower()
