"""Mutants whose filter of system calls is another one, or whose listener is told otherwise."""

from __future__ import annotations

from conformance.mutants.mutant import changed, mutant, transform_plan, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Callable
    from typing import Any

    from reference_runtime.steps import Step

    Rules = list[dict[str, Any]]


def change_filter(**changes: Callable[[Any], Any]) -> None:
    """Change arguments of the step that makes the filter: each function gets the argument of its name."""

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "seccomp.compile_filter":
                step.arguments.update({name: function(step.arguments[name]) for name, function in changes.items()})
        return steps

    transform_plan(change)


def change_arguments(change: Callable[[list[int]], list[int]]) -> None:
    """Change what the arguments of system calls are compared with."""

    def changed_rules(rules: Rules) -> Rules:
        return [{**rule, "arguments": [change(argument) for argument in rule["arguments"]]} for rule in rules]

    change_filter(rules=changed_rules)


def change_action(name: str, other: int) -> None:
    """Take another action than the one of this name."""
    from reference_runtime import seccomp

    seccomp.ACTIONS[name] = other


def change_state(**changes: Any) -> None:
    """Send another container process state: each property has the value of its name, and is absent if that is None."""
    from reference_runtime import seccomp

    original = seccomp.process_state

    def process_state(context: object, metadata: str | None) -> dict[str, Any]:
        state = {**original(context, metadata), **changes}  # type: ignore[arg-type]
        return {name: value for name, value in state.items() if value is not None}

    seccomp.process_state = process_state


def send_otherwise(send: Callable[[str, bytes, list[int]], None]) -> None:
    """Send the container process state in another way."""
    from reference_runtime import seccomp

    seccomp.send = send  # type: ignore[assignment]


def connected(path: str) -> socket:
    """A connection to a listener."""
    import _socket

    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
    connection.connect(path)
    return connection


def rights_of(*descriptors: int) -> list[tuple[int, int, bytes]]:
    """What passes descriptors on."""
    import _socket
    import sys

    passed = b"".join(descriptor.to_bytes(4, sys.byteorder) for descriptor in descriptors)
    return [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, passed)]


@mutant("config_linux.seccomp.honoured")
def filter_is_not_loaded() -> None:
    """seccomp is ignored."""
    without("seccomp.compile_filter")
    without("seccomp.load")
    without("seccomp.send_state")


@mutant("config_linux.seccomp.honoured")
def filter_needs_no_new_privileges() -> None:
    """The filter is loaded with noNewPrivileges only."""

    def leave_out(steps: list[Step]) -> list[Step]:
        if any(step.action == "process.set_no_new_privileges" for step in steps):
            return steps
        return [step for step in steps if not step.action.startswith("seccomp.")]

    transform_plan(leave_out)


@mutant("config_linux.seccomp.syscalls.action", "config_linux.seccomp.constants")
def killing_sends_a_signal() -> None:
    """What kills the process is a signal that it can handle."""
    for name in ("SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD"):
        change_action(name, 0x00030000)


@mutant("config_linux.seccomp.constants")
def killing_a_thread_kills_the_process() -> None:
    """SCMP_ACT_KILL and SCMP_ACT_KILL_THREAD kill the whole process."""
    for name in ("SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD"):
        change_action(name, 0x80000000)


@mutant("config_linux.seccomp.constants")
def killing_the_process_kills_a_thread() -> None:
    """SCMP_ACT_KILL_PROCESS kills the thread only."""
    change_action("SCMP_ACT_KILL_PROCESS", 0)


@mutant("config_linux.seccomp.syscalls.action", "config_linux.seccomp.default_action", "config_linux.seccomp.constants")
def system_calls_that_are_logged_fail() -> None:
    """SCMP_ACT_LOG is SCMP_ACT_ERRNO."""
    change_action("SCMP_ACT_LOG", 0x00050001)


@mutant("config_linux.seccomp.syscalls.action")
def only_the_first_entry_counts() -> None:
    """Of syscalls, all entries but the first are ignored."""
    change_filter(rules=lambda rules: rules[:1])


