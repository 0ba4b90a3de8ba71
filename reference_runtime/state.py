"""The state directory: what the runtime remembers of a container between two operations.

    ROOT/ID/state.json   what `state` reports, and the start time of the process, which tells it from another
                         that got the same ID later
    ROOT/ID/config.json  the bundle's config.json as it was at create; edits after that have no effect
    ROOT/ID/plan         the runtime's steps of the plan that start and delete will take
    ROOT/ID/journal      what undoes the steps that were taken, one JSON object a line
    ROOT/ID/exec.fifo    the container process waits here between create and start; afterwards it is gone

ROOT and everything below are for their owner alone.
"""

from __future__ import annotations

import fcntl
import os

from reference_runtime import documents
from reference_runtime.errors import (
    ContainerExists,
    DamagedState,
    InvalidConfig,
    InvalidIdentifier,
    NoSuchContainer,
    SyscallFailed,
    call,
)
from reference_runtime.processes import start_time
from reference_runtime.steps import CREATE, RUNTIME, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from reference_runtime.config import Config

CREATING = "creating"
CREATED = "created"
RUNNING = "running"
STOPPED = "stopped"

EXECUTING = b"executing\n"
"""What the container process writes to exec.fifo right before it executes the program."""

DEFAULT_ROOT = "/run/oci-reference-runtime"
"""The state directory of root; see `default_root`."""

_RECORDED = {
    "ociVersion": str,
    "id": str,
    "pid": int,
    "bundle": str,
    "annotations": dict,
    "creating": bool,
    "started": int,
}

_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.")


def default_root() -> str:
    """The state directory without `--root`: an ordinary user has one below `$XDG_RUNTIME_DIR`."""
    runtime_directory = os.environ.get("XDG_RUNTIME_DIR")
    if os.geteuid() == 0 or not runtime_directory:
        return DEFAULT_ROOT
    return os.path.join(runtime_directory, os.path.basename(DEFAULT_ROOT))


