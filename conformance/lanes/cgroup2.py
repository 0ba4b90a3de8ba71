"""cgroup v2 alone: the kernel of the host, seen from a mount namespace in which nothing else is mounted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.lanes.lane import Lane, lacking

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = """
! mountpoint -q /sys/fs/cgroup || umount --recursive /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
exec "$@"
"""


def _entered(words: list[str], _: Path) -> list[str]:
    return ["sh", "-ec", _SCRIPT, "sh", *words]


CGROUP2 = Lane(
    "cgroup2",
    "the same kernel, in a mount namespace in which cgroup v2 is mounted alone",
    lambda: lacking("mount", "umount", "mountpoint"),
    _entered,
)
