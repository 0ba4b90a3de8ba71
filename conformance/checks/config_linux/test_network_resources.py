"""Control groups, Network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance import needs, requirement
from conformance.facts import cgroup

if TYPE_CHECKING:
    import pytest

    from conformance.facts.cgroup import Cgroup
    from conformance.fixtures import MakeContainer

pytestmark: pytest.MarkDecorator = needs("cgroup.managed")


def limited(container: MakeContainer, **network: Any) -> Cgroup:
    """The cgroup of a new container with these values of `network`."""
    return cgroup.of(container(linux={"resources": {"network": network}}).create_supporting(f"network with {network}"))


@requirement("config_linux.resources.network.applied", "config_linux.resources.network.class_id")
@needs("cgroup.net_cls")
def test_class_is_set(container: MakeContainer) -> None:
    assert limited(container, classID=0x100001).number(v1="net_cls.classid") == 0x100001


@requirement("config_linux.resources.network.applied", "config_linux.resources.network.priorities")
@needs("cgroup.net_prio")
def test_priority_on_an_interface_is_set(container: MakeContainer) -> None:
    found = limited(container, priorities=[{"name": "lo", "priority": 7}])
    assert "lo 7" in (found.text(v1="net_prio.ifpriomap") or "").splitlines()
