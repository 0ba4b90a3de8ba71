"""What these tests share: bundles, the runtime's commands, and the proof that nothing is left."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

import reference_runtime
from conformance.bundle.builder import Bundle
from conformance.bundle.config import base, merge
from conformance.facts.probe import compiled
from conformance.host.traces import mounts_of
from reference_runtime import host, syscalls
from reference_runtime.config import NEWEST_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

# How long an example takes says how busy the machine is.
settings.register_profile("reference_runtime", deadline=None)
settings.load_profile("reference_runtime")

# Seconds that a command, or the end of a process, may take.
PATIENCE = 30.0

_CAP_SYS_ADMIN = 1 << 21


class Runtime:
    """The commands of the runtime, for one container: `identifier`, with its `bundle` and a state directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.identifier = f"test-{uuid.uuid4().hex[:12]}"
        self.root = directory / "state"
        self.bundle = Bundle(directory / "bundle", {"ociVersion": NEWEST_VERSION, **base()})
        self.interpreter = sys.executable

    def make_bundle(self, *program: str, files: dict[str, str | None] | None = None, **changes: Any) -> Bundle:
        """Make the bundle: `program` is run by the probe, `changes` are merged into the base configuration."""
        args = {"process": {"args": ["/probe", *program]}} if program else {}
        self.bundle.config = merge(merge(self.bundle.config, args), changes)
        self.bundle.make(compiled(), files or {})
        return self.bundle

    def words(self, *words: str) -> list[str]:
        """A command line of the runtime, as the suite calls it."""
        program = Path(reference_runtime.__file__).with_name("__main__.py")
        return [self.interpreter, "-I", "-S", str(program), f"--root={self.root}", *words]

    def begin(self, *words: str, **streams: Any) -> subprocess.Popen[str]:
        """Start a command, and do not wait for it."""
        given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        return subprocess.Popen(self.words(*words), text=True, errors="replace", **given)

    def __call__(self, *words: str, **streams: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = self.begin(*words, **streams)
        with command:
            try:
                stdout, stderr = command.communicate(timeout=PATIENCE)
            except BaseException:
                command.kill()
                raise
        return subprocess.CompletedProcess(command.args, command.returncode, stdout or "", stderr or "")

    def succeed(self, *words: str, **streams: Any) -> subprocess.CompletedProcess[str]:
        """The same, for a command that has to succeed."""
        done = self(*words, **streams)
        assert done.returncode == 0, done
        return done

    def create(self, *options: str, succeed: bool = True, **streams: Any) -> subprocess.CompletedProcess[str]:
        """`create`, with output that does not keep the test waiting for the end of the container."""
        output = self.directory / "create.stderr"
        with output.open("w", encoding="utf-8") as stderr:
            given = {"stdout": subprocess.DEVNULL, "stderr": stderr, **streams}
            done = self("create", f"--bundle={self.bundle.path}", *options, self.identifier, **given)
        done.stderr = output.read_text(encoding="utf-8")
        assert done.returncode == 0 or not succeed, done
        return done

    def run(self, *options: str, **streams: Any) -> subprocess.CompletedProcess[str]:
        """`run`, to the end of the program."""
        return self("run", f"--bundle={self.bundle.path}", *options, self.identifier, **streams)

    def attempts(self) -> list[dict[str, Any]]:
        """What the program of a bundle made for the probe's mode `try` reports, when it is run."""
        done = self.run()
        assert done.returncode == 0, done
        report: list[dict[str, Any]] = json.loads(done.stdout)["results"]
        return report

    def state(self) -> dict[str, Any]:
        """What `state` prints."""
        document: dict[str, Any] = json.loads(self.succeed("state", self.identifier).stdout)
        return document

    @property
    def state_directory(self) -> Path:
        """What the runtime remembers of the container."""
        return self.root / self.identifier

    @property
    def cgroups(self) -> list[str]:
        """The container's cgroups that exist, when it has no `cgroupsPath`."""
        paths = (f"{hierarchy.mount_point}/{self.identifier}" for hierarchy in host.detect().hierarchies)
        return [path for path in paths if os.path.exists(path)]

    @property
    def mounts(self) -> list[str]:
        """What is mounted below the test's directory, in this mount namespace."""
        return [mount.mount_point for mount in mounts_of(str(self.directory))]

    @property
    def left(self) -> list[str]:
        """What is left of the container: state, cgroups and mounts."""
        state = [str(self.state_directory)] if self.state_directory.exists() else []
        return [*state, *self.cgroups, *self.mounts]

    def destroy(self) -> None:
        """Remove all that a test may have left, and fail if that cannot be."""
        if self.root.exists():
            for identifier in os.listdir(self.root):
                self("delete", "--force", identifier)
        assert self.left == []


@pytest.fixture(scope="session")
def root() -> None:
    """What a test needs that makes containers."""
    if os.geteuid() != 0 or not syscalls.permitted_capabilities() & _CAP_SYS_ADMIN:
        pytest.skip("needs root with CAP_SYS_ADMIN: it makes containers")


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that every user can enter: those of pytest are for their owner, and so no container could."""
    path = Path(tempfile.mkdtemp(prefix="test-runtime-")).resolve()
    path.chmod(0o711)
    yield path
    assert not mounts_of(str(path)), "something is still mounted there"
    shutil.rmtree(path)


@pytest.fixture
def runtime(directory: Path) -> Iterator[Runtime]:
    """The runtime, for one container; nothing of it is left at the end."""
    one = Runtime(directory)
    yield one
    one.destroy()
