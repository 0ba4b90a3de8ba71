"""The labels of Linux security modules (config.md, Linux Process): apparmorProfile, selinuxLabel.

A process asks for the label that it will have after its next execve(2), through a file of its own in /proc. The file is
opened while /proc is the runtime's, and it is made sure that it is one: the container's may be anything.
"""

from __future__ import annotations

import errno
import os

from reference_runtime import paths, syscalls
from reference_runtime.errors import SyscallFailed, call
from reference_runtime.steps import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.config import Config
    from reference_runtime.context import Context

# statfs(2).
_PROC_SUPER_MAGIC = 0x9FA0

_MODULES = {
    "apparmor": ("apparmorProfile", "config.process.apparmor_profile.applied"),
    "selinux": ("selinuxLabel", "config.process.selinux_label.applied"),
}

# A file of each module, if the kernel has them (Linux 5.8), and the one of whatever module there is.
_FILES = {"apparmor": ("self/attr/apparmor/exec", "self/attr/exec"), "selinux": ("self/attr/exec",)}


def plan_opening(config: Config) -> Iterator[Step]:
    """Open the files of the process itself, before it leaves the runtime's file system."""
    for module, (name, why) in _MODULES.items():
        if config.process.get(name):
            yield Step("security_labels.open_file", why, f"$.process.{name}", module=module)


def plan(config: Config) -> Iterator[Step]:
    """Ask for the labels, after the hooks of the runtime have run and before the process gives up its rights."""
    for module, (name, why) in _MODULES.items():
        label = config.process.get(name)
        if label:
            yield Step("security_labels.request", why, f"$.process.{name}", module=module, label=label)


def open_file(context: Context, module: str) -> None:
    """Open the file of a module in the runtime's /proc, and nothing that is mounted over it. Raises `SyscallFailed`."""
    flags = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
    with paths.Opened(call(os.open, "/proc", flags)) as proc:
        if syscalls.filesystem_type(proc) != _PROC_SUPER_MAGIC:
            raise SyscallFailed("open", errno.EXDEV, "/proc")
        context.descriptors[module] = _open_first(proc, _FILES[module])


def request(context: Context, module: str, label: str) -> None:
    """Ask for a label at the next execve(2)."""
    descriptor = context.descriptors.pop(module)
    # AppArmor wants a command; what is no profile, or no label, is refused here.
    content = f"exec {label}" if module == "apparmor" else label
    try:
        os.write(descriptor, os.fsencode(content))
    except OSError as error:
        raise SyscallFailed("write", error.errno or 0, f"the label {label}") from error
    finally:
        os.close(descriptor)


def _open_first(proc: int, files: tuple[str, ...]) -> int:
    *others, last = files
    resolution = syscalls.RESOLVE_NO_XDEV | syscalls.RESOLVE_NO_MAGICLINKS
    for name in others:
        try:
            return syscalls.openat2(proc, name, os.O_WRONLY, resolution)
        except SyscallFailed as error:
            if error.errno != errno.ENOENT:
                raise
    return syscalls.openat2(proc, last, os.O_WRONLY, resolution)
