"""What a check finds wrong with a runtime.

A check fails by `assert`, or by one of these where there is more to say than that two values differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.runtime.invocation import Invocation


class Finding(AssertionError):
    """The runtime does otherwise than a requirement says: what was expected, and what was seen."""

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(expected, actual)
        self.expected = expected
        self.actual = actual

    def __str__(self) -> str:
        return f"expected {self.expected}; {self.actual}"


class Refused(Finding):
    """A command that should have succeeded did not."""

    def __init__(self, invocation: Invocation) -> None:
        from conformance.runtime.invocation import readable

        stderr = readable(invocation.stderr, limit=500)
        actual = f"`{invocation.operation}` {invocation.outcome}" + (f": {stderr}" if stderr else "")
        super().__init__(f"`{invocation.operation}` succeeds", actual)


class Hung(Finding):
    """Something did not happen within the deadline."""


class Crashed(Finding):
    """A command was ended by a signal, which is no way to report an error."""


class Advisory(Finding):
    """What a runtime had better do otherwise, though no requirement that is binding says so."""


class Unobservable(Exception):
    """What only the check itself can tell: a need of its is not met, so that there is nothing to observe."""

    def __init__(self, need: str, reason: str) -> None:
        super().__init__(need, reason)
        self.need = need
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class Unsupported(Exception):
    """The runtime refuses a valid value that it need not support (config.md, Valid values): nothing is known."""

    def __init__(self, value: str, invocation: Invocation) -> None:
        super().__init__(value, invocation)
        self.value = value
        self.invocation = invocation

    def __str__(self) -> str:
        return f"the runtime refuses {self.value}, as it may"
