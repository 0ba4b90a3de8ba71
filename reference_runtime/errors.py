"""Everything that can go wrong, as one tree.

    RuntimeFault
    ├── UsageError            the command line is wrong
    ├── InvalidConfig         config.json breaks the specification
    │   └── UnsupportedConfig config.json is valid, and asks for what this runtime does not do
    ├── ContainerError        the container is not in a condition for the operation
    │   ├── InvalidIdentifier
    │   ├── NoSuchContainer
    │   ├── ContainerExists
    │   ├── WrongStatus
    │   └── DamagedState
    └── StepFailed            a step of the plan could not be performed
        └── HookFailed

`SyscallFailed` is the cause of a `StepFailed`; it is an `OSError` that knows its system call.
Each error holds fields; its text is made from them, in one line.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    T = TypeVar("T")


class SyscallFailed(OSError):
    """A system call that failed: its name, errno, and the path it was about, if any."""

    def __init__(self, syscall: str, number: int, about: str | None = None) -> None:
        super().__init__(number, os.strerror(number), about)
        self.syscall = syscall

    def __str__(self) -> str:
        about = f" of {self.filename}" if self.filename else ""
        return f"{self.syscall}{about}: {errno_name(self.errno)} ({self.strerror})"


def call(function: Callable[P, T], /, *arguments: P.args, **keywords: P.kwargs) -> T:
    """Call a function of `os` or of a C module, so that its failure names the system call."""
    try:
        return function(*arguments, **keywords)
    except SyscallFailed:
        raise
    except OSError as error:
        name = getattr(function, "__name__", repr(function))
        about = error.filename or next((a for a in arguments if isinstance(a, str)), None)
        raise SyscallFailed(name, error.errno or 0, about) from error


def errno_name(number: int | None) -> str:
    """`ENOENT` for 2; the number itself if the C library has no name for it."""
    import errno

    return errno.errorcode.get(number or 0, str(number))


class RuntimeFault(Exception):
    """Base of the tree."""


class UsageError(RuntimeFault):
    """The command line cannot be understood."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return self.problem


class InvalidConfig(RuntimeFault):
    """A value of a document breaks the specification.

    `place` is a JSON path such as ``$.mounts[2].destination``.
    """

    def __init__(self, place: str, problem: str, file: str = "config.json") -> None:
        super().__init__(place, problem, file)
        self.place = place
        self.problem = problem
        self.file = file

    def __str__(self) -> str:
        return f"{self.file}: {self.place}: {self.problem}"


class UnsupportedConfig(InvalidConfig):
    """A valid value that this runtime cannot obey (config.md, Valid values: refuse, never ignore)."""


class ContainerError(RuntimeFault):
    """Base of the errors that are about one container."""

    def __init__(self, identifier: str) -> None:
        super().__init__(identifier)
        self.identifier = identifier


class InvalidIdentifier(ContainerError):
    """The container ID cannot be a name in the state directory."""

    def __str__(self) -> str:
        return (
            f"container ID {self.identifier!r} is not valid: 1 to 255 letters, digits, '_', '+', '-' and '.',"
            " and not only dots"
        )


class NoSuchContainer(ContainerError):
    """There is no container of that ID under this state directory."""

    def __str__(self) -> str:
        return f"container {self.identifier} does not exist"


class ContainerExists(ContainerError):
    """The ID is taken."""

    def __str__(self) -> str:
        return f"container {self.identifier} exists already"


class WrongStatus(ContainerError):
    """The operation is not for a container of this status (runtime.md, Operations)."""

    def __init__(self, identifier: str, operation: str, status: str, allowed: Iterable[str]) -> None:
        super().__init__(identifier)
        self.operation = operation
        self.status = status
        self.allowed = tuple(allowed)

    def __str__(self) -> str:
        return (
            f"cannot {self.operation} container {self.identifier}: it is {self.status}, "
            f"and would have to be {' or '.join(self.allowed)}"
        )


class DamagedState(ContainerError):
    """The state directory of the container cannot be understood."""

    def __init__(self, identifier: str, file: str, problem: str) -> None:
        super().__init__(identifier)
        self.file = file
        self.problem = problem

    def __str__(self) -> str:
        return f"container {self.identifier}: {self.file} is damaged: {self.problem}"


class StepFailed(RuntimeFault):
    """A step of the plan that could not be performed.

    `action` is the step's action, `place` the JSON path of what asked for it, `cause` one line;
    `syscall` and `number` (an errno) are there when a system call was the cause.
    """

    def __init__(
        self, action: str, place: str, cause: str, syscall: str | None = None, number: int | None = None
    ) -> None:
        super().__init__(action, place, cause)
        self.action = action
        self.place = place
        self.cause = cause
        self.syscall = syscall
        self.number = number

    def __str__(self) -> str:
        return f"{self.action} ({self.place}): {self.cause}"

    def document(self) -> dict[str, Any]:
        """As JSON, for the way from the container's process to the runtime's, which is not for texts of any length."""
        return {
            "kind": type(self).__name__,
            "action": self.action,
            "place": _shortened(self.place),
            "cause": _shortened(self.cause),
            "syscall": self.syscall,
            "number": self.number,
        }


class HookFailed(StepFailed):
    """A hook that failed: the lifecycle then goes on at its step 12 (runtime.md, Lifecycle)."""


def _shortened(text: str) -> str:
    return text if len(text) <= 1000 else f"{text[:1000]}..."


def from_document(document: dict[str, Any]) -> StepFailed:
    """The inverse of `StepFailed.document`."""
    kind = HookFailed if document.get("kind") == HookFailed.__name__ else StepFailed
    return kind(
        document["action"], document["place"], document["cause"], document.get("syscall"), document.get("number")
    )
