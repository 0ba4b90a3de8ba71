"""The filter of system calls (config-linux.md, Seccomp), and the container process state for its listener.

The runtime compiles the filter before there is a container process, which has no libraries; that process loads it, as
late as it can. That is in `create`, for it is no property of `process` (runtime.md, Create).
"""

from __future__ import annotations

import os
import sys

from reference_runtime import syscalls
from reference_runtime.errors import SyscallFailed, call
from reference_runtime.steps import RUNTIME, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from reference_runtime.config import Config
    from reference_runtime.context import Context

# The words of seccomp.h of libseccomp, and the kernel's.
ACTIONS = {
    "SCMP_ACT_KILL": 0,
    "SCMP_ACT_KILL_PROCESS": 0x80000000,
    "SCMP_ACT_KILL_THREAD": 0,
    "SCMP_ACT_TRAP": 0x00030000,
    "SCMP_ACT_ERRNO": 0x00050000,
    "SCMP_ACT_TRACE": 0x7FF00000,
    "SCMP_ACT_ALLOW": 0x7FFF0000,
    "SCMP_ACT_LOG": 0x7FFC0000,
    "SCMP_ACT_NOTIFY": 0x7FC00000,
}

LARGEST_ERRNO = {"SCMP_ACT_ERRNO": 4094, "SCMP_ACT_TRACE": 0xFFFF}
"""The actions whose word has an errno in its lower half, with the largest that libseccomp takes."""

OPERATORS = {
    "SCMP_CMP_NE": 1,
    "SCMP_CMP_LT": 2,
    "SCMP_CMP_LE": 3,
    "SCMP_CMP_EQ": 4,
    "SCMP_CMP_GE": 5,
    "SCMP_CMP_GT": 6,
    "SCMP_CMP_MASKED_EQ": 7,
}

ARCHITECTURES = (
    *("SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS"),
    *("SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32"),
    *("SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390", "SCMP_ARCH_S390X"),
    *("SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64", "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K"),
    *("SCMP_ARCH_SH", "SCMP_ARCH_SHEB"),
)

FLAGS = {
    "SECCOMP_FILTER_FLAG_TSYNC": syscalls.SECCOMP_FILTER_FLAG_TSYNC,
    "SECCOMP_FILTER_FLAG_LOG": syscalls.SECCOMP_FILTER_FLAG_LOG,
    "SECCOMP_FILTER_FLAG_SPEC_ALLOW": syscalls.SECCOMP_FILTER_FLAG_SPEC_ALLOW,
    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV": syscalls.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
}

_EPERM = 1

_NOTIFY = "SCMP_ACT_NOTIFY"


def unsupported(config: Config) -> Iterator[tuple[str, str]]:
    """The values that are valid, and that this runtime cannot obey: the place of each, and why."""
    place = "$.linux.seccomp"
    filter_ = config.linux.get("seccomp", {})
    actions = [(f"{place}.defaultErrnoRet", filter_.get("defaultAction"), filter_.get("defaultErrnoRet"))]
    notified = filter_.get("defaultAction") == _NOTIFY
    for index, entry in enumerate(filter_.get("syscalls", ())):
        actions.append((f"{place}.syscalls[{index}].errnoRet", entry["action"], entry.get("errnoRet")))
        if "write" in entry["names"]:
            notified = entry["action"] == _NOTIFY
    for where, action, errno in actions:
        if errno is not None and action not in LARGEST_ERRNO:
            yield where, f"libseccomp has no errno for {action}"
        elif errno is not None and errno > LARGEST_ERRNO[action]:
            yield where, f"libseccomp has no errno above {LARGEST_ERRNO[action]} for {action}"
    if _notifies(filter_) and "listenerPath" not in filter_:
        yield f"{place}.listenerPath", f"is needed for {_NOTIFY}"
    if notified:
        # The container process says so that it has loaded the filter, and only then can anybody listen.
        yield place, f"{_NOTIFY} for `write` would have the container process wait for ever"


def plan_compilation(config: Config) -> Iterator[Step]:
    """Compile the filter."""
    filter_ = config.linux["seccomp"]
    yield Step(
        "seccomp.compile_filter",
        "config_linux.seccomp.honoured",
        "$.linux.seccomp",
        where=RUNTIME,
        default=_word(filter_["defaultAction"], filter_.get("defaultErrnoRet")),
        architectures=[name.removeprefix("SCMP_ARCH_").lower() for name in filter_.get("architectures", ())],
        rules=[_rule(entry) for entry in filter_.get("syscalls", ())],
    )


