"""Seccomp.

The filters are for umask(2), which takes any argument, never fails by itself, and is nothing that a runtime does between
loading a filter and executing the program.
"""

from __future__ import annotations

import operator
import platform
import signal
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.programs import attempting, calling
from conformance.container import STOPPED
from conformance.validation.system_calls import NAMES
from conformance.verdict.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.facts.reports import Attempt
    from conformance.fixtures import MakeContainer

pytestmark = needs("seccomp")

NATIVE = {
    "x86_64": "X86_64",
    "aarch64": "AARCH64",
    "riscv64": "RISCV64",
    "s390x": "S390X",
    "ppc64le": "PPC64LE",
    "armv7l": "ARM",
}

UMASK_OF_X86 = "60"
GETPID_OF_X86 = "20"

ERRNO = {"action": "SCMP_ACT_ERRNO"}

ALL_BUT_UMASK = sorted(NAMES - {"umask"})
"""What a filter has to allow if its default action is for umask, whatever the runtime has to call meanwhile."""


def filter_of(*entries: dict[str, Any], default: str = "SCMP_ACT_ALLOW", **properties: Any) -> dict[str, Any]:
    """A filter; without `names`, an entry is for umask."""
    return {"defaultAction": default, "syscalls": [{"names": ["umask"], **entry} for entry in entries], **properties}


