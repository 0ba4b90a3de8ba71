"""Namespaces, and the offsets of one of them."""

from __future__ import annotations

from conformance.validation import namespaces
from conformance.validation.fault import Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_TYPES = {
    "cgroup": "cgroup",
    "ipc": "ipc",
    "mnt": "mount",
    "net": "network",
    "pid": "pid",
    "pid_for_children": "pid",
    "time": "time",
    "time_for_children": "time",
    "user": "user",
    "uts": "uts",
}
"""The types of the files in ``/proc/PID/ns``, by their names: namespaces(7)."""


@rule("namespaces.path_type", "config_linux.namespaces.path.type")
def path_is_of_that_type(config: Any) -> Iterator[Fault]:
    """A path in ``/proc/PID/ns`` is that of a namespace of the entry's type."""
    for path, entry in each(config, "linux", "namespaces", ..., of=dict):
        type_, file = entry.get("type"), entry.get("path")
        if type_ in namespaces.TYPES and isinstance(file, str):
            parts = file.split("/")
            found = _TYPES.get(parts[-1]) if parts[:2] == ["", "proc"] and parts[3:-1] == ["ns"] else None
            if found not in (None, type_):
                yield Fault(f"{path}.path", f"{shown(file)} is a namespace of the type {found}, and not {type_}")


@rule("time_offsets.namespace", "config_linux.time_offsets.time_namespace")
def offsets_have_a_new_namespace(config: Any) -> Iterator[Fault]:
    """There is a new time namespace, if there are offsets for it."""
    for path, offsets in each(config, "linux", "timeOffsets", of=dict):
        if offsets and namespaces.is_inherited(config, "time"):
            yield Fault(path, "needs a new time namespace, and linux.namespaces has none")
        elif offsets and namespaces.of_type(config, "time") and not namespaces.is_new(config, "time"):
            yield Fault(path, "needs a new time namespace, and that of linux.namespaces exists already")