def plan_loading(config: Config) -> Iterator[Step]:
    """Load the filter, and tell its listener."""
    filter_ = config.linux["seccomp"]
    flags = filter_.get("flags", [])
    listener = _notifies(filter_)
    yield Step("seccomp.load", "config_linux.seccomp.honoured", "$.linux.seccomp", flags=flags, listener=listener)
    if listener:
        yield Step(
            "seccomp.send_state",
            "config_linux.seccomp.listener.path",
            "$.linux.seccomp.listenerPath",
            where=RUNTIME,
            path=filter_["listenerPath"],
            metadata=filter_.get("listenerMetadata"),
        )


def compile_filter(context: Context, default: int, architectures: list[str], rules: list[dict[str, Any]]) -> None:
    """Make the filter's program, and leave it in a file of memory for the container process."""
    from reference_runtime import libseccomp

    with libseccomp.Filter(default) as made:
        for architecture in architectures:
            made.add_architecture(architecture)
        for rule in rules:
            if rule["action"] == default:
                # To libseccomp, a rule that changes nothing is an error.
                continue
            for name in rule["names"]:
                number = libseccomp.system_call(name)
                # Lists of names are made for kernels and libraries of many versions.
                if number is not None:
                    made.add_rule(rule["action"], name, number, rule["arguments"])
        program = call(os.memfd_create, "seccomp")
        made.export(program)
    context.descriptors["seccomp"] = program


def load(context: Context, flags: list[str], listener: bool) -> None:
    """seccomp(2) of the container process; the number of the listener is what it tells the runtime."""
    program = context.descriptors.pop("seccomp")
    content = os.pread(program, os.fstat(program).st_size, 0)
    os.close(program)
    word = sum(FLAGS[flag] for flag in set(flags))
    if listener:
        word |= syscalls.SECCOMP_FILTER_FLAG_NEW_LISTENER
        if word & syscalls.SECCOMP_FILTER_FLAG_TSYNC:
            # Else the result could be a thread, and no descriptor.
            word |= syscalls.SECCOMP_FILTER_FLAG_TSYNC_ESRCH
    result = syscalls.seccomp_set_filter(word, content)
    if listener:
        context.told["listener"] = result


def send_state(context: Context, path: str, metadata: str | None) -> None:
    """Send the container process state, with the listener, to whoever listens at a socket."""
    from reference_runtime.documents import encode

    process = call(os.pidfd_open, context.pid)
    listener = syscalls.pidfd_getfd(process, context.told["listener"])
    os.close(process)
    send(path, encode(process_state(context, metadata)).encode(), [listener])
    os.close(listener)


def process_state(context: Context, metadata: str | None) -> dict[str, Any]:
    """The container process state (config-linux.md, The Container Process State)."""
    from reference_runtime.state import CREATING

    return {
        "ociVersion": context.config.document["ociVersion"],
        "fds": ["seccompFd"],
        "pid": context.pid,
        **({} if metadata is None else {"metadata": metadata}),
        "state": context.document(CREATING),
    }


def send(path: str, message: bytes, descriptors: list[int]) -> None:
    """Send a message through a connection of its own, the descriptors with its first part."""
    import _socket

    socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
    rights = b"".join(descriptor.to_bytes(4, sys.byteorder) for descriptor in descriptors)
    try:
        call(socket.connect, path)
        sent = call(socket.sendmsg, [message], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
        call(socket.sendall, message[sent:])
    finally:
        socket.close()


def supported_flags() -> list[str]:
    """The flags that this kernel knows."""
    return [name for name, flag in FLAGS.items() if syscalls.knows_seccomp_flag(flag)]


def supported_architectures() -> list[str]:
    """The architectures that this library makes filters for on this machine; none if there is no library."""
    try:
        from reference_runtime import libseccomp
    except SyscallFailed:
        return []
    found = []
    for name in ARCHITECTURES:
        with libseccomp.Filter(ACTIONS["SCMP_ACT_ALLOW"]) as made:
            try:
                made.add_architecture(name.removeprefix("SCMP_ARCH_").lower())
            except SyscallFailed:
                # It is unknown, or has another byte order.
                continue
        found.append(name)
    return found


def _notifies(filter_: dict[str, Any]) -> bool:
    return _NOTIFY in (filter_.get("defaultAction"), *(entry["action"] for entry in filter_.get("syscalls", ())))


def _rule(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry of `syscalls` in numbers; an argument is [index, operator, value, second value]."""
    return {
        "names": entry["names"],
        "action": _word(entry["action"], entry.get("errnoRet")),
        "arguments": [
            [argument["index"], OPERATORS[argument["op"]], argument["value"], argument.get("valueTwo", 0)]
            for argument in entry.get("args", ())
        ],
    }


def _word(action: str, errno: int | None) -> int:
    word = ACTIONS[action]
    if action in LARGEST_ERRNO:
        word |= _EPERM if errno is None else errno
    return word
