"""Does a document satisfy its schema in ``schemas/``? Fast where it does.

This interprets the keywords that our schemas use, and no others: an unknown keyword is an error of ours, which a
test of the project finds, rather than a rule that is silently not applied.

`conformance.validation.explanation` goes through a document with the same functions, and does not stop at the first
thing that they refuse.
"""

from __future__ import annotations

from reference_runtime.errors import InvalidConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Keyword = Callable[["Validator", Any, Any, str], None]

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}

ANNOTATIONS = frozenset(
    (
        *("$schema", "$id", "$defs", "title", "description", "default", "deprecated"),
        *("x-requirements", "x-since", "x-allowed"),
    )
)
"""Keywords that say something to a reader, and nothing about whether a document is valid."""

ABSOLUTE = "^/"
"""The pattern of an absolute path."""

_LISTED = 12
"""Allowed values that a message names at the most."""


def member(place: str, name: str) -> str:
    """The JSON path of a member of the object at `place`."""
    if name.isidentifier():
        return f"{place}.{name}"
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"{place}['{escaped}']"


class Validator:
    """A schema, ready to judge documents.

    `load` returns the schema in another file, by the name of the file, for references to it.
    """

    def __init__(
        self,
        schema: dict[str, Any],
        file: str = "config.json",
        load: Callable[[str], dict[str, Any]] | None = None,
    ) -> None:
        self.schema = schema
        self.file = file
        self.load = load
        self.within = schema

    def __call__(self, document: Any) -> None:
        """Raise `InvalidConfig` for the first thing in `document` that the schema forbids."""
        self.check(self.schema, document, "$")

    def check(self, schema: dict[str, Any], value: Any, place: str) -> None:
        """Judge one value by one schema."""
        for keyword, argument in schema.items():
            if keyword not in ANNOTATIONS:
                KEYWORDS[keyword](self, argument, value, place)

    def refuse(self, place: str, problem: str) -> None:
        """Raise the finding."""
        raise InvalidConfig(place, problem, self.file)


def _reference(validator: Validator, argument: str, value: Any, place: str) -> None:
    file, _, name = argument.partition("#/$defs/")
    before = validator.within
    if file:
        assert validator.load is not None
        validator.within = validator.load(file)
    try:
        validator.check(validator.within["$defs"][name] if name else validator.within, value, place)
    finally:
        validator.within = before


def _type(validator: Validator, argument: str, value: Any, place: str) -> None:
    if not isinstance(value, _TYPES[argument]) or (isinstance(value, bool) and argument != "boolean"):
        validator.refuse(place, f"{shown(value)} is no {argument}")


def _enum(validator: Validator, argument: list[Any], value: Any, place: str) -> None:
    if value not in argument:
        values = ", ".join(map(str, argument)) if len(argument) <= _LISTED else f"the {len(argument)} allowed values"
        validator.refuse(place, f"{shown(value)} is none of {values}")


def _required(validator: Validator, argument: list[str], value: Any, place: str) -> None:
    if isinstance(value, dict):
        for name in argument:
            if name not in value:
                validator.refuse(member(place, name), "is required")


def _properties(validator: Validator, argument: dict[str, Any], value: Any, place: str) -> None:
    if isinstance(value, dict):
        for name, content in value.items():
            if name in argument:
                validator.check(argument[name], content, member(place, name))


def _additional(validator: Validator, argument: dict[str, Any], value: Any, place: str) -> None:
    if isinstance(value, dict):
        for name, content in value.items():
            validator.check(argument, content, member(place, name))


def _names(validator: Validator, argument: dict[str, Any], value: Any, place: str) -> None:
    if isinstance(value, dict):
        for name in value:
            validator.check(argument, name, member(place, name))


def _items(validator: Validator, argument: dict[str, Any], value: Any, place: str) -> None:
    if isinstance(value, list):
        for index, entry in enumerate(value):
            validator.check(argument, entry, f"{place}[{index}]")


def _min_items(validator: Validator, argument: int, value: Any, place: str) -> None:
    if isinstance(value, list) and len(value) < argument:
        validator.refuse(place, f"has {len(value)} entries, and needs {argument}")


def _min_length(validator: Validator, argument: int, value: Any, place: str) -> None:
    if isinstance(value, str) and len(value) < argument:
        validator.refuse(place, "must not be empty" if argument == 1 else f"is shorter than {argument}")


def _minimum(validator: Validator, argument: int, value: Any, place: str) -> None:
    if isinstance(value, int) and value < argument:
        validator.refuse(place, f"{shown(value)} is less than {argument}")


def _maximum(validator: Validator, argument: int, value: Any, place: str) -> None:
    if isinstance(value, int) and value > argument:
        validator.refuse(place, f"{shown(value)} is more than {argument}")


def _pattern(validator: Validator, argument: str, value: Any, place: str) -> None:
    if not isinstance(value, str):
        return
    # By far the most common pattern; importing `re` would cost more than all the rest of a validation.
    if argument == ABSOLUTE:
        if not value.startswith("/"):
            validator.refuse(place, f"{shown(value)} is no absolute path")
        return
    import re

    if not re.search(argument, value):
        validator.refuse(place, f"{shown(value)} does not have the required form")


def _any_of(validator: Validator, argument: list[dict[str, Any]], value: Any, place: str) -> None:
    for alternative in argument[:-1]:
        try:
            validator.check(alternative, value, place)
        except InvalidConfig:
            continue
        return
    validator.check(argument[-1], value, place)


def shown(value: Any) -> str:
    """A value of a document, in a message: at most 60 characters, all of them printable."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "an array"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


KEYWORDS: dict[str, Keyword] = {
    "$ref": _reference,
    "type": _type,
    "enum": _enum,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "items": _items,
    "minItems": _min_items,
    "minLength": _min_length,
    "minimum": _minimum,
    "maximum": _maximum,
    "pattern": _pattern,
    "anyOf": _any_of,
}
