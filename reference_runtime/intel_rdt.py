"""Resource Director Technology (config-linux.md, IntelRdt): a group of the resctrl file system for the container.

A directory there is a class of service, and one in its `mon_groups` a monitoring group; the kernel makes the files in
it, and removes them with it.
"""

from __future__ import annotations

import errno
import os

from reference_runtime import kernel_files
from reference_runtime.errors import SyscallFailed, UnsupportedConfig, call
from reference_runtime.steps import RUNTIME, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from reference_runtime.config import Config
    from reference_runtime.context import Context
    from reference_runtime.host import Host

_PLACE = "$.linux.intelRdt"
_CLOS_ID = f"{_PLACE}.closID"


def plan(config: Config, host: Host) -> Iterator[Step]:
    """Find or make the directory, and write its schemata. Raises `UnsupportedConfig` without a resctrl."""
    settings = _settings(config)
    if settings is None:
        return
    if host.resctrl is None:
        raise UnsupportedConfig(_PLACE, "no resctrl file system is mounted")
    directory = _directory(config, host.resctrl)
    schemas = _schemas(config, settings)
    if "closID" in settings and not schemas:
        yield _step("find", "config_linux.intel_rdt.clos_id.looked_for", _CLOS_ID, path=directory)
    elif not host.exists(directory):
        # A directory with a closID stays when the container is deleted, but not when it was never created.
        undo, why = ("remove", "config_linux.intel_rdt.container_id")
        if "closID" in settings:
            undo, why = ("remove_unless_created", "config_linux.intel_rdt.clos_id.created")
        yield _step("make", why, _CLOS_ID, undo=f"intel_rdt.{undo}", path=directory)
    elif "closID" in settings:
        lines = [schema for name in ("l3CacheSchema", "memBwSchema") for schema in settings.get(name, "").split("\n")]
        yield _step("compare", "config_linux.intel_rdt.clos_id.compared", _CLOS_ID, path=directory, lines=lines)
    for name, schema, why in schemas:
        yield _step("write_schema", why, f"{_PLACE}.{name}", path=directory, schema=schema)


def plan_attachment(config: Config, host: Host) -> Iterator[Step]:
    """Put the container's process into its groups, before it makes others."""
    settings = _settings(config)
    if settings is None or host.resctrl is None:
        return
    directory = _directory(config, host.resctrl)
    yield _step("attach", "config_linux.intel_rdt.tasks", _PLACE, path=directory)
    if settings.get("enableMonitoring"):
        group = f"{directory}/mon_groups/{config.identifier}"
        place = f"{_PLACE}.enableMonitoring"
        why = "config_linux.intel_rdt.monitoring.group"
        yield _step("make", why, place, undo="intel_rdt.remove", path=group)
        yield _step("attach", why, place, path=group)


def _settings(config: Config) -> dict[str, Any] | None:
    # An empty object is set, too.
    settings: dict[str, Any] | None = config.linux.get("intelRdt")
    return settings


def _directory(config: Config, resctrl: str) -> str:
    name = config.linux["intelRdt"].get("closID", config.identifier)
    return resctrl if name == "/" else f"{resctrl}/{name}"


def _schemas(config: Config, settings: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What is written to `schemata`, in order: the property, the value, and the requirement."""
    caches, bandwidth = settings.get("l3CacheSchema"), settings.get("memBwSchema")
    if caches and bandwidth and config.version < (1, 3):
        # Up to version 1.2.1 of the specification, these lines are left out.
        caches = "\n".join(line for line in caches.split("\n") if not line.startswith("MB:"))
    written = "config_linux.intel_rdt.one_schema.written"
    found = [("l3CacheSchema", caches, written), ("memBwSchema", bandwidth, written)]
    for index, schema in enumerate(settings.get("schemata", ())):
        found.append((f"schemata[{index}]", schema, "config_linux.intel_rdt.schemata.written"))
    return [(name, schema, why) for name, schema, why in found if schema]


def _step(action: str, why: str, place: str, *, undo: str | None = None, **arguments: Any) -> Step:
    return Step(f"intel_rdt.{action}", why, place, where=RUNTIME, undo=undo, **arguments)


def find(context: Context, path: str) -> None:
    """Make sure that a directory is there already."""
    call(os.stat, path)


def make(context: Context, path: str) -> None:
    """Make a group."""
    call(os.mkdir, path)


def compare(context: Context, path: str, lines: list[str]) -> None:
    """Make sure that the directory has these schemas. Raises `SyscallFailed`."""
    with open(f"{path}/schemata", encoding="ascii") as file:
        there = _parsed(file.read().split("\n"))
    wanted = _parsed(lines)
    if any(there.get(resource, {}).get(domain) != value for resource, domain, value in _values(wanted)):
        raise SyscallFailed("read", errno.EEXIST, f"{path}/schemata, which has other schemas")


def write_schema(context: Context, path: str, schema: str) -> None:
    """Write one value to the schemata of the directory."""
    kernel_files.write(f"{path}/schemata", f"{schema}\n")


def attach(context: Context, path: str) -> None:
    """Put the container's process into a group."""
    kernel_files.write(f"{path}/tasks", f"{context.pid}\n")


def remove(context: Context, path: str) -> None:
    """Remove a group; no error if there is none."""
    try:
        os.rmdir(path)
    except FileNotFoundError:
        return


def remove_unless_created(context: Context, path: str) -> None:
    """Remove a directory of a container that was not created."""
    if context.state.recorded()["creating"]:
        remove(context, path)


def _parsed(lines: list[str]) -> dict[str, dict[str, int]]:
    """Schemas by resource and domain; ``L3:0=0f;1=f`` and ``L3:1=f;0=f`` are the same."""
    found: dict[str, dict[str, int]] = {}
    for line in lines:
        resource, colon, domains = line.strip().partition(":")
        for domain in domains.split(";") if colon else ():
            name, _, value = domain.partition("=")
            base = 10 if resource.startswith("MB") else 16
            found.setdefault(resource.strip(), {})[name.strip().lstrip("0") or "0"] = int(value.strip(), base)
    return found


def _values(schemas: dict[str, dict[str, int]]) -> Iterator[tuple[str, str, int]]:
    for resource, domains in schemas.items():
        for domain, value in domains.items():
            yield resource, domain, value
