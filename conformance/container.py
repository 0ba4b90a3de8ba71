"""A container of a check: a fresh bundle, and the operations on it. It owns everything that it makes."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

from conformance.bundle.config import merge
from conformance.bundle.programs import LOG, fifo
from conformance.facts import reports
from conformance.runtime.streams import Stream
from conformance.verdict.findings import Crashed, Finding, Hung, Refused, Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.bundle.builder import Bundle
    from conformance.facts.cgroup import Cgroup
    from conformance.runtime.driver import Runtime
    from conformance.runtime.invocation import Invocation, Running

SOON = 5.0
"""Seconds that the kernel may take for something that nobody holds up."""

CREATING, CREATED, RUNNING, STOPPED = "creating", "created", "running", "stopped"


class Container:
    """One container: its `bundle`, its ID, its streams, and the log of what the runtime was asked.

    `create`, `start`, `kill` and `delete` demand success, and raise `Refused` without it; `attempt` and `call` do not.
    All of them raise `Hung` for a command that does not end, and `Crashed` for one that a signal ends: neither is a way
    to refuse something.
    """

    def __init__(self, runtime: Runtime, bundle: Bundle, identifier: str) -> None:
        self.runtime = runtime
        self.bundle = bundle
        self.identifier = identifier
        self.invocations: list[Invocation] = []
        self.stdout = Stream()
        self.stderr = Stream()
        self._process: int | None = None
        self._released: list[int] = []
        self._cgroup: Cgroup | None = None

    # Files

    @property
    def config(self) -> dict[str, Any]:
        """The configuration that the container is created with."""
        return self.bundle.config

    def configure(self, **changes: Any) -> None:
        """Merge changes into config.json."""
        self.replace_config(merge(self.bundle.config, changes))

    def replace_config(self, document: dict[str, Any]) -> None:
        """Write another configuration to config.json."""
        self.bundle.config = document
        self.bundle.write_config()

    @property
    def directory(self) -> Path:
        """A directory of the container's own, outside of its bundle."""
        return self.bundle.path.parent

    @property
    def pid_file(self) -> Path:
        """The value of --pid-file."""
        return self.directory / "pid"

    def inside(self, path: str) -> Path:
        """The path outside of a path in the root filesystem."""
        return self.bundle.inside(path)

    def content(self, path: str) -> str | None:
        """The content of a file in the root filesystem, None if there is no such file any more."""
        try:
            return self.inside(path).read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return None

    def make_cgroup(self) -> Cgroup:
        """Make its cgroup in every hierarchy, before there is the container."""
        from conformance.facts import cgroup

        self._cgroup = cgroup.make(self.identifier)
        return self._cgroup

    # Operations

    def begin_create(
        self,
        *options: str,
        bundle: str | None = None,
        cwd: str | None = None,
        stdin: int = subprocess.DEVNULL,
        pass_fds: tuple[int, ...] = (),
    ) -> Running:
        """Start `create`, and do not wait for its end; without `cwd`, in the bundle directory.

        `bundle` is the value of --bundle if it is to be another than the absolute path.
        """
        running = self.runtime.begin(
            "create",
            *("--bundle", bundle or str(self.bundle.path), "--pid-file", str(self.pid_file), *options),
            self.identifier,
            cwd=cwd or str(self.bundle.path),
            stdin=stdin,
            stdout=self.stdout,
            stderr=self.stderr,
            pass_fds=pass_fds,
        )
        # From now on, only the container and what belongs to it hold the other ends.
        self.stdout.close_writing()
        self.stderr.close_writing()
        return running

    def finish_create(self, running: Running, within: float | None = None) -> Invocation:
        """Wait for the end of `create`; no longer than some seconds, if that is less than the runtime's deadline."""
        invocation = self._finish(running, within)
        if invocation.ok:
            with contextlib.suppress(OSError, ValueError):
                self._process = os.pidfd_open(int(self.pid_file.read_text()))
        return invocation

    def attempt_create(
        self, *options: str, bundle: str | None = None, cwd: str | None = None, stdin: int = subprocess.DEVNULL
    ) -> Invocation:
        """`create`, whatever comes of it."""
        return self.finish_create(self.begin_create(*options, bundle=bundle, cwd=cwd, stdin=stdin))

    def create(
        self, *options: str, bundle: str | None = None, cwd: str | None = None, stdin: int = subprocess.DEVNULL
    ) -> Container:
        """`create`, which has to succeed."""
        self._demand(self.attempt_create(*options, bundle=bundle, cwd=cwd, stdin=stdin))
        return self

    def create_supporting(self, value: str) -> Container:
        """`create` with a valid value that a runtime need not support. Raises `Unsupported` if it is refused."""
        invocation = self.attempt_create()
        if not invocation.ok:
            raise Unsupported(value, invocation)
        return self

    def begin(self, operation: str, *arguments: str) -> Running:
        """Start another operation on this container, and do not wait for its end."""
        return self.runtime.begin(operation, self.identifier, *arguments)

    def finish(self, running: Running) -> Invocation:
        """Wait for the end of an operation."""
        return self._finish(running)

    def attempt_kill(self, signal_name: str) -> Invocation:
        """`kill`, whatever comes of it."""
        return self.call("kill", *self.runtime.kill_words(self.identifier, signal_name))

    def attempt(self, operation: str, *arguments: str) -> Invocation:
        """Another operation on this container, whatever comes of it."""
        return self._finish(self.begin(operation, *arguments))

    def call(self, operation: str, *words: str, cwd: str = "/") -> Invocation:
        """A command with just these words, whatever comes of it."""
        return self._finish(self.runtime.begin(operation, *words, cwd=cwd))

    def start(self) -> Container:
        """`start`, which has to succeed."""
        self._demand(self.attempt("start"))
        return self

    def kill(self, signal_name: str) -> Container:
        """`kill`, which has to succeed."""
        self._demand(self.attempt_kill(signal_name))
        return self

    def kill_supporting(self, signal_name: str) -> Container:
        """`kill` with a signal that a runtime need not know. Raises `Unsupported` if it is refused."""
        invocation = self.attempt_kill(signal_name)
        if not invocation.ok:
            raise Unsupported(f"the signal {signal_name}", invocation)
        return self

    def delete(self) -> Container:
        """`delete`, which has to succeed."""
        self._demand(self.attempt("delete"))
        return self

    def state(self) -> dict[str, Any]:
        """The state of the container, as `state` prints it. Raises a `Finding` if that is no JSON object."""
        invocation = self.attempt("state")
        self._demand(invocation)
        return self.parsed_state(invocation)

    def parsed_state(self, invocation: Invocation) -> dict[str, Any]:
        """The state that a `state` command printed. Raises a `Finding` if it is no JSON object."""
        return reports.state_in(invocation.stdout, "what `state` prints")

    def features(self) -> dict[str, Any]:
        """The features structure of the runtime. Raises a `Finding` if that is no JSON object."""
        invocation = self.call("features")
        self._demand(invocation)
        return reports.object_in(invocation.stdout, "what `features` prints", "features structure")

    def annotations(self) -> dict[str, Any]:
        """The annotations in the state. Raises a `Finding` if they are no JSON object."""
        annotations = self.state().get("annotations", {})
        if not isinstance(annotations, dict):
            raise Finding("`annotations` is a map", f"it is {annotations!r}")
        return annotations

    def pid_in_file(self) -> int:
        """The content of the file of --pid-file. Raises a `Finding` if that is no process ID."""
        content = self.pid_file.read_text(encoding="utf-8", errors="replace")
        if not content.strip().isdecimal():
            raise Finding("the file of --pid-file has a process ID", f"it has {content[:80]!r}")
        return int(content)

    @property
    def status(self) -> object:
        """The status of the container, as `state` prints it."""
        return self.state().get("status")

    @property
    def pid(self) -> int:
        """The ID of the container process, as `state` prints it. Raises a `Finding` if there is none."""
        pid = self.state().get("pid")
        if not isinstance(pid, int) or pid <= 0:
            raise Finding("the state has the pid of the container process", f"its pid is {pid!r}")
        return pid

    def kill_process(self) -> Container:
        """Kill the container process without the runtime, as the kernel's OOM killer would, and wait for its end."""
        process = os.pidfd_open(self.pid) if self._process is None else self._process
        signal.pidfd_send_signal(process, signal.SIGKILL)
        select.select([process], [], [], self.runtime.deadline)
        return self

    def bring_to(self, status: str) -> Container:
        """Bring a new container, whose program holds, to a status."""
        self.create()
        if status != CREATED:
            self.start().wait_until_ready()
        if status == STOPPED:
            self.kill_process().wait_for_status(STOPPED)
        return self

    # The program

    def run(self) -> Container:
        """Create and start the container, and wait until its process has ended."""
        return self.create().start().wait()

    def wait(self) -> Container:
        """Wait until the container process has ended, and the runtime knows that. Raises `Hung`."""
        self.wait_for_output_end()
        return self.wait_for_status(STOPPED)

    def wait_for_output_end(self) -> None:
        """Wait until nobody holds the container's stdout: the end of its process. Raises `Hung`."""
        if not self.stdout.wait_for_end(self._end()):
            raise Hung("the container process ends", "its stdout was still open at the deadline")

    def wait_for_status(self, status: str) -> Container:
        """Wait until `state` says so. Raises `Hung`."""
        end = self._end()
        if status == STOPPED:
            self._wait_for_process(end)
        for pause in _pauses():
            found = self.status
            if found == status:
                return self
            if time.monotonic() > end:
                raise Hung(f"the status becomes {status}", f"it was still {found} at the deadline")
            # The stopped process may not be known to the runtime yet; nothing would tell when it is.
            time.sleep(pause)
        raise AssertionError

    def facts(self) -> reports.Facts:
        """What the program saw; runs the container. Raises `ProbeFault` if it did not report."""
        if not self.invocations:
            self.create().start()
        self.wait_for_output_end()
        return self.facts_in(bytes(self.stdout.content))

    def facts_in(self, output: bytes) -> reports.Facts:
        """What the program saw, from its output. Raises `ProbeFault` if it did not report."""
        return reports.only(output, reports.Facts, "facts")

    def attempts(self) -> list[reports.Attempt]:
        """The results of the probe's attempts; runs the container."""
        if not self.invocations:
            self.create().start()
        self.wait_for_output_end()
        return self.attempts_in(bytes(self.stdout.content))

    def attempts_in(self, output: bytes) -> list[reports.Attempt]:
        """The results of the probe's attempts, from its output. Raises `ProbeFault`."""
        return reports.only(output, reports.Attempts, "try").results

    def hold(self) -> Container:
        """Create and start the container with the probe in mode `hold`, and wait until that runs."""
        return self.create().start().wait_until_ready()

    def wait_until_ready(self) -> Container:
        """Wait until the probe says that it runs. Raises `Hung`."""
        self.wait_for_report("ready")
        return self

    def wait_for_report(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait for `count` reports of a kind on stdout. Raises `Hung`."""
        end = self._end()
        while True:
            complete = bytes(self.stdout.content).rpartition(b"\n")[0]
            found = [report for report in reports.lines(complete) if report["probe"] == kind]
            if len(found) >= count:
                return found
            if self.stdout.ended or not self.stdout.wait(end):
                raise Hung(f"the program reports {kind!r}", f"it reported it {len(found)} times, and not {count}")

    @property
    def runs(self) -> int:
        """How often the program has run, so far, by what it wrote to stdout."""
        self.stdout.pump()
        complete = bytes(self.stdout.content).rpartition(b"\n")[0]
        return sum(report["probe"] in ("facts", "try", "ready") for report in reports.lines(complete))

    # Hooks

    @property
    def log(self) -> Path:
        """The log of hooks and program, as the host sees it."""
        return self.inside(LOG)

    def logged(self) -> list[dict[str, Any]]:
        """What hooks and program have put in the log, in the order in which it happened."""
        return reports.lines(self.log.read_bytes()) if self.log.exists() else []

    def hook(self, name: str) -> reports.Hook:
        """What the hook of that name reported. Raises a `Finding` if it did not run, or ran twice."""
        found = [entry for entry in self.logged() if entry["probe"] == "hook" and entry["name"] == name]
        if len(found) != 1:
            raise Finding(f"the hook {name} runs once", f"it ran {len(found)} times")
        return reports.decode(found[0], reports.Hook)

    def wait_for_hook(self, name: str) -> reports.Hook:
        """Wait until the hook of that name has begun. Raises `Hung`."""
        end = self._end()
        for pause in _pauses():
            if name in self.ran():
                return self.hook(name)
            if time.monotonic() > end:
                raise Hung(f"the hook {name} is called", f"it was not; called were {self.ran()}")
            # The log is a file of the container, and appending to it tells nobody outside of every runtime.
            time.sleep(pause)
        raise AssertionError

    def release(self, name: str) -> None:
        """Let a hook that waits go on. Without a hook that waits, nothing happens."""
        descriptor = os.open(fifo(self.bundle, name), os.O_RDWR | os.O_NONBLOCK)
        self._released.append(descriptor)
        os.write(descriptor, b".")

    def ran(self) -> list[str]:
        """The names of the hooks and of the program, in the order in which they began."""
        return [entry["name"] for entry in self.logged() if entry["probe"] in ("hook", "program")]

    # The end

    def destroy(self, *, keep: bool = False) -> None:
        """Remove the container, whatever it is doing, and everything that it made."""
        if self.invocations:
            self._remove_container()
        if self._cgroup is not None:
            from conformance.facts import cgroup

            cgroup.remove(self._cgroup)
        self.stdout.close()
        self.stderr.close()
        for descriptor in (self._process, *self._released):
            if descriptor is not None:
                os.close(descriptor)
        if not keep:
            from conformance.leftovers import remove_tree

            remove_tree(self.directory)

    def _remove_container(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, signal.SIGKILL)
            self._wait_for_process(self._end())
        if self._deleted or (self._created and self.runtime.delete(self.identifier).ok):
            return
        if self.runtime.state(self.identifier).ok:
            self.runtime.delete(self.identifier, force=True)
        from conformance.leftovers import remove_marked

        remove_marked(self.identifier, str(self.directory))

    @property
    def _created(self) -> bool:
        return any(invocation.ok and invocation.operation == "create" for invocation in self.invocations)

    @property
    def _deleted(self) -> bool:
        done = [invocation.operation for invocation in self.invocations if invocation.ok]
        return self._created and "delete" in done[done.index("create") :]

    def _finish(self, running: Running, within: float | None = None) -> Invocation:
        deadline = self.runtime.deadline
        invocation = running.finish(deadline if within is None else min(deadline, within))
        self.invocations.append(invocation)
        if invocation.status is None:
            raise Hung(f"`{invocation.operation}` ends", f"it {invocation.outcome}")
        if invocation.status < 0:
            raise Crashed(f"`{invocation.operation}` succeeds, or reports an error", f"it {invocation.outcome}")
        return invocation

    def _demand(self, invocation: Invocation) -> None:
        if not invocation.ok:
            raise Refused(invocation)

    def _wait_for_process(self, end: float) -> None:
        if self._process is None:
            return
        select.select([self._process], [], [], max(0.0, end - time.monotonic()))

    def soon(self, seconds: float = SOON) -> float:
        """A time by which what needs no command of the runtime has happened, for `Stream.wait_for_end`."""
        return time.monotonic() + min(seconds, self.runtime.deadline)

    def _end(self) -> float:
        return time.monotonic() + self.runtime.deadline


def _pauses() -> Iterator[float]:
    pause = 0.001
    while True:
        yield pause
        pause = min(pause * 2, 0.1)
