"""The options of config.md (Linux mount options), each sorted to who applies it."""

from __future__ import annotations

import pytest

from reference_runtime import syscalls as kernel
from reference_runtime.mount_options import (
    ATTRIBUTES,
    IMPLYING,
    MAPPED,
    PROPAGATION,
    RECURSIVE,
    SUPERBLOCK,
    MountOptions,
    is_mapped,
    names,
)

# The table of config.md, by level; what is not here is for the filesystem to judge.
MUST = [
    "async",
    "atime",
    "bind",
    "defaults",
    "dev",
    "diratime",
    "dirsync",
    "exec",
    "iversion",
    "lazytime",
    "loud",
    "noatime",
    "nodev",
    "nodiratime",
    "noexec",
    "noiversion",
    "nolazytime",
    "norelatime",
    "nostrictatime",
    "nosuid",
    "private",
    "rbind",
    "relatime",
    "remount",
    "ro",
    "rprivate",
    "rshared",
    "rslave",
    "runbindable",
    "rw",
    "shared",
    "silent",
    "slave",
    "strictatime",
    "suid",
    "sync",
    "unbindable",
]
SHOULD = [
    "idmap",
    "nosymfollow",
    "ratime",
    "rdev",
    "rdiratime",
    "rexec",
    "ridmap",
    "rnoatime",
    "rnodiratime",
    "rnoexec",
    "rnorelatime",
    "rnostrictatime",
    "rnosuid",
    "rnosymfollow",
    "rrelatime",
    "rro",
    "rrw",
    "rstrictatime",
    "rsuid",
    "rsymfollow",
    "symfollow",
]
MAY = ["mand", "nomand"]
# What the table does not have, and mount(8) has.
OF_MOUNT_8 = ["user", "users", "owner", "group"]
# A MAY that this runtime does not have; the kernel then refuses it as an option of the filesystem.
FOR_THE_FILESYSTEM = ["tmpcopyup"]

RDONLY, NOSUID, NODEV, NOEXEC = (
    kernel.MOUNT_ATTR_RDONLY,
    kernel.MOUNT_ATTR_NOSUID,
    kernel.MOUNT_ATTR_NODEV,
    kernel.MOUNT_ATTR_NOEXEC,
)
ATIME, NOATIME, STRICTATIME = kernel.MOUNT_ATTR__ATIME, kernel.MOUNT_ATTR_NOATIME, kernel.MOUNT_ATTR_STRICTATIME


@pytest.mark.parametrize("option", MUST + SHOULD + MAY + OF_MOUNT_8)
def test_option_of_the_table_is_understood(option: str) -> None:
    assert MountOptions([option]).data == ""
    assert option in names()


@pytest.mark.parametrize(
    "option", [*FOR_THE_FILESYSTEM, "mode=755", "size=1k", "uid=0", "newinstance", "x-unknown", ""]
)
def test_any_other_option_is_data(option: str) -> None:
    options = MountOptions([option])
    assert options.data == option
    assert (options.bind, options.flags, options.set_, options.clear, options.propagation) == (False, 0, 0, 0, [])
    assert option not in names()


def test_features_name_no_more_than_is_understood() -> None:
    # rnodev is missing in the table, and stands in features.md.
    assert set(names()) == {*MUST, *SHOULD, *MAY, *OF_MOUNT_8, "rnodev"}
    assert not {*FOR_THE_FILESYSTEM} & set(names())


def test_each_option_belongs_to_one_table() -> None:
    tables = [
        set(ATTRIBUTES),
        set(IMPLYING),
        RECURSIVE,
        set(SUPERBLOCK),
        set(PROPAGATION),
        {"bind", "rbind"},
        set(MAPPED),
    ]
    assert sum(map(len, tables)) == len(set().union(*tables))


@pytest.mark.parametrize(
    ("options", "set_", "clear"),
    [
        (["ro"], RDONLY, 0),
        (["rw"], 0, RDONLY),
        (["ro", "rw"], 0, RDONLY),
        (["rw", "ro"], RDONLY, 0),
        (["nosuid", "nodev", "noexec"], NOSUID | NODEV | NOEXEC, 0),
        (["nosuid", "suid"], 0, NOSUID),
        (["dev", "nodev"], NODEV, 0),
        (["noexec", "exec", "noexec"], NOEXEC, 0),
        (["nosymfollow"], kernel.MOUNT_ATTR_NOSYMFOLLOW, 0),
        (["nosymfollow", "symfollow"], 0, kernel.MOUNT_ATTR_NOSYMFOLLOW),
        (["nodiratime"], kernel.MOUNT_ATTR_NODIRATIME, 0),
        (["nodiratime", "diratime"], 0, kernel.MOUNT_ATTR_NODIRATIME),
        (["noatime"], NOATIME, ATIME),
        (["strictatime"], STRICTATIME, ATIME),
        (["relatime"], 0, ATIME),
        (["noatime", "strictatime"], STRICTATIME, ATIME),
        (["strictatime", "noatime"], NOATIME, ATIME),
        (["noatime", "atime"], 0, ATIME),
        (["strictatime", "nostrictatime"], 0, ATIME),
        (["noatime", "relatime"], 0, ATIME),
        (["noatime", "norelatime"], NOATIME, ATIME),
        (["defaults"], 0, 0),
        (["user"], NOSUID | NODEV | NOEXEC, 0),
        (["owner"], NOSUID | NODEV, 0),
        # mount(8): unless overridden by subsequent options.
        (["users", "exec", "dev"], NOSUID, NODEV | NOEXEC),
    ],
)
def test_later_option_wins(options: list[str], set_: int, clear: int) -> None:
    parsed = MountOptions(options)
    assert (parsed.set_, parsed.clear & ~parsed.set_) == (set_, clear & ~set_)
    assert (parsed.recursive_set, parsed.recursive_clear) == (0, 0)


