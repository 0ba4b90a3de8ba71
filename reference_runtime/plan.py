"""The plan: config and host become an ordered list of steps. Nothing is done to the system here.

Read `build` from top to bottom: it is the life of a container.
"""

from __future__ import annotations

from reference_runtime import devices, hooks, init, masks, mounts, namespaces, network, process, terminal
from reference_runtime.cgroups import devices as allowed_devices
from reference_runtime.cgroups import groups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.config import Config
    from reference_runtime.host import Host
    from reference_runtime.steps import Step


# Imported only for a config that has one of the properties.
_RARE = {
    "intel_rdt": ("intelRdt",),
    "memory_policy": ("memoryPolicy",),
    "personality": ("personality",),
    "scheduling": ("scheduler", "ioPriority"),
    "security_labels": ("apparmorProfile", "selinuxLabel"),
}


def build(config: Config, host: Host) -> list[Step]:
    """Every step that create, start and delete take for this container, in order."""
    return [*_create(config, host), *_start(config), *_delete(config)]


def _create(config: Config, host: Host) -> Iterator[Step]:
    yield from init.plan_fifo()
    yield from groups.plan(config, host)
    yield from _rare("intel_rdt", "plan", config, host)
    yield from process.plan_filter(config)
    yield from terminal.plan_connection(config)
    yield from init.plan_fork()
    yield from groups.plan_attachment(config, host)
    yield from _rare("intel_rdt", "plan_attachment", config, host)
    yield from process.plan_hiding()
    yield from devices.plan_prepared(config)
    yield from mounts.plan_mapped(config)
    yield from namespaces.plan(config)
    yield from init.plan_second_fork()
    yield from _resources(config, host)
    yield from _rare("security_labels", "plan_opening", config)
    yield from namespaces.names(config)
    yield from network.plan(config)
    yield from namespaces.sysctls(config)
    yield from mounts.plan(config, host)
    yield from devices.plan(config)
    yield from terminal.plan(config)
    yield from masks.plan(config)
    yield from allowed_devices.plan(config, host)
    yield from hooks.plan(config, "prestart", "createRuntime", "createContainer")
    yield from mounts.plan_pivot(config)
    yield from terminal.plan_attachment(config)
    yield from _rare("personality", "plan", config)
    yield from _rare("memory_policy", "plan", config)
    yield from _rare("security_labels", "plan", config)
    yield from process.plan(config)
    yield from process.plan_from_outside(config)
    yield from _rare("scheduling", "plan", config)


def _resources(config: Config, host: Host) -> Iterator[Step]:
    """After the last fork, which a limit of tasks would forbid."""
    if config.linux.get("resources"):
        from reference_runtime.cgroups import limits

        yield from limits.plan(config, host)
    if config.creates("cgroup"):
        from reference_runtime.cgroups import ownership

        yield from ownership.plan(config, host)


def _start(config: Config) -> Iterator[Step]:
    yield from hooks.plan(config, "startContainer")
    yield from process.plan_program(config)
    yield from hooks.plan(config, "poststart")


def _delete(config: Config) -> Iterator[Step]:
    yield from hooks.plan(config, "poststop")


def _rare(module: str, name: str, config: Config, *arguments: Host) -> Iterator[Step]:
    """The steps of a module in `_RARE`."""
    if any(prop in config.process or prop in config.linux for prop in _RARE[module]):
        planner = getattr(__import__(f"reference_runtime.{module}", fromlist=[name]), name)
        yield from planner(config, *arguments)
