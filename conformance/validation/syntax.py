"""What is wrong with a text that is refused as JSON, and where: the slow half of `reference_runtime.documents.decode`.

What decode refuses has a fault here, and nothing else has one; a test holds the two together.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from conformance.validation.fault import WARNING, Fault
from conformance.validation.mistakes import shown_number, syntax_fault
from reference_runtime.documents import DEEPEST
from reference_runtime.validation import member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

UNIQUE_NAMES = ("glossary.json.unique_names",)

_TWICE = "json.unique_names"

NOTHING = object()
"""Stands for the value of a text that has none."""

# No repetition here gives back what it has: on a string that does not end, that would take the square of its length.
_TOKEN = re.compile(
    r"""
    "(?:[^"\\]++|\\.)*+"(\s*+:)?    # a string; with a colon, it is a name
    | [\[\]{},]
    | -?(?:NaN|Infinity)
    | -?[0-9][0-9.eE+-]*+
    """,
    re.DOTALL | re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)


def diagnose(text: str, add: Callable[[Fault], object]) -> Any:
    """Give the faults of a text that is no document to `add`; returns its value, or `NOTHING` if it has none.

    It has one if all that is wrong are names that are there twice: the value is then that of the last one.
    """
    try:
        value = json.JSONDecoder(parse_int=_integer).decode(text)
    except json.JSONDecodeError as error:
        add(syntax_fault(text, error.pos, error.msg))
        return NOTHING
    except RecursionError:
        value = NOTHING
    for fault in _walk(text):
        if fault.rule != _TWICE:
            value = NOTHING
        add(fault)
    return value


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        # More digits than Python makes a number of.
        return 0


def lone_surrogates(text: str) -> Iterator[Fault]:
    """Escapes of UTF-16 that are half of a character: decoders differ in what they make of them."""
    if "\\ud" not in text and "\\uD" not in text:
        return
    high: re.Match[str] | None = None
    for match in _ESCAPE.finditer(text):
        code = int(match[1] or "0", 16)
        is_low = 0xDC00 <= code < 0xE000
        is_pair = is_low and high is not None and match.start() == high.end()
        if high is not None and not is_pair:
            yield _lone(high)
        if is_low and not is_pair:
            yield _lone(match)
        high = match if 0xD800 <= code < 0xDC00 else None
    if high is not None:
        yield _lone(high)


def _lone(match: re.Match[str]) -> Fault:
    problem = f"{match[0]} is half of a character: what programs make of it differs"
    return Fault("$", problem, rule="json.surrogate", severity=WARNING, span=match.span())


class _Open:
    """An object or an array that the walk is in: the names so far, with their spans, and where it is."""

    __slots__ = ("names", "step")

    def __init__(self, bracket: str) -> None:
        self.names: dict[str, tuple[int, int]] | None = {} if bracket == "{" else None
        self.step: str | int = "" if bracket == "{" else 0


def _walk(text: str) -> Iterator[Fault]:
    """What is wrong with a text that has the form of JSON, as far as it is not too deep."""
    stack: list[_Open] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        first = token[0]
        if first == '"':
            if match[1] is not None:
                yield from _name(stack, text, (match.start(), match.start(1)))
        elif first in "[{":
            stack.append(_Open(first))
            if len(stack) > DEEPEST:
                yield _too_deep(match.start())
                return
        elif first in "]}":
            stack.pop()
        elif first == ",":
            if isinstance(stack[-1].step, int):
                stack[-1].step += 1
        else:
            yield from _number(stack, match)


def _name(stack: list[_Open], text: str, span: tuple[int, int]) -> Iterator[Fault]:
    name = json.loads(text[slice(*span)])
    inside = stack[-1]
    inside.step = name
    assert inside.names is not None
    if name in inside.names:
        first = inside.names[name]
        yield Fault(
            _path(stack),
            "is there twice in one object",
            rule=_TWICE,
            requirements=UNIQUE_NAMES,
            span=span,
            related=[("the first one", first)],
        )
    else:
        inside.names[name] = span


def _path(stack: list[_Open]) -> str:
    path = "$"
    for inside in stack:
        path = member(path, inside.step) if isinstance(inside.step, str) else f"{path}[{inside.step}]"
    return path


def _too_deep(offset: int) -> Fault:
    problem = f"objects and arrays are nested more than {DEEPEST} levels deep, and this validator stops there"
    return Fault("$", problem, rule="json.depth", span=(offset, offset + 1))


def _number(stack: list[_Open], match: re.Match[str]) -> Iterator[Fault]:
    token = match[0]
    if "N" in token or "I" in token:
        yield Fault(_path(stack), f"{token} is no value of JSON", rule="json.syntax", span=match.span())
    elif _is_out_of_range(token):
        problem = f"{shown_number(token)} is more than programs can hold"
        yield Fault(_path(stack), problem, rule="json.number", span=match.span())


def _is_out_of_range(token: str) -> bool:
    try:
        int(token)
    except ValueError:
        # A fraction, an exponent, or more digits than Python makes a number of.
        return token.lstrip("-").isdigit() or float(token) in (float("inf"), float("-inf"))
    return False
