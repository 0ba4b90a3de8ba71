"""Mounts whose IDs are mapped (config.md: `idmap`, `ridmap`, `uidMappings`, `gidMappings` of a mount).

The kernel takes the mappings from a user namespace (mount_setattr(2)), and only for a mount that nobody has used yet.
It wants privileges over the filesystem of the mount: so the source of a bind mount is opened, and mapped, before the
process moves into a user namespace of its own.
"""

from __future__ import annotations

import os

from reference_runtime import paths, signals, syscalls
from reference_runtime.errors import SyscallFailed, call
from reference_runtime.mount_options import MountOptions, is_mapped
from reference_runtime.namespaces import FLAGS, write_mappings
from reference_runtime.steps import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from reference_runtime.config import Config
    from reference_runtime.context import Context

    Mappings = list[dict[str, Any]]


def plan(config: Config) -> Iterator[Step]:
    """Open the sources of bind mounts, with their IDs mapped."""
    for index, mount in enumerate(config.document.get("mounts", ())):
        options = mount.get("options", [])
        if is_mapped(mount) and MountOptions(options).bind:
            yield Step(
                "mapped_mounts.open_source",
                f"config.mounts.options.{'ridmap' if 'ridmap' in options else 'idmap'}.applied",
                f"$.mounts[{index}]",
                name=name(index),
                source=os.path.join(config.bundle, mount.get("source", "")),
                options=options,
                **mappings(config, mount),
            )


def name(index: int) -> str:
    """What the opened source of a mount is called among the descriptors that steps leave to each other."""
    return f"mounts[{index}]"


def mappings(config: Config, mount: dict[str, Any]) -> dict[str, Any]:
    """The mappings of the mount, or those of the container's user namespace, or that namespace itself: arguments of the
    steps.
    """
    entry = config.namespace("user") or {}
    if not mount.get("uidMappings") and "path" in entry:
        return {"namespace": entry["path"]}
    of = mount if mount.get("uidMappings") else config.linux
    return {"uid_mappings": of["uidMappings"], "gid_mappings": of["gidMappings"]}


def open_source(context: Context, name: str, source: str, options: list[str], **mappings: Any) -> None:
    """Open a copy of the mount at a path, mapped, for `mounts.bind` to put into place."""
    parsed = MountOptions(options)
    flags = syscalls.OPEN_TREE_CLONE | (syscalls.AT_RECURSIVE if parsed.recursive_bind else 0)
    tree = syscalls.open_tree(syscalls.AT_FDCWD, source, flags)
    context.descriptors[name] = tree
    _map(tree, recursive=parsed.recursively_mapped, **mappings)
    if context.config.creates("mount"):
        # As are the mounts that are copied by the container's process, which is in its mount namespace by then.
        syscalls.mount_setattr(tree, propagation=syscalls.MS_SLAVE, recursive=True)


def map_filesystem(context: Context, destination: str, **mappings: Any) -> None:
    """Have a filesystem mapped that has just been mounted: it is replaced by a copy, which nobody has used."""
    with paths.resolve(context.root, destination) as mounted:
        tree = syscalls.open_tree(mounted, "", syscalls.OPEN_TREE_CLONE | syscalls.AT_EMPTY_PATH)
        syscalls.umount2(paths.through_proc(mounted), syscalls.MNT_DETACH)
    with paths.Opened(tree), paths.resolve(context.root, destination) as target:
        _map(tree, recursive=False, **mappings)
        syscalls.move_mount(tree, target)


def _map(
    tree: int,
    *,
    recursive: bool,
    namespace: str | None = None,
    uid_mappings: Mappings | None = None,
    gid_mappings: Mappings | None = None,
) -> None:
    if namespace is not None:
        opened = call(os.open, namespace, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    else:
        opened = _user_namespace({"uid": uid_mappings or [], "gid": gid_mappings or []})
    with paths.Opened(opened) as descriptor:
        syscalls.mount_setattr(tree, set_=syscalls.MOUNT_ATTR_IDMAP, user_namespace=descriptor, recursive=recursive)


def _user_namespace(mappings: dict[str, Mappings]) -> int:
    """A descriptor of a new user namespace, which has no process any more."""
    pid = call(os.fork)
    if pid == 0:
        try:
            syscalls.unshare(FLAGS["user"])
            # The parent hears of this.
            os.kill(os.getpid(), signals.STOP)
        except SyscallFailed as error:
            os._exit(error.errno or 1)
        finally:
            os._exit(0)
    try:
        _, status = os.waitpid(pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            pid = 0
            raise SyscallFailed("unshare", os.waitstatus_to_exitcode(status))
        for kind, entries in mappings.items():
            write_mappings(pid, kind, entries)
        return call(os.open, f"/proc/{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        if pid:
            os.kill(pid, signals.KILL)
            os.waitpid(pid, 0)
