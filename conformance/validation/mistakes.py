"""Syntax errors of JSON, called by what people did: a trailing comma, a comment, a forgotten quote."""

from __future__ import annotations

import json
import re

from conformance.validation.fault import Fault
from reference_runtime.validation import shown

_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,4}|.)", re.DOTALL)
_WORD = re.compile(r"[^\s,:\[\]{}\"]++")
_NUMBER = re.compile(r"[\w.+-]++")
_GOOD_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

_MEANT = {"true": "true", "false": "false", "null": "null", "none": "null", "nil": "null", "undefined": "null"}
_CLOSING = {"{": "}", "[": "]"}
_CALLED = {"{": "object", "[": "array"}
_QUOTES = "'`´‘’“”„«»"  # noqa: RUF001 - they are what is looked for


def syntax_fault(text: str, position: int, message: str) -> Fault:
    """What is wrong with `text`, by the offset and the message of the error of the `json` module."""
    start = len(text) - len(text[position:].lstrip(" \t\r\n"))
    if not text.strip(" \t\r\n"):
        return _fault("the document is empty", 0, 0)
    if message.startswith(("Unterminated", "Invalid")):
        return _in_string(text, position, message)
    if start == len(text):
        return _cut_off(text)
    found = _comment(text, start) or _trailing_comma(text, start, message) or _bad_number(text, start)
    return found or _unexpected(text, start, message)


def shown_number(token: str) -> str:
    """What is written as a number, in a message."""
    return token if len(token) <= 40 else f"{token[:20]}... of {len(token)} characters"


def _fault(
    problem: str, start: int, end: int, *, suggestion: str | None = None, opened: tuple[str, int] | None = None
) -> Fault:
    related = [(f"the {_CALLED[opened[0]]} begins here", (opened[1], opened[1] + 1))] if opened else ()
    return Fault("$", problem, rule="json.syntax", suggestion=suggestion, related=related, span=(start, end))


def _in_string(text: str, position: int, message: str) -> Fault:
    character = text[position : position + 1]
    if message.startswith("Unterminated"):
        return _fault("the string that begins here has no end", position, position + 1)
    if message.startswith("Invalid control character"):
        if character in "\r\n":
            problem = "a string ends with its line: a quote is missing, or the break has to be written as \\n"
        else:
            problem = f"a string has the control character U+{ord(character):04X}, which has to be written as an escape"
        return _fault(problem, position, position + 1, suggestion=json.dumps(character)[1:-1])
    start = text.rindex("\\", 0, position + 1)
    escape = _ESCAPE.match(text, start)
    end = escape.end() if escape else start + 1
    if end == len(text):
        return _cut_off(text)
    problem = f'{text[start:end]} is no escape of JSON, which has \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX'
    return _fault(problem, start, end)


def _cut_off(text: str) -> Fault:
    end = len(text.rstrip(" \t\r\n"))
    return _fault("the document is cut off here", end, end, opened=_innermost(text, end))


def _innermost(text: str, end: int) -> tuple[str, int] | None:
    """The bracket that is open there, and its offset."""
    stack: list[tuple[str, int]] = []
    for match in _BRACKET.finditer(text, 0, end):
        if match[0] in _CLOSING:
            stack.append((match[0], match.start()))
        elif match[0] in "]}" and stack:
            stack.pop()
    return stack[-1] if stack else None


def _comment(text: str, start: int) -> Fault | None:
    for opening, closing in (("//", "\n"), ("#", "\n"), ("/*", "*/")):
        if text.startswith(opening, start):
            end = text.find(closing, start)
            return _fault("JSON has no comments", start, (end if end >= 0 else len(text)))
    return None


def _trailing_comma(text: str, start: int, message: str) -> Fault | None:
    if message.startswith("Illegal trailing comma"):
        comma = start
    elif text[start] in "]}" and text[:start].rstrip(" \t\r\n").endswith(","):
        comma = text.rindex(",", 0, start)
    else:
        return None
    return _fault("JSON has no comma after the last entry", comma, comma + 1)


def _bad_number(text: str, start: int) -> Fault | None:
    before = start
    while before and (text[before - 1] in "-.0123456789"):
        before -= 1
    match = _NUMBER.match(text, before)
    if (
        match is None
        or match.end() <= start
        or not re.match(r"[+-]*\.?[0-9]", match[0])
        or _GOOD_NUMBER.fullmatch(match[0])
    ):
        return None
    token = match[0]
    digits = token.lstrip("+-")
    if re.match(r"0[xX]", digits):
        reason = ", which has decimal numbers only"
    elif re.match(r"0\d", digits):
        reason = ", which has no zeros in front, and no octal numbers"
    else:
        reason = ""
    return _fault(f"{shown_number(token)} is no number of JSON{reason}", *match.span())


def _unexpected(text: str, start: int, message: str) -> Fault:
    match = _WORD.match(text, start)
    end = match.end() if match else start + 1
    if message.startswith("Extra data"):
        return _fault("something follows the document", start, end)
    if text[start] in _QUOTES:
        return _fault("JSON has double quotes only", start, start + 1)
    if message.startswith("Expecting value"):
        return _no_value(text, start, end)
    if message.startswith("Expecting property name"):
        return _no_name(text, start, end)
    return _no_delimiter(text, start, end, "a colon" if "':'" in message else "a comma")


def _no_name(text: str, start: int, end: int) -> Fault:
    word = text[start:end]
    if word in ",:[]{}":
        return _fault(f"{word} where a name has to be", start, end)
    return _fault(f"the name {shown(word)} has to be in double quotes", start, end, suggestion=json.dumps(word))


def _no_delimiter(text: str, start: int, end: int, expected: str) -> Fault:
    character = text[start]
    opened = _innermost(text, start)
    if character in "]}" and expected == "a comma" and opened:
        return _fault(f"{character} where {_CLOSING[opened[0]]} has to be", start, end, opened=opened)
    if character in "=;:":
        return _fault(f"{character} where {expected} has to be", start, start + 1)
    return _fault(f"{expected} is missing before this", start, end)


def _no_value(text: str, start: int, end: int) -> Fault:
    word = text[start:end]
    if text[start] in ",:]}":
        return _fault("a value is missing here", start, start + 1)
    if not text[:start].strip(" \t\r\n"):
        return _fault(f"the document is no JSON: it begins with {shown(word)}", start, end)
    meant = _MEANT.get(word.lower())
    if meant:
        return _fault(f"{word} is no value of JSON", start, end, suggestion=meant)
    return _fault(f"{shown(word)} is no value of JSON; text has to be in double quotes", start, end)