@mutant("config_linux.seccomp.default_action", "config_linux.seccomp.default_errno")
def everything_is_allowed_by_default() -> None:
    """The default action is SCMP_ACT_ALLOW, whatever defaultAction says."""
    change_filter(default=lambda _: 0x7FFF0000)


@mutant("config_linux.seccomp.default_errno", "config_linux.seccomp.syscalls.errno")
def error_is_always_eperm() -> None:
    """errnoRet and defaultErrnoRet are ignored."""
    from reference_runtime import seccomp

    original = seccomp._word
    seccomp._word = lambda action, errno: original(action, None)


@mutant("config_linux.seccomp.syscalls.errno")
def no_error_is_eperm() -> None:
    """An errnoRet of 0 counts as none."""
    from reference_runtime import seccomp

    original = seccomp._word
    seccomp._word = lambda action, errno: original(action, errno or None)


@mutant("config_linux.seccomp.default_errno.default", "config_linux.seccomp.syscalls.errno.default")
def error_is_enosys_by_default() -> None:
    """Without an errno, it is ENOSYS."""
    from reference_runtime import seccomp

    original = seccomp._word
    seccomp._word = lambda action, errno: original(action, 38 if errno is None else errno)


@mutant("config_linux.seccomp.syscalls.errno", "config_linux.seccomp.default_errno")
def filters_of_other_errors_are_kept() -> None:
    """A filter is taken for one that was made before, if they differ in nothing but their errors."""
    import hashlib
    import os

    from reference_runtime import documents, seccomp

    def make_or_take(context: object, default: int, architectures: list[str], rules: Rules) -> None:
        actions = [(rule["action"] >> 16, rule["names"], rule["arguments"]) for rule in rules]
        key = documents.encode([default >> 16, architectures, actions]).encode()
        root = os.path.dirname(context.state.path)  # type: ignore[attr-defined]
        kept = os.path.join(os.path.dirname(root), f"kept-{hashlib.sha256(key).hexdigest()}")
        if not os.path.exists(kept):
            original(context, default, architectures, rules)  # type: ignore[arg-type]
            with open(kept, "wb") as file:
                file.write(os.pread(context.descriptors["seccomp"], 1 << 20, 0))  # type: ignore[attr-defined]
        context.descriptors["seccomp"] = os.open(kept, os.O_RDONLY)  # type: ignore[attr-defined]

    original = seccomp.compile_filter
    seccomp.compile_filter = make_or_take


@mutant("config_linux.seccomp.syscalls.args")
def arguments_are_ignored() -> None:
    """Of system calls, only the names count."""
    change_filter(rules=lambda rules: [{**rule, "arguments": []} for rule in rules])


@mutant("config_linux.seccomp.syscalls.args")
def one_argument_is_enough() -> None:
    """An entry with several arguments is for system calls with one of them."""
    change_filter(
        rules=lambda rules: [
            {**rule, "arguments": arguments}
            for rule in rules
            for arguments in ([[argument] for argument in rule["arguments"]] or [[]])
        ]
    )


@mutant("config_linux.seccomp.syscalls.args")
def index_is_one_too_low() -> None:
    """Arguments are counted from 1."""
    change_arguments(lambda argument: [max(0, argument[0] - 1), *argument[1:]])


@mutant("config_linux.seccomp.syscalls.args.op")
def values_have_32_bits() -> None:
    """Of values, the lower half counts."""
    change_arguments(lambda argument: [*argument[:2], argument[2] & 0xFFFFFFFF, argument[3]])


@mutant("config_linux.seccomp.syscalls.args.op", "config_linux.seccomp.constants")
def operators_are_swapped() -> None:
    """What is less is greater."""
    from reference_runtime import seccomp

    one, other = seccomp.OPERATORS["SCMP_CMP_LT"], seccomp.OPERATORS["SCMP_CMP_GT"]
    seccomp.OPERATORS.update({"SCMP_CMP_LT": other, "SCMP_CMP_GT": one})


