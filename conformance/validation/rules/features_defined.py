"""The properties of a features structure are those of its version."""

from __future__ import annotations

from conformance.validation.fault import Fault
from conformance.validation.rule import rule
from reference_runtime.validation import member

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Version = tuple[int, int, int]


@rule("features.defined", "features.properties.defined", kinds=("features",))
def properties_are_defined(features: Any) -> Iterator[Fault]:
    """There are no properties but those that the highest version defines; null is as good as absent."""
    from conformance.validation.schemas import schema

    highest = features.get("ociVersionMax") if isinstance(features, dict) else None
    limit = _limit(highest)
    if limit is not None:
        yield from _undefined(features, "$", schema("features"), schema("features"), limit)


def _limit(highest: Any) -> Version | None:
    """The newest version that can have defined the properties; None if nobody knows yet what it defines."""
    from conformance import versions

    newest = versions.key(versions.NEWEST)
    try:
        defining = versions.released_after(highest) if isinstance(highest, str) else versions.NEWEST
    except ValueError:
        return newest
    if defining is None or versions.key(defining) > newest:
        return None
    return versions.key(defining)


def _undefined(value: Any, path: str, part: dict[str, Any], within: dict[str, Any], limit: Version) -> Iterator[Fault]:
    from conformance import versions
    from conformance.validation.spelling import nearest

    part, within = _resolved(part, within)
    known = part.get("properties")
    if not isinstance(value, dict) or known is None:
        return
    for name, inner in value.items():
        place = member(path, name)
        if inner is None:
            continue
        if name not in known:
            meant = nearest(name, (other for other in known if other not in value))
            yield Fault(place, "is no property of the specification", at_name=True, suggestion=meant)
            continue
        since = known[name].get("x-since")
        if since is not None and versions.key(since) > limit:
            problem = f"came in version {since} of the specification, and ociVersionMax is older"
            yield Fault(place, problem, at_name=True)
        else:
            yield from _undefined(inner, place, known[name], within, limit)


def _resolved(part: dict[str, Any], within: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a part of a schema leads to that is not null, and the schema that it is in."""
    from conformance.validation.schemas import referred

    while "$ref" in part or "anyOf" in part:
        if "anyOf" in part:
            part = part["anyOf"][-1]
            continue
        file, _, name = part["$ref"].partition("#/$defs/")
        within = referred(file) if file else within
        part = within["$defs"][name] if name else within
    return part, within
