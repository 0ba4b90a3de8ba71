"""Linux mount options: those of one mount, or of its filesystem."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from conformance import needs, requirement
from conformance.bundle.config import mounts_with, mounts_with_tmpfs
from conformance.bundle.programs import attempting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.container import Container
    from conformance.facts.mountinfo import Mount
    from conformance.facts.reports import Attempt
    from conformance.fixtures import MakeContainer
    from conformance.host.mounting import HostMounts

WRITE = (["mkdir", "/made/new"],)
EXECUTE = (["copy", "/probe", "/made/program"], ["exec", "/made/program", "0"])
EXECUTE_WITH_SUID = (
    ["copy", "/probe", "/made/program"],
    ["chmod", "/made/program", "4755"],
    ["exec", "/made/program", "1000"],
)
OPEN_DEVICE = (["mknod", "/made/null", "1", "3"], ["write", "/made/null", "x"])
FOLLOW_LINK = (["symlink", "/etc/passwd", "/made/link"], ["stat", "/made/link"])
# An access that is later than every change is not noted again before a day has passed (relatime), but always with
# strictatime.
LONG_AGO, IN_FUTURE = "100", "-3600"
ACCESS_FILE = (["copy", "/etc/passwd", "/made/file"], ["access", "/made/file", LONG_AGO])
ACCESS_FILE_AGAIN = (["copy", "/etc/passwd", "/made/file"], ["access", "/made/file", IN_FUTURE])
ACCESS_DIRECTORY = (["mkdir", "/made/directory"], ["access", "/made/directory", LONG_AGO])

EFFECTS = {
    "ro": (WRITE, "EROFS"),
    "rw": (WRITE, ""),
    "noexec": (EXECUTE, "EACCES"),
    "exec": (EXECUTE, "0"),
    "nosuid": (EXECUTE_WITH_SUID, "1000"),
    "suid": (EXECUTE_WITH_SUID, "0"),
    "nodev": (OPEN_DEVICE, "EACCES"),
    "dev": (OPEN_DEVICE, ""),
    "nosymfollow": (FOLLOW_LINK, "ELOOP"),
    "symfollow": (FOLLOW_LINK, ""),
    "noatime": (ACCESS_FILE, "kept"),
    "atime": (ACCESS_FILE, "updated"),
    "nodiratime": (ACCESS_DIRECTORY, "kept"),
    "diratime": (ACCESS_DIRECTORY, "updated"),
    "strictatime": (ACCESS_FILE_AGAIN, "updated"),
    "nostrictatime": (ACCESS_FILE_AGAIN, "kept"),
    # Without any of these options, the kernel does what relatime says, so either way is right; noatime is not.
    "norelatime": (ACCESS_FILE, "updated"),
}
"""Each option with operations, and what comes of the last of them."""

FOR_ROOT = {name: [needs("root")] for name in ("dev", "nodev", "suid", "nosuid")}
"""An ordinary user can make no device, and may be no other user, nor change what the host says of access times."""

UNDONE = {
    "rw": "ro",
    "exec": "noexec",
    "suid": "nosuid",
    "dev": "nodev",
    "atime": "noatime",
    "diratime": "nodiratime",
    "nostrictatime": "strictatime",
}
"""Options that the kernel knows by the lack of another one only."""


def each(*names: str) -> pytest.MarkDecorator:
    """Options as parameters, each with its requirement."""
    marks = {name: [requirement(f"config.mounts.options.{name}"), *FOR_ROOT.get(name, ())] for name in names}
    return pytest.mark.parametrize("name", [pytest.param(name, marks=marks[name]) for name in names])


def outcome(attempts: Sequence[Attempt]) -> str:
    """What came of the last attempt, for which the others were made."""
    *before, last = attempts
    assert [str(attempt) for attempt in before if not attempt.ok] == []
    return last.error or last.content or ""


def mount_of(one: Container) -> Mount:
    """The mount at /made, as the program sees it."""
    mount = one.facts().mount("/made")
    assert mount is not None, "nothing is mounted"
    return mount


def effect(container: MakeContainer, name: str, *options: str) -> str:
    """What comes of the operations for an option in a tmpfs with these options."""
    operations, _ = EFFECTS[name]
    one = container(program=attempting(*operations), mounts=mounts_with_tmpfs("/made", *options))
    return outcome(one.attempts())


@each(*EFFECTS)
def test_option_has_its_effect(container: MakeContainer, name: str) -> None:
    assert effect(container, name, name) == EFFECTS[name][1]


@requirement("config.mounts.options.relatime")
def test_relatime_notes_an_access_after_a_change_only(container: MakeContainer) -> None:
    operations = (*ACCESS_FILE_AGAIN, ["access", "/made/file", LONG_AGO])
    one = container(program=attempting(*operations), mounts=mounts_with_tmpfs("/made", "relatime"))
    assert [attempt.content for attempt in one.attempts()[1:]] == ["kept", "updated"]


@requirement("config.mounts.options.as_mount_8")
@pytest.mark.parametrize("name", [pytest.param(name, marks=FOR_ROOT.get(name, ())) for name in UNDONE])
def test_last_of_two_conflicting_options_wins(container: MakeContainer, name: str) -> None:
    # mount(8): the last option wins if there are conflicting ones.
    assert effect(container, name, UNDONE[name], name) == EFFECTS[name][1]


@requirement("config.mounts.options.symfollow")
def test_symfollow_undoes_nosymfollow(container: MakeContainer) -> None:
    assert effect(container, "symfollow", "nosymfollow", "symfollow") == ""


@each("nosuid", "noexec", "nosymfollow", "noatime", "nodiratime")
@needs("root")
def test_option_has_its_effect_on_a_bind_mount(container: MakeContainer, name: str) -> None:
    operations, expected = EFFECTS[name]
    one = container(program=attempting(*operations))
    (one.bundle.path / "source").mkdir()
    one.configure(mounts=mounts_with({"destination": "/made", "source": "source", "options": ["bind", name]}))
    assert outcome(one.attempts()) == expected


@requirement("config.mounts.options.nodev")
@needs("root")
def test_device_in_a_bind_mount_cannot_be_opened_with_nodev(container: MakeContainer) -> None:
    one = container(program=attempting(["write", "/made/null", "x"]))
    source = one.bundle.path / "source"
    source.mkdir()
    os.mknod(source / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    one.configure(mounts=mounts_with({"destination": "/made", "source": "source", "options": ["bind", "nodev"]}))
    assert one.attempts()[0].error == "EACCES"


@requirement("config.mounts.options.ro")
def test_bind_mount_is_readonly_and_its_source_is_not(container: MakeContainer) -> None:
    one = container(program=attempting(["create", "/made/new"], ["create", "/also/new"]))
    (one.bundle.path / "source").mkdir()
    readonly, writable = (
        {"destination": place, "source": "source", "options": ["bind", *options]}
        for place, options in (("/made", ["ro"]), ("/also", []))
    )
    one.configure(mounts=mounts_with(readonly, writable))
    assert [attempt.error for attempt in one.attempts()] == ["EROFS", ""]


@each("sync", "dirsync", "lazytime")
def test_filesystem_has_the_option(container: MakeContainer, name: str) -> None:
    assert name in mount_of(container(mounts=mounts_with_tmpfs("/made", name))).super_options


@requirement("config.mounts.options.as_mount_8")
@pytest.mark.parametrize(("name", "undone"), [("async", "sync"), ("nolazytime", "lazytime")])
def test_last_of_two_conflicting_options_of_a_filesystem_wins(container: MakeContainer, name: str, undone: str) -> None:
    assert undone not in mount_of(container(mounts=mounts_with_tmpfs("/made", undone, name))).super_options


@each("defaults", "async", "nolazytime", "silent", "loud", "iversion", "noiversion")
def test_option_that_a_tmpfs_does_not_show_changes_nothing_else(container: MakeContainer, name: str) -> None:
    # Most of them, were they given to the filesystem, would be refused by it.
    mount = mount_of(container(mounts=mounts_with_tmpfs("/made", name)))
    assert "rw" in mount.options
    shown = {"nosuid", "nodev", "noexec", "noatime", "nodiratime", "sync", "dirsync", "lazytime"}
    assert shown.isdisjoint(mount.options + mount.super_options)


@requirement("config.mounts.options.remount")
def test_remount_changes_the_mount_that_is_there(container: MakeContainer) -> None:
    mounts = [
        {"destination": "/made", "type": "tmpfs", "source": "tmpfs", "options": options}
        for options in (["mode=755"], ["remount", "ro"])
    ]
    facts = container(mounts=mounts_with(*mounts)).facts()
    found = [mount for mount in facts.mounts if mount.mount_point == "/made"]
    assert [mount.options[0] for mount in found] == ["ro"]


@requirement("config.mounts.options.bind")
@needs("root")
def test_bind_leaves_out_what_is_mounted_below_the_source(container: MakeContainer, host_mounts: HostMounts) -> None:
    found = _names_below_the_source(container, host_mounts, "bind")
    assert found == ["of the directory"]


@requirement("config.mounts.options.rbind")
@needs("root")
def test_rbind_has_what_is_mounted_below_the_source(container: MakeContainer, host_mounts: HostMounts) -> None:
    found = _names_below_the_source(container, host_mounts, "rbind")
    assert found == ["of the mount"]


def _names_below_the_source(container: MakeContainer, host_mounts: HostMounts, option: str) -> list[str] | None:
    one = container(program=attempting(["list", "/made/below"]))
    source = one.bundle.path / "source"
    (source / "below" / "of the directory").mkdir(parents=True)
    (host_mounts.tmpfs(source / "below") / "of the mount").mkdir()
    one.configure(mounts=mounts_with({"destination": "/made", "source": str(source), "options": [option]}))
    return one.attempts()[0].names


@requirement("config.mounts.options.custom.as_mount_8")
@pytest.mark.parametrize(
    ("name", "implied"),
    [
        ("user", {"nosuid", "nodev", "noexec"}),
        ("users", {"nosuid", "nodev", "noexec"}),
        ("owner", {"nosuid", "nodev"}),
        ("group", {"nosuid", "nodev"}),
    ],
)
def test_option_that_mount_8_knows_implies_what_it_implies_there(
    container: MakeContainer, name: str, implied: set[str]
) -> None:
    one = container(mounts=mounts_with_tmpfs("/made", name)).create_supporting(f"the option {name}").start()
    assert implied <= set(mount_of(one).options)


@requirement("config.mounts.options.unknown")
def test_unknown_options_are_for_the_filesystem_to_understand(container: MakeContainer) -> None:
    options = ["mode=0751", "nosuid", "uid=7", "gid=8"]
    one = container(program=attempting(["stat", "/made"]), mounts=mounts_with_tmpfs("/made", *options))
    status = one.attempts()[0].status
    assert (status.mode, status.uid, status.gid) == (0o751, 7, 8)


@requirement("config.mounts.options.unknown")
def test_option_that_neither_the_runtime_nor_the_filesystem_knows_is_refused(container: MakeContainer) -> None:
    one = container(mounts=mounts_with_tmpfs("/made", "mode=0751", "nobody-knows-this"))
    assert not one.attempt_create().ok
