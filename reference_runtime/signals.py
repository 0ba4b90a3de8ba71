"""Signals, without the `signal` module: it makes enumerations of its numbers, which takes longer than to send one."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

KILL: int = _signal.SIGKILL
TERM: int = _signal.SIGTERM
INT: int = _signal.SIGINT
STOP: int = _signal.SIGSTOP

FORWARDED: tuple[int, ...] = (
    _signal.SIGTERM,
    _signal.SIGINT,
    _signal.SIGHUP,
    _signal.SIGQUIT,
    _signal.SIGUSR1,
    _signal.SIGUSR2,
)
"""What `run` passes on to the container process."""


_REQUESTS = (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP)


def number(name: str) -> int | None:
    """The number of a signal by name or number: ``KILL``, ``SIGKILL``, ``9``, ``SIGRTMIN+3``; None if there is none."""
    if name.isdecimal():
        return int(name) if 0 < int(name) < _signal.NSIG else None
    long_name = name.upper() if name.upper().startswith("SIG") else f"SIG{name.upper()}"
    for end, direction in (("SIGRTMIN+", 1), ("SIGRTMAX-", -1)):
        if long_name.startswith(end) and long_name[len(end) :].isdecimal():
            found = getattr(_signal, end[:-1]) + direction * int(long_name[len(end) :])
            return found if _signal.SIGRTMIN <= found <= _signal.SIGRTMAX else None
    found = getattr(_signal, long_name, None)
    return int(found) if isinstance(found, int) and not long_name.startswith("SIG_") else None


def send(process: int, signal: int) -> None:
    """Send a signal through a pidfd."""
    _signal.pidfd_send_signal(process, signal)


def interrupt_on_request() -> None:
    """Have every signal that asks for an end raise `KeyboardInterrupt`, so that what was begun is undone."""
    for signal in _REQUESTS:
        if _signal.getsignal(signal) != _signal.SIG_IGN:
            _signal.signal(signal, _signal.default_int_handler)


def restore_defaults() -> None:
    """Undo what was done to signals here and by Python: what is ignored would stay ignored in the program that is
    executed.
    """
    for signal in (_signal.SIGPIPE, _signal.SIGXFSZ, *_REQUESTS):
        _signal.signal(signal, _signal.SIG_DFL)


def handle(signal: int, handler: Callable[[int], None]) -> None:
    """Have `handler` called with the signal's number."""
    _signal.signal(signal, lambda received, _: handler(received))


def wait_while_handling(process: int) -> None:
    """Wait until a process has ended, by its pidfd, and handle every signal that comes before.

    Python calls a handler once the system call in progress returns. One that blocks is not interrupted by a signal that
    came just before it, so what is waited for is a descriptor to which every signal is written, too.
    """
    import select

    reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    previous = _signal.set_wakeup_fd(writing)
    waiting = select.poll()
    waiting.register(process, select.POLLIN)
    waiting.register(reading, select.POLLIN)
    while process not in {descriptor for descriptor, _ in waiting.poll()}:
        os.read(reading, 512)
    _signal.set_wakeup_fd(previous)
    os.close(reading)
    os.close(writing)
