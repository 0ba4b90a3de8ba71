"""The mount options of config.md (Linux mount options), each with what it means to the kernel."""

from __future__ import annotations

from reference_runtime import syscalls as kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ATIME = kernel.MOUNT_ATTR__ATIME

ATTRIBUTES: dict[str, tuple[int, int]] = {
    "ro": (kernel.MOUNT_ATTR_RDONLY, 0),
    "rw": (0, kernel.MOUNT_ATTR_RDONLY),
    "suid": (0, kernel.MOUNT_ATTR_NOSUID),
    "nosuid": (kernel.MOUNT_ATTR_NOSUID, 0),
    "dev": (0, kernel.MOUNT_ATTR_NODEV),
    "nodev": (kernel.MOUNT_ATTR_NODEV, 0),
    "exec": (0, kernel.MOUNT_ATTR_NOEXEC),
    "noexec": (kernel.MOUNT_ATTR_NOEXEC, 0),
    "symfollow": (0, kernel.MOUNT_ATTR_NOSYMFOLLOW),
    "nosymfollow": (kernel.MOUNT_ATTR_NOSYMFOLLOW, 0),
    "diratime": (0, kernel.MOUNT_ATTR_NODIRATIME),
    "nodiratime": (kernel.MOUNT_ATTR_NODIRATIME, 0),
    "relatime": (kernel.MOUNT_ATTR_RELATIME, _ATIME),
    # mount(2) without any of these flags gives relatime, so there is nothing that this one could ask for.
    "norelatime": (0, 0),
    "noatime": (kernel.MOUNT_ATTR_NOATIME, _ATIME),
    "atime": (kernel.MOUNT_ATTR_RELATIME, _ATIME),
    "strictatime": (kernel.MOUNT_ATTR_STRICTATIME, _ATIME),
    "nostrictatime": (kernel.MOUNT_ATTR_RELATIME, _ATIME),
}
"""Attributes of one mount: what mount_setattr(2) sets, and what it clears before. With an `r` in front, the same for
all mounts below it."""

_MOUNT_FLAGS = {
    kernel.MOUNT_ATTR_RDONLY: kernel.MS_RDONLY,
    kernel.MOUNT_ATTR_NOSUID: kernel.MS_NOSUID,
    kernel.MOUNT_ATTR_NODEV: kernel.MS_NODEV,
    kernel.MOUNT_ATTR_NOEXEC: kernel.MS_NOEXEC,
    kernel.MOUNT_ATTR_NOATIME: kernel.MS_NOATIME,
    kernel.MOUNT_ATTR_STRICTATIME: kernel.MS_STRICTATIME,
    kernel.MOUNT_ATTR_NODIRATIME: kernel.MS_NODIRATIME,
    kernel.MOUNT_ATTR_NOSYMFOLLOW: kernel.MS_NOSYMFOLLOW,
}

SUPERBLOCK: dict[str, tuple[int, int]] = {
    "sync": (kernel.MS_SYNCHRONOUS, 0),
    "async": (0, kernel.MS_SYNCHRONOUS),
    "dirsync": (kernel.MS_DIRSYNC, 0),
    "lazytime": (kernel.MS_LAZYTIME, 0),
    "nolazytime": (0, kernel.MS_LAZYTIME),
    "iversion": (kernel.MS_I_VERSION, 0),
    "noiversion": (0, kernel.MS_I_VERSION),
    "mand": (kernel.MS_MANDLOCK, 0),
    "nomand": (0, kernel.MS_MANDLOCK),
    "silent": (kernel.MS_SILENT, 0),
    "loud": (0, kernel.MS_SILENT),
    "remount": (kernel.MS_REMOUNT, 0),
    "defaults": (0, 0),
}
"""Flags of mount(2) that belong to the filesystem and not to the mount: set, cleared."""

PROPAGATION: dict[str, int] = {
    "private": kernel.MS_PRIVATE,
    "rprivate": kernel.MS_PRIVATE | kernel.MS_REC,
    "shared": kernel.MS_SHARED,
    "rshared": kernel.MS_SHARED | kernel.MS_REC,
    "slave": kernel.MS_SLAVE,
    "rslave": kernel.MS_SLAVE | kernel.MS_REC,
    "unbindable": kernel.MS_UNBINDABLE,
    "runbindable": kernel.MS_UNBINDABLE | kernel.MS_REC,
}

RECURSIVE = {f"r{name}" for name in ATTRIBUTES}

_NOSUID_NODEV = kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV

IMPLYING: dict[str, int] = {
    "user": _NOSUID_NODEV | kernel.MOUNT_ATTR_NOEXEC,
    "users": _NOSUID_NODEV | kernel.MOUNT_ATTR_NOEXEC,
    "owner": _NOSUID_NODEV,
    "group": _NOSUID_NODEV,
}
"""Options that the table does not have: the attributes that they imply (mount(8)). Whom they allow to mount something
does not matter here.
"""

MAPPED = ("idmap", "ridmap")


class MountOptions:
    """A list of options, sorted by who applies them.

    `set_` and `clear` are for mount_setattr(2) of the mount, `recursive_set` and `recursive_clear` of all below it
    too; `flags` are the flags of mount(2), in which `set_` is contained; `data` is for the filesystem to understand.
    `mapped` says that the IDs of the mount are to be mapped, `recursively_mapped` that so are those of all below it.
    """

    def __init__(self, options: list[str]) -> None:
        self.bind = any(option in ("bind", "rbind") for option in options)
        self.recursive_bind = "rbind" in options
        self.mapped = any(option in MAPPED for option in options)
        self.recursively_mapped = "ridmap" in options
        self.flags = 0
        self.set_ = 0
        self.clear = 0
        self.recursive_set = 0
        self.recursive_clear = 0
        self.propagation: list[int] = []
        data = []
        for option in options:
            if option in ("bind", "rbind", *MAPPED):
                continue
            if option in ATTRIBUTES:
                self.set_, self.clear = _merged(self.set_, self.clear, *ATTRIBUTES[option])
            elif option in IMPLYING:
                self.set_, self.clear = _merged(self.set_, self.clear, IMPLYING[option], 0)
            elif option in RECURSIVE:
                change = ATTRIBUTES[option[1:]]
                self.recursive_set, self.recursive_clear = _merged(self.recursive_set, self.recursive_clear, *change)
            elif option in SUPERBLOCK:
                on, off = SUPERBLOCK[option]
                self.flags = self.flags & ~off | on
            elif option in PROPAGATION:
                self.propagation.append(PROPAGATION[option])
            else:
                data.append(option)
        self.flags |= sum(flag for attribute, flag in _MOUNT_FLAGS.items() if self.set_ & attribute)
        self.data = ",".join(data)


def is_mapped(mount: dict[str, Any]) -> bool:
    """Whether an entry of `mounts` asks for IDs to be mapped: before version 1.2 there was no option that says so."""
    return "uidMappings" in mount or MountOptions(mount.get("options", [])).mapped


def _merged(set_: int, clear: int, on: int, off: int) -> tuple[int, int]:
    # mount_setattr clears first: a later option wins over an earlier one.
    return set_ & ~off | on, clear & ~on | off


def names() -> list[str]:
    """Every option that is understood, for the features document."""
    return sorted({"bind", "rbind", *MAPPED, *ATTRIBUTES, *IMPLYING, *RECURSIVE, *SUPERBLOCK, *PROPAGATION})
