"""A program that runs a command on what looks like another host, as far as mounts can make it look like that.

    python -IS other_host.py CGROUPS COMMAND [ARGUMENT]...

In a mount namespace of its own, nothing tells what the kernel has of security modules, Resource Director Technology,
seccomp, NUMA, filesystems and namespaces, and the last capability has the number 20. CGROUPS is `v2` for a hierarchy of
version 2 in /sys/fs/cgroup, and `none` for nothing there.
"""

from __future__ import annotations

import ctypes
import os
import sys

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUSER = 0x20000, 0x2000000, 0x10000000

MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000

EMPTIED = (
    *("/sys/kernel/security", "/sys/fs/selinux", "/sys/fs/resctrl", "/sys/module/apparmor", "/sys/devices/system/node"),
    *("/proc/sys/kernel/seccomp", "/proc/sys/user", "/proc/self/ns", "/proc/self/attr"),
)
"""Directories in which there is nothing on the other host."""

REPLACED = {
    "/proc/cgroups": "#subsys_name\thierarchy\tnum_cgroups\tenabled\n",
    "/proc/filesystems": "nodev\tproc\nnodev\ttmpfs\n",
    "/proc/cpuinfo": "",
    "/proc/sys/kernel/cap_last_cap": "20\n",
}
"""Files that have another content there."""

_libc = ctypes.CDLL(None, use_errno=True)


def words(argv: tuple[str, ...], *, cgroup_mode: str) -> tuple[str, ...]:
    """The words that call a program on a host that differs from one with this mode of cgroups."""
    cgroups = "none" if cgroup_mode == "v2" else "v2"
    return (sys.executable, "-I", "-S", os.path.abspath(__file__), cgroups, *argv)


def main() -> None:
    """Become the command."""
    cgroups, *command = sys.argv[1:]
    _enter_namespaces()
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    if os.path.isdir("/sys/fs/cgroup"):
        _mount("none", "/sys/fs/cgroup", "cgroup2" if cgroups == "v2" else "tmpfs", 0)
    for path in EMPTIED:
        if os.path.isdir(path):
            _mount("none", path, "tmpfs", 0)
    for path, content in REPLACED.items():
        if os.path.exists(path):
            _replace(path, content)
    os.execv(command[0], command)  # noqa: S606 - what is executed is what the caller executes anyway


def _enter_namespaces() -> None:
    if _libc.unshare(CLONE_NEWNS) == 0:
        return
    # Somebody without privileges has them in a user namespace of their own.
    uid, gid = os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, content in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(content)


def _replace(path: str, content: str) -> None:
    # A file of a filesystem that only this mount namespace has; bound elsewhere, it needs no name there.
    file = os.path.join(EMPTIED[-1], "replacement")
    with open(file, "w", encoding="ascii") as replacement:
        replacement.write(content)
    _mount(file, path, None, MS_BIND)
    os.unlink(file)


def _mount(source: str | None, target: str, type_: str | None, flags: int) -> None:
    encoded = [None if text is None else text.encode() for text in (source, target, type_)]
    if _libc.mount(*encoded, ctypes.c_ulong(flags), None) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), target)


if __name__ == "__main__":
    main()
