"""A mount of type `cgroup`: the container's view of its own cgroups, for whichever version the host has."""

from __future__ import annotations

import os

from reference_runtime.cgroups import groups
from reference_runtime.steps import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from reference_runtime.config import Config
    from reference_runtime.host import Host


def plan(config: Config, host: Host, mount: dict[str, Any], place: str) -> Iterator[Step]:
    """cgroup2 on a host that has nothing else; else a tmpfs with one directory for each v1 hierarchy."""
    why = "config.mounts.order"
    destination = mount["destination"]
    options = mount.get("options", [])
    if all(hierarchy.type == "cgroup2" for hierarchy in host.hierarchies):
        source = {"type_": "cgroup2", "source": "cgroup", "destination": destination, "options": options}
        yield Step("mounts.filesystem", why, place, **source)
        return
    tmpfs = [option for option in options if option != "ro"] + ["mode=755"]
    directory = {"type_": "tmpfs", "source": "tmpfs", "destination": destination, "options": tmpfs}
    yield Step("mounts.filesystem", why, place, **directory)
    for hierarchy in host.hierarchies:
        yield Step(
            "mounts.bind",
            why,
            place,
            source=groups.directory(config, hierarchy),
            destination=os.path.join(destination, os.path.basename(hierarchy.mount_point)),
            options=["bind", *options],
        )
    if "ro" in options:
        yield Step("mounts.filesystem", why, place, **{**directory, "options": ["remount", "bind", *options]})
