"""Filters of system calls: what is compiled and sent, and what is refused."""

from __future__ import annotations

import errno
import json
import os
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from conformance.bundle.config import base, merge
from conformance.bundle.programs import attempting, calling
from conformance.runtime.seccomp_agent import SeccompAgent
from reference_runtime import libseccomp, seccomp, syscalls
from reference_runtime.config import NEWEST_VERSION, Config, from_bytes
from reference_runtime.context import Context
from reference_runtime.errors import SyscallFailed, UnsupportedConfig
from reference_runtime.state import StateDirectory

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reference_runtime.conftest import Runtime

ALLOW, ERRNO, NOTIFY = "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_NOTIFY"


def config_with(*entries: dict[str, Any], **properties: Any) -> Config:
    syscalls_ = [{"names": ["umask"], **entry} for entry in entries]
    filter_ = {"defaultAction": ALLOW, "syscalls": syscalls_, **properties}
    document = merge({"ociVersion": NEWEST_VERSION, **base()}, {"linux": {"seccomp": filter_}})
    return from_bytes(json.dumps(document).encode(), "/bundle", "one")


def compiled(directory: Path, config: Config) -> bytes:
    """The program of a filter."""
    context = Context(config, StateDirectory(str(directory), "one"))
    (step,) = seccomp.plan_compilation(config)
    seccomp.compile_filter(context, **step.arguments)
    program = context.descriptors["seccomp"]
    content = os.pread(program, 1 << 20, 0)
    os.close(program)
    return content


def answers(program: bytes) -> set[int]:
    """What a program of BPF can return: the constants of its BPF_RET instructions."""
    return {value for code, _, _, value in struct.iter_unpack("=HBBI", program) if code == 0x06}


@pytest.mark.parametrize(
    ("entry", "answer"),
    [
        ({"action": "SCMP_ACT_KILL_PROCESS"}, 0x80000000),
        ({"action": "SCMP_ACT_TRAP"}, 0x00030000),
        ({"action": ERRNO}, 0x00050000 | errno.EPERM),
        ({"action": ERRNO, "errnoRet": 0}, 0x00050000),
        ({"action": ERRNO, "errnoRet": 4094}, 0x00050000 | 4094),
        ({"action": "SCMP_ACT_TRACE"}, 0x7FF00000 | errno.EPERM),
        ({"action": "SCMP_ACT_TRACE", "errnoRet": 7}, 0x7FF00000 | 7),
        ({"action": "SCMP_ACT_LOG"}, 0x7FFC0000),
    ],
)
def test_action_becomes_its_word(directory: Path, entry: dict[str, Any], answer: int) -> None:
    # Calls of other architectures are killed, in a thread or as a whole.
    assert answers(compiled(directory, config_with(entry))) - {0} == {0x7FFF0000, answer}


def test_entry_with_the_default_action_changes_nothing(directory: Path) -> None:
    assert compiled(directory, config_with({"action": ALLOW})) == compiled(directory, config_with())


def test_unknown_system_calls_are_passed_over(directory: Path) -> None:
    unknown = config_with({"names": ["no_such_call", "umask"], "action": ERRNO})
    assert compiled(directory, unknown) == compiled(directory, config_with({"action": ERRNO}))


@pytest.mark.parametrize(
    ("entry", "properties", "place"),
    [
        ({"action": "SCMP_ACT_TRAP", "errnoRet": 1}, {}, "syscalls[0].errnoRet"),
        ({"action": ERRNO, "errnoRet": 4095}, {}, "syscalls[0].errnoRet"),
        ({"action": ALLOW}, {"defaultAction": ERRNO, "defaultErrnoRet": 65536}, "defaultErrnoRet"),
        ({"action": NOTIFY}, {}, "listenerPath"),
    ],
)
def test_what_cannot_be_done_is_refused(entry: dict[str, Any], properties: dict[str, Any], place: str) -> None:
    with pytest.raises(UnsupportedConfig) as caught:
        config_with(entry, **properties)
    assert caught.value.place == f"$.linux.seccomp.{place}"


@pytest.mark.parametrize(
    ("entry", "default", "refused"),
    [
        ({"names": ["write"], "action": NOTIFY}, ALLOW, True),
        ({"names": ["umask"], "action": ALLOW}, NOTIFY, True),
        ({"names": ["write"], "action": ALLOW}, NOTIFY, False),
        ({"names": ["read"], "action": NOTIFY}, ALLOW, False),
    ],
)
def test_write_cannot_be_notified_of(entry: dict[str, Any], default: str, refused: bool) -> None:
    filter_ = {"defaultAction": default, "syscalls": [entry], "listenerPath": "/listener"}
    document = merge({"ociVersion": NEWEST_VERSION, **base()}, {"linux": {"seccomp": filter_}})
    found = list(seccomp.unsupported(Config(document, "/bundle", "one")))
    assert [place for place, _ in found] == (["$.linux.seccomp"] if refused else [])


@pytest.mark.parametrize("name", ["", "no_such_architecture"])
def test_unknown_architecture_is_an_error(name: str) -> None:
    with libseccomp.Filter(seccomp.ACTIONS[ALLOW]) as made, pytest.raises(SyscallFailed):
        made.add_architecture(name)


@pytest.mark.parametrize("flag", [1 << 20, 1 << 31])
def test_kernel_does_not_know_every_flag(flag: int) -> None:
    assert syscalls.knows_seccomp_flag(syscalls.SECCOMP_FILTER_FLAG_LOG)
    assert not syscalls.knows_seccomp_flag(flag)


def test_message_comes_whole_however_long_it_is(directory: Path) -> None:
    message = b"x" * (1 << 22)
    received = []
    with SeccompAgent(directory) as agent:
        thread = threading.Thread(target=lambda: received.append(agent.receive(time.monotonic() + 30)))
        thread.start()
        with open("/dev/null", "rb") as null:
            seccomp.send(agent.path, message, [null.fileno()])
        thread.join()
        (delivery,) = received
        assert b"".join(content for content, _ in delivery.parts) == message
        assert [len(descriptors) for _, descriptors in delivery.parts] == [1, *[0] * (len(delivery.parts) - 1)]
        assert delivery.ended


@pytest.mark.usefixtures("root")
def test_failure_to_send_leaves_nothing(runtime: Runtime) -> None:
    path = str(runtime.directory / "nobody")
    filter_ = {
        "defaultAction": ALLOW,
        "listenerPath": path,
        "syscalls": [{"names": ["umask"], "action": NOTIFY}],
    }
    runtime.make_bundle(*attempting(calling("umask")), linux={"seccomp": filter_})
    done = runtime("create", "--bundle", str(runtime.bundle.path), runtime.identifier)
    assert done.returncode == 1
    assert "seccomp.send_state ($.linux.seccomp.listenerPath): connect" in done.stderr
    assert runtime.left == []


def test_socket_is_one_of_streams(directory: Path) -> None:
    with SeccompAgent(directory, socket.SOCK_SEQPACKET) as agent, pytest.raises(SyscallFailed) as caught:
        seccomp.send(agent.path, b"{}", [])
    assert caught.value.errno == errno.EPROTOTYPE
