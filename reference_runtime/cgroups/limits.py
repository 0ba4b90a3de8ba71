"""`linux.resources`: each value goes to a file of the container's cgroup, in the hierarchy that has the controller."""

from __future__ import annotations

import errno

from reference_runtime import kernel_files
from reference_runtime.cgroups import groups, unified, v1_limits, v2_limits
from reference_runtime.errors import SyscallFailed, UnsupportedConfig
from reference_runtime.steps import RUNTIME, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.cgroups.setting import Setting
    from reference_runtime.config import Config
    from reference_runtime.context import Context
    from reference_runtime.host import Hierarchy, Host

# A property of `linux.resources`, what `v1_limits` and `v2_limits` call it, and its controller in each of the versions.
_CONTROLLERS = (
    ("memory", "memory", "memory", "memory"),
    ("cpu", "cpu", "cpu", "cpu"),
    ("cpu", "cpuset", "cpuset", "cpuset"),
    ("blockIO", "block_io", "blkio", "io"),
    ("hugepageLimits", "huge_pages", "hugetlb", "hugetlb"),
    ("network", "network_class", "net_cls", ""),
    ("network", "network_priorities", "net_prio", ""),
    ("rdma", "rdma", "rdma", "rdma"),
    ("pids", "pids", "pids", "pids"),
)


def plan(config: Config, host: Host) -> Iterator[Step]:
    """Enable the controllers that are needed, then write the files. Raises `UnsupportedConfig` where there is none."""
    found = [*_settings(config, host), *unified.settings(config, host)]
    places: dict[Hierarchy, dict[str, str]] = {}
    for hierarchy, controller, setting in found:
        if hierarchy.type == "cgroup2" and controller:
            places.setdefault(hierarchy, {}).setdefault(controller, f"$.linux.resources.{setting.place}")
    for hierarchy, controllers in places.items():
        place = next(iter(controllers.values()))
        yield from v2_limits.plan_controllers(hierarchy, groups.directory(config, hierarchy), list(controllers), place)
    for hierarchy, _, setting in found:
        yield Step(
            setting.action,
            f"config_linux.resources.{setting.why}",
            f"$.linux.resources.{setting.place}",
            where=RUNTIME,
            directory=groups.directory(config, hierarchy),
            files=setting.files,
        )


def _settings(config: Config, host: Host) -> Iterator[tuple[Hierarchy, str, Setting]]:
    resources = config.linux.get("resources", {})
    only_v2 = bool(host.hierarchies) and all(hierarchy.type == "cgroup2" for hierarchy in host.hierarchies)
    for name, function, of_v1, of_v2 in _CONTROLLERS:
        if not resources.get(name):
            continue
        hierarchy = host.hierarchy("cgroup", of_v1) or host.hierarchy("cgroup2", of_v2)
        is_v2 = only_v2 if hierarchy is None else hierarchy.type == "cgroup2"
        for setting in getattr(v2_limits if is_v2 else v1_limits, function)(resources):
            if hierarchy is None:
                place = f"$.linux.resources.{setting.place}"
                raise UnsupportedConfig(place, f"no cgroup hierarchy has a controller for {next(iter(setting.files))}")
            yield hierarchy, of_v2 if is_v2 else of_v1, setting


def write(context: Context, directory: str, files: dict[str, str]) -> None:
    """Write the first of the files that the kernel has."""
    failure: SyscallFailed | None = None
    for name, content in files.items():
        try:
            kernel_files.write(f"{directory}/{name}", content)
        except SyscallFailed as error:
            if error.errno != errno.ENOENT:
                raise
            failure = failure or error
        else:
            return
    assert failure is not None
    raise failure
