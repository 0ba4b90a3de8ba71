"""What a runtime can say that it recognizes: the names that the specification and the kernel have."""

from __future__ import annotations

from conformance.validation import namespaces
from conformance.validation.kernel_names import CAPABILITIES
from conformance.validation.schemas import referred, schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OF_FILESYSTEMS = frozenset(
    (
        *("size", "nr_blocks", "nr_inodes", "mode", "uid", "gid", "huge", "mpol", "noswap", "inode32", "inode64"),
        *("newinstance", "ptmxmode", "max", "hidepid", "subset", "nsdelegate", "memory_recursiveprot", "xattr"),
        *("lowerdir", "upperdir", "workdir", "redirect_dir", "metacopy", "nfs_export", "xino", "volatile", "userxattr"),
        *("data", "errors", "journal_checksum", "barrier", "nobarrier", "discard", "nodiscard", "user_xattr"),
        *("nouser_xattr", "usrquota", "grpquota", "prjquota", "subvol", "subvolid", "compress", "umask", "dmask"),
        *("fmask", "iocharset", "codepage", "shortname", "vers", "nfsvers", "proto", "addr", "hard", "soft", "nolock"),
        *("context", "fscontext", "defcontext", "rootcontext", "rootmode", "user_id", "group_id", "allow_other"),
    )
)
"""Options that mount(2) passes on to filesystems, by mount(8) and the kernel's texts on filesystems."""


def names() -> dict[tuple[str, ...], tuple[str, ...]]:
    """The names for each list of the features structure that has names of the specification or the kernel only."""
    linux = referred("config-linux.schema.json")
    seccomp = linux["properties"]["seccomp"]["properties"]
    policy = linux["properties"]["memoryPolicy"]["properties"]
    of_call = seccomp["syscalls"]["items"]["properties"]
    flags = _values(seccomp["flags"]["items"])
    return {
        ("hooks",): tuple(schema("config")["properties"]["hooks"]["properties"]),
        ("linux", "namespaces"): namespaces.TYPES,
        ("linux", "capabilities"): CAPABILITIES,
        ("linux", "seccomp", "actions"): _values(linux["$defs"]["action"]),
        ("linux", "seccomp", "operators"): _values(of_call["args"]["items"]["properties"]["op"]),
        ("linux", "seccomp", "archs"): _values(seccomp["architectures"]["items"]),
        ("linux", "seccomp", "knownFlags"): flags,
        ("linux", "seccomp", "supportedFlags"): flags,
        ("linux", "memoryPolicy", "modes"): _values(policy["mode"]),
        ("linux", "memoryPolicy", "flags"): _values(policy["flags"]["items"]),
    }


def _values(part: dict[str, Any]) -> tuple[str, ...]:
    return tuple(part["enum"])
