"""Mounts whose IDs are mapped (config.md: `idmap`, `ridmap`, `uidMappings`, `gidMappings` of a mount).

The kernel takes the mappings from a user namespace (mount_setattr(2)), and only for a mount that nobody has used yet.
It wants privileges over the filesystem of the mount, and the runtime's /proc knows processes by the IDs that they have
outside: so everything is opened before the process moves into namespaces of its own.
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
    """Open the sources of bind mounts, with their IDs mapped, and for filesystems the namespaces with the mappings."""
    for index, mount in enumerate(config.document.get("mounts", ())):
        if not is_mapped(mount):
            continue
        options = mount.get("options", [])
        why = f"config.mounts.options.{'ridmap' if 'ridmap' in options else 'idmap'}.applied"
        place = f"$.mounts[{index}]"
        arguments = {"name": place, **_mappings(config, mount)}
        if MountOptions(options).bind:
            source = os.path.join(config.bundle, mount.get("source", ""))
            yield Step("mapped_mounts.open_source", why, place, source=source, options=options, **arguments)
        else:
            yield Step("mapped_mounts.open_mappings", why, place, **arguments)


def _mappings(config: Config, mount: dict[str, Any]) -> dict[str, Any]:
    """The mappings of the mount, or those of the container's user namespace, or the path of that."""
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
    with paths.Opened(_namespace(**mappings)) as namespace:
        _map(tree, namespace, recursive=parsed.recursively_mapped)
    if context.config.creates("mount"):
        # As are the mounts that are copied by the container's process, which is in its mount namespace by then.
        syscalls.mount_setattr(tree, propagation=syscalls.MS_SLAVE, recursive=True)


def open_mappings(context: Context, name: str, **mappings: Any) -> None:
    """Open a user namespace for `map_filesystem`."""
    context.descriptors[name] = _namespace(**mappings)


def map_filesystem(context: Context, destination: str, name: str) -> None:
    """Have a filesystem mapped that has just been mounted: it is replaced by a copy, which nobody has used."""
    with paths.resolve(context.root, destination) as mounted:
        tree = syscalls.open_tree(mounted, "", syscalls.OPEN_TREE_CLONE | syscalls.AT_EMPTY_PATH)
        syscalls.umount2(paths.through_proc(mounted), syscalls.MNT_DETACH)
    with (
        paths.Opened(tree),
        paths.Opened(context.descriptors.pop(name)) as namespace,
        paths.resolve(context.root, destination) as target,
    ):
        _map(tree, namespace, recursive=False)
        syscalls.move_mount(tree, target)


def _map(tree: int, namespace: int, *, recursive: bool) -> None:
    syscalls.mount_setattr(tree, set_=syscalls.MOUNT_ATTR_IDMAP, user_namespace=namespace, recursive=recursive)


def _namespace(
    namespace: str | None = None, uid_mappings: Mappings | None = None, gid_mappings: Mappings | None = None
) -> int:
    if namespace is not None:
        return call(os.open, namespace, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    return _user_namespace({"uid": uid_mappings or [], "gid": gid_mappings or []})


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
