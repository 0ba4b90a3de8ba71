"""The functions of libseccomp that make a filter, each a thin one over the C library (Debian: libseccomp2).

It compiles, and no more: what seccomp(2) is told is the runtime's, for this library sets flags of its own, and does not
have all of those that the kernel has. Only a config with `seccomp` imports this module, for that loads the library.
All functions raise `SyscallFailed`, as if what they call were system calls.
"""

from __future__ import annotations

import ctypes
import errno

from reference_runtime.errors import SyscallFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

_UNKNOWN = -1
"""What the names of unknown system calls stand for; other negative numbers are those of other architectures."""

_LIBRARY = "libseccomp.so.2"

try:
    _library = ctypes.CDLL(_LIBRARY)
except OSError as error:
    raise SyscallFailed("dlopen", errno.ENOENT, _LIBRARY) from error

_library.seccomp_init.argtypes = [ctypes.c_uint32]
_library.seccomp_init.restype = ctypes.c_void_p
_library.seccomp_release.argtypes = [ctypes.c_void_p]
_library.seccomp_release.restype = None
_library.seccomp_arch_resolve_name.argtypes = [ctypes.c_char_p]
_library.seccomp_arch_resolve_name.restype = ctypes.c_uint32
_library.seccomp_arch_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
_library.seccomp_syscall_resolve_name.argtypes = [ctypes.c_char_p]
_library.seccomp_rule_add_array.argtypes = [
    *(ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p)
]
_library.seccomp_export_bpf.argtypes = [ctypes.c_void_p, ctypes.c_int]


class _Comparison(ctypes.Structure):
    _fields_ = (
        ("index", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


def system_call(name: str) -> int | None:
    """The number of a system call; a negative one is for those of other architectures. None if nobody knows it."""
    number = int(_library.seccomp_syscall_resolve_name(name.encode("utf-8", "surrogateescape")))
    return None if number == _UNKNOWN else number


class Filter:
    """A filter (seccomp_init(3)), for the native architecture at first; `action` is the action word of its default."""

    def __init__(self, action: int) -> None:
        self._context = _library.seccomp_init(action)
        if not self._context:
            raise SyscallFailed("seccomp_init", errno.EINVAL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _library.seccomp_release(self._context)

    def add_architecture(self, name: str) -> None:
        """Have the filter for the system calls of another architecture, too (seccomp_arch_add(3))."""
        token = _library.seccomp_arch_resolve_name(name.encode())
        if not token:
            raise SyscallFailed("seccomp_arch_resolve_name", errno.EINVAL, name)
        result = _library.seccomp_arch_add(self._context, token)
        # The native one is there already.
        if result != -errno.EEXIST:
            _checked("seccomp_arch_add", result, name)

    def add_rule(self, action: int, name: str, number: int, arguments: Sequence[Sequence[int]]) -> None:
        """Add a rule (seccomp_rule_add(3)); an argument is [index, operator, value, second value], and all must match."""
        array = (_Comparison * len(arguments))(*(_Comparison(*argument) for argument in arguments))
        result = _library.seccomp_rule_add_array(self._context, action, number, len(arguments), array)
        _checked("seccomp_rule_add", result, name)

    def export(self, descriptor: int) -> None:
        """Write the program of the filter, an array of `struct sock_filter` (seccomp_export_bpf(3))."""
        _checked("seccomp_export_bpf", _library.seccomp_export_bpf(self._context, descriptor))


def _checked(name: str, result: int, about: str | None = None) -> None:
    if result < 0:
        raise SyscallFailed(name, -result, about)
