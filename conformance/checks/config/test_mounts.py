"""Mounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance import requirement
from conformance.bundle.config import mounts_with
from conformance.bundle.programs import attempting
from conformance.verdict.refusal import create_without_effect

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer


@requirement("config.mounts.destination.linux.must_be_absolute")
@pytest.mark.parametrize("destination", ["made", "./made"])
def test_relative_destination_is_refused(container: MakeContainer, destination: str) -> None:
    mount = {"destination": destination, "type": "tmpfs", "source": "tmpfs"}
    create_without_effect(container(mounts=mounts_with(mount)))


@requirement("config.mounts.order")
def test_later_mount_at_the_same_place_is_the_one_that_is_seen(container: MakeContainer) -> None:
    one = container(program=attempting(["list", "/made"]))
    mounts = []
    for name in ("first", "second"):
        (one.bundle.path / name / f"in the {name}").mkdir(parents=True)
        mounts.append({"destination": "/made", "source": name, "options": ["bind"]})
    one.configure(mounts=mounts_with(*mounts))
    assert one.attempts()[0].names == ["in the second"]


@requirement("config.mounts.order")
def test_mount_below_a_mount_is_made_after_it(container: MakeContainer) -> None:
    mounts = [
        {"destination": place, "type": "tmpfs", "source": "tmpfs"} for place in ("/made", "/made/one", "/made/one/two")
    ]
    facts = container(mounts=mounts_with(*mounts)).facts()
    assert [mount.mount_point for mount in facts.mounts if mount.mount_point.startswith("/made")] == [
        "/made",
        "/made/one",
        "/made/one/two",
    ]


@requirement("config.mounts.order")
def test_mount_that_is_listed_later_hides_what_was_mounted_below_it(container: MakeContainer) -> None:
    below = {"destination": "/made/below", "type": "tmpfs", "source": "tmpfs"}
    above = {"destination": "/made", "type": "tmpfs", "source": "tmpfs"}
    one = container(mounts=mounts_with(below, above), program=attempting(["list", "/made"]))
    assert one.attempts()[0].names == []


@requirement("config.mounts.source.bind_path")
@pytest.mark.parametrize("relative", [True, False], ids=["relative", "absolute"])
@pytest.mark.parametrize("option", ["bind", "rbind"])
def test_source_of_a_bind_mount_is_absolute_or_relative_to_the_bundle(
    container: MakeContainer, relative: bool, option: str
) -> None:
    one = container(program=attempting(["list", "/bound"]))
    source = one.bundle.path / "source"
    (source / "found").mkdir(parents=True)
    elsewhere = one.directory / "elsewhere"
    (elsewhere / "source" / "not this one").mkdir(parents=True)
    path = "source" if relative else str(source)
    one.configure(mounts=mounts_with({"destination": "/bound", "source": path, "options": [option]}))
    one.create(cwd=str(elsewhere)).start()
    assert one.attempts()[0].names == ["found"]


@requirement("config.mounts.source.bind_path")
def test_source_of_a_bind_mount_may_be_a_file(container: MakeContainer) -> None:
    one = container(program=attempting(["read", "/bound/file"]))
    (one.bundle.path / "source").write_text("bound", encoding="utf-8")
    mount = {"destination": "/bound/file", "source": "source", "options": ["bind", "ro"]}
    one.configure(mounts=mounts_with(mount))
    assert one.attempts()[0].content == "bound"