@pytest.mark.parametrize("option", sorted(ATTRIBUTES))
def test_recursive_option_is_the_same_for_all_mounts_below(option: str) -> None:
    plain, recursive = MountOptions([option]), MountOptions([f"r{option}"])
    assert (recursive.recursive_set, recursive.recursive_clear) == (plain.set_, plain.clear)
    assert (recursive.set_, recursive.clear, recursive.flags) == (0, 0, 0)


def test_later_recursive_option_wins() -> None:
    parsed = MountOptions(["rro", "rnoatime", "rrw", "rstrictatime"])
    assert parsed.recursive_set == STRICTATIME
    assert parsed.recursive_clear & RDONLY
    assert parsed.recursive_clear & ATIME == ATIME


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        ([], 0),
        (["ro"], kernel.MS_RDONLY),
        (["ro", "rw"], 0),
        (["nosuid", "nodev", "noexec"], kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC),
        (["noatime"], kernel.MS_NOATIME),
        (["strictatime"], kernel.MS_STRICTATIME),
        (["nodiratime"], kernel.MS_NODIRATIME),
        (["nosymfollow"], kernel.MS_NOSYMFOLLOW),
        (["sync", "dirsync"], kernel.MS_SYNCHRONOUS | kernel.MS_DIRSYNC),
        (["sync", "async"], 0),
        (["lazytime"], kernel.MS_LAZYTIME),
        (["lazytime", "nolazytime"], 0),
        (["iversion"], kernel.MS_I_VERSION),
        (["iversion", "noiversion"], 0),
        (["mand"], kernel.MS_MANDLOCK),
        (["mand", "nomand"], 0),
        (["silent"], kernel.MS_SILENT),
        (["silent", "loud"], 0),
        (["remount", "ro"], kernel.MS_REMOUNT | kernel.MS_RDONLY),
        (["bind", "rbind"], 0),
    ],
)
def test_flags_of_mount(options: list[str], flags: int) -> None:
    assert MountOptions(options).flags == flags


@pytest.mark.parametrize(
    ("option", "flag"),
    [
        ("private", kernel.MS_PRIVATE),
        ("shared", kernel.MS_SHARED),
        ("slave", kernel.MS_SLAVE),
        ("unbindable", kernel.MS_UNBINDABLE),
    ],
)
def test_propagation(option: str, flag: int) -> None:
    assert MountOptions([option]).propagation == [flag]
    assert MountOptions([f"r{option}"]).propagation == [flag | kernel.MS_REC]
    assert MountOptions([option]).flags == 0


def test_propagation_is_changed_in_the_order_of_the_options() -> None:
    assert MountOptions(["slave", "ro", "shared"]).propagation == [kernel.MS_SLAVE, kernel.MS_SHARED]


def test_bind_mounts() -> None:
    plain, bind, recursive = MountOptions([]), MountOptions(["bind"]), MountOptions(["rbind"])
    assert (plain.bind, bind.bind, recursive.bind) == (False, True, True)
    assert (plain.recursive_bind, bind.recursive_bind, recursive.recursive_bind) == (False, False, True)


def test_data_is_passed_on_in_order() -> None:
    assert MountOptions(["size=1k", "ro", "mode=755", "nosuid", "uid=5"]).data == "size=1k,mode=755,uid=5"


@pytest.mark.parametrize(
    ("options", "mapped", "recursively"),
    [([], False, False), (["idmap"], True, False), (["ridmap"], True, True), (["idmap", "ridmap"], True, True)],
)
def test_mapped_mounts(options: list[str], *, mapped: bool, recursively: bool) -> None:
    parsed = MountOptions(options)
    assert (parsed.mapped, parsed.recursively_mapped) == (mapped, recursively)


def test_mappings_alone_ask_for_a_mapped_mount() -> None:
    assert is_mapped({"destination": "/a", "uidMappings": [], "gidMappings": []})
    assert is_mapped({"destination": "/a", "options": ["idmap"]})
    assert not is_mapped({"destination": "/a", "options": ["bind"]})