class StateDirectory:
    """The directory of one container."""

    def __init__(self, root: str, identifier: str) -> None:
        if not 1 <= len(identifier) <= 255 or not _ALLOWED.issuperset(identifier) or not identifier.strip("."):
            raise InvalidIdentifier(identifier)
        self.identifier = identifier
        self.path = os.path.join(os.path.abspath(root), identifier)
        self.undo: list[dict[str, Any]] = []
        self._lock = -1
        # Of the journal, without its last entry.
        self._length = 0

    def file(self, name: str) -> str:
        """The path of a file in it."""
        return os.path.join(self.path, name)

    def make(self) -> None:
        """Claim the ID. Raises `ContainerExists`."""
        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        try:
            call(os.mkdir, self.path, 0o700)
        except SyscallFailed as error:
            if isinstance(error.__cause__, FileExistsError):
                raise ContainerExists(self.identifier) from None
            raise
        self.lock()

    def lock(self) -> None:
        """Wait until no other operation is under way on this container. Raises `NoSuchContainer`."""
        try:
            self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            # Whoever had the lock may have deleted the container, and a third process made it anew.
            if not os.path.samestat(os.fstat(self._lock), os.stat(self.path)):
                raise NoSuchContainer(self.identifier)
        except FileNotFoundError:
            raise NoSuchContainer(self.identifier) from None

    def unlock(self) -> None:
        """Let other operations on the container go on."""
        os.close(self._lock)
        self._lock = -1

    def began(self) -> bool:
        """Whether a step was taken that has to be undone."""
        return os.path.exists(self.file("journal"))

    def remove(self) -> None:
        """Forget the container."""
        # The journal first: whoever is killed before the end leaves what `began` denies.
        for name in sorted(call(os.listdir, self.path), key=lambda name: name != "journal"):
            call(os.unlink, self.file(name))
        call(os.rmdir, self.path)

    def record(self, config: Config, pid: int, *, creating: bool) -> None:
        """Write state.json."""
        document = {
            "ociVersion": config.document["ociVersion"],
            "id": self.identifier,
            "pid": pid,
            "bundle": config.bundle,
            "annotations": config.annotations,
            "creating": creating,
            "started": start_time(pid) or 0 if pid else 0,
        }
        documents.write(self.file("state.json"), documents.encode(document).encode() + b"\n")

    def recorded(self) -> dict[str, Any]:
        """Read state.json. Raises `NoSuchContainer` and `DamagedState`."""
        found: dict[str, Any] = self._read("state.json", dict)
        for name, type_ in _RECORDED.items():
            if type(found.get(name)) is not type_:
                raise DamagedState(self.identifier, "state.json", f"{name} is missing or wrong")
        return found

    def config(self) -> dict[str, Any]:
        """Read config.json as it was at create. Raises `NoSuchContainer` and `DamagedState`."""
        document: dict[str, Any] = self._read("config.json", dict)
        return document

    def status(self, recorded: dict[str, Any]) -> str:
        """The status that `recorded` and the process together amount to (runtime.md, State)."""
        if recorded["creating"]:
            return CREATING if self._locked_by_another() else STOPPED
        if start_time(recorded["pid"]) != recorded["started"]:
            return STOPPED
        return CREATED if os.path.exists(self.file("exec.fifo")) else RUNNING

    def report(self) -> dict[str, Any]:
        """The state document of the container (runtime.md, Query State)."""
        recorded = self.recorded()
        status = self.status(recorded)
        return self._document(
            recorded["ociVersion"], status, recorded["pid"], recorded["bundle"], recorded["annotations"]
        )

    def document(self, config: Config, status: str, pid: int) -> dict[str, Any]:
        """The same, as the operation that is under way knows it."""
        return self._document(config.document["ociVersion"], status, pid, config.bundle, config.annotations)

    def _document(
        self, version: str, status: str, pid: int, bundle: str, annotations: dict[str, str]
    ) -> dict[str, Any]:
        known_pid = {"pid": pid} if pid and status != STOPPED else {}
        return {
            "ociVersion": version,
            "id": self.identifier,
            "status": status,
            **known_pid,
            "bundle": bundle,
            "annotations": annotations,
        }

    def keep(self, steps: list[Step]) -> None:
        """Write down the runtime's steps that later operations will take."""
        later = [step.document() for step in steps if step.where == RUNTIME and step.when != CREATE]
        documents.write(self.file("plan"), documents.encode(later).encode())

    def kept(self) -> list[Step]:
        """The steps that `keep` wrote down. Raises `NoSuchContainer` and `DamagedState`."""
        try:
            return [Step.of(document) for document in self._read("plan", list)]
        except (KeyError, TypeError) as error:
            raise DamagedState(self.identifier, "plan", repr(error)) from None

    def journal(self, step: Step) -> None:
        """Remember what undoes a step that is about to be taken."""
        if step.undo is None:
            return
        entry = {"action": step.undo, "arguments": step.arguments}
        self.undo.append(entry)
        line = documents.encode(entry).replace("\n", "").encode() + b"\n"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        descriptor = call(os.open, self.file("journal"), flags, 0o600)
        self._length = os.fstat(descriptor).st_size
        try:
            call(os.write, descriptor, line)
        finally:
            os.close(descriptor)

    def forget(self, step: Step) -> None:
        """Do not undo the step that was journaled last."""
        if step.undo is not None:
            self.undo.pop()
            call(os.truncate, self.file("journal"), self._length)

    def journaled(self) -> list[dict[str, Any]]:
        """What undoes the steps that were taken, in the order of the steps."""
        try:
            lines = documents.read(self.file("journal")).splitlines()
        except SyscallFailed:
            return []
        entries = []
        for line in lines:
            try:
                entry = documents.decode(line, "journal")
            except InvalidConfig:
                # The runtime was killed while it wrote this line, so it did not take the step.
                break
            if not (isinstance(entry, dict) and {"action", "arguments"} <= entry.keys()):
                raise DamagedState(self.identifier, "journal", f"{entry!r} undoes nothing")
            entries.append(entry)
        return entries

    def _read(self, name: str, type_: type) -> Any:
        try:
            document = documents.decode(documents.read(self.file(name)), name)
        except InvalidConfig as error:
            raise DamagedState(self.identifier, name, error.problem) from None
        except SyscallFailed as error:
            # Another operation may be about to make the container, or to forget it.
            if os.path.isdir(self.path) and (self._lock >= 0 or not self._locked_by_another()):
                raise DamagedState(self.identifier, name, str(error)) from None
            raise NoSuchContainer(self.identifier) from None
        if not isinstance(document, type_):
            raise DamagedState(self.identifier, name, f"it is no {type_.__name__}")
        return document

    def _locked_by_another(self) -> bool:
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False
