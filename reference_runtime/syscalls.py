"""The system calls that Python does not have, each a thin function over the C library.

All of them raise `SyscallFailed`. Constants are those of the kernel's UAPI headers; the numbers of the newer
calls are the same on all architectures. The oldest kernel that has all of them is Linux 5.12.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from reference_runtime.errors import SyscallFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

AT_FDCWD = -100
AT_EMPTY_PATH = 0x1000
AT_RECURSIVE = 0x8000
AT_SYMLINK_NOFOLLOW = 0x100

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_SYNCHRONOUS = 16
MS_REMOUNT = 32
MS_MANDLOCK = 64
MS_DIRSYNC = 128
MS_NOSYMFOLLOW = 256
MS_NOATIME = 1024
MS_NODIRATIME = 2048
MS_BIND = 4096
MS_REC = 16384
MS_SILENT = 32768
MS_UNBINDABLE = 1 << 17
MS_PRIVATE = 1 << 18
MS_SLAVE = 1 << 19
MS_SHARED = 1 << 20
MS_RELATIME = 1 << 21
MS_I_VERSION = 1 << 23
MS_STRICTATIME = 1 << 24
MS_LAZYTIME = 1 << 25

MNT_DETACH = 2
UMOUNT_NOFOLLOW = 8

OPEN_TREE_CLONE = 1
MOVE_MOUNT_F_EMPTY_PATH = 0x04
MOVE_MOUNT_T_EMPTY_PATH = 0x40

MOUNT_ATTR_RDONLY = 0x01
MOUNT_ATTR_NOSUID = 0x02
MOUNT_ATTR_NODEV = 0x04
MOUNT_ATTR_NOEXEC = 0x08
MOUNT_ATTR__ATIME = 0x70
MOUNT_ATTR_RELATIME = 0x00
MOUNT_ATTR_NOATIME = 0x10
MOUNT_ATTR_STRICTATIME = 0x20
MOUNT_ATTR_NODIRATIME = 0x80
MOUNT_ATTR_IDMAP = 0x100000
MOUNT_ATTR_NOSYMFOLLOW = 0x200000

RESOLVE_NO_XDEV = 0x01
RESOLVE_NO_MAGICLINKS = 0x02
RESOLVE_IN_ROOT = 0x10

PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_CAPBSET_READ = 23
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2

CLOSE_RANGE_CLOEXEC = 4

SECCOMP_SET_MODE_FILTER = 1
SECCOMP_FILTER_FLAG_TSYNC = 1
SECCOMP_FILTER_FLAG_LOG = 2
SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4
SECCOMP_FILTER_FLAG_NEW_LISTENER = 8
SECCOMP_FILTER_FLAG_TSYNC_ESRCH = 16
SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 32

_OPEN_TREE = 428
_MOVE_MOUNT = 429
_CLOSE_RANGE = 436
_OPENAT2 = 437
_PIDFD_GETFD = 438
_MOUNT_SETATTR = 442
# One of the older calls, whose number the table of the rest of the architectures has at 280.
_BPF = {"x86_64": 321, "i686": 357, "armv7l": 386, "ppc64le": 361, "s390x": 351}

_BPF_PROG_LOAD = 5
_BPF_PROG_ATTACH = 8

# Older than the numbers that are the same everywhere; of the other architectures, those of the generic table.
_SECCOMP = {"x86_64": 317, "i686": 354, "armv7l": 383, "ppc64": 358, "ppc64le": 358, "s390x": 348}
_SECCOMP_GENERIC = 277

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def _string(text: str) -> bytes:
    encoded = os.fsencode(text)
    # To the kernel, the string would end there, and be another one.
    if b"\0" in encoded:
        raise ValueError(f"{text!r} contains a null byte")
    return encoded


def _path(path: str | None) -> bytes | None:
    return None if path is None else _string(path)


def _checked(name: str, result: int, about: str | None = None) -> int:
    if result == -1:
        raise SyscallFailed(name, ctypes.get_errno(), about)
    return result


def mount(source: str | None, target: str, type_: str | None, flags: int, data: str | None = None) -> None:
    """mount(2)."""
    _checked(
        "mount",
        _libc.mount(_path(source), _path(target), _path(type_), ctypes.c_ulong(flags), _path(data)),
        target,
    )


def umount2(target: str, flags: int) -> None:
    """umount2(2)."""
    _checked("umount2", _libc.umount2(_path(target), flags), target)


def pivot_root(new_root: str, put_old: str) -> None:
    """pivot_root(2)."""
    _checked("pivot_root", _libc.pivot_root(_path(new_root), _path(put_old)), new_root)


def unshare(flags: int) -> None:
    """unshare(2)."""
    _checked("unshare", _libc.unshare(flags))


def setns(descriptor: int, type_: int) -> None:
    """setns(2)."""
    _checked("setns", _libc.setns(descriptor, type_))


def sethostname(name: str) -> None:
    """sethostname(2)."""
    value = _string(name)
    _checked("sethostname", _libc.sethostname(value, ctypes.c_size_t(len(value))), name)


def setdomainname(name: str) -> None:
    """setdomainname(2)."""
    value = _string(name)
    _checked("setdomainname", _libc.setdomainname(value, ctypes.c_size_t(len(value))), name)


def prctl(option: int, second: int = 0, third: int = 0) -> int:
    """prctl(2)."""
    long = ctypes.c_ulong
    return _checked("prctl", _libc.prctl(option, long(second), long(third), long(0), long(0)))


def personality(persona: int) -> None:
    """personality(2)."""
    _checked("personality", _libc.personality(ctypes.c_ulong(persona)))


def filesystem_type(descriptor: int) -> int:
    """The type of the file system that an open file is on, as fstatfs(2) has it."""
    # The first member of struct statfs, which is smaller than this: a word, but on s390.
    word = ctypes.c_uint32 if os.uname().machine.startswith("s390") else ctypes.c_ulong
    found = (word * 64)()
    _checked("fstatfs", _libc.fstatfs(descriptor, found))
    return int(found[0])


def execve(path: str, arguments: list[str], environment: list[str]) -> None:
    """execve(2) with the strings as they are; `os.execve` wants each variable to have an equals sign."""

    def array(strings: list[str]) -> ctypes.Array[ctypes.c_char_p]:
        encoded: list[bytes | None] = [_string(string) for string in strings]
        return (ctypes.c_char_p * (len(encoded) + 1))(*encoded, None)

    _checked("execve", _libc.execve(_path(path), array(arguments), array(environment)), path)


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def openat2(directory: int, path: str, flags: int, resolve: int) -> int:
    """openat2(2), close-on-exec (Linux 5.6)."""
    how = _OpenHow(flags | os.O_CLOEXEC, 0, resolve)
    while True:
        result = _syscall(_OPENAT2, directory, _path(path), ctypes.byref(how), ctypes.sizeof(how))
        if result != -1:
            return result
        # RESOLVE_IN_ROOT gives EAGAIN when anything on the system was renamed or mounted meanwhile.
        if ctypes.get_errno() != errno.EAGAIN:
            raise SyscallFailed("openat2", ctypes.get_errno(), path)


def open_tree(directory: int, path: str, flags: int) -> int:
    """open_tree(2), close-on-exec (Linux 5.2)."""
    return _checked("open_tree", _syscall(_OPEN_TREE, directory, _path(path), flags | os.O_CLOEXEC), path or None)


def move_mount(tree: int, target: int) -> None:
    """move_mount(2) of a detached tree onto an open directory or file (Linux 5.2)."""
    flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH
    _checked("move_mount", _syscall(_MOVE_MOUNT, tree, b"", target, b"", flags))


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    )


def mount_setattr(
    tree: int,
    *,
    set_: int = 0,
    clear: int = 0,
    propagation: int = 0,
    user_namespace: int = 0,
    recursive: bool = False,
) -> None:
    """mount_setattr(2) of an open mount (Linux 5.12)."""
    attributes = _MountAttributes(set_, clear, propagation, user_namespace)
    flags = AT_EMPTY_PATH | (AT_RECURSIVE if recursive else 0)
    _checked(
        "mount_setattr",
        _syscall(_MOUNT_SETATTR, tree, b"", flags, ctypes.byref(attributes), ctypes.sizeof(attributes)),
    )


def prlimit(pid: int, resource: int, soft: int, hard: int) -> None:
    """prlimit(2), to set; the limits are 64-bit, 2**64-1 for none."""
    limits = (ctypes.c_uint64 * 2)(soft, hard)
    _checked("prlimit", _libc.prlimit64(pid, resource, limits, None))


def bpf_prog_load(type_: int, instructions: bytes) -> int:
    """bpf(2), BPF_PROG_LOAD; the descriptor is close-on-exec."""
    code, license_ = ctypes.create_string_buffer(instructions), ctypes.create_string_buffer(b"Apache-2.0")
    of_one = 8
    attributes = (type_, len(instructions) // of_one, ctypes.addressof(code), ctypes.addressof(license_))
    return _bpf(_BPF_PROG_LOAD, struct.pack("=IIQQ", *attributes))


def bpf_prog_attach(program: int, target: int, type_: int, flags: int) -> None:
    """bpf(2), BPF_PROG_ATTACH."""
    _bpf(_BPF_PROG_ATTACH, struct.pack("=IIII", target, program, type_, flags))


def _bpf(command: int, attributes: bytes) -> int:
    number = _BPF.get(os.uname().machine, 280)
    return _checked("bpf", _syscall(number, command, ctypes.create_string_buffer(attributes), len(attributes)))


def close_on_exec_from(first: int) -> None:
    """Mark every descriptor from `first` on as close-on-exec (close_range(2), Linux 5.11)."""
    _checked("close_range", _syscall(_CLOSE_RANGE, first, 0xFFFFFFFF, CLOSE_RANGE_CLOEXEC))


def capset(effective: int, permitted: int, inheritable: int) -> None:
    """capset(2) of this thread, 64-bit masks."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    words = [mask >> shift & 0xFFFFFFFF for shift in (0, 32) for mask in (effective, permitted, inheritable)]
    _checked("capset", _libc.capset(header, (ctypes.c_uint32 * 6)(*words)))


