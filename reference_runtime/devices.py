"""Devices, and the symbolic links of /dev (config-linux.md, Devices; runtime-linux.md, Dev symbolic links)."""

from __future__ import annotations

import errno
import os
import stat

from reference_runtime import paths, syscalls
from reference_runtime.errors import SyscallFailed, call
from reference_runtime.mount_options import MountOptions
from reference_runtime.namespaces import FLAGS
from reference_runtime.steps import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from reference_runtime.config import Config
    from reference_runtime.context import Context

# null(4), full(4), random(4), tty(4).
DEFAULT_DEVICES = (
    ("null", 1, 3),
    ("zero", 1, 5),
    ("full", 1, 7),
    ("random", 1, 8),
    ("urandom", 1, 9),
    ("tty", 5, 0),
)

SYMBOLIC_LINKS = (
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
)

_TYPES = {"c": stat.S_IFCHR, "u": stat.S_IFCHR, "b": stat.S_IFBLK, "p": stat.S_IFIFO}


def plan_prepared(config: Config) -> Iterator[Step]:
    """The configured devices of a new user namespace: made before the process is in it, for there it may not."""
    configured = config.linux.get("devices", [])
    if configured and config.creates("user") and config.creates("mount"):
        yield Step("devices.prepare", "config_linux.devices.available", "$.linux.devices", devices=configured)


def plan(config: Config) -> Iterator[Step]:
    """The configured devices, the default ones, and the links.

    Where /dev is a bind mount, it has been made by somebody else, perhaps it is the host's: nothing is put there.
    """
    # mknod(2) needs CAP_MKNOD in the initial user namespace.
    action = "devices.bind" if config.namespace("user") else "devices.make"
    configured = config.linux.get("devices", [])
    for index, device in enumerate(configured):
        yield Step(
            action,
            "config_linux.devices.available",
            f"$.linux.devices[{index}]",
            path=device["path"],
            type_=device["type"],
            major=device.get("major", 0),
            minor=device.get("minor", 0),
            mode=device.get("fileMode"),
            uid=device.get("uid"),
            gid=device.get("gid"),
        )
    if _dev_is_bound(config):
        return
    for name, major, minor in DEFAULT_DEVICES:
        path = f"/dev/{name}"
        if not any(device["path"] == path for device in configured):
            why = f"config_linux.default_devices.{name}"
            yield Step(action, why, "$.linux", path=path, type_="c", major=major, minor=minor)
    yield Step("devices.link", "config_linux.default_devices.ptmx", "$.linux", path="/dev/ptmx", target="pts/ptmx")
    for name, target in SYMBOLIC_LINKS:
        why = f"runtime_linux.dev_symlinks.{name}"
        yield Step("devices.link_if_there", why, "$.mounts", path=f"/dev/{name}", target=target)


def _dev_is_bound(config: Config) -> bool:
    return any(
        list(paths.components(mount["destination"])) == ["dev"] and MountOptions(mount.get("options", [])).bind
        for mount in config.document.get("mounts", ())
    )


def make(
    context: Context,
    path: str,
    type_: str,
    major: int,
    minor: int,
    mode: int | None = None,
    uid: int | None = None,
    gid: int | None = None,
) -> None:
    """Make a device node. One that is there already has to be this device, and keeps what is not asked for."""
    number = os.makedev(major, minor)
    directory, name = paths.parent_of(context.root, path)
    with directory as parent:
        try:
            call(os.mknod, name, _TYPES[type_] | 0o666, number, dir_fd=parent)
        except SyscallFailed as error:
            if error.errno != errno.EEXIST:
                raise
            _require_same(os.stat(name, dir_fd=parent, follow_symlinks=False), type_, number, path)
        if uid is not None or gid is not None:
            owner = (-1 if uid is None else uid, -1 if gid is None else gid)
            call(os.chown, name, *owner, dir_fd=parent, follow_symlinks=False)
        if mode is not None:
            with paths.resolve(parent, name, follow=False) as node:
                # chmod(2) has no way not to follow a link; through the descriptor, there is none to follow.
                call(os.chmod, paths.through_proc(node), stat.S_IMODE(mode))


