"""Documents that are made from the schemas, and documents that are made from those by a mistake."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from conformance.validation import validate
from conformance.validation.positions import steps
from conformance.validation.schemas import referred, schema
from conformance.versions import NEWEST
from reference_runtime.validation import ABSOLUTE
from tests.validation.corpus.case import BASES
from tests.validation.library import library_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.validation import Kind

    Part = tuple[dict[str, Any], dict[str, Any]]
    """A schema that a value has to satisfy, and the file that it is in, for its references."""

    Path = tuple[str | int, ...]

_TEXTS = st.sampled_from(
    [
        *(
            "",
            "/",
            "a",
            "A=b",
            "/a",
            "/dev/fuse",
            "/proc/1/ns/pid",
            "1.3.0",
            "eth0",
            "0-3,7",
            "root",
            "9",
            "ro",
            "bind",
        ),
        *("CAP_KILL", "RLIMIT_CPU", "net.core.somaxconn", "example.com", "0.5", "read", "idmap", "rshared", "tmpfs"),
    ]
) | st.text(max_size=5)

_LEAVES = st.none() | st.booleans() | st.integers(-(2**65), 2**65) | st.floats(allow_nan=False, allow_infinity=False)

ANYTHING: st.SearchStrategy[Any] = st.recursive(
    _LEAVES | _TEXTS,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(_TEXTS, values, max_size=3),
    max_leaves=6,
)
"""Any JSON value, a small one."""

_MOST_OPTIONAL = 5
"""Properties that need not be there, and are, in one object."""


_ATTEMPTS = 20
"""How often a document is mended before the base is taken."""


@st.composite
def documents(draw: st.DrawFn, kind: Kind) -> Any:
    """A document of that kind that its schema allows."""
    return _value(draw, [(schema(kind), schema(kind))])


def _value(draw: st.DrawFn, parts: list[Part]) -> Any:
    """A value that satisfies all parts."""
    parts = [one for part in parts for one in _expanded(draw, part)]
    allowed = [one["enum"] for one, _ in parts if "enum" in one]
    if allowed:
        return draw(st.sampled_from([value for value in allowed[0] if all(value in other for other in allowed)]))
    types = {one["type"] for one, _ in parts if "type" in one}
    if not types:
        return draw(ANYTHING)
    (type_,) = types
    return _MAKERS[type_](draw, parts)


def _expanded(draw: st.DrawFn, part: Part) -> Iterator[Part]:
    """A schema without references and alternatives, and what it refers to, and one of the alternatives."""
    one, within = part
    yield part
    if "$ref" in one:
        file, _, name = one["$ref"].partition("#/$defs/")
        within = referred(file) if file else within
        yield from _expanded(draw, (within["$defs"][name] if name else within, within))
    if "anyOf" in one:
        yield from _expanded(draw, (draw(st.sampled_from(one["anyOf"])), within))


def _object(draw: st.DrawFn, parts: list[Part]) -> dict[str, Any]:
    required = [name for one, _ in parts for name in one.get("required", ())]
    known = dict.fromkeys(name for one, _ in parts for name in one.get("properties", ()))
    names = [*required]
    if optional := [name for name in known if name not in required]:
        names += draw(st.lists(st.sampled_from(optional), unique=True, max_size=_MOST_OPTIONAL))
    members = {name: _value(draw, _of_property(parts, name)) for name in names}
    additional = [(one["additionalProperties"], within) for one, within in parts if one.get("additionalProperties")]
    if additional:
        of_names = [({"type": "string", **one.get("propertyNames", {})}, within) for one, within in parts]
        for _ in range(draw(st.integers(0, 3))):
            members[_value(draw, of_names)] = _value(draw, additional)
    elif draw(st.integers(0, 9)) == 9:
        members["org.example.unknown"] = draw(ANYTHING)
    return members


def _of_property(parts: list[Part], name: str) -> list[Part]:
    return [(one["properties"][name], within) for one, within in parts if name in one.get("properties", ())]


def _array(draw: st.DrawFn, parts: list[Part]) -> list[Any]:
    least = max(one.get("minItems", 0) for one, _ in parts)
    entries = [(one["items"], within) for one, within in parts if "items" in one]
    return [_value(draw, entries) for _ in range(draw(st.integers(least, least + 2)))]


def _string(draw: st.DrawFn, parts: list[Part]) -> str:
    least = max(one.get("minLength", 0) for one, _ in parts)
    patterns = {one["pattern"] for one, _ in parts if "pattern" in one}
    if not patterns:
        return draw(_TEXTS.filter(lambda text: len(text) >= least))
    (pattern,) = patterns
    made: st.SearchStrategy[str] = _TEXTS.map("/".__add__) if pattern == ABSOLUTE else st.from_regex(pattern)
    return draw(made)


def _integer(draw: st.DrawFn, parts: list[Part]) -> int:
    low = max((one["minimum"] for one, _ in parts if "minimum" in one), default=-(2**63))
    high = min((one["maximum"] for one, _ in parts if "maximum" in one), default=2**64)
    return draw(st.sampled_from([low, high]) | st.integers(low, min(high, low + 3)) | st.integers(low, high))


@st.composite
def valid_documents(draw: st.DrawFn, kind: Kind) -> Any:
    """A valid document of that kind: one that its schema allows, without what the rules do not."""
    document = draw(documents(kind))
    for _ in range(_ATTEMPTS):
        errors = validate(json.dumps(document).encode(), kind, NEWEST).errors
        if not errors:
            return document
        document = _mended(document, BASES[kind], steps(errors[0].path), kind)
    return copy.deepcopy(BASES[kind])


def _mended(document: Any, base: Any, wrong: Path, kind: Kind) -> Any:
    """The document without the value at a path, or with the one of the base, or without more, or with more of it."""
    for length in range(len(wrong), 0, -1):
        for change in (_without, _taken):
            changed = change(copy.deepcopy(document), base, wrong[:length])
            if changed not in (None, document) and not library_errors(changed, kind):
                return changed
    return base


def _without(document: Any, _: Any, path: Path) -> Any:
    *above, step = path
    try:
        del at(document, above)[step]
    except (KeyError, IndexError):
        return None
    return document


def _taken(document: Any, base: Any, path: Path) -> Any:
    *above, step = path
    try:
        at(document, above)[step] = at(base, path)
    except (KeyError, IndexError):
        return None
    return document


_MAKERS: dict[str, Callable[[st.DrawFn, list[Part]], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "boolean": lambda draw, _: draw(st.booleans()),
    "null": lambda _, __: None,
}


class _Twice(dict[str, Any]):
    """An object that is written with one of its members a second time."""

    def __init__(self, members: dict[str, Any], name: str) -> None:
        super().__init__(members)
        self.name = name

    def items(self) -> Any:
        return [*super().items(), (self.name, self[self.name])]


@st.composite
def mistaken(draw: st.DrawFn, document: Any) -> str:
    """The text of `document` with one mistake in it: something removed, renamed, repeated, or of another value or type.

    It may be harmless.
    """
    document = copy.deepcopy(document)
    paths = [path for path in paths_of(document) if path]
    if not paths:
        return json.dumps(draw(ANYTHING))
    *above, step = draw(st.sampled_from(paths))
    parent = at(document, above)
    change = draw(st.sampled_from(["remove", "rename", "repeat", "change", "retype"]))
    if change == "remove":
        del parent[step]
    elif change == "change":
        parent[step] = draw(_near(parent[step]))
    elif change == "retype":
        parent[step] = draw(ANYTHING.filter(lambda value: type(value) is not type(parent[step])))
    elif not isinstance(step, str):
        parent.append(copy.deepcopy(parent[step]))
    elif change == "rename":
        parent[draw(_near(step))] = parent.pop(step)
    elif above:
        at(document, above[:-1])[above[-1]] = _Twice(parent, step)
    else:
        document = _Twice(parent, step)
    return json.dumps(document, indent=draw(st.sampled_from([None, 2])))


def _near(value: Any) -> st.SearchStrategy[Any]:
    """Values that one writes instead of this one."""
    if isinstance(value, bool):
        return st.just(not value)
    if isinstance(value, int):
        return st.sampled_from([value - 1, value + 1, -value, value * 2**32, value * 2**64, 0])
    if isinstance(value, str):
        return (
            st.sampled_from([f"{value}s", value[1:], value[:-1], value.swapcase(), f" {value}", f"{value}\n", ""])
            | _TEXTS
        )
    return ANYTHING


def paths_of(value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all values in a document, as steps."""
    yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in entries:
        yield from paths_of(inner, (*path, step))


def at(document: Any, path: Any) -> Any:
    """The value at a path."""
    for step in path:
        document = document[step]
    return document
