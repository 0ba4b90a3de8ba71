"""Linux mount options: those with an `r` in front, which are for a bind mount and all mounts below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance import needs, requirement
from conformance.bundle.config import mounts_with
from conformance.verdict.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.facts.mountinfo import Mount
    from conformance.fixtures import MakeContainer
    from conformance.host.mounting import HostMounts

CHANGES: dict[str, tuple[list[str], set[str], set[str]]] = {
    "rro": ([], {"ro"}, {"rw"}),
    "rrw": (["ro"], {"rw"}, {"ro"}),
    "rnosuid": ([], {"nosuid"}, set()),
    "rsuid": (["nosuid"], set(), {"nosuid"}),
    "rdev": (["nodev"], set(), {"nodev"}),
    "rnoexec": ([], {"noexec"}, set()),
    "rexec": (["noexec"], set(), {"noexec"}),
    "rnosymfollow": ([], {"nosymfollow"}, set()),
    "rsymfollow": (["nosymfollow"], set(), {"nosymfollow"}),
    "rnoatime": ([], {"noatime"}, {"relatime"}),
    "ratime": (["noatime"], set(), {"noatime"}),
    "rnodiratime": ([], {"nodiratime"}, set()),
    "rdiratime": (["nodiratime"], set(), {"nodiratime"}),
    "rrelatime": (["noatime"], {"relatime"}, {"noatime"}),
    # The kernel has no other way to do without relatime than the two that are options of their own.
    "rnorelatime": ([], set(), {"noatime"}),
    "rstrictatime": ([], set(), {"relatime", "noatime"}),
    "rnostrictatime": (["strictatime"], {"relatime"}, {"noatime"}),
}
"""Each option with the attributes that the mounts of the source have, those that their copies must have, and those that
they must not have."""


def bound(
    container: MakeContainer, host_mounts: HostMounts, options: list[str], attributes: Iterable[str] = ()
) -> tuple[Mount, Mount]:
    """The mount of a directory, and the one below it, in a container; `attributes` are those of the sources."""
    one = container()
    source = host_mounts.tmpfs(one.directory / "source")
    below = host_mounts.tmpfs(source / "below")
    for directory in (below, source):
        host_mounts.change(directory, attributes)
    one.configure(mounts=mounts_with({"destination": "/made", "source": str(source), "options": options}))
    facts = one.facts()
    found = facts.mount("/made"), facts.mount("/made/below")
    if found[0] is None or found[1] is None:
        raise Finding("the source is mounted, and what is mounted below it", f"mounted is {found}")
    return found[0], found[1]


@needs("process.visible", "root")
@pytest.mark.parametrize(
    ("option", "attributes", "present", "absent"),
    [
        pytest.param(name, *change, marks=requirement(f"config.mounts.options.{name}"), id=name)
        for name, change in CHANGES.items()
    ],
)
def test_option_is_for_all_mounts_of_a_tree(
    container: MakeContainer,
    host_mounts: HostMounts,
    option: str,
    attributes: list[str],
    present: set[str],
    absent: set[str],
) -> None:
    for mount in bound(container, host_mounts, ["rbind", option], attributes):
        assert set(mount.options) & (present | absent) == present, mount.mount_point


@requirement("config.mounts.options.as_mount_8")
@needs("process.visible", "root")
def test_option_without_r_is_for_the_uppermost_mount_only(container: MakeContainer, host_mounts: HostMounts) -> None:
    top, below = bound(container, host_mounts, ["rbind", "ro", "nosuid"])
    assert {"ro", "nosuid"} <= set(top.options)
    assert {"ro", "nosuid"}.isdisjoint(below.options)
