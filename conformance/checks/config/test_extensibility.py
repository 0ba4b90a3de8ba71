"""Extensibility."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.config import mounts_with, namespaces_without
from conformance.bundle.programs import Hook
from conformance.verdict.refusal import told

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer

UNKNOWN: dict[str, Any] = {"com.example.extension": {"enabled": True, "values": [1, "two", None, {"three": 3.5}]}}

MOUNT = {"destination": "/made", "type": "tmpfs", "source": "tmpfs"}

EXTENDED: dict[str, dict[str, Any]] = {
    "top": UNKNOWN,
    "root": {"root": UNKNOWN},
    "process": {"process": UNKNOWN},
    "user": {"process": {"user": UNKNOWN}},
    "capabilities": {"process": {"capabilities": {"com.example.set": ["CAP_CHOWN"]}}},
    "limit": {"process": {"rlimits": [{"type": "RLIMIT_NOFILE", "soft": 512, "hard": 1024, **UNKNOWN}]}},
    "mount": {"mounts": mounts_with({**MOUNT, **UNKNOWN})},
    "hooks": {"hooks": {"com.example.hook": [{"path": "/no/such/program"}]}},
    "linux": {"linux": UNKNOWN},
    "namespace": {"linux": {"namespaces": [*namespaces_without("uts"), {"type": "uts", **UNKNOWN}]}},
    "resources": {"linux": {"resources": {"com.example.controller": {"limit": -7}}}},
    "memory": {"linux": {"resources": {"memory": UNKNOWN}}},
}
"""Changes of the base configuration that put a property that nobody knows into one of its objects."""

OF_CGROUPS = ("resources", "memory")


@requirement("config.unknown_properties.ignored")
@pytest.mark.parametrize(
    "extended",
    [pytest.param(name, marks=needs("cgroup.managed") if name in OF_CGROUPS else ()) for name in EXTENDED],
)
def test_unknown_property_is_no_error(container: MakeContainer, extended: str) -> None:
    one = container(**(EXTENDED[extended] if extended != "hooks" else {}))
    if extended == "hooks":
        one.configure(**EXTENDED[extended])
    assert one.facts().argv == ["/probe", "facts"]


@requirement("config.unknown_properties.ignored")
def test_properties_beside_unknown_ones_are_applied(container: MakeContainer) -> None:
    facts = container(
        **UNKNOWN,
        hostname="a-name",
        process={**UNKNOWN, "cwd": "/srv", "user": {**UNKNOWN, "uid": 7, "gid": 8}},
        mounts=mounts_with({**UNKNOWN, **MOUNT}),
    ).facts()
    made = facts.mount("/made")
    assert (facts.hostname, facts.cwd, facts.uids[0], facts.gids[0]) == ("a-name", "/srv", 7, 8)
    assert (made and made.type) == "tmpfs"


@requirement("config.unknown_properties.ignored")
def test_unknown_property_of_a_hook_is_no_error(container: MakeContainer) -> None:
    one = container(hooks={"createRuntime": [Hook("hook", properties=UNKNOWN)]})
    invocation = one.attempt_create()
    assert invocation.ok, told(invocation, [])
    assert one.ran() == ["hook"]


@requirement("config.unknown_properties.ignored")
@pytest.mark.parametrize("value", [None, True, -1, "word", [], {}], ids=repr)
def test_value_of_an_unknown_property_may_be_anything(container: MakeContainer, value: object) -> None:
    one = container()
    one.replace_config({**one.config, "com.example.extension": value})
    assert one.facts().argv == ["/probe", "facts"]