@mutant("config_linux.seccomp.syscalls.args.value_two")
def second_value_is_the_first() -> None:
    """valueTwo is ignored: what is masked is compared with the mask."""
    change_arguments(lambda argument: [*argument[:3], argument[2]])


@mutant("config_linux.seccomp.architectures")
def architectures_are_ignored() -> None:
    """The filter is for the native architecture only."""
    change_filter(architectures=lambda _: [])


@mutant("config_linux.seccomp.flags")
def flags_are_ignored() -> None:
    """The filter is loaded without its flags."""
    changed("seccomp.load", flags=[])


@mutant("config_linux.seccomp.flags")
def filter_with_flags_is_not_loaded() -> None:
    """A filter with flags is left out."""
    transform_plan(
        lambda steps: [step for step in steps if step.action != "seccomp.load" or not step.arguments["flags"]]
    )


@mutant("config_linux.seccomp.syscalls.optional")
def filter_without_system_calls_allows_nothing() -> None:
    """Without syscalls, every system call is refused."""

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "seccomp.compile_filter" and not step.arguments["rules"]:
                step.arguments["rules"] = [{"names": ["umask"], "action": 0x00050001, "arguments": []}]
        return steps

    transform_plan(change)


@mutant("config_linux.seccomp.syscalls.all_killed")
def filter_without_system_calls_is_none() -> None:
    """Without syscalls, seccomp is ignored."""

    def leave_out(steps: list[Step]) -> list[Step]:
        empty = any(step.action == "seccomp.compile_filter" and not step.arguments["rules"] for step in steps)
        return [step for step in steps if not (empty and step.action.startswith("seccomp."))]

    transform_plan(leave_out)


@mutant("config_linux.seccomp.listener.path", "config_linux.seccomp.listener.seccomp_fd")
def state_is_not_sent() -> None:
    """Nobody is sent the container process state."""
    without("seccomp.send_state")


@mutant("config_linux.seccomp.listener.failed")
def state_that_cannot_be_sent_is_no_error() -> None:
    """It is no error if the container process state cannot be sent."""
    from reference_runtime import seccomp

    original = seccomp.send

    def send(path: str, message: bytes, descriptors: list[int]) -> None:
        try:
            original(path, message, descriptors)
        except OSError:
            return

    seccomp.send = send


@mutant("config_linux.seccomp.listener.socket")
def listener_may_be_of_any_type() -> None:
    """The container process state is sent to datagram and packet sockets, too."""
    import _socket

    from reference_runtime import seccomp

    original = seccomp.send

    def send(path: str, message: bytes, descriptors: list[int]) -> None:
        for kind in (_socket.SOCK_DGRAM, _socket.SOCK_SEQPACKET):
            connection = _socket.socket(_socket.AF_UNIX, kind)
            try:
                connection.connect(path)
                connection.sendmsg([message], rights_of(*descriptors))
            except OSError:
                continue
            return
        original(path, message, descriptors)

    seccomp.send = send


@mutant("config_linux.seccomp.listener.one_state", "config_linux.container_process_state.json")
def state_is_sent_twice() -> None:
    """The connection has the container process state twice."""
    from reference_runtime import seccomp

    original = seccomp.send
    seccomp.send = lambda path, message, descriptors: original(path, message * 2, descriptors)


@mutant("config_linux.seccomp.listener.one_state", "config_linux.seccomp.listener.not_reused")
def listener_is_connected_to_twice() -> None:
    """The container process state is sent through two connections."""
    from reference_runtime import seccomp

    original = seccomp.send

    def send(path: str, message: bytes, descriptors: list[int]) -> None:
        original(path, message, descriptors)
        original(path, message, descriptors)

    seccomp.send = send


