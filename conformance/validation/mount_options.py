"""The mount options of config.md (Linux mount options), by what they are about.

The reference runtime imports this for every container, so it imports nothing.
"""

from __future__ import annotations

BIND = ("bind", "rbind")

MAPPED = ("idmap", "ridmap")

PROPAGATION = ("private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable")

_OF_A_MOUNT = (
    *(("ro", "rw"), ("suid", "nosuid"), ("dev", "nodev"), ("exec", "noexec"), ("symfollow", "nosymfollow")),
    *(("atime", "noatime"), ("diratime", "nodiratime"), ("relatime", "norelatime"), ("strictatime", "nostrictatime")),
)

OPPOSITES = (
    *_OF_A_MOUNT,
    *((f"r{one}", f"r{other}") for one, other in _OF_A_MOUNT if one != "dev"),
    *(("sync", "async"), ("lazytime", "nolazytime"), ("iversion", "noiversion"), ("mand", "nomand")),
    ("silent", "loud"),
)
"""Options that undo each other. There is no `rnodev` in the table, though runtimes have it."""

KNOWN = (
    *BIND,
    *MAPPED,
    *PROPAGATION,
    *(option for pair in OPPOSITES for option in pair),
    *("rdev", "defaults", "dirsync", "remount", "tmpcopyup"),
)
