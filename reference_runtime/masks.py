"""Masked and read-only paths (config-linux.md). A path that does not exist needs neither."""

from __future__ import annotations

import errno
import os
import stat

from reference_runtime import paths, syscalls
from reference_runtime.errors import SyscallFailed
from reference_runtime.steps import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.config import Config
    from reference_runtime.context import Context


def plan(config: Config) -> Iterator[Step]:
    """Read-only paths first, so that a masked path may lie below one."""
    for index, path in enumerate(config.linux.get("readonlyPaths", ())):
        place = f"$.linux.readonlyPaths[{index}]"
        yield Step("masks.make_readonly", "config_linux.readonly_paths.enforced", place, path=path)
    for index, path in enumerate(config.linux.get("maskedPaths", ())):
        yield Step("masks.mask", "config_linux.masked_paths.unreadable", f"$.linux.maskedPaths[{index}]", path=path)


def mask(context: Context, path: str) -> None:
    """Put an empty read-only directory over a directory, the null device over anything else."""
    try:
        opened = paths.resolve(context.root, path)
    except SyscallFailed as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return
        raise
    with opened as target:
        if stat.S_ISDIR(os.fstat(target).st_mode):
            flags = syscalls.MS_RDONLY | syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC
            syscalls.mount("tmpfs", paths.through_proc(target), "tmpfs", flags, "nr_inodes=2,mode=555")
            return
        with paths.Opened(_null_device()) as device:
            syscalls.move_mount(device, target)


def make_readonly(context: Context, path: str) -> None:
    """Make a path read-only, with all that is mounted below it."""
    try:
        opened = paths.resolve(context.root, path)
    except SyscallFailed as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return
        raise
    with opened as target:
        flags = syscalls.OPEN_TREE_CLONE | syscalls.AT_EMPTY_PATH | syscalls.AT_RECURSIVE
        with paths.Opened(syscalls.open_tree(target, "", flags)) as tree:
            syscalls.mount_setattr(tree, set_=syscalls.MOUNT_ATTR_RDONLY, recursive=True)
            syscalls.move_mount(tree, target)


def _null_device() -> int:
    # The host's own node: the one in the container's /dev could be anything.
    device = syscalls.open_tree(syscalls.AT_FDCWD, "/dev/null", syscalls.OPEN_TREE_CLONE)
    if os.fstat(device).st_rdev != os.makedev(1, 3):
        raise SyscallFailed("open_tree", errno.ENODEV, "/dev/null, which is not the null device,")
    return device
