"""Mounts, and what POSIX-platform Mounts says of their type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance import requirement
from conformance.bundle.config import mounts_with, mounts_with_tmpfs
from conformance.bundle.programs import attempting
from conformance.verdict.refusal import create_without_effect

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer


@requirement("config.mounts.additional")
def test_mounts_are_there_in_addition_to_the_root(container: MakeContainer) -> None:
    one = container(files={"/kept": "kept"}, mounts=mounts_with_tmpfs("/made"))
    one.configure(process={"args": ["/probe", *attempting(["read", "/kept"], ["create", "/made/new"])]})
    read, create = one.attempts()
    assert (read.content, create.error) == ("kept", "")
    # What is written to a mount does not come to the root filesystem.
    assert not one.inside("/made/new").exists()


@requirement("config.mounts.destination.inside")
def test_destination_is_a_path_inside_the_container(container: MakeContainer) -> None:
    one = container()
    outside = one.directory / "destination"
    outside.mkdir()
    one.configure(mounts=mounts_with_tmpfs(str(outside)))
    assert one.facts().mount(str(outside)) is not None
    assert one.inside(str(outside)).is_dir()


@requirement("config.mounts.destination.inside")
def test_link_in_a_destination_does_not_lead_out_of_the_container(container: MakeContainer) -> None:
    one = container()
    outside = one.directory / "destination"
    outside.mkdir()
    one.bundle.put(str(outside), None)
    one.inside("/link").symlink_to(outside)
    one.configure(mounts=mounts_with_tmpfs("/link/made"))
    # A runtime may refuse the link.
    if one.attempt_create().ok and one.attempt("start").ok:
        assert one.facts().mount(f"{outside}/made") is not None
    assert list(outside.iterdir()) == []


@requirement("config.mounts.destination.linux.relative")
@pytest.mark.parametrize("destination", ["made", "made/below", "./made"])
def test_relative_destination_is_relative_to_the_root(container: MakeContainer, destination: str) -> None:
    # A working directory of the process changes nothing about that.
    one = container(process={"cwd": "/srv"}, mounts=mounts_with_tmpfs(destination))
    assert one.facts().mount(f"/{destination.removeprefix('./')}") is not None


@requirement("config.mounts.as_mount_2")
def test_flags_and_data_of_a_mount_are_those_of_mount_2(container: MakeContainer) -> None:
    one = container(
        program=attempting(["stat", "/made"], ["copy", "/probe", "/made/program"], ["exec", "/made/program", "0"]),
        mounts=mounts_with_tmpfs("/made", "noexec", "mode=0751", "size=8m"),
    )
    stat, copy, execute = one.attempts()
    assert stat.status.mode == 0o751
    assert (copy.error, execute.error) == ("", "EACCES")


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


@requirement("config.mounts.source.file")
def test_source_of_a_bind_mount_may_be_a_file(container: MakeContainer) -> None:
    one = container(program=attempting(["read", "/bound/file"]))
    (one.bundle.path / "source").write_text("bound", encoding="utf-8")
    mount = {"destination": "/bound/file", "source": "source", "options": ["bind", "ro"]}
    one.configure(mounts=mounts_with(mount))
    assert one.attempts()[0].content == "bound"


@requirement("config.mounts.bind")
@pytest.mark.parametrize("option", ["bind", "rbind"])
@pytest.mark.parametrize("type_", ["tmpfs", "proc"])
def test_mount_is_a_bind_mount_by_its_options_whatever_its_type(
    container: MakeContainer, type_: str, option: str
) -> None:
    assert names_in_a_bind_mount(container, type=type_, options=["nosuid", option]) == ["found"]


@requirement("config.mounts.type.bind")
@pytest.mark.parametrize("properties", [{"type": "none"}, {"type": "bind"}, {}], ids=["none", "bind", "no type"])
def test_type_of_a_bind_mount_is_a_dummy(container: MakeContainer, properties: dict[str, str]) -> None:
    assert names_in_a_bind_mount(container, options=["bind"], **properties) == ["found"]


def names_in_a_bind_mount(container: MakeContainer, **properties: str | list[str]) -> list[str] | None:
    """The names in a mount with these properties, whose source is a directory with the name `found` in it."""
    one = container(program=attempting(["list", "/bound"]))
    (one.bundle.path / "source" / "found").mkdir(parents=True)
    one.configure(mounts=mounts_with({"destination": "/bound", "source": "source", **properties}))
    return one.attempts()[0].names


@requirement("config.mounts.type.filesystem")
@pytest.mark.parametrize("type_", ["tmpfs", "proc", "sysfs", "devpts", "mqueue"])
def test_type_is_a_filesystem_type_of_the_kernel(container: MakeContainer, type_: str) -> None:
    one = container(mounts=mounts_with({"destination": "/made", "type": type_, "source": type_}))
    mount = one.create_supporting(f"the filesystem type {type_}").start().facts().mount("/made")
    assert mount is not None
    assert mount.type == type_
