"""Where a document comes from: a file that is read with care, as text whose lines can be shown."""

from __future__ import annotations

import bisect
import os
import re

from conformance.validation.fault import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

LARGEST = 16 << 20
"""Bytes of a document at the most. Larger ones are not read: a config.json has some thousands of bytes."""

_NOT_REGULAR = {
    0o040000: "is a directory",
    0o010000: "is a FIFO or a pipe",
    0o020000: "is a character device",
    0o060000: "is a block device",
    0o140000: "is a socket",
}

ENCODING = ("glossary.json.utf8",)

_BOM = b"\xef\xbb\xbf"

# The longer ones first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32-LE",
    b"\x00\x00\xfe\xff": "UTF-32-BE",
    b"\xff\xfe": "UTF-16-LE",
    b"\xfe\xff": "UTF-16-BE",
}

_ZEROS: dict[tuple[bool, ...], str] = {
    (False, True, True, True): "UTF-32-LE",
    (True, True, True, False): "UTF-32-BE",
    (False, True, False, True): "UTF-16-LE",
    (True, False, True, False): "UTF-16-BE",
}
"""Which of the first four bytes are zero in a document without a mark: its first two characters are of ASCII."""


class Unreadable(Exception):
    """There is nothing to judge. `rule` is the one that the finding is of, `hint` what can be done about it."""

    def __init__(self, problem: str, rule: str = "file.readable", hint: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.rule = rule
        self.hint = hint


def read_file(path: str) -> bytes:
    """The bytes of a regular file, `LARGEST` at the most. Raises `Unreadable`; never blocks."""
    try:
        # A FIFO would block for ever without O_NONBLOCK.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except (OSError, ValueError) as error:
        # A path with a NUL is a ValueError.
        problem = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise Unreadable(f"the file cannot be read: {problem}") from None
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        kind = _NOT_REGULAR.get(status.st_mode & 0o170000)
        if kind is not None:
            hint = "give the document to standard input, and - as the path" if kind.endswith("pipe") else None
            raise Unreadable(f"it {kind}, and no regular file", hint=hint)
        if status.st_size > LARGEST:
            raise _too_large()
        return read_stream(file)


def read_stream(stream: BinaryIO) -> bytes:
    """All bytes of a stream, such as the standard input, `LARGEST` at the most. Raises `Unreadable`."""
    try:
        content = stream.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"the document cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise _too_large()
    return content


def _too_large() -> Unreadable:
    return Unreadable(f"it is larger than {LARGEST >> 20} MiB, and was not looked at", "file.size")


class Source:
    """The text of a document. `name` is what the file is called in messages.

    Offsets are in characters of `text`, which has no byte order mark; lines and columns begin with 1. If the bytes are
    no UTF-8, `fault` says so, and `text` is as near to what they are as can be.
    """

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.text, self.fault = _decoded(content)
        self._beginnings: list[int] | None = None

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of a character."""
        beginnings = self._lines()
        line = bisect.bisect_right(beginnings, offset)
        return line, offset - beginnings[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line, without its end."""
        beginnings = self._lines()
        end = beginnings[number] - 1 if number < len(beginnings) else len(self.text)
        return self.text[beginnings[number - 1] : end].removesuffix("\r")

    def _lines(self) -> list[int]:
        if self._beginnings is None:
            self._beginnings = [0, *(match.end() for match in re.finditer("\n", self.text))]
        return self._beginnings


def _decoded(content: bytes) -> tuple[str, Fault | None]:
    encoding = _other_encoding(content)
    if encoding is not None:
        problem = f"the document is in {encoding}, and has to be in UTF-8"
        return content.decode(encoding, "replace").removeprefix("\ufeff"), _misencoded(problem, 0)
    content = content.removeprefix(_BOM)
    try:
        return content.decode("utf-8"), None
    except UnicodeDecodeError as error:
        byte = content[error.start]
        problem = f"byte {byte:#04x} is no UTF-8 here"
        # The encodings that are left have no other mark than that their text reads well.
        meant = bytes([byte]).decode("windows-1252", "replace")
        if meant.isalpha():
            problem += f"; in Latin-1 it is {meant!r}"
        return content.decode("utf-8", "replace"), _misencoded(problem, len(content[: error.start].decode("utf-8")))


def _other_encoding(content: bytes) -> str | None:
    marked = next((encoding for mark, encoding in _MARKS.items() if content.startswith(mark)), None)
    return marked or _ZEROS.get(tuple(byte == 0 for byte in content[:4]))


def _misencoded(problem: str, offset: int) -> Fault:
    return Fault(
        "$", problem, rule="json.encoding", requirements=ENCODING, allowed=["UTF-8"], span=(offset, offset + 1)
    )
