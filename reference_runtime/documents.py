"""JSON documents, read strictly and written atomically.

Importing the `json` package takes longer than all the rest of a `state` command, for its regular expressions.
Its scanner is the C module `_json`, which does without them: `decode` asks that one, and only a document that
it refuses is given to the package, for the message with line and column.
"""

from __future__ import annotations

import os

from reference_runtime.errors import InvalidConfig, SyscallFailed, call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LARGEST = 64 << 20
"""Bytes that are read of a document at the most."""

DEEPEST = 100
"""Levels of objects and arrays in a document at the most: whoever walks through it may do so by recursion."""

_INFINITY = float("inf")
"""What `float` makes of a number such as 1e999."""


class _Refused(Exception):
    pass


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Refused(f"the name {name!r} is there twice in one object")
            seen.add(name)
    return document


def _number(text: str) -> float:
    # To JSON Schema, 1.0 and 1e2 are integers.
    value = float(text)
    if value in (_INFINITY, -_INFINITY):
        raise _Refused("a number is more than can be held")
    return int(value) if value.is_integer() else value


def _constant(name: str) -> Any:
    raise _Refused(f"{name} is no JSON value")


class _Scanning:
    """What `_json.make_scanner` wants to know of a `json.JSONDecoder`."""

    strict = True
    object_hook = None
    object_pairs_hook = staticmethod(_pairs)
    parse_float = staticmethod(_number)
    parse_int = int
    parse_constant = staticmethod(_constant)

    def __init__(self) -> None:
        self.memo: dict[str, str] = {}


def _scan(text: str) -> Any:
    import _json

    document, end = _json.make_scanner(_Scanning())(text, 0)  # type: ignore[arg-type]
    if end != len(text):
        raise _Refused("something follows the document")
    _require_shallow(document)
    return document


def _require_shallow(document: Any) -> None:
    level = [document] if isinstance(document, (dict, list)) else []
    for _ in range(DEEPEST):
        level = [
            member
            for value in level
            for member in (value.values() if isinstance(value, dict) else value)
            if isinstance(member, (dict, list))
        ]
        if not level:
            return
    raise RecursionError


def decode(content: bytes, file: str) -> Any:
    """The value of a JSON text in UTF-8; duplicate names in an object are refused (glossary.md, JSON).

    Raises `InvalidConfig` that names `file`.
    """
    try:
        text = content.decode("utf-8-sig").strip(" \t\r\n")
    except UnicodeDecodeError as error:
        raise InvalidConfig("$", f"byte {error.start} is not UTF-8", file) from None
    try:
        return _scan(text)
    except _Refused as error:
        raise InvalidConfig("$", str(error), file) from None
    except RecursionError:
        raise InvalidConfig("$", f"nested more than {DEEPEST} levels deep", file) from None
    except Exception:
        return _decode_slowly(content, file)


def _decode_slowly(content: bytes, file: str) -> Any:
    import json

    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_pairs, parse_constant=_constant)
    except (ValueError, RecursionError, _Refused) as error:
        raise InvalidConfig("$", f"not JSON: {error}", file) from None


def read(path: str) -> bytes:
    """The bytes of a regular file.

    Raises `InvalidConfig` for what is no regular file or too large, `SyscallFailed` if it cannot be read.
    """
    name = os.path.basename(path)
    # A FIFO would block for ever without O_NONBLOCK.
    descriptor = call(os.open, path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if status.st_mode & 0o170000 != 0o100000:
            raise InvalidConfig("$", "not a regular file", name)
        if status.st_size > LARGEST:
            raise InvalidConfig("$", f"larger than {LARGEST} bytes", name)
        content = b""
        while chunk := call(os.read, descriptor, 1 << 20):
            content += chunk
    finally:
        os.close(descriptor)
    return content


def encode(value: Any, indent: str = "") -> str:
    """`value` as JSON in ASCII, two spaces an indentation level."""
    from _json import encode_basestring_ascii

    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return str(encode_basestring_ascii(value))
    if isinstance(value, (int, float)):
        return repr(value)
    deeper = indent + "  "
    if isinstance(value, dict):
        entries = [f"{encode_basestring_ascii(name)}: {encode(member, deeper)}" for name, member in value.items()]
        brackets = "{}"
    else:
        entries = [encode(member, deeper) for member in value]
        brackets = "[]"
    if not entries:
        return brackets
    separator = f",\n{deeper}"
    return f"{brackets[0]}\n{deeper}{separator.join(entries)}\n{indent}{brackets[1]}"


def write(path: str, content: bytes, mode: int = 0o600) -> None:
    """Replace a file atomically; on failure, the old one stays and nothing else is left."""
    temporary = f"{path}.{os.getpid()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = call(os.open, temporary, flags, mode)
    try:
        try:
            while content:
                content = content[call(os.write, descriptor, content) :]
        finally:
            os.close(descriptor)
        call(os.rename, temporary, path)
    except SyscallFailed:
        os.unlink(temporary)
        raise
