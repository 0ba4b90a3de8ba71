"""The runtime under test: one method for each of its commands (command-line-interface.md)."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import RuntimeNotFound
from conformance.runtime.invocation import Invocation, Running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.runtime.streams import Stream

EMBEDDED = "reference runtime (embedded)"
"""What reports call the runtime that is tested when none is named."""

MARKER = "OCI_CONFORM"
"""The environment variable that every command of the runtime is given; its value names the run."""

DEADLINE = 30.0
"""Seconds that a command may take, unless the user says otherwise."""


@dataclasses.dataclass(frozen=True)
class Runtime:
    """A runtime, and how it is to be called.

    `argv` is its program, `arguments` the global options that the user gave, `root` the value for `--root` or None.
    `signal_option` says that `kill` wants its signal as `--signal`, as command-line-interface.md has it; every known
    runtime takes it as an argument. `marker` goes into the environment of every command, so that what a command leaves behind can be found.
    """

    name: str
    argv: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    root: str | None = None
    deadline: float = DEADLINE
    marker: str = ""
    signal_option: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The words of every command line up to the command."""
        root = () if self.root is None else (f"--root={self.root}",)
        return (*self.argv, *root, *self.arguments)

    @property
    def has_own_root(self) -> bool:
        """Whether the user chose the state directory."""
        return any(word == "--root" or word.startswith(("--root=", "-root=")) for word in self.arguments)

    def marked(self, marker: str) -> Runtime:
        """The same, for commands that are to be found by another marker."""
        return dataclasses.replace(self, marker=marker)

    def in_namespaces_of_its_own(self) -> Runtime:
        """The same, but that a container without namespaces cannot change the mounts and the names of the host."""
        words = ("unshare", "--mount", "--uts", "--ipc", "--propagation", "private")
        return dataclasses.replace(self, argv=(*words, *self.argv))

    def begin(
        self,
        operation: str,
        *words: str,
        cwd: str = "/",
        stdin: int = subprocess.DEVNULL,
        stdout: Stream | None = None,
        stderr: Stream | None = None,
        pass_fds: Sequence[int] = (),
    ) -> Running:
        """Start a command, and do not wait for it. Raises `RuntimeNotFound` if the file cannot be executed."""
        # No runtime can be expected to take its global options before --version.
        own = self.argv if operation.startswith("-") else self.words
        try:
            return Running(
                [*own, operation, *words],
                operation=operation,
                cwd=cwd,
                environment={**os.environ, MARKER: self.marker},
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                pass_fds=pass_fds,
            )
        except OSError as error:
            raise RuntimeNotFound(self.name, f"it cannot be executed: {error.strerror}") from error

    def call(self, operation: str, *words: str, cwd: str = "/") -> Invocation:
        """Run a command that leaves nothing running in the foreground, to its end."""
        return self.begin(operation, *words, cwd=cwd).finish(self.deadline)

    def state(self, identifier: str) -> Invocation:
        """`state ID`."""
        return self.call("state", identifier)

    def start(self, identifier: str) -> Invocation:
        """`start ID`."""
        return self.call("start", identifier)

    def kill_words(self, identifier: str, signal: str) -> tuple[str, ...]:
        """The words after `kill` that send a signal."""
        return ("--signal", signal, identifier) if self.signal_option else (identifier, signal)

    def delete(self, identifier: str, *, force: bool = False) -> Invocation:
        """`delete ID`; with `force`, `delete --force ID`, which is no part of the interface but is widely there."""
        return self.call("delete", *(["--force"] if force else []), identifier)

    def features(self) -> Invocation:
        """`features`, which is no part of the interface either."""
        return self.call("features")

    def version(self) -> Invocation:
        """`--version`."""
        return self.call("--version")


def find(name: str | None, arguments: Sequence[str] = (), deadline: float = DEADLINE) -> Runtime:
    """The runtime of a path or of a name in PATH; without either, the embedded one. Raises `RuntimeNotFound`."""
    if name is None:
        program = Path(__file__).parents[2] / "reference_runtime" / "__main__.py"
        return Runtime(EMBEDDED, (sys.executable, "-I", "-S", str(program)), tuple(arguments), deadline=deadline)
    if "/" in name and os.path.isdir(name):
        raise RuntimeNotFound(name, "it is a directory")
    path = shutil.which(name, mode=os.F_OK)
    if path is None:
        raise RuntimeNotFound(name, "there is no such file" if "/" in name else "it is not in PATH")
    if not os.access(path, os.X_OK):
        raise RuntimeNotFound(name, f"{path} is not executable")
    return Runtime(name, (os.path.abspath(path),), tuple(arguments), deadline=deadline)
