"""The plan: config and host become an ordered list of steps. Nothing is done to the system here.

Read `build` from top to bottom: it is the life of a container.
"""

from __future__ import annotations

from reference_runtime import devices, hooks, init, masks, mounts, namespaces, process, terminal
from reference_runtime.cgroups import groups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.config import Config
    from reference_runtime.host import Host
    from reference_runtime.steps import Step


def build(config: Config, host: Host) -> list[Step]:
    """Every step that create, start and delete take for this container, in order."""
    return [*_create(config, host), *_start(config), *_delete(config)]


def _create(config: Config, host: Host) -> Iterator[Step]:
    yield from init.plan_fifo()
    yield from groups.plan(config, host)
    yield from terminal.plan_connection(config)
    yield from init.plan_fork()
    yield from groups.plan_attachment(config, host)
    yield from process.plan_oom_score(config)
    yield from namespaces.plan(config)
    yield from init.plan_second_fork()
    yield from namespaces.names(config)
    yield from namespaces.sysctls(config)
    yield from mounts.plan(config, host)
    yield from devices.plan(config)
    yield from terminal.plan(config)
    yield from masks.plan(config)
    yield from hooks.plan(config, "prestart", "createRuntime", "createContainer")
    yield from mounts.plan_pivot(config)
    yield from terminal.plan_attachment(config)
    yield from process.plan(config)
    yield from process.plan_from_outside(config)


def _start(config: Config) -> Iterator[Step]:
    yield from hooks.plan(config, "startContainer")
    yield from process.plan_program(config)
    yield from hooks.plan(config, "poststart")


def _delete(config: Config) -> Iterator[Step]:
    yield from hooks.plan(config, "poststop")