def prepare(context: Context, devices: list[dict[str, Any]]) -> None:
    """Make device nodes on a filesystem that only this process has, and keep a mount of each."""
    syscalls.unshare(FLAGS["mount"])
    syscalls.mount(None, "/", None, syscalls.MS_REC | syscalls.MS_PRIVATE)
    place = context.state.path
    syscalls.mount("tmpfs", place, "tmpfs", syscalls.MS_NOSUID | syscalls.MS_NOEXEC)
    try:
        for index, device in enumerate(devices):
            node = os.path.join(place, str(index))
            number = os.makedev(device.get("major", 0), device.get("minor", 0))
            call(os.mknod, node, _TYPES[device["type"]] | stat.S_IMODE(device.get("fileMode", 0o666)), number)
            owner = [_outside(context, kind, device.get(kind, 0)) for kind in ("uid", "gid")]
            call(os.chown, node, *owner)
            tree = syscalls.open_tree(syscalls.AT_FDCWD, node, syscalls.OPEN_TREE_CLONE)
            context.descriptors[f"device {device['path']}"] = tree
    finally:
        syscalls.umount2(place, syscalls.MNT_DETACH)


def _outside(context: Context, kind: str, number: int) -> int:
    for entry in context.config.linux[f"{kind}Mappings"]:
        if entry["containerID"] <= number < entry["containerID"] + entry["size"]:
            return int(entry["hostID"] + number - entry["containerID"])
    raise SyscallFailed("chown", errno.EINVAL, f"{kind} {number}, which is not mapped,")


def bind(
    context: Context,
    path: str,
    type_: str,
    major: int,
    minor: int,
    mode: int | None = None,
    uid: int | None = None,
    gid: int | None = None,
) -> None:
    """Supply a node that was prepared, or else the host's of the same name, which must be as asked for."""
    number = os.makedev(major, minor)
    prepared = context.descriptors.pop(f"device {path}", None)
    if prepared is not None:
        if paths.exists(context.root, path):
            with paths.resolve(context.root, path) as occupant:
                _require_same(os.fstat(occupant), type_, number, path)
        with paths.Opened(prepared) as node, paths.make_file(context.root, path) as target:
            syscalls.move_mount(node, target)
        return
    with paths.Opened(syscalls.open_tree(syscalls.AT_FDCWD, path, syscalls.OPEN_TREE_CLONE)) as node:
        found = os.fstat(node)
        _require_same(found, type_, number, path)
        wanted = ((mode, stat.S_IMODE(found.st_mode)), (uid, found.st_uid), (gid, found.st_gid))
        if any(asked is not None and asked != there for asked, there in wanted):
            raise SyscallFailed("chmod", errno.EPERM, f"{path}, which is the host's node,")
        with paths.make_file(context.root, path) as target:
            syscalls.move_mount(node, target)


def link(context: Context, path: str, target: str) -> None:
    """Make a symbolic link, in place of what is there."""
    directory, name = paths.parent_of(context.root, path)
    with directory as parent:
        try:
            call(os.symlink, target, name, dir_fd=parent)
        except SyscallFailed as error:
            if error.errno != errno.EEXIST:
                raise
            if not _is_link(parent, name, target):
                call(os.unlink, name, dir_fd=parent)
                call(os.symlink, target, name, dir_fd=parent)


def link_if_there(context: Context, path: str, target: str) -> None:
    """Make a link of runtime-linux.md: only if what it leads to exists once the mounts are done."""
    if paths.exists(context.root, os.path.dirname(target)):
        link(context, path, target)


def _require_same(found: os.stat_result, type_: str, number: int, path: str) -> None:
    if stat.S_IFMT(found.st_mode) != _TYPES[type_] or (type_ != "p" and found.st_rdev != number):
        raise SyscallFailed("mknod", errno.EEXIST, f"{path}, where there is something else,")


def _is_link(parent: int, name: str, target: str) -> bool:
    try:
        return os.readlink(name, dir_fd=parent) == target
    except OSError:
        return False
