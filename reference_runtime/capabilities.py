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


def limit_bounding(context: Context, wanted: dict[str, list[str]]) -> None:
    """Drop from the bounding set what is not wanted."""
    bounding = _mask(context, "bounding", wanted)
    for number in range(len(NAMES)):
        if bounding & 1 << number:
            continue
        try:
            if syscalls.prctl(syscalls.PR_CAPBSET_READ, number):
                syscalls.prctl(syscalls.PR_CAPBSET_DROP, number)
        except SyscallFailed:
            # The kernel does not know this one, so nobody has it.
            break


def apply(context: Context, wanted: dict[str, list[str]]) -> None:
    """Set the other four sets; what cannot be granted is a warning (config.md, Linux Process)."""
    held = syscalls.permitted_capabilities()
    permitted = _mask(context, "permitted", wanted)
    if permitted & ~held:
        context.warn(f"cannot grant {', '.join(_names(permitted & ~held))}")
    permitted &= held
    effective = _mask(context, "effective", wanted) & permitted
    inheritable = _mask(context, "inheritable", wanted) & _mask(context, "bounding", wanted) & held
    syscalls.capset(effective, permitted, inheritable)
    ambient = _mask(context, "ambient", wanted)
    for number, name in enumerate(NAMES):
        if ambient & 1 << number:
            try:
                syscalls.prctl(syscalls.PR_CAP_AMBIENT, syscalls.PR_CAP_AMBIENT_RAISE, number)
            except SyscallFailed as error:
                context.warn(f"cannot make {name} ambient: {error}")


def _mask(context: Context, name: str, wanted: dict[str, list[str]]) -> int:
    mask = 0
    for capability in wanted.get(name, ()):
        if capability in NAMES:
            mask |= 1 << NAMES.index(capability)
        else:
            context.warn(f"{capability} is no capability that this runtime knows")
    return mask


def _names(mask: int) -> list[str]:
    return [name for number, name in enumerate(NAMES) if mask & 1 << number]
