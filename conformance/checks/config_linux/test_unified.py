"""Control groups, Unified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.facts import cgroup
from conformance.host.cgroups import page_sizes, unified_controllers
from conformance.verdict.refusal import create_without_effect

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.fixtures import MakeContainer

pytestmark = needs("cgroup.managed", "cgroup.v2")


def parameter() -> tuple[str, str]:
    """A parameter whose controller cgroup v2 has here, and a value that its file gives back as it was written."""
    parameters = {"memory.high": "1073741824", "pids.max": "3277", "cpu.weight": "77"}
    parameters.update({f"hugetlb.{size}.max": "1073741824" for size in page_sizes()})
    return next((name, value) for name, value in parameters.items() if name.split(".")[0] in unified_controllers())


def with_unified(container: MakeContainer, path: str = "", **unified: str) -> Container:
    """A container with these parameters of cgroup v2, whose cgroup is at a path below the usual one."""
    one = container(linux={"resources": {"unified": unified}})
    one.configure(linux={"cgroupsPath": f"/{one.identifier}{path}"})
    return one.create_supporting(f"the parameters {unified} of cgroup v2")


@requirement("config_linux.resources.unified.applied")
@needs("cgroup.v2.controllers")
def test_parameter_is_set(container: MakeContainer) -> None:
    name, value = parameter()
    assert cgroup.of(with_unified(container, **{name: value})).in_unified(name) == value


@requirement("config_linux.resources.unified.controllers.enabled")
@needs("cgroup.v2.controllers")
def test_controller_is_enabled_for_a_cgroup_of_several_levels(container: MakeContainer) -> None:
    name, value = parameter()
    found = cgroup.of(with_unified(container, "/one/two", **{name: value}))
    assert name.split(".")[0] in (found.in_unified("cgroup.controllers") or "").split()


@requirement("config_linux.resources.unified.unknown")
def test_parameter_that_is_none_of_a_controller_is_set(container: MakeContainer) -> None:
    found = cgroup.of(with_unified(container, **{"cgroup.max.descendants": "3277"}))
    assert found.in_unified("cgroup.max.descendants") == "3277"


@requirement("config_linux.resources.unified.controllers.absent")
def test_controller_that_does_not_exist_is_refused(container: MakeContainer) -> None:
    create_without_effect(container(linux={"resources": {"unified": {"nothing.max": "1"}}}))


IMPOSSIBLE: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("kernel memory", "memory", {"memory": {"kernel": 268435456}}),
    ("kernel memory for TCP", "memory", {"memory": {"kernelTCP": 268435456}}),
    ("swappiness", "memory", {"memory": {"swappiness": 17}}),
    ("no OOM killer", "memory", {"memory": {"disableOOMKiller": True}}),
    ("realtime scheduler", "cpu", {"cpu": {"realtimeRuntime": 7000, "realtimePeriod": 700000}}),
    ("weight of tasks", "io", {"blockIO": {"leafWeight": 300}}),
)
"""What the controllers of cgroup v2 have nothing for."""


@requirement("config_linux.resources.unified.conversion.impossible")
@pytest.mark.parametrize(
    "resources",
    [
        pytest.param(resources, id=name, marks=needs(f"cgroup.v2.{controller}"))
        for name, controller, resources in IMPOSSIBLE
    ],
)
def test_value_that_cannot_be_converted_is_refused(container: MakeContainer, resources: dict[str, Any]) -> None:
    create_without_effect(container(linux={"resources": resources}))
