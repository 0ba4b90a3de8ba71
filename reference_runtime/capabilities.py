"""Capabilities (capabilities(7)): names, and the five sets of a process."""

from __future__ import annotations

from reference_runtime import syscalls
from reference_runtime.errors import SyscallFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reference_runtime.context import Context

# In the order of their numbers, from 0.
NAMES = (
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
)

SETS = ("bounding", "effective", "permitted", "inheritable", "ambient")


def warn_of_unknown(context: Context, wanted: dict[str, list[str]]) -> None:
    """Log the values that cannot be mapped to a capability (config.md, Linux Process)."""
    unknown = {name for listed in wanted.values() for name in listed if name not in NAMES}
    if unknown:
        context.warn(f"no capabilities that this runtime knows: {', '.join(sorted(unknown))}")


def limit_bounding(context: Context, wanted: dict[str, list[str]]) -> None:
    """Drop from the bounding set what is not wanted; what is wanted and not in it is a warning."""
    bounding = _mask("bounding", wanted)
    granted = 0
    for number in range(len(NAMES)):
        try:
            if not syscalls.prctl(syscalls.PR_CAPBSET_READ, number):
                continue
        except SyscallFailed:
            # The kernel does not know this one, so nobody has it.
            break
        if bounding & 1 << number:
            granted |= 1 << number
        else:
            syscalls.prctl(syscalls.PR_CAPBSET_DROP, number)
    _warn(context, "bounding", bounding & ~granted)


def apply(context: Context, wanted: dict[str, list[str]]) -> None:
    """Set the other four sets; what cannot be granted is a warning (config.md, Linux Process)."""
    held = syscalls.permitted_capabilities()
    masks = {name: _mask(name, wanted) for name in SETS}
    permitted = masks["permitted"] & held
    effective = masks["effective"] & permitted
    inheritable = masks["inheritable"] & masks["bounding"] & held
    syscalls.capset(effective, permitted, inheritable)
    ambient = 0
    for number in range(len(NAMES)):
        if masks["ambient"] & 1 << number:
            try:
                syscalls.prctl(syscalls.PR_CAP_AMBIENT, syscalls.PR_CAP_AMBIENT_RAISE, number)
            except SyscallFailed:
                continue
            ambient |= 1 << number
    _warn(context, "permitted", masks["permitted"] & ~permitted)
    _warn(context, "effective", masks["effective"] & ~effective)
    _warn(context, "inheritable", masks["inheritable"] & ~inheritable)
    _warn(context, "ambient", masks["ambient"] & ~ambient)


def _warn(context: Context, name: str, lacking: int) -> None:
    if lacking:
        names = ", ".join(capability for number, capability in enumerate(NAMES) if lacking & 1 << number)
        context.warn(f"cannot be granted in the {name} set: {names}")


def _mask(name: str, wanted: dict[str, list[str]]) -> int:
    mask = 0
    for capability in wanted.get(name, ()):
        if capability in NAMES:
            mask |= 1 << NAMES.index(capability)
    return mask
