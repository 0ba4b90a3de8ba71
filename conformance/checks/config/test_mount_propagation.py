"""Linux mount options: what a bind mount and its source give each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance import needs, requirement
from conformance.bundle.config import mounts_with
from conformance.bundle.programs import holding
from conformance.facts import mountinfo

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.fixtures import MakeContainer
    from conformance.host.mounting import HostMounts

KINDS = {
    "private": (True, set()),
    "slave": (True, {"master"}),
    "shared": (False, {"shared"}),
    "unbindable": (False, {"unbindable"}),
}
"""Each kind of propagation with whether the source is shared, and what mountinfo has for a mount of that kind."""


def binding(container: MakeContainer, host_mounts: HostMounts, option: str) -> Container:
    """A container with a tmpfs, and one below it, at /made; both are shared if the kind of propagation wants that."""
    # Whether a runtime cuts everything off from the host is not said; with this, it does not.
    one = container(linux={"rootfsPropagation": "slave"} if option.endswith("slave") else {})
    source = host_mounts.tmpfs(one.directory / "source")
    below = host_mounts.tmpfs(source / "below")
    if KINDS[option.removeprefix("r")][0]:
        host_mounts.share(source)
        host_mounts.share(below)
    one.configure(mounts=mounts_with({"destination": "/made", "source": str(source), "options": ["rbind", option]}))
    return one


def kinds(mount: mountinfo.Mount | None) -> set[str]:
    """The optional fields of a mount, without the numbers of the groups."""
    assert mount is not None, "nothing is mounted"
    return {field.partition(":")[0] for field in mount.propagation}


@needs("process.visible", "root")
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=requirement(f"config.mounts.options.{kind}")) for kind in KINDS]
)
def test_mount_has_the_propagation(container: MakeContainer, host_mounts: HostMounts, kind: str) -> None:
    facts = binding(container, host_mounts, kind).facts()
    assert kinds(facts.mount("/made")) == KINDS[kind][1]


@needs("process.visible", "root")
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=requirement(f"config.mounts.options.r{kind}"), id=f"r{kind}") for kind in KINDS]
)
def test_all_mounts_of_a_tree_have_the_propagation(
    container: MakeContainer, host_mounts: HostMounts, kind: str
) -> None:
    facts = binding(container, host_mounts, f"r{kind}").facts()
    assert [kinds(facts.mount(place)) for place in ("/made", "/made/below")] == [KINDS[kind][1]] * 2


@needs("process.visible", "root")
@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        pytest.param("slave", True, marks=requirement("config.mounts.options.slave")),
        pytest.param("private", False, marks=requirement("config.mounts.options.private")),
    ],
)
def test_mount_that_is_made_outside_is_seen_inside(
    container: MakeContainer, host_mounts: HostMounts, kind: str, seen: bool
) -> None:
    one = binding(container, host_mounts, kind)
    one.configure(process={"args": ["/probe", *holding()]})
    one.hold()
    host_mounts.tmpfs(one.directory / "source" / "later")
    inside = mountinfo.parse(Path(f"/proc/{one.pid}/mountinfo").read_text(encoding="utf-8"))
    assert (mountinfo.at(inside, "/made/later") is not None) == seen
