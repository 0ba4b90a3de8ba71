"""/proc/PID/mountinfo (proc(5))."""

from __future__ import annotations

import re
from typing import NamedTuple


class Mount(NamedTuple):
    """One line of mountinfo. `options` are those of the mount, `super_options` those of the filesystem."""

    identifier: int
    parent: int
    device: str
    root: str
    mount_point: str
    options: tuple[str, ...]
    propagation: tuple[str, ...]
    type: str
    source: str
    super_options: tuple[str, ...]


def parse(text: str) -> list[Mount]:
    """The mounts of a mountinfo file, in its order: of two at one place, the later is the one that is seen."""
    mounts = []
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        type_, source, super_options = [*after.split(" "), "", ""][:3]
        mounts.append(
            Mount(
                identifier=int(fields[0]),
                parent=int(fields[1]),
                device=fields[2],
                root=_unescape(fields[3]),
                mount_point=_unescape(fields[4]),
                options=tuple(fields[5].split(",")),
                propagation=tuple(field for field in fields[6:] if field),
                type=type_,
                source=_unescape(source),
                super_options=tuple(super_options.split(",")),
            )
        )
    return mounts


def at(mounts: list[Mount], mount_point: str) -> Mount | None:
    """The mount that is seen at a place."""
    return next((mount for mount in reversed(mounts) if mount.mount_point == mount_point), None)


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
