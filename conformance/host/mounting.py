"""Mounts that the suite itself makes: sources of bind mounts that have mounts below them, attributes, and peers."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ATTRIBUTES = {
    "ro": 1,
    "nosuid": 1 << 1,
    "nodev": 1 << 2,
    "noexec": 1 << 3,
    "nosymfollow": 1 << 8,
    "noatime": 1 << 10,
    "nodiratime": 1 << 11,
    "strictatime": 1 << 24,
}
"""Attributes of a mount by their flags (mount(2))."""

_REMOUNT, _BIND, _SHARED = 1 << 5, 1 << 12, 1 << 20
_DETACH, _NO_FOLLOW = 2, 8

_libc = ctypes.CDLL(None, use_errno=True)


class HostMounts:
    """What is mounted for one check. Everything raises `OSError`."""

    def __init__(self) -> None:
        self._made: list[Path] = []

    def tmpfs(self, directory: Path) -> Path:
        """Mount a tmpfs; returns the directory."""
        self._mount("tmpfs", directory, "tmpfs", 0, "mode=755")
        return directory

    def change(self, directory: Path, attributes: Iterable[str]) -> None:
        """Set the attributes of a mount, not those of its filesystem."""
        _mount(None, directory, None, _REMOUNT | _BIND | sum(ATTRIBUTES[name] for name in attributes))

    def bind(self, source: Path, directory: Path) -> Path:
        """Mount a directory at another place, too; returns that."""
        self._mount(str(source), directory, None, _BIND)
        return directory

    def share(self, directory: Path) -> None:
        """Make a mount propagate to its copies what is mounted in it later."""
        _mount(None, directory, None, _SHARED)

    def undo(self) -> None:
        """Unmount everything, the last one first."""
        while self._made:
            unmount(str(self._made.pop()))

    def _mount(self, source: str, directory: Path, type_: str | None, flags: int, data: str | None = None) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        _mount(source, directory, type_, flags, data)
        self._made.append(directory)


def unmount(mount_point: str) -> None:
    """Detach a mount, and what is mounted below it. Raises `OSError`."""
    if _libc.umount2(os.fsencode(mount_point), _DETACH | _NO_FOLLOW) != 0:
        _fail(mount_point)


def _mount(source: str | None, target: Path, type_: str | None, flags: int, data: str | None = None) -> None:
    words = [None if word is None else os.fsencode(word) for word in (source, str(target), type_)]
    if _libc.mount(*words, ctypes.c_ulong(flags), None if data is None else data.encode()) != 0:
        _fail(str(target))


def _fail(path: str) -> None:
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number), path)
