"""The mappings of user namespaces, those of mounts among them: what user_namespaces(7) asks of them."""

from __future__ import annotations

from conformance.validation import namespaces
from conformance.validation.fault import NOTE, Fault
from conformance.validation.rule import each, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_LISTS = (
    ("linux", "uidMappings"),
    ("linux", "gidMappings"),
    ("mounts", ..., "uidMappings"),
    ("mounts", ..., "gidMappings"),
)

_LAST_ID = 2**32 - 2
"""The kernel takes the next one, which is -1, for none."""

_MOST = 340
"""Mappings that the kernel takes, since Linux 4.15; before, it took 5."""


@rule("mappings.user_namespace", "config_linux.id_mappings.user_namespace")
def mappings_have_a_namespace(config: Any) -> Iterator[Fault]:
    """There is a user namespace, if there are mappings for it."""
    if namespaces.is_inherited(config, "user"):
        for name in ("uidMappings", "gidMappings"):
            for path, mappings in each(config, "linux", name, of=list):
                if mappings:
                    yield Fault(path, "needs a user namespace, and linux.namespaces has none")
                    return


@rule("mappings.range", "config_linux.id_mappings.range")
def ranges_end_in_time(config: Any) -> Iterator[Fault]:
    """A range does not go beyond the last ID."""
    for steps in _LISTS:
        for path, mapping in each(config, *steps, ..., of=dict):
            if _is_good(mapping):
                start, size = max(mapping["containerID"], mapping["hostID"]), mapping["size"]
                if start + size - 1 > _LAST_ID:
                    problem = f"{size} IDs from {start} on would end with {start + size - 1}"
                    yield Fault(f"{path}.size", problem, allowed=[f"1 to {_LAST_ID + 1 - start}"])


@rule("mappings.overlap", "config_linux.id_mappings.disjoint")
def ranges_are_disjoint(config: Any) -> Iterator[Fault]:
    """No ID is in two ranges."""
    for steps in _LISTS:
        for path, mappings in each(config, *steps, of=list):
            if len(mappings) > 1:
                yield from _overlaps(path, mappings)


def _overlaps(path: str, mappings: list[Any]) -> Iterator[Fault]:
    found: dict[int, tuple[int, str]] = {}
    for name in ("containerID", "hostID"):
        ranges = sorted(
            (mapping[name], mapping[name] + mapping["size"], index)
            for index, mapping in enumerate(mappings)
            if _is_good(mapping)
        )
        last_end, last_index = 0, -1
        for start, end, index in ranges:
            if start < last_end:
                later, earlier = max(index, last_index), min(index, last_index)
                found.setdefault(later, (earlier, name))
            if end > last_end:
                last_end, last_index = end, index
    for later, (earlier, name) in sorted(found.items()):
        where = "in the container" if name == "containerID" else "on the host"
        related = [("the other one", f"{path}[{earlier}]")]
        yield Fault(f"{path}[{later}]", f"overlaps with another range {where}", related=related)


@rule("mappings.missing", severity=NOTE)
def new_namespace_has_mappings(config: Any) -> Iterator[Fault]:
    """A new user namespace has mappings; without, runtimes fail, or make some up."""
    if namespaces.is_new(config, "user"):
        missing = [name for name in ("uidMappings", "gidMappings") if config["linux"].get(name, []) == []]
        for name in missing[:1]:
            problem = "is missing for the new user namespace: a runtime may fail, or choose mappings"
            yield Fault(f"$.linux.{name}", problem)


@rule("mappings.user", severity=NOTE)
def user_is_mapped(config: Any) -> Iterator[Fault]:
    """The user and the groups of the process are among those that are mapped."""
    if not namespaces.is_new(config, "user"):
        return
    for name, steps in (
        ("uidMappings", ("uid",)),
        ("gidMappings", ("gid",)),
        ("gidMappings", ("additionalGids", ...)),
    ):
        mapped = config["linux"].get(name)
        if not isinstance(mapped, list) or not 0 < len(mapped) <= _MOST or not all(map(_is_good, mapped)):
            continue
        for path, identifier in each(config, "process", "user", *steps, of=int):
            if not any(0 <= identifier - mapping["containerID"] < mapping["size"] for mapping in mapped):
                yield Fault(path, f"{identifier} is in no range of linux.{name}, so the process cannot get it")


@rule("mappings.many", severity=NOTE)
def mappings_are_few(config: Any) -> Iterator[Fault]:
    """There are no more mappings than the kernel takes."""
    for steps in _LISTS:
        for path, mappings in each(config, *steps, of=list):
            if len(mappings) > _MOST:
                yield Fault(path, f"has {len(mappings)} mappings, and Linux takes {_MOST}")


def _is_good(mapping: Any) -> bool:
    """Whether the schema has nothing to say of a mapping."""
    if not isinstance(mapping, dict):
        return False
    starts = [mapping.get("containerID"), mapping.get("hostID")]
    return all(_is_number(start, 0, _LAST_ID) for start in starts) and _is_number(mapping.get("size"), 1, _LAST_ID + 1)


def _is_number(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
