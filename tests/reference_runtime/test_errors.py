"""Every error holds fields, and makes one line of them."""

from __future__ import annotations

import errno
import os

import pytest

from reference_runtime import errors
from reference_runtime.errors import (
    ContainerError,
    ContainerExists,
    DamagedState,
    HookFailed,
    InvalidConfig,
    InvalidIdentifier,
    NoSuchContainer,
    RuntimeFault,
    StepFailed,
    SyscallFailed,
    UnsupportedConfig,
    UsageError,
    WrongStatus,
    call,
    errno_name,
    from_document,
)

BASES = {RuntimeFault, ContainerError}
TEXTS: list[tuple[RuntimeFault, str]] = [
    (UsageError("ID is missing"), "ID is missing"),
    (InvalidConfig("$.root", "is required"), "config.json: $.root: is required"),
    (InvalidConfig("$", "not JSON", "state.json"), "state.json: $: not JSON"),
    (UnsupportedConfig("$.linux.seccomp", "is not supported"), "config.json: $.linux.seccomp: is not supported"),
    (
        InvalidIdentifier("a/b"),
        "container ID 'a/b' is not valid: 1 to 255 letters, digits, '_', '+', '-' and '.', and not only dots",
    ),
    (NoSuchContainer("one"), "container one does not exist"),
    (ContainerExists("one"), "container one exists already"),
    (
        WrongStatus("one", "kill", "stopped", ("created", "running")),
        "cannot kill container one: it is stopped, and would have to be created or running",
    ),
    (DamagedState("one", "plan", "not JSON"), "container one: plan is damaged: not JSON"),
    (StepFailed("mounts.bind", "$.mounts[0]", "no"), "mounts.bind ($.mounts[0]): no"),
    (HookFailed("hooks.run", "$.hooks.prestart[0]", "failed"), "hooks.run ($.hooks.prestart[0]): failed"),
]
FAILURES = [
    StepFailed("mounts.bind", "$.mounts[0]", "mount: EPERM", "mount", errno.EPERM),
    StepFailed("init", "$", "the container's process died"),
    HookFailed("hooks.run", "$.hooks.prestart[0]", "exited with status 1"),
]


@pytest.mark.parametrize(("error", "text"), TEXTS, ids=[type(error).__name__ for error, _ in TEXTS])
def test_text_is_made_of_the_fields(error: RuntimeFault, text: str) -> None:
    assert str(error) == text


def test_every_error_of_the_tree_is_tested() -> None:
    tree = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, RuntimeFault)}
    assert {type(error) for error, _ in TEXTS} == tree - BASES
    assert errors.__doc__
    assert [error.__name__ for error in tree if error.__name__ not in errors.__doc__] == []


@pytest.mark.parametrize("error", FAILURES)
def test_failure_survives_the_way_between_the_processes(error: StepFailed) -> None:
    again = from_document(error.document())
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_failure_of_any_length_fits_in_a_message() -> None:
    document = StepFailed("mounts.bind", "$" * 100_000, "x" * 100_000).document()
    assert document["place"] == "$" * 1000 + "..."
    assert document["cause"] == "x" * 1000 + "..."


@pytest.mark.parametrize(("about", "text"), [(None, "mount"), ("/a", "mount of /a")])
def test_system_call_is_named(about: str | None, text: str) -> None:
    error = SyscallFailed("mount", errno.EBUSY, about)
    assert (error.syscall, error.errno, error.filename) == ("mount", errno.EBUSY, about)
    assert str(error) == f"{text}: EBUSY ({os.strerror(errno.EBUSY)})"


@pytest.mark.parametrize(("number", "name"), [(2, "ENOENT"), (0, "0"), (99999, "99999")])
def test_names_of_error_numbers(number: int | None, name: str) -> None:
    assert errno_name(number) == name


def test_call_returns_what_the_function_returns() -> None:
    assert call(os.path.join, "a", "b") == "a/b"


def test_call_names_the_function_and_the_path() -> None:
    with pytest.raises(SyscallFailed) as caught:
        call(os.mkdir, "/does/not/exist", 0o700)
    assert str(caught.value) == f"mkdir of /does/not/exist: ENOENT ({os.strerror(errno.ENOENT)})"
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def test_call_takes_the_path_from_the_arguments_where_the_error_has_none() -> None:
    def refuse(_: int, __: str) -> None:
        raise OSError(errno.EPERM, "no")

    with pytest.raises(SyscallFailed) as caught:
        call(refuse, 1, "/path")
    assert str(caught.value) == f"refuse of /path: EPERM ({os.strerror(errno.EPERM)})"


def test_call_keeps_the_name_of_a_system_call_that_is_known() -> None:
    def refuse() -> None:
        raise SyscallFailed("mount", errno.EPERM, "/a")

    with pytest.raises(SyscallFailed) as caught:
        call(refuse)
    assert caught.value.syscall == "mount"
