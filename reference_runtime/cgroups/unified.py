"""`linux.resources.unified`: files of the cgroup in the v2 hierarchy, whatever they mean (config-linux.md, Unified)."""

from __future__ import annotations

from reference_runtime.cgroups.setting import Setting
from reference_runtime.errors import UnsupportedConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.config import Config
    from reference_runtime.host import Hierarchy, Host

_CORE = "cgroup"
"""The prefix of the files that every cgroup has, with whatever controllers."""


def settings(config: Config, host: Host) -> Iterator[tuple[Hierarchy, str, Setting]]:
    """What is to be written where, each with the controller that it needs. Raises `UnsupportedConfig`."""
    hierarchy = next((hierarchy for hierarchy in host.hierarchies if hierarchy.type == "cgroup2"), None)
    for name, value in config.linux.get("resources", {}).get("unified", {}).items():
        place = f"unified['{name}']"
        prefix = name.partition(".")[0]
        controller = "" if prefix == _CORE else prefix
        problem = None
        if "/" in name or "." not in name.strip("."):
            problem = "is no name of a file of a cgroup"
        elif hierarchy is None:
            problem = "no hierarchy of cgroup v2 is mounted"
        elif controller and controller not in hierarchy.controllers:
            problem = f"the hierarchy of cgroup v2 has no controller {controller}"
        if problem is not None or hierarchy is None:
            raise UnsupportedConfig(f"$.linux.resources.{place}", problem or "")
        yield hierarchy, controller, Setting(place, "unified.applied", {name: value})
