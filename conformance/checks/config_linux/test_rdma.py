"""Control groups, RDMA."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance import needs, requirement
from conformance.facts import cgroup
from conformance.host.cgroups import rdma_device

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer


@pytest.mark.parametrize(
    ("name", "key", "limit"),
    [
        pytest.param(name, key, limit, id=name, marks=requirement(f"config_linux.resources.rdma.{identifier}"))
        for name, identifier, key, limit in (
            ("hcaHandles", "hca_handles", "hca_handle", 3),
            ("hcaObjects", "hca_objects", "hca_object", 10000),
        )
    ],
)
@requirement("config_linux.resources.rdma.applied")
@needs("cgroup.managed", "cgroup.rdma")
def test_limit_of_a_device_is_set(container: MakeContainer, name: str, key: str, limit: int) -> None:
    device = str(rdma_device())
    one = container(linux={"resources": {"rdma": {device: {name: limit}}}}).create_supporting("a limit of RDMA")
    lines = (cgroup.of(one).text(v1="rdma.max", v2="rdma.max") or "").splitlines()
    found = {line.split()[0]: dict(pair.split("=") for pair in line.split()[1:]) for line in lines}
    assert found.get(device, {}).get(key) == str(limit)
