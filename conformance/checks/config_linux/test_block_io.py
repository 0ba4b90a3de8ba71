"""Control groups, Block IO."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.facts import cgroup
from conformance.host.cgroups import block_device, weighted_device

if TYPE_CHECKING:
    from conformance.facts.cgroup import Cgroup
    from conformance.fixtures import MakeContainer

pytestmark = needs("cgroup.managed")


def limited(container: MakeContainer, **block_io: Any) -> Cgroup:
    """The cgroup of a new container with these values of `blockIO`."""
    one = container(linux={"resources": {"blockIO": block_io}})
    return cgroup.of(one.create_supporting(f"blockIO with {block_io}"))


def numbers(device: str | None) -> dict[str, int]:
    """The numbers of a device, as an entry has them."""
    major, minor = (device or "0:0").split(":")
    return {"major": int(major), "minor": int(minor)}


def weights(found: Cgroup) -> dict[str, str]:
    """The weights of a cgroup by device, `default` for all others: of whichever scheduler has them."""
    files = (("blkio.weight", "io.bfq.weight"), ("blkio.bfq.weight", "io.weight"))
    text = next((text for of_v1, of_v2 in files if (text := found.text(v1=of_v1, v2=of_v2)) is not None), "")
    for of_v1 in ("blkio.weight_device", "blkio.bfq.weight_device"):
        text += "\n" + (found.text(v1=of_v1) or "")
    # Alone in its line is the one that has no device.
    return {line[0] if len(line) > 1 else "default": line[-1] for line in map(str.split, text.splitlines()) if line}


def limits(found: Cgroup, file: str, key: str) -> dict[str, str]:
    """The limits of devices: of a file of cgroup v1, or by a key in the one of cgroup v2."""
    limits = {}
    for line in (found.text(v1=file, v2="io.max") or "").splitlines():
        device, *values = line.split()
        of_v2 = dict(value.split("=") for value in values if "=" in value)
        limits[device] = of_v2.get(key, "") if of_v2 else values[0]
    return limits


# Of the range of cgroup v1, from 10 to 1000, as it is and on the one of cgroup v2, from 1 to 10000.
WEIGHT, AS_WEIGHT = 300, {"300", "2930"}


@requirement("config_linux.resources.block_io.applied", "config_linux.resources.block_io.weight")
@needs("cgroup.blkio.weight")
def test_weight_is_set(container: MakeContainer) -> None:
    assert weights(limited(container, weight=WEIGHT)).get("default") in AS_WEIGHT


@requirement("config_linux.resources.block_io.leaf_weight")
@needs("cgroup.blkio")
def test_weight_of_the_tasks_is_set_or_refused(container: MakeContainer) -> None:
    """Few kernels have one, and a runtime must not ignore what it cannot set."""
    assert limited(container, leafWeight=WEIGHT).number(v1="blkio.leaf_weight") == WEIGHT


@requirement("config_linux.resources.block_io.weight_device", "config_linux.resources.block_io.weight_device.weight")
@needs("cgroup.blkio.weight_device")
def test_weight_on_a_device_is_set(container: MakeContainer) -> None:
    device = weighted_device()
    found = limited(container, weightDevice=[{**numbers(device), "weight": WEIGHT}])
    assert weights(found).get(str(device)) in AS_WEIGHT


@requirement(
    "config_linux.resources.block_io.weight_device", "config_linux.resources.block_io.weight_device.leaf_weight"
)
@needs("cgroup.blkio.throttle")
def test_weight_of_the_tasks_on_a_device_is_set_or_refused(container: MakeContainer) -> None:
    device = block_device()
    found = limited(container, weightDevice=[{**numbers(device), "leafWeight": WEIGHT}])
    assert found.text(v1="blkio.leaf_weight_device") == f"{device} {WEIGHT}"


@pytest.mark.parametrize(
    ("name", "file", "key"),
    [
        pytest.param(
            name, file, key, id=name, marks=requirement(f"config_linux.resources.block_io.throttle_{identifier}")
        )
        for name, identifier, file, key in (
            ("throttleReadBpsDevice", "read_bps", "blkio.throttle.read_bps_device", "rbps"),
            ("throttleWriteBpsDevice", "write_bps", "blkio.throttle.write_bps_device", "wbps"),
            ("throttleReadIOPSDevice", "read_iops", "blkio.throttle.read_iops_device", "riops"),
            ("throttleWriteIOPSDevice", "write_iops", "blkio.throttle.write_iops_device", "wiops"),
        )
    ],
)
@requirement("config_linux.resources.block_io.applied")
@needs("cgroup.blkio.throttle")
def test_limit_of_a_device_is_set(container: MakeContainer, name: str, file: str, key: str) -> None:
    device = block_device()
    found = limited(container, **{name: [{**numbers(device), "rate": 104857600}]})
    assert limits(found, file, key) == {device: "104857600"}
