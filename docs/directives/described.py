"""Options, records and needs: the names and what is known of them from the code, the descriptions from the page."""

from __future__ import annotations

import types
import typing
from typing import TYPE_CHECKING

import msgspec

from conformance.host import needs
from conformance.options import OPTIONS
from conformance.report import records
from directives.generated import Generated, table

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Options(Generated):
    """The options, each with its ini twin."""

    has_content = True

    def markdown(self) -> str:
        """An entry for each option."""
        texts = self.described([option.name for option in OPTIONS])
        entries = []
        for option in OPTIONS:
            value = "{" + ",".join(option.choices) + "}" if option.choices else option.metavar or option.name.upper()
            words = f"--{option.name}" + ("" if option.kind == "flag" else f"={value}")
            repeated = " Can be given several times." if option.kind == "list" else ""
            sentence = option.help[0].upper() + option.help[1:]
            twin = f"Ini file: `{option.destination}`."
            entries.append(f"```{{option}} {words}\n{sentence}.{repeated} {texts[option.name]}\n\n{twin}\n```")
        return "\n\n".join(entries)


class Record(Generated):
    """The fields of a type of records."""

    has_content = True
    required_arguments = 1

    def markdown(self) -> str:
        """A table of the fields."""
        type_ = getattr(records, self.arguments[0])
        hints = typing.get_type_hints(type_)
        fields = [field.name for field in msgspec.structs.fields(type_)]
        texts = self.described(fields)
        return table(
            ("field", "type", "meaning"), *((f"`{name}`", in_words(hints[name]), texts[name]) for name in fields)
        )


class Needs(Generated):
    """The needs, with what the lack of each means."""

    has_content = True

    def markdown(self) -> str:
        """A table of the needs."""
        texts = self.described(needs.NEEDS)
        rows = [(f"`{name}`", need.lack, texts[name]) for name, need in needs.NEEDS.items()]
        return table(("need", "what a skip says", "how it is told whether it is met"), *rows)


def in_words(type_: object) -> str:
    """A type as JSON has it."""
    if type_ == dict[str, typing.Any]:
        return "object"
    simple = {int: "integer", float: "number", str: "string", type(None): "null", records.Command: "command"}
    if isinstance(type_, type) and type_ in simple:
        return simple[type_]
    origin, arguments = typing.get_origin(type_), typing.get_args(type_)
    if origin is typing.Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is list:
        return f"array of {in_words(arguments[0])}s"
    if origin is dict:
        return f"object of {in_words(arguments[1])}s"
    if origin in (types.UnionType, typing.Union):
        return " or ".join(in_words(argument) for argument in arguments)
    raise TypeError(f"{type_} has no words yet")


def add_to(app: Sphinx) -> None:
    """Tell Sphinx of the directives."""
    app.add_directive("options", Options)
    app.add_directive("record", Record)
    app.add_directive("needs", Needs)
