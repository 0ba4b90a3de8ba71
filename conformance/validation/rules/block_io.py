"""Weights and limits of block devices."""

from __future__ import annotations

from conformance.validation.fault import NOTE, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_WEIGHTS = ("weight", "leafWeight")

_LEAST, _MOST = 10, 1000
"""Weights that the block IO controller of the kernel takes."""

_LISTS = (
    "weightDevice",
    *(f"throttle{what}Device" for what in ("ReadBps", "WriteBps", "ReadIOPS", "WriteIOPS")),
)


@rule("block_io.no_weight", "config_linux.resources.block_io.weight_device.some_weight")
def devices_have_a_weight(config: Any) -> Iterator[Fault]:
    """A device that is listed for its weight has one."""
    for path, device in each(config, "linux", "resources", "blockIO", "weightDevice", ..., of=dict):
        if not any(name in device for name in _WEIGHTS):
            yield Fault(path, "needs weight or leafWeight, or both")


@rule("block_io.weight", severity=NOTE)
def weights_are_what_the_kernel_takes(config: Any) -> Iterator[Fault]:
    """A weight is in the range of Linux, or 0 for none."""
    for above in ((), ("weightDevice", ...)):
        for name in _WEIGHTS:
            for path, weight in each(config, "linux", "resources", "blockIO", *above, name, of=int):
                if 0 < weight < _LEAST or _MOST < weight < 1 << 16:
                    yield Fault(path, f"{weight} is not in the range of blkio.weight", allowed=[f"{_LEAST} to {_MOST}"])


@rule("block_io.duplicate", severity=NOTE)
def devices_are_listed_once(config: Any) -> Iterator[Fault]:
    """A list has one entry for a device."""
    for name in _LISTS:
        first: dict[tuple[int, int], str] = {}
        for path, device in each(config, "linux", "resources", "blockIO", name, ..., of=dict):
            for _, major in each(device, "major", of=int):
                for _, minor in each(device, "minor", of=int):
                    earlier = first.setdefault((major, minor), path)
                    if earlier != path:
                        problem = f"{shown(major)}:{shown(minor)} is in {name} twice"
                        yield Fault(path, problem, related=[("the first one", earlier)])
