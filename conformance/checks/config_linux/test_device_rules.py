"""Allowed Device list.

The devices have numbers for local use, which no driver has: to open one gives ENXIO if that is allowed, and EPERM if
not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.programs import attempting

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer

    Rule = dict[str, Any]

UNUSED, ALSO_UNUSED = 60, 61

ALL_DENIED = {"allow": False, "access": "rwm"}
ALL_ALLOWED = {"allow": True, "access": "rwm"}
NODES_CAN_BE_MADE = [{"allow": True, "type": type_, "access": "m"} for type_ in "cb"]

pytestmark = needs("cgroup.devices", "cgroup.managed")


def allow(type_: str = "c", access: str = "rw", **numbers: int) -> Rule:
    """A rule that allows devices."""
    return {"allow": True, "type": type_, **numbers, "access": access}


def deny(type_: str = "c", access: str = "rw", **numbers: int) -> Rule:
    """A rule that denies devices."""
    return {"allow": False, "type": type_, **numbers, "access": access}


def judged(error: str) -> str:
    """What is said of an access, by the error that it ends with."""
    return {"ENXIO": "allowed", "ENODEV": "allowed", "EPERM": "denied", "EACCES": "denied"}.get(error, error)


def accesses(
    container: MakeContainer, rules: list[Rule], *devices: str, kinds: tuple[str, ...] = ("read",), value: str = ""
) -> list[str]:
    """Whether each device, such as ``c 60:1``, can be accessed in each of these ways by a container with these rules.

    Before the rules, all is denied; making nodes is allowed after them. With a `value`, it is one that a runtime need
    not support.
    """
    operations = []
    for device in devices:
        type_, major, minor = device.replace(":", " ").split()
        path = f"/dev/{type_}-{major}-{minor}"
        operations.append(["mknod", path, type_, major, minor])
        operations += [[kind, path, *(["x"] if kind == "write" else [])] for kind in kinds]
    linux = {"resources": {"devices": [ALL_DENIED, *rules, *NODES_CAN_BE_MADE]}}
    one = container(program=attempting(*operations), linux=linux)
    if value:
        one.create_supporting(value).start()
    found = one.attempts()
    assert [str(attempt) for attempt in found if attempt.operation[0] == "mknod" and not attempt.ok] == []
    return [judged(attempt.error) for attempt in found if attempt.operation[0] != "mknod"]


@requirement("config_linux.resources.devices.optional")
def test_list_may_be_absent(container: MakeContainer) -> None:
    one = container(program=attempting(["read", "/dev/null"]), linux={"resources": {}})
    assert one.attempts()[0].error == ""


@requirement("config_linux.resources.devices.order")
@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param([allow(major=UNUSED, minor=1), deny(major=UNUSED, minor=1)], "denied", id="allow-deny"),
        pytest.param([deny(major=UNUSED, minor=1), allow(major=UNUSED, minor=1)], "allowed", id="deny-allow"),
        pytest.param([allow(major=UNUSED, minor=1), ALL_DENIED], "denied", id="allow-deny_all"),
        pytest.param([ALL_ALLOWED, ALL_DENIED, allow(major=UNUSED, minor=1)], "allowed", id="deny_all-allow"),
        pytest.param([deny(major=UNUSED, minor=1), ALL_ALLOWED], "allowed", id="deny-allow_all"),
        pytest.param([ALL_ALLOWED, deny(major=UNUSED, minor=1)], "denied", id="allow_all-deny"),
    ],
)
def test_of_two_entries_the_later_holds(container: MakeContainer, rules: list[Rule], expected: str) -> None:
    assert accesses(container, rules, f"c {UNUSED}:1") == [expected]


@requirement("config_linux.resources.devices.order")
def test_narrower_entry_after_a_wider_one_holds(container: MakeContainer) -> None:
    rules = [allow(major=UNUSED), deny(major=UNUSED, minor=1)]
    # cgroup v1 has no order by which it could be done.
    value = "all devices of a major number but for one"
    assert accesses(container, rules, f"c {UNUSED}:1", f"c {UNUSED}:2", value=value) == ["denied", "allowed"]


@requirement("config_linux.resources.devices.allow")
def test_entry_allows_its_devices(container: MakeContainer) -> None:
    rules = [allow(major=UNUSED, minor=1), allow(major=UNUSED, minor=2)]
    assert accesses(container, rules, f"c {UNUSED}:1", f"c {UNUSED}:2", f"c {UNUSED}:3") == [
        *("allowed", "allowed"),
        "denied",
    ]


@requirement("config_linux.resources.devices.allow")
def test_entry_denies_its_devices(container: MakeContainer) -> None:
    rules = [ALL_ALLOWED, deny(major=UNUSED, minor=1), deny(major=UNUSED, minor=2)]
    assert accesses(container, rules, f"c {UNUSED}:1", f"c {UNUSED}:2", f"c {UNUSED}:3") == [
        *("denied", "denied"),
        "allowed",
    ]


@requirement("config_linux.resources.devices.type")
@pytest.mark.parametrize(
    ("type_", "expected"),
    [("c", ["allowed", "denied"]), ("b", ["denied", "allowed"]), ("a", ["allowed", "allowed"])],
    ids="cba",
)
def test_entry_is_about_its_type(container: MakeContainer, type_: str, expected: list[str]) -> None:
    # Numbers of devices of all types are not asked for: cgroup v1, which `a` is taken from, ignores them.
    rule = ALL_ALLOWED | {"type": "a"} if type_ == "a" else allow(type_, major=UNUSED, minor=1)
    assert accesses(container, [rule], f"c {UNUSED}:1", f"b {UNUSED}:1") == expected


@requirement("config_linux.resources.devices.type.default")
@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param([ALL_ALLOWED], ["allowed", "allowed"], id="allow"),
        pytest.param([allow("c"), allow("b"), ALL_DENIED], ["denied", "denied"], id="deny"),
    ],
)
def test_entry_without_a_type_is_about_all(container: MakeContainer, rules: list[Rule], expected: list[str]) -> None:
    assert accesses(container, rules, f"c {UNUSED}:1", f"b {UNUSED}:1") == expected


@requirement("config_linux.resources.devices.numbers")
@pytest.mark.parametrize("type_", ["c", "b"])
def test_entry_is_about_its_numbers(container: MakeContainer, type_: str) -> None:
    rules = [allow(type_, major=UNUSED, minor=1)]
    devices = [f"{type_} {numbers}" for numbers in (f"{UNUSED}:1", f"{UNUSED}:2", f"{ALSO_UNUSED}:1")]
    assert accesses(container, rules, *devices) == ["allowed", "denied", "denied"]


@requirement("config_linux.resources.devices.numbers.default")
@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        pytest.param({"major": UNUSED}, ["allowed", "allowed", "denied"], id="major"),
        pytest.param({"minor": 1}, ["allowed", "denied", "allowed"], id="minor"),
        pytest.param({}, ["allowed", "allowed", "allowed"], id="neither"),
    ],
)
def test_number_that_is_not_given_is_any(
    container: MakeContainer, numbers: dict[str, int], expected: list[str]
) -> None:
    devices = [f"c {numbers}" for numbers in (f"{UNUSED}:1", f"{UNUSED}:2", f"{ALSO_UNUSED}:1")]
    assert accesses(container, [allow() | numbers], *devices) == expected


@requirement("config_linux.resources.devices.access")
@pytest.mark.parametrize(
    ("access", "expected"),
    [
        ("r", ["allowed", "denied"]),
        ("w", ["denied", "allowed"]),
        ("rw", ["allowed", "allowed"]),
        ("m", ["denied", "denied"]),
    ],
    ids=["r", "w", "rw", "m"],
)
def test_access_is_to_read_or_to_write(container: MakeContainer, access: str, expected: list[str]) -> None:
    rules = [allow(access=access, major=UNUSED, minor=1)]
    assert accesses(container, rules, f"c {UNUSED}:1", kinds=("read", "write")) == expected


@requirement("config_linux.resources.devices.access")
@pytest.mark.parametrize(("access", "expected"), [("rwm", "allowed"), ("rw", "denied")])
def test_access_is_to_make_a_node(container: MakeContainer, access: str, expected: str) -> None:
    rules = [ALL_DENIED, allow(access=access, major=UNUSED, minor=1)]
    program = attempting(["mknod", "/dev/made", "c", str(UNUSED), "1"])
    error = container(program=program, linux={"resources": {"devices": rules}}).attempts()[0].error
    assert (judged(error) if error else "allowed") == expected