def permitted_capabilities() -> int:
    """The permitted set of this thread, a 64-bit mask (capget(2))."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    words = (ctypes.c_uint32 * 6)()
    _checked("capget", _libc.capget(header, words))
    return int(words[1]) | int(words[4]) << 32


def pidfd_getfd(process: int, number: int) -> int:
    """A copy, close-on-exec, of a descriptor of another process (pidfd_getfd(2), Linux 5.6)."""
    return _checked("pidfd_getfd", _syscall(_PIDFD_GETFD, process, number, 0))


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def seccomp_set_filter(flags: int, program: bytes) -> int:
    """seccomp(2), SECCOMP_SET_MODE_FILTER, with an array of `struct sock_filter`; the result is 0, or a listener."""
    argument = _FilterProgram(len(program) // 8, program)
    result = _syscall(_seccomp_number(), SECCOMP_SET_MODE_FILTER, flags, ctypes.byref(argument))
    return _checked("seccomp", result)


def knows_seccomp_flag(flag: int) -> bool:
    """Whether the kernel has a flag of SECCOMP_SET_MODE_FILTER: it looks at flags first, and then for a program."""
    # This one is only for filters with a listener.
    needed = SECCOMP_FILTER_FLAG_NEW_LISTENER if flag == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV else 0
    result = _syscall(_seccomp_number(), SECCOMP_SET_MODE_FILTER, flag | needed, None)
    return result == -1 and ctypes.get_errno() == errno.EFAULT


def _seccomp_number() -> int:
    return _SECCOMP.get(os.uname().machine, _SECCOMP_GENERIC)


def _syscall(number: int, *arguments: Any) -> int:
    converted = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    return int(_libc.syscall(ctypes.c_long(number), *converted))
