"""The rules about devices mean the same to a reader, to cgroup v1 and to the program for cgroup v2."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.bundle.config import base, merge
from reference_runtime import host, plan
from reference_runtime.cgroups import device_program, devices
from reference_runtime.config import NEWEST_VERSION, Config
from reference_runtime.errors import UnsupportedConfig

V1 = host.Hierarchy("/sys/fs/cgroup/devices", "cgroup", ("devices",))
OTHER_V1 = host.Hierarchy("/sys/fs/cgroup/pids", "cgroup", ("pids",))
V2 = host.Hierarchy("/sys/fs/cgroup", "cgroup2", ())

NUMBERS = st.sampled_from([None, 1, 2])
RULES = st.lists(
    st.builds(
        lambda allow, type_, major, minor, access: {
            "allow": allow,
            "type": type_,
            "major": major,
            "minor": minor,
            "access": access,
        },
        st.booleans(),
        st.sampled_from("acb"),
        NUMBERS,
        NUMBERS,
        st.sampled_from(["r", "w", "m", "rw", "rwm"]),
    ),
    max_size=5,
)
ACCESSES = st.tuples(
    st.sampled_from("cb"), st.integers(1, 3), st.integers(1, 3), st.sampled_from(["r", "w", "rw", "m"])
)

Access = tuple[str, int, int, str]


def is_about(rule: dict[str, Any], access: Access) -> bool:
    type_, major, minor, _ = access
    return rule["type"] in ("a", type_) and rule["major"] in (None, major) and rule["minor"] in (None, minor)


def said(rules: list[dict[str, Any]], access: Access) -> bool:
    """What the rules say, read as they are meant: the last one about a kind of access holds."""
    return all(
        next((rule["allow"] for rule in reversed(rules) if is_about(rule, access) and letter in rule["access"]), False)
        for letter in access[3]
    )


def by_v1(settings: list[list[str]], access: Access) -> bool:
    """What the controller decides: an exception from none has all of the access in it, one from all any of it."""
    type_, major, minor, wanted = access
    (file, value), *exceptions = settings
    assert value == "a"
    found = []
    for other, exception in exceptions:
        assert other != file
        of_type, numbers, letters = exception.split(" ")
        of_major, of_minor = numbers.split(":")
        if of_type == type_ and of_major in ("*", str(major)) and of_minor in ("*", str(minor)):
            found.append(letters)
    if file == "devices.allow":
        return not any(set(wanted) & set(letters) for letters in found)
    return any(set(wanted) <= set(letters) for letters in found)


def by_program(program: list[device_program.Instruction], access: Access) -> bool:
    """What the kernel makes of the program."""
    type_, major, minor, wanted = access
    bits = sum({"m": 1, "r": 2, "w": 4}[letter] for letter in wanted)
    context = {0: {"b": 1, "c": 2}[type_] | bits << 16, 4: major, 8: minor}
    registers: dict[int, int] = {}
    place = 0
    while True:
        code, target, source, offset, constant = program[place]
        place += 1
        if code == 0x61:
            registers[target] = context[offset]
        elif code == 0xB4:
            registers[target] = constant
        elif code == 0xBC:
            registers[target] = registers[source]
        elif code == 0x54:
            registers[target] &= constant & 0xFFFFFFFF
        elif code == 0x74:
            registers[target] >>= constant
        elif code in (0x15, 0x55):
            place += offset if (registers[target] == constant) == (code == 0x15) else 0
        else:
            assert code == 0x95
            return bool(registers[0])


@given(RULES, ACCESSES)
def test_program_does_what_is_said(rules: list[dict[str, Any]], access: Access) -> None:
    assert by_program(device_program.assembled(rules), access) == said(rules, access)


@given(RULES, st.lists(ACCESSES))
def test_settings_do_what_is_said_if_they_can(rules: list[dict[str, Any]], accesses: list[Access]) -> None:
    try:
        settings = list(devices.settings_v1(rules))
    except UnsupportedConfig:
        return
    for access in accesses:
        # The kernel wants one exception for all of an access, and two that overlap are two.
        if len(access[3]) == 1:
            assert by_v1(settings, access) == said(rules, access), settings


def rule(*, allow: bool = True, access: str = "rwm", **of: Any) -> dict[str, Any]:
    return {"allow": allow, "type": "a", "major": None, "minor": None, "access": access, **of}


ONE: dict[str, Any] = {"type": "c", "major": 60, "minor": 1}


@pytest.mark.parametrize(
    ("rules", "settings"),
    [
        ([rule(allow=False)], [["devices.deny", "a"]]),
        ([rule(allow=False), rule(**ONE, access="r")], [["devices.deny", "a"], ["devices.allow", "c 60:1 r"]]),
        ([], [["devices.deny", "a"]]),
        ([rule(), rule(**ONE, allow=False)], [["devices.allow", "a"], ["devices.deny", "c 60:1 rwm"]]),
        ([rule(**ONE), rule(**ONE, allow=False, access="w")], [["devices.deny", "a"], ["devices.allow", "c 60:1 rm"]]),
        (
            [rule(**ONE, access="r"), rule(type="c", access="w")],
            [["devices.deny", "a"], ["devices.allow", "c 60:1 rw"], ["devices.allow", "c *:* w"]],
        ),
    ],
)
def test_settings_of_v1(rules: list[dict[str, Any]], settings: list[list[str]]) -> None:
    assert list(devices.settings_v1(rules)) == settings


def test_what_v1_cannot_express_is_refused() -> None:
    wider: dict[str, Any] = {"type": "c", "major": 60}
    with pytest.raises(UnsupportedConfig):
        list(devices.settings_v1([rule(**wider), rule(**ONE, allow=False)]))


def test_number_that_no_device_has_is_about_none() -> None:
    program = device_program.assembled([rule(type="c", major=2**40, minor=1)])
    assert not by_program(program, ("c", 1, 1, "r"))


def steps_of(hierarchies: list[host.Hierarchy], *, exists: bool = False, **linux: Any) -> list[Any]:
    document = merge({"ociVersion": NEWEST_VERSION, **base()}, {"linux": linux})
    built = plan.build(Config(document, "/bundle", "one"), host.Host(hierarchies, lambda _: exists))
    return [step for step in built if step.action.startswith("cgroups.devices.")]


ASKED: dict[str, Any] = {"resources": {"devices": [{"allow": True, "access": "rwm"}]}}


@pytest.mark.parametrize(
    ("hierarchies", "action", "path"),
    [
        ([OTHER_V1, V1], "cgroups.devices.set_v1", "/sys/fs/cgroup/devices/one"),
        ([V2], "cgroups.devices.set_v2", "/sys/fs/cgroup/one"),
        ([V2, V1], "cgroups.devices.set_v1", "/sys/fs/cgroup/devices/one"),
    ],
)
def test_devices_are_restricted_without_being_asked_for(
    hierarchies: list[host.Hierarchy], action: str, path: str
) -> None:
    assert [(step.action, step.arguments["path"]) for step in steps_of(hierarchies)] == [(action, path)]


def test_cgroup_of_others_is_left_alone() -> None:
    assert steps_of([V1], exists=True) == []
    assert len(steps_of([V1], exists=True, **ASKED)) == 1


def test_devices_cannot_be_restricted_without_a_hierarchy_for_it() -> None:
    assert steps_of([OTHER_V1]) == []
    with pytest.raises(UnsupportedConfig, match=r"\$\.linux\.resources\.devices"):
        steps_of([OTHER_V1], **ASKED)


def test_rules_are_of_listed_configured_and_default_devices() -> None:
    linux = {
        "devices": [{"type": "u", "path": "/dev/one", **{k: ONE[k] for k in ("major", "minor")}}],
        "resources": {"devices": [{"allow": False, "major": 60, "minor": -1}]},
    }
    document = merge({"ociVersion": NEWEST_VERSION, **base()}, {"linux": linux})
    found = devices.rules(Config(document, "/bundle", "one"))
    assert found[:3] == [rule(allow=False), rule(**ONE), rule(allow=False, major=60)]
    assert found[3] == rule(type="c", major=1, minor=3)
    assert found[-1] == rule(type="c", major=136)