@mutant("config_linux.seccomp.listener.closed")
def connection_stays_open() -> None:
    """Somebody keeps the connection to the listener until the container process has ended."""
    import os
    import select

    from reference_runtime import seccomp

    original = seccomp.send_state

    def send_state(context: object, path: str, metadata: str | None) -> None:
        process = os.pidfd_open(context.pid)  # type: ignore[attr-defined]

        def send(path: str, message: bytes, descriptors: list[int]) -> None:
            connection = connected(path)
            connection.sendmsg([message], rights_of(*descriptors))
            if os.fork() == 0:
                os.close(context.state._lock)  # type: ignore[attr-defined]
                select.select([process], [], [])
                os._exit(0)

        seccomp.send = send
        original(context, path, metadata)  # type: ignore[arg-type]

    seccomp.send_state = send_state


@mutant("config_linux.seccomp.listener.ignored")
def listener_is_always_connected_to() -> None:
    """There has to be a listener at listenerPath, though nobody is to be notified."""
    from reference_runtime import seccomp

    original = seccomp.compile_filter

    def compile_filter(context: object, **arguments: Any) -> None:
        path = context.config.linux["seccomp"].get("listenerPath")  # type: ignore[attr-defined]
        if path:
            connected(path).close()
        original(context, **arguments)  # type: ignore[arg-type]

    seccomp.compile_filter = compile_filter  # type: ignore[assignment]


@mutant(
    "config_linux.seccomp.listener.descriptors",
    "config_linux.container_process_state.rights",
    "config_linux.container_process_state.fds",
)
def no_descriptor_is_sent() -> None:
    """The container process state comes without a descriptor."""
    send_otherwise(lambda path, message, descriptors: connected(path).sendall(message))


@mutant("config_linux.container_process_state.first_message")
def descriptors_come_with_the_last_message() -> None:
    """The descriptors come with the last part of the container process state."""

    def send(path: str, message: bytes, descriptors: list[int]) -> None:
        connection = connected(path)
        connection.sendall(message[:-1])
        connection.sendmsg([message[-1:]], rights_of(*descriptors))

    send_otherwise(send)


@mutant("config_linux.seccomp.listener.descriptors", "config_linux.container_process_state.fds")
def descriptor_has_no_name() -> None:
    """`fds` has no names."""
    change_state(fds=[])


@mutant("config_linux.seccomp.listener.seccomp_fd")
def listener_has_another_name() -> None:
    """The listener is not called seccompFd."""
    change_state(fds=["seccomp"])


@mutant("config_linux.container_process_state.fds.order")
def names_are_in_another_order() -> None:
    """The names of two descriptors are swapped."""
    import os

    change_state(fds=["nullFd", "seccompFd"])

    def send(path: str, message: bytes, descriptors: list[int]) -> None:
        null = os.open("/dev/null", os.O_RDONLY)
        connected(path).sendmsg([message], rights_of(*descriptors, null))

    send_otherwise(send)


@mutant("config_linux.container_process_state.pid")
def pid_is_that_of_the_container() -> None:
    """The pid is the one in the container's pid namespace."""
    change_state(pid=1)


@mutant("config_linux.container_process_state.oci_version")
def process_state_has_no_version() -> None:
    """The container process state has no ociVersion."""
    change_state(ociVersion=None)


@mutant("config_linux.container_process_state.state")
def process_state_has_no_state() -> None:
    """The container process state has no state of the container."""
    change_state(state=None)


@mutant("config_linux.container_process_state.state")
def state_of_the_container_has_an_old_version() -> None:
    """The state of the container has the version 0.2.0 of the specification."""
    from reference_runtime import seccomp

    original = seccomp.process_state

    def process_state(context: object, metadata: str | None) -> dict[str, Any]:
        state = original(context, metadata)  # type: ignore[arg-type]
        return {**state, "state": {**state["state"], "ociVersion": "0.2.0"}}

    seccomp.process_state = process_state


@mutant("config_linux.seccomp.listener.metadata", "config_linux.container_process_state.metadata")
def metadata_is_not_sent() -> None:
    """listenerMetadata is ignored."""
    change_state(metadata=None)


@mutant("config_linux.container_process_state.metadata")
def metadata_is_an_object() -> None:
    """The metadata is an object, whatever was configured."""
    change_state(metadata={})
