"""Run one command of the runtime: with a deadline, with bounded output, and with a record of what happened."""

from __future__ import annotations

import dataclasses
import os
import selectors
import shlex
import signal
import subprocess
import time
from typing import TYPE_CHECKING

from conformance.runtime.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclasses.dataclass(frozen=True)
class Invocation:
    """One command that was run.

    `operation` is the command's name, such as `create`, without the runtime's own words. `status` is the exit status, negative for the number of the signal that ended it, None if it was killed at the
    deadline. `stdout` and `stderr` are the beginnings of what it wrote; `seconds` is how long it took.
    """

    argv: tuple[str, ...]
    operation: str
    cwd: str
    status: int | None
    stdout: bytes
    stderr: bytes
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether it exited with status 0."""
        return self.status == 0

    @property
    def command(self) -> str:
        """The words after the runtime's own, as a shell would be given them."""
        return shlex.join(self.argv)

    @property
    def outcome(self) -> str:
        """How it ended, in a few words."""
        if self.status is None:
            return f"did not end within {self.seconds:.0f} s and was killed"
        if self.status < 0:
            return f"was killed by {_signal_name(-self.status)}"
        return f"exited with status {self.status}"

    def describe(self) -> str:
        """The command and its end, with what it wrote to stderr, for a person."""
        lines = [f"$ {self.command}", f"  {self.outcome}"]
        lines += [f"  | {line}" for line in readable(self.stderr).splitlines()[:20]]
        return "\n".join(lines)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        # A real-time signal.
        return f"signal {number}"


def readable(output: bytes, limit: int = 2000) -> str:
    """Output of a runtime as text that is safe to show: no control characters, cut off at `limit` characters."""
    text = output.decode("utf-8", "replace").strip()
    shown = "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text[:limit])
    return f"{shown} [...]" if len(text) > limit else shown


class Running:
    """A command that runs; `finish` waits for its end."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        operation: str,
        cwd: str,
        environment: Mapping[str, str],
        stdin: int = subprocess.DEVNULL,
        stdout: Stream | None = None,
        stderr: Stream | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.argv = tuple(argv)
        self.operation = operation
        self.cwd = cwd
        self._began = time.monotonic()
        self._own = [] if stdout and stderr else [Stream() for _ in range(2)]
        self.stdout = stdout or self._own[0]
        self.stderr = stderr or self._own[-1]
        try:
            self._process = subprocess.Popen(
                self.argv,
                cwd=cwd,
                env=dict(environment),
                stdin=stdin,
                stdout=self.stdout.writing,
                stderr=self.stderr.writing,
                pass_fds=pass_fds,
                # A signal for the suite, such as Ctrl-C, is not for the runtime: the suite cleans up with it.
                start_new_session=True,
            )
        except OSError:
            for stream in self._own:
                stream.close()
            raise
        for stream in self._own:
            stream.close_writing()

    @property
    def pid(self) -> int:
        """The ID of the command's process."""
        return self._process.pid

    def ends_within(self, seconds: float) -> bool:
        """Wait for the end for so long; false if it still runs."""
        process = os.pidfd_open(self._process.pid)
        try:
            return self._pump_until(process, time.monotonic() + seconds)
        finally:
            os.close(process)

    def finish(self, deadline: float) -> Invocation:
        """Wait for the end, for `deadline` seconds since the start at the most; then it is killed.

        What runs on in the background may hold the streams open, so it is the process's end that counts.
        """
        end = self._began + deadline
        before = (self.stdout.length, self.stderr.length) if not self._own else (0, 0)
        process = os.pidfd_open(self._process.pid)
        try:
            ended = self._pump_until(process, end)
        finally:
            os.close(process)
        if not ended:
            self._process.kill()
        self._process.wait()
        self.stdout.pump()
        self.stderr.pump()
        seconds = time.monotonic() - self._began
        found = Invocation(
            argv=self.argv,
            operation=self.operation,
            cwd=self.cwd,
            status=self._process.returncode if ended else None,
            stdout=self.stdout.since(before[0]),
            stderr=self.stderr.since(before[1]),
            seconds=seconds,
        )
        for stream in self._own:
            stream.close()
        return found

    def _pump_until(self, process: int, end: float) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(process, selectors.EVENT_READ, None)
            for stream in (self.stdout, self.stderr):
                if not stream.ended:
                    selector.register(stream.reading, selectors.EVENT_READ, stream)
            while True:
                ready = selector.select(max(0.0, end - time.monotonic()))
                if not ready:
                    return False
                for key, _ in ready:
                    if key.data is None:
                        return True
                    key.data.pump()
                    if key.data.ended:
                        selector.unregister(key.fileobj)
