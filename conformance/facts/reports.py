"""The probe's reports, decoded by type. A report that is missing or cut off is a `ProbeFault`, never a pass."""

from __future__ import annotations

import errno
import json
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from conformance.errors import ProbeFault
from conformance.facts import mountinfo
from conformance.verdict.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

_Report = TypeVar("_Report", bound="Report")

CAPABILITIES = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
]
"""By their numbers, from 0."""


class FileContent(msgspec.Struct, frozen=True):
    """A file's content, or the errno of the attempt to read it."""

    content: str | None = None
    errno: int | None = None


class Status(msgspec.Struct, frozen=True):
    """What stat(2) says: `device` and `inode` identify the file, `major` and `minor` are those of a device node."""

    type: str | None = None
    mode: int = 0
    uid: int = 0
    gid: int = 0
    device: int = 0
    inode: int = 0
    size: int = 0
    major: int = 0
    minor: int = 0
    errno: int | None = None

    @property
    def identity(self) -> tuple[int, int]:
        """What two paths to the same file have in common."""
        return self.device, self.inode


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the probe."""

    probe: str


class Terminal(msgspec.Struct, frozen=True):
    """A standard stream that is a terminal."""

    name: str | None = None
    height: int = 0
    width: int = 0
    file: Status = Status()
    controlling: bool = False


class Facts(Report, frozen=True, kw_only=True):
    """What mode `facts` reports; `files` are by path, `limits` are (soft, hard), `clocks` in nanoseconds."""

    argv: list[str]
    environ: list[str]
    cwd: str | None
    uids: tuple[int, int, int]
    gids: tuple[int, int, int]
    groups: list[int]
    umask: int
    pid: int
    ppid: int
    session: int
    hostname: str
    domainname: str
    machine: str
    limits: dict[str, tuple[int, int]]
    capabilities: dict[str, int]
    no_new_privileges: bool
    namespaces: dict[str, str | None]
    descriptors: dict[int, str | None] | None
    terminals: dict[int, Terminal]
    clocks: dict[str, int]
    scheduling: dict[str, int | list[int]]
    files: dict[str, FileContent]
    root: Status
    executable: str | None

    def text(self, path: str) -> str:
        """The content of one of `files`. Raises `ProbeFault`."""
        file = self.files.get(path, FileContent())
        if file.content is None:
            raise ProbeFault(f"the probe could not read {path}: {errno.errorcode.get(file.errno or 0, file.errno)}")
        return file.content

    @property
    def mounts(self) -> list[mountinfo.Mount]:
        """The mounts that the program sees."""
        return mountinfo.parse(self.text("/proc/self/mountinfo"))

    def mount(self, mount_point: str) -> mountinfo.Mount | None:
        """The mount at a path, None if there is none."""
        return mountinfo.at(self.mounts, mount_point)

    @property
    def capability_sets(self) -> dict[str, set[str]]:
        """The five capability sets, by the names that config.json has for them."""
        return {
            name: {capability for number, capability in enumerate(CAPABILITIES) if mask & 1 << number}
            for name, mask in self.capabilities.items()
        }


class Link(msgspec.Struct, frozen=True):
    """A network device; `addresses` are as ``10.0.0.1/24``."""

    up: bool = False
    mtu: int = 0
    queue_length: int = 0
    hardware_address: str = ""
    addresses: list[str] = []


class Attempt(msgspec.Struct, frozen=True):
    """One operation of mode `try`: `errno` is 0 for success.

    `fork` has the `count` of its children, `allocate` the `signal` that ended its child, if one did.
    Of a system call, `signal` is what it brought, to the program or to the process that was made for it, `exit_status`
    how that ended without one, and `message` what a tracer was told.
    """

    operation: list[str]
    errno: int
    content: str | None = None
    names: list[str] | None = None
    status: Status = Status()
    count: int = 0
    link: Link = Link()
    signal: int = 0
    exit_status: int = -1
    message: int | None = None

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return self.errno == 0

    @property
    def error(self) -> str:
        """The errno by name, empty for success."""
        return "" if self.ok else errno.errorcode.get(self.errno, str(self.errno))

    def __str__(self) -> str:
        return f"`{' '.join(self.operation)}` " + (f"failed with {self.error}" if not self.ok else "succeeded")


def not_refused(attempts: Iterable[Attempt]) -> list[str]:
    """The attempts at a change that were not refused, in words; how something is kept from changes is not said, so any
    of these errors will do.
    """
    return [str(attempt) for attempt in attempts if attempt.error not in ("EROFS", "EACCES", "EPERM")]


class Attempts(Report, frozen=True, kw_only=True):
    """What mode `try` reports."""

    results: list[Attempt]


class InspectedProcess(msgspec.Struct, frozen=True):
    """What a hook saw of the process whose ID the state had."""

    pid: str
    namespaces: dict[str, str | None]
    cmdline: FileContent
    mountinfo: FileContent
    cgroup: FileContent
    root: Status


class Hook(Report, frozen=True, kw_only=True):
    """What mode `hook` reports when it begins; `stdin` is what was on its stdin."""

    name: str
    pid: int
    stdin: str
    stdin_ended: bool
    argv: list[str]
    environ: list[str]
    cwd: str | None
    namespaces: dict[str, str | None]
    root: Status
    executable: Status
    mountinfo: FileContent
    process: InspectedProcess | None

    @property
    def state(self) -> dict[str, Any]:
        """The container's state, as the hook got it. Raises a `Finding` if it was none."""
        return state_in(self.stdin, f"the stdin of the hook {self.name}")


def state_in(text: str | bytes, place: str) -> dict[str, Any]:
    """The JSON object of a state document. Raises a `Finding` if it is none."""
    return object_in(text, place, "state")


def object_in(text: str | bytes, place: str, kind: str) -> dict[str, Any]:
    """The JSON object of a document of a kind. Raises a `Finding` if it is none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        raise Finding(f"{place} is a {kind}, a JSON object", f"it is {shown[:200]!r}")
    return document


def lines(content: bytes) -> list[dict[str, Any]]:
    """The probe's reports among the lines of an output, in order. Raises `ProbeFault` for one that is cut off."""
    reports = []
    for line in content.split(b"\n"):
        # A runtime may write to the same stream.
        start = line.find(b'{"probe":')
        if start < 0:
            continue
        try:
            report = json.loads(line[start:])
        except ValueError:
            raise ProbeFault(f"a report of the probe is cut off: {line[start:][:60]!r}...") from None
        if report.get("end") is not True:
            raise ProbeFault("a report of the probe has no end")
        reports.append(report)
    return reports


def decode(report: dict[str, Any], type_: type[_Report]) -> _Report:
    """A report as its type. Raises `ProbeFault`."""
    try:
        return msgspec.convert(report, type_, strict=False)
    except msgspec.ValidationError as error:
        raise ProbeFault(f"a report of the probe is not as it should be: {error}") from error


def only(content: bytes, type_: type[_Report], kind: str) -> _Report:
    """The one report of a kind in an output. Raises `ProbeFault` if there is none, or more than one."""
    found = [report for report in lines(content) if report["probe"] == kind]
    if len(found) != 1:
        raise ProbeFault(f"the probe reported {kind!r} {len(found)} times, and should have once")
    return decode(found[0], type_)
