"""cgroup v1 alone: the kernel of the host, seen from a mount namespace in which the hierarchies that the host has are
mounted, and one for each controller that is in none.

A controller that nobody uses in cgroup v2 is taken from it for as long as the lane is there.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.lanes.lane import Lane, lacking

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCRIPT = """
! mountpoint -q /sys/fs/cgroup || umount --recursive /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
{}
exec "$@"
"""

# What cgroup v2 holds cannot be mounted.
_MOUNT = "mkdir {place} && {{ mount -t cgroup -o {options} cgroup {place} || rmdir {place}; }} 2>/dev/null"


def _entered(words: list[str], _: Path) -> list[str]:
    mounts = (
        _MOUNT.format(place=shlex.quote(f"/sys/fs/cgroup/{name}"), options=shlex.quote(options))
        for name, options in _hierarchies(
            Path("/proc/self/cgroup").read_text(encoding="utf-8", errors="surrogateescape"),
            Path("/proc/cgroups").read_text(encoding="ascii"),
        )
    )
    return ["sh", "-ec", _SCRIPT.format("\n".join(mounts)), "sh", *words]


def _hierarchies(mounted: str, controllers: str) -> Iterator[tuple[str, str]]:
    """The hierarchies, as a directory and mount options (cgroups(7), /proc/PID/cgroup and /proc/cgroups)."""
    for line in mounted.splitlines():
        number, options, _ = line.split(":", 2)
        if options.startswith("name="):
            yield options.removeprefix("name="), f"none,{options}"
        elif number != "0":
            yield options, options
    for line in controllers.splitlines():
        name, *numbers = line.split()
        if numbers[0] == "0" and numbers[-1] == "1":
            yield name, name


def _obstacle() -> str | None:
    if lack := lacking("mount", "umount", "mountpoint"):
        return lack
    return None if Path("/proc/cgroups").exists() else "the kernel has no cgroup v1"


CGROUP1 = Lane(
    "cgroup1", "the same kernel, in a mount namespace in which cgroup v1 is mounted alone", _obstacle, _entered
)
