"""What must be there together."""

from __future__ import annotations

from conformance.validation.fault import Fault
from conformance.validation.rule import each, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@rule("mounts.mappings", "config.mounts.uid_mappings.pair", "config.mounts.gid_mappings.pair")
def mappings_of_mounts(config: Any) -> Iterator[Fault]:
    """A mount with mappings of users has mappings of groups, and the other way round."""
    for path, mount in each(config, "mounts", ..., of=dict):
        if ("uidMappings" in mount) != ("gidMappings" in mount):
            given = "uid" if "uidMappings" in mount else "gid"
            problem = "uidMappings and gidMappings must be given together"
            yield Fault(path, problem, requirements=[f"config.mounts.{given}_mappings.pair"])


@rule("devices.numbers", "config_linux.devices.major_minor.required")
def numbers_of_devices(config: Any) -> Iterator[Fault]:
    """A device has a major and a minor number, unless it is a FIFO."""
    for path, device in each(config, "linux", "devices", ..., of=dict):
        if device.get("type") in ("c", "b", "u") and not ("major" in device and "minor" in device):
            yield Fault(path, "major and minor are required unless type is p")
