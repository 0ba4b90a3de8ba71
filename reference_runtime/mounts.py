"""The root filesystem, the configured mounts, and the filesystems that every container gets.

Everything is mounted below the root directory while the process still sees the runtime's files, and onto
descriptors that were resolved inside the root; `pivot_root` comes last.
"""

from __future__ import annotations

import errno
import os

from reference_runtime import paths, syscalls
from reference_runtime.errors import SyscallFailed, call
from reference_runtime.mount_options import PROPAGATION, MountOptions, is_mapped
from reference_runtime.steps import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from reference_runtime.config import Config
    from reference_runtime.context import Context
    from reference_runtime.host import Host

# config-linux.md, Default Filesystems.
DEFAULT_FILESYSTEMS = (
    ("proc", "proc", ["nosuid", "nodev", "noexec"]),
    ("sys", "sysfs", ["nosuid", "nodev", "noexec", "ro"]),
    ("dev/pts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]),
    ("dev/shm", "tmpfs", ["nosuid", "nodev", "noexec", "mode=1777", "size=65536k"]),
)


def plan(config: Config, host: Host) -> Iterator[Step]:
    """The root directory, then the mounts in the listed order, then the default filesystems that are not listed."""
    undo = None if config.namespace("mount") else "mounts.unmount"
    if config.creates("mount"):
        # A mount below a slave is not seen by the host; only rootfsPropagation `private` shuts out the host's.
        shuts_out = _of_root(config).removeprefix("r") in ("private", "unbindable")
        propagation = "rprivate" if shuts_out else "rslave"
        why = "config_linux.namespaces.mount.isolated"
        yield Step("mounts.isolate", why, "$.linux.namespaces", propagation=propagation)
    why = "bundle.rootfs.is_root_path"
    undo_root = undo and "mounts.unmount_root"
    yield Step("mounts.bind_root", why, "$.root.path", undo=undo_root, destination=config.rootfs)
    configured = set()
    for index, mount in enumerate(config.document.get("mounts", ())):
        place = f"$.mounts[{index}]"
        configured.add("/".join(paths.components(mount["destination"])))
        options = mount.get("options", [])
        if mount.get("type") == "cgroup" and not MountOptions(options).bind:
            from reference_runtime.cgroups import mounting

            yield from mounting.plan(config, host, mount, place)
        else:
            yield from _steps(config, index, mount, undo)
    for destination, type_, options in DEFAULT_FILESYSTEMS:
        if destination not in configured and config.creates("mount"):
            why = f"config_linux.default_filesystems.{destination.replace('/', '_')}"
            yield Step("mounts.default", why, "$.mounts", destination=destination, type_=type_, options=options)


def plan_mapped(config: Config) -> Iterator[Step]:
    """What has to be done about mounts whose IDs are mapped while the process is in the runtime's user namespace."""
    if any(is_mapped(mount) for mount in config.document.get("mounts", ())):
        from reference_runtime import mapped_mounts

        yield from mapped_mounts.plan(config)


def _of_root(config: Config) -> str:
    """The propagation of the root mount, which clients also give in the recursive form; empty if there is none."""
    propagation: str = config.linux.get("rootfsPropagation", "")
    return propagation


def plan_pivot(config: Config) -> Iterator[Step]:
    """Make the root directory the root, then what can only be said of it when it is the root."""
    if config.namespace("mount"):
        yield Step("mounts.pivot", "bundle.rootfs.is_root_path", "$.root.path")
    else:
        yield Step("mounts.change_root", "bundle.rootfs.is_root_path", "$.root.path")
    propagation = _of_root(config)
    if propagation:
        why = f"config_linux.rootfs_propagation.{propagation.removeprefix('r')}"
        yield Step("mounts.propagate_root", why, "$.linux.rootfsPropagation", propagation=propagation)
    if config.document["root"].get("readonly"):
        yield Step("mounts.make_root_readonly", "config.root.readonly.enforced", "$.root.readonly")


def _steps(config: Config, index: int, mount: dict[str, Any], undo: str | None) -> Iterator[Step]:
    place = f"$.mounts[{index}]"
    source = mount.get("source")
    destination = mount["destination"]
    options = mount.get("options", [])
    parsed = MountOptions(options)
    mapped = is_mapped(mount)
    if parsed.bind:
        yield Step(
            "mounts.bind",
            "config.mounts.source.bind_path",
            place,
            undo=undo,
            source=source and os.path.join(config.bundle, source),
            destination=destination,
            options=options,
            **({"opened": place} if mapped else {}),
        )
        return
    yield Step(
        "mounts.filesystem",
        "config.mounts.order",
        place,
        undo=undo,
        type_=mount.get("type"),
        source=source,
        destination=destination,
        options=options,
    )
    if mapped:
        why = "config.mounts.options.idmap.applied"
        yield Step("mapped_mounts.map_filesystem", why, place, destination=destination, name=place)


def isolate(context: Context, propagation: str) -> None:
    """Cut the new mount namespace off from the one that it was copied from."""
    syscalls.mount(None, "/", None, PROPAGATION[propagation])


def bind_root(context: Context, destination: str) -> None:
    """Make the root directory a mount of its own, for `pivot_root` wants one."""
    with paths.Opened(call(os.open, destination, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)) as target:
        context.root = syscalls.open_tree(
            target, "", syscalls.OPEN_TREE_CLONE | syscalls.AT_EMPTY_PATH | syscalls.AT_RECURSIVE
        )
        syscalls.move_mount(context.root, target)


def filesystem(context: Context, type_: str | None, source: str | None, destination: str, options: list[str]) -> None:
    """Mount a filesystem (mount(2)); what is no known option is for the filesystem to judge."""
    parsed = MountOptions(options)
    with paths.make_directories(context.root, destination) as target:
        syscalls.mount(source, paths.through_proc(target), type_, parsed.flags, parsed.data)
    with paths.resolve(context.root, destination) as mounted:
        try:
            _adjust(mounted, parsed)
        except SyscallFailed:
            syscalls.umount2(paths.through_proc(mounted), syscalls.MNT_DETACH)
            raise


def bind(context: Context, source: str | None, destination: str, options: list[str], opened: str | None = None) -> None:
    """Mount a file or directory of the runtime's mount namespace; `opened` names the descriptor of a copy of it that an
    earlier step has made.
    """
    parsed = MountOptions(options)
    if opened is None:
        flags = syscalls.OPEN_TREE_CLONE | (syscalls.AT_RECURSIVE if parsed.recursive_bind else 0)
        copy = syscalls.open_tree(syscalls.AT_FDCWD, source or "", flags)
    else:
        copy = context.descriptors.pop(opened)
    with paths.Opened(copy) as tree:
        # The attributes are there before anybody can reach the mount.
        syscalls.mount_setattr(tree, set_=parsed.set_, clear=parsed.clear)
        _adjust(tree, parsed)
        is_directory = os.fstat(tree).st_mode & 0o170000 == 0o040000
        make = paths.make_directories if is_directory else paths.make_file
        with make(context.root, destination) as target:
            syscalls.move_mount(tree, target)


def default(context: Context, destination: str, type_: str, options: list[str]) -> None:
    """Mount a filesystem that the configuration does not ask for; where that cannot be, there is a warning."""
    try:
        filesystem(context, type_, type_, destination, options)
    except SyscallFailed as error:
        context.warn(f"no {type_} at /{destination}: {error}")


def pivot(context: Context) -> None:
    """Make the root directory the root of the mount namespace, and let go of everything else (pivot_root(2))."""
    call(os.fchdir, context.root)
    syscalls.pivot_root(".", ".")
    # The old root is now mounted over the new one.
    syscalls.umount2(".", syscalls.MNT_DETACH)
    call(os.chdir, "/")


def change_root(context: Context) -> None:
    """Change the root of the process alone: the mount namespace is the runtime's."""
    call(os.fchdir, context.root)
    call(os.chroot, ".")
    call(os.chdir, "/")


def propagate_root(context: Context, propagation: str) -> None:
    """Set the propagation of the root mount (config-linux.md, Rootfs Mount Propagation)."""
    if propagation.removeprefix("r") == "shared":
        # The group has to be a new one: without this, it could be the host's.
        syscalls.mount(None, "/", None, syscalls.MS_PRIVATE | PROPAGATION[propagation] & syscalls.MS_REC)
    syscalls.mount(None, "/", None, PROPAGATION[propagation])


def make_root_readonly(context: Context) -> None:
    """Make the root mount, and no other, read-only."""
    with paths.Opened(call(os.open, "/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)) as root:
        syscalls.mount_setattr(root, set_=syscalls.MOUNT_ATTR_RDONLY)


def unmount(context: Context, destination: str, **_: Any) -> None:
    """Undo a mount in the runtime's mount namespace."""
    try:
        with (
            paths.Opened(call(os.open, context.config.rootfs, os.O_PATH | os.O_CLOEXEC)) as root,
            paths.resolve(root, destination) as mounted,
        ):
            syscalls.umount2(paths.through_proc(mounted), syscalls.MNT_DETACH)
    except SyscallFailed as error:
        # Nothing is there, or nothing is mounted there: the step was not taken.
        if error.errno not in (errno.ENOENT, errno.EINVAL):
            raise


def unmount_root(context: Context, destination: str) -> None:
    """Undo `bind_root` in the runtime's mount namespace."""
    unmount(context, "/")


def _adjust(mounted: int, options: MountOptions) -> None:
    if options.recursive_set or options.recursive_clear:
        syscalls.mount_setattr(mounted, set_=options.recursive_set, clear=options.recursive_clear, recursive=True)
    for propagation in options.propagation:
        recursive = bool(propagation & syscalls.MS_REC)
        syscalls.mount_setattr(mounted, propagation=propagation & ~syscalls.MS_REC, recursive=recursive)