def default_of(action: str, *entries: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """A filter whose default action is for umask, unless one of the entries is."""
    return filter_of({"names": ALL_BUT_UMASK, "action": "SCMP_ACT_ALLOW"}, *entries, default=action, **properties)


def attempts(
    container: MakeContainer,
    seccomp: dict[str, Any],
    *operations: Sequence[str],
    value: str = "seccomp",
    **changes: Any,
) -> list[Attempt]:
    """What comes of operations under a filter, which the runtime need not support."""
    one = container(program=attempting(*operations), linux={"seccomp": seccomp}, **changes)
    return one.create_supporting(value).start().attempts()


def argument(index: int, op: str, value: int, **more: int) -> dict[str, Any]:
    return {"index": index, "op": f"SCMP_CMP_{op}", "value": value, **more}


@requirement("config_linux.seccomp.honoured")
@pytest.mark.parametrize("uid", [0, 1000])
@pytest.mark.parametrize("no_new_privileges", [False, True], ids=["privileges", "no-new-privileges"])
def test_filter_is_in_force(container: MakeContainer, uid: int, no_new_privileges: bool) -> None:
    process: dict[str, Any] = {"noNewPrivileges": no_new_privileges, "user": {"uid": uid, "gid": uid}}
    one = container(linux={"seccomp": filter_of(ERRNO)}, process=process)
    one.configure(process={"args": ["/probe", *attempting(calling("umask"), calling("getpriority"))]})
    found = one.create_supporting("seccomp").start().attempts()
    assert [attempt.error for attempt in found] == ["EPERM", ""]


SIGSYS = int(signal.SIGSYS)

DENYING = {
    "SCMP_ACT_ERRNO": ("call", "EPERM", 0),
    "SCMP_ACT_TRACE": ("call", "ENOSYS", 0),
    "SCMP_ACT_TRAP": ("call", "", SIGSYS),
    "SCMP_ACT_KILL": ("in-process", "", SIGSYS),
    "SCMP_ACT_KILL_THREAD": ("in-process", "", SIGSYS),
    "SCMP_ACT_KILL_PROCESS": ("in-process", "", SIGSYS),
}
"""How each action shows that keeps a system call from being made (seccomp(2)), without a tracer: how the call is made,
and its error and the signal that it brings.
"""

ALLOWING = ("SCMP_ACT_ALLOW", "SCMP_ACT_LOG")


@requirement("config_linux.seccomp.syscalls.action", "config_linux.seccomp.constants")
@pytest.mark.parametrize("action", DENYING)
def test_action_of_an_entry_is_taken(container: MakeContainer, action: str) -> None:
    how, error, signalled = DENYING[action]
    (found,) = attempts(container, filter_of({"action": action}), calling("umask", how=how), value=action)
    assert (found.error, found.signal) == (error, signalled)


@requirement("config_linux.seccomp.syscalls.action", "config_linux.seccomp.constants")
@pytest.mark.parametrize("action", ALLOWING)
def test_action_of_an_entry_lets_the_call_be_made(container: MakeContainer, action: str) -> None:
    seccomp = default_of("SCMP_ACT_ERRNO", {"action": action})
    (found,) = attempts(container, seccomp, calling("umask"), value=action)
    assert (found.error, found.signal) == ("", 0)


@requirement("config_linux.seccomp.default_action", "config_linux.seccomp.constants")
@pytest.mark.parametrize("action", DENYING)
def test_default_action_is_taken_for_what_no_entry_matches(container: MakeContainer, action: str) -> None:
    how, error, signalled = DENYING[action]
    found = attempts(container, default_of(action), calling("umask", how=how), calling("getpriority"), value=action)
    assert [(attempt.error, attempt.signal) for attempt in found] == [(error, signalled), ("", 0)]


@requirement("config_linux.seccomp.default_action", "config_linux.seccomp.constants")
@pytest.mark.parametrize("action", ALLOWING)
def test_default_action_lets_what_no_entry_matches_be_made(container: MakeContainer, action: str) -> None:
    seccomp = filter_of({"names": ["getpriority"], **ERRNO}, default=action)
    found = attempts(container, seccomp, calling("umask"), calling("getpriority"), value=action)
    assert [attempt.error for attempt in found] == ["", "EPERM"]


@requirement("config_linux.seccomp.constants")
@pytest.mark.parametrize("action", ["SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD"])
def test_only_the_thread_is_killed(container: MakeContainer, action: str) -> None:
    seccomp = filter_of({"action": action})
    (found,) = attempts(container, seccomp, calling("umask", how="in-thread"), value=action)
    # The process is there to see that the call never came back.
    assert (found.signal, found.exit_status) == (0, 1)


@requirement("config_linux.seccomp.constants")
def test_whole_process_is_killed(container: MakeContainer) -> None:
    action = "SCMP_ACT_KILL_PROCESS"
    seccomp = filter_of({"action": action})
    (found,) = attempts(container, seccomp, calling("umask", how="in-thread"), value=action)
    assert found.signal == SIGSYS


@requirement("config_linux.seccomp.syscalls.action")
def test_container_whose_process_is_killed_is_stopped(container: MakeContainer) -> None:
    operations = (["create", "/before"], calling("umask"), ["create", "/after"])
    one = container(program=attempting(*operations), linux={"seccomp": filter_of({"action": "SCMP_ACT_KILL_PROCESS"})})
    one.create_supporting("SCMP_ACT_KILL_PROCESS").start().wait()
    assert (one.content("/before"), one.content("/after"), one.status) == ("", None, STOPPED)


def with_errno(action: str, errno: int | None) -> dict[str, Any]:
    """An entry with an errno, None for none; for no errno is another one for the same system calls."""
    returned = {} if errno is None else {"errnoRet": errno}
    return {"action": action, **returned, "args": [argument(5, "EQ", 1000 if errno is None else errno)]}


@requirement("config_linux.seccomp.syscalls.errno")
@pytest.mark.parametrize("errno", [0, 113], ids=["no error", "EHOSTUNREACH"])
def test_error_is_that_of_the_entry(container: MakeContainer, errno: int) -> None:
    seccomp = filter_of(with_errno("SCMP_ACT_ERRNO", errno))
    (found,) = attempts(container, seccomp, calling("umask", 0, 0, 0, 0, 0, errno), value="errnoRet")
    assert found.errno == errno


@requirement("config_linux.seccomp.syscalls.errno")
def test_tracer_is_told_the_errno_of_the_entry(container: MakeContainer) -> None:
    seccomp = filter_of(with_errno("SCMP_ACT_TRACE", 113))
    operation = calling("umask", 0, 0, 0, 0, 0, 113, how="traced")
    (found,) = attempts(container, seccomp, operation, value="errnoRet with SCMP_ACT_TRACE")
    assert found.message == 113


@requirement("config_linux.seccomp.syscalls.errno.default")
def test_error_is_eperm_by_default(container: MakeContainer) -> None:
    seccomp = filter_of(with_errno("SCMP_ACT_ERRNO", None))
    (found,) = attempts(container, seccomp, calling("umask", 0, 0, 0, 0, 0, 1000))
    assert found.error == "EPERM"


@requirement("config_linux.seccomp.syscalls.errno.default")
def test_tracer_is_told_eperm_by_default(container: MakeContainer) -> None:
    seccomp = filter_of(with_errno("SCMP_ACT_TRACE", None))
    operation = calling("umask", 0, 0, 0, 0, 0, 1000, how="traced")
    (found,) = attempts(container, seccomp, operation, value="SCMP_ACT_TRACE")
    assert found.message == 1


@requirement("config_linux.seccomp.syscalls.errno")
def test_error_is_not_that_of_another_container(container: MakeContainer) -> None:
    # A runtime may keep the filters that it has made, and take one of them for the same.
    entry = {**ERRNO, "args": [argument(4, "EQ", 0)]}
    first, second = (
        attempts(container, filter_of({**entry, "errnoRet": errno}), calling("umask"), value="errnoRet")[0]
        for errno in (113, 111)
    )
    assert (first.errno, second.errno) == (113, 111)


@requirement("config_linux.seccomp.default_errno")
def test_default_error_is_the_default_action_s(container: MakeContainer) -> None:
    seccomp = with_default_errno(defaultErrnoRet=113)
    (found,) = attempts(container, seccomp, calling("umask"), value="defaultErrnoRet")
    assert found.errno == 113


@requirement("config_linux.seccomp.default_errno.default")
def test_default_error_is_eperm_by_default(container: MakeContainer) -> None:
    (found,) = attempts(container, with_default_errno(), calling("umask"))
    assert found.error == "EPERM"


@requirement("config_linux.seccomp.default_errno")
def test_default_error_is_not_that_of_another_container(container: MakeContainer) -> None:
    other = {"args": [argument(4, "EQ", 1)], "action": "SCMP_ACT_KILL_PROCESS"}
    first, second = (
        attempts(
            container,
            default_of("SCMP_ACT_ERRNO", other, defaultErrnoRet=errno),
            calling("umask"),
            value="defaultErrnoRet",
        )[0]
        for errno in (113, 111)
    )
    assert (first.errno, second.errno) == (113, 111)


def with_default_errno(**errno: int) -> dict[str, Any]:
    """A filter that has an errno for its default action, or none, and is otherwise another one in each case."""
    other = {"action": "SCMP_ACT_KILL_PROCESS", "args": [argument(5, "EQ", errno.get("defaultErrnoRet", 1000))]}
    return default_of("SCMP_ACT_ERRNO", other, **errno)


@requirement("config_linux.seccomp.syscalls.args")
def test_entry_is_for_calls_with_its_argument(container: MakeContainer) -> None:
    entries = [{**ERRNO, "args": [argument(index, "EQ", 7)]} for index in range(6)]
    calls = [calling("umask", *(7 if index == only else 8 for index in range(6))) for only in range(6)]
    found = attempts(container, filter_of(*entries), calling("umask", *(8,) * 6), *calls)
    assert [attempt.error for attempt in found] == ["", *["EPERM"] * 6]


@requirement("config_linux.seccomp.syscalls.args")
def test_entry_is_for_calls_with_its_argument_at_its_index(container: MakeContainer) -> None:
    seccomp = filter_of({**ERRNO, "args": [argument(3, "EQ", 7)]})
    found = attempts(container, seccomp, calling("umask", 0, 0, 0, 7), calling("umask", 7, 7, 7, 0, 7, 7))
    assert [attempt.error for attempt in found] == ["EPERM", ""]


@requirement("config_linux.seccomp.syscalls.args")
def test_entry_is_for_calls_with_all_of_its_arguments(container: MakeContainer) -> None:
    seccomp = filter_of({**ERRNO, "args": [argument(0, "EQ", 7), argument(1, "EQ", 8)]})
    found = attempts(container, seccomp, calling("umask", 7, 8), calling("umask", 7), calling("umask", 0, 8))
    assert [attempt.error for attempt in found] == ["EPERM", "", ""]


VALUE = 0x1_0000_0005
COMPARED = (0, 5, VALUE - 1, VALUE, VALUE + 1, 0x2_0000_0000, 2**64 - 1)
"""Arguments around a value, among them those that differ from it in one half only."""

OPERATORS: dict[str, Callable[[int, int], bool]] = {
    "NE": operator.ne,
    "LT": operator.lt,
    "LE": operator.le,
    "EQ": operator.eq,
    "GE": operator.ge,
    "GT": operator.gt,
}


@requirement("config_linux.seccomp.syscalls.args.op", "config_linux.seccomp.constants")
@pytest.mark.parametrize("op", OPERATORS)
def test_argument_is_compared_with_the_value(container: MakeContainer, op: str) -> None:
    seccomp = filter_of({**ERRNO, "args": [argument(0, op, VALUE)]})
    found = attempts(container, seccomp, *(calling("umask", compared) for compared in COMPARED))
    matched = [compared for compared, attempt in zip(COMPARED, found, strict=True) if attempt.error == "EPERM"]
    assert matched == [compared for compared in COMPARED if OPERATORS[op](compared, VALUE)]


@requirement("config_linux.seccomp.syscalls.args.value_two", "config_linux.seccomp.syscalls.args.op")
def test_masked_argument_is_compared_with_the_second_value(container: MakeContainer) -> None:
    mask, value = 0x2_0000_00F0, 0x2_0000_0010
    seccomp = filter_of({**ERRNO, "args": [argument(0, "MASKED_EQ", mask, valueTwo=value)]})
    compared = (value, 0x7_0000_001F, 0x10, 0x2_0000_0020, mask, 0)
    found = attempts(container, seccomp, *(calling("umask", one) for one in compared))
    assert [attempt.error for attempt in found] == ["EPERM", "EPERM", "", "", "", ""]


@requirement("config_linux.seccomp.architectures", "config_linux.seccomp.constants")
@needs("kernel.x86_32")
def test_filter_is_for_a_second_architecture(container: MakeContainer) -> None:
    seccomp = filter_of(ERRNO, architectures=["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"])
    operations = (calling("umask"), ["call32", UMASK_OF_X86, "0"], ["call32", GETPID_OF_X86, "0"])
    native, filtered, allowed = attempts(container, seccomp, *operations, value="SCMP_ARCH_X86")
    assert native.error == "EPERM"
    assert (filtered.signal, filtered.exit_status) == (0, 1)
    assert (allowed.signal, allowed.exit_status) == (0, 0)


@requirement("config_linux.seccomp.architectures")
def test_filter_is_for_the_native_architecture(container: MakeContainer) -> None:
    native = f"SCMP_ARCH_{NATIVE.get(platform.machine(), platform.machine().upper())}"
    (found,) = attempts(container, filter_of(ERRNO, architectures=[native]), calling("umask"), value=native)
    assert found.error == "EPERM"


@requirement("config_linux.seccomp.flags")
@pytest.mark.parametrize("flag", ["TSYNC", "LOG", "SPEC_ALLOW"])
def test_filter_with_a_flag_is_in_force(container: MakeContainer, flag: str) -> None:
    name = f"SECCOMP_FILTER_FLAG_{flag}"
    (found,) = attempts(container, filter_of(ERRNO, flags=[name]), calling("umask"), value=name)
    assert found.error == "EPERM"


@requirement("config_linux.seccomp.syscalls.optional")
@pytest.mark.parametrize("syscalls", [{}, {"syscalls": []}], ids=["absent", "empty"])
def test_filter_needs_no_syscalls(container: MakeContainer, syscalls: dict[str, Any]) -> None:
    (found,) = attempts(container, {"defaultAction": "SCMP_ACT_ALLOW", **syscalls}, calling("umask"))
    assert found.error == ""


# Seconds; a runtime that waits for a process which can do nothing any more would do so for all of the deadline.
_KILLED_BY_THEN = 10.0


@requirement("config_linux.seccomp.syscalls.all_killed", "config_linux.seccomp.constants")
def test_nothing_runs_if_every_system_call_kills(container: MakeContainer) -> None:
    seccomp = {"defaultAction": "SCMP_ACT_KILL"}
    one = container(program=attempting(["create", "/ran"]), linux={"seccomp": seccomp})
    # The first system call is one of the runtime, so that it may never come to the program.
    if one.finish_create(one.begin_create(), within=_KILLED_BY_THEN).ok and one.attempt("start").ok:
        one.wait()
    if one.content("/ran") is not None or one.runs:
        raise Finding("the first system call kills the process", "the program ran")
