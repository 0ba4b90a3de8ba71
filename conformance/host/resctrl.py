"""The resctrl file system: the groups of Resource Director Technology, as the kernel's resctrl documentation has it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.facts import mountinfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def mount_point() -> str | None:
    """Where it is mounted, None if it is not."""
    mounts = mountinfo.parse(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape"))
    return next((mount.mount_point for mount in mounts if mount.type == "resctrl"), None)


def abilities() -> set[str]:
    """The needs that it meets."""
    root = mount_point()
    if root is None or not os.access(root, os.W_OK):
        return set()
    resctrl = Resctrl(Path(root))
    found = {"resctrl"}
    found |= {f"resctrl.{name.lower()}" for name in ("L3", "MB") if name in resctrl.schemas("/")}
    return found | ({"resctrl.monitoring"} if (resctrl.root / "mon_groups").is_dir() else set())


class Resctrl:
    """A mounted resctrl. A group is named by its path below `root`; ``/`` is the default group."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def directory(self, group: str) -> Path:
        """The directory of a group."""
        return self.root / group.lstrip("/")

    def make(self, group: str) -> str:
        """Make a group; returns its name. Raises `OSError`, with ENOSPC if there can be no more of them."""
        os.mkdir(self.directory(group))
        return group

    def exists(self, group: str) -> bool:
        """Whether there is a group."""
        return self.directory(group).is_dir()

    def tasks(self, group: str) -> list[int]:
        """The threads of a group."""
        return [int(line) for line in (self.directory(group) / "tasks").read_text(encoding="ascii").split()]

    def schemas(self, group: str) -> dict[str, dict[str, int]]:
        """What is in force in a group: by resource, such as ``L3``, the value of each domain; masks as numbers."""
        found = {}
        for line in (self.directory(group) / "schemata").read_text(encoding="ascii").splitlines():
            resource, _, domains = line.strip().partition(":")
            base = 10 if resource.startswith("MB") else 16
            pairs = (domain.partition("=") for domain in domains.split(";"))
            found[resource] = {name.strip(): int(value, base) for name, _, value in pairs}
        return found

    def write(self, group: str, schema: str) -> None:
        """Have a schema in force in a group."""
        (self.directory(group) / "schemata").write_text(f"{schema}\n", encoding="ascii")

    def schema(self, resource: str, number: int) -> str:
        """A schema of ``L3`` or ``MB`` that is not the default; those of two small numbers differ."""
        if resource == "MB":
            value = f"{self._info('MB/min_bandwidth') + number * self._info('MB/bandwidth_gran')}"
        else:
            value = f"{(1 << self._info('L3/min_cbm_bits') + number) - 1:x}"
        return f"{resource}:" + ";".join(f"{domain}={value}" for domain in self.schemas("/")[resource])

    @contextlib.contextmanager
    def caller_in(self, group: str) -> Iterator[None]:
        """Be a caller in a group: what the suite starts meanwhile begins there."""
        self._move_caller(group)
        try:
            yield
        finally:
            self._move_caller("/")

    def remove(self, prefix: str) -> None:
        """Remove the groups whose names begin like this, and what is in them."""
        for pattern in (f"mon_groups/{prefix}*", f"*/mon_groups/{prefix}*", f"{prefix}*"):
            self._remove(self.root.glob(pattern))

    def _remove(self, directories: Iterable[Path]) -> None:
        for directory in directories:
            with contextlib.suppress(FileNotFoundError):
                os.rmdir(directory)

    def _move_caller(self, group: str) -> None:
        (self.directory(group) / "tasks").write_text(f"{os.getpid()}\n", encoding="ascii")

    def _info(self, file: str) -> int:
        return int((self.root / "info" / file).read_text(encoding="ascii"))
