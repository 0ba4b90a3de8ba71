"""Default Filesystems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance import requirement
from conformance.bundle.config import mounts_without
from conformance.bundle.programs import attempting

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer

FILESYSTEMS = {"/proc": "proc", "/sys": "sysfs", "/dev/pts": "devpts", "/dev/shm": "tmpfs"}

INSIDE = {"/proc": "self", "/sys": "kernel", "/dev/pts": "ptmx"}
"""Something that each of them has."""


def for_each(places: tuple[str, ...]) -> list[Any]:
    """A parameter for each filesystem, with its requirement."""
    names = {place: place.lstrip("/").replace("/", "_") for place in places}
    return [
        pytest.param(place, marks=requirement(f"config_linux.default_filesystems.{name}"), id=place)
        for place, name in names.items()
    ]


@pytest.mark.parametrize("place", for_each(tuple(FILESYSTEMS)))
def test_filesystem_is_there_when_it_is_configured(container: MakeContainer, place: str) -> None:
    mount = container().facts().mount(place)
    assert (mount and mount.type) == FILESYSTEMS[place]


@pytest.mark.parametrize("place", for_each(tuple(FILESYSTEMS)))
def test_filesystem_is_there_when_nothing_is_configured_for_it(container: MakeContainer, place: str) -> None:
    one = container(mounts=mounts_without(place), files={place: None})
    if place == "/proc":
        # Without /proc, the probe cannot list the mounts, but it can look into it.
        one.configure(process={"args": ["/probe", *attempting(["list", "/proc"])]})
        found = one.attempts()[0].names or []
        assert "self" in found, f"/proc has {found}"
        return
    mount = one.facts().mount(place)
    assert (mount and mount.type) == FILESYSTEMS[place]


@pytest.mark.parametrize("place", for_each(tuple(INSIDE)))
def test_filesystem_has_what_belongs_there(container: MakeContainer, place: str) -> None:
    one = container(program=attempting(["list", place]))
    found = one.attempts()[0].names or []
    assert INSIDE[place] in found, f"{place} has {found}"


@pytest.mark.parametrize("place", for_each(("/dev/shm",)))
def test_files_can_be_made_there(container: MakeContainer, place: str) -> None:
    one = container(program=attempting(["create", f"{place}/new"], user=1000))
    assert [attempt.error for attempt in one.attempts()] == [""]
