"""Where a document comes from: a file that is read with care, as text whose lines can be shown."""

from __future__ import annotations

import array
import bisect
import os
import re
import select
import stat

from conformance.validation.fault import Fault

LARGEST = 8 << 20
"""Bytes of a document at the most. Larger ones are not read: a config.json has some thousands of bytes, and arguments
and environment of a process, which are its longest part, 6 MiB at the most (execve(2))."""

_NOT_REGULAR = {
    stat.S_IFDIR: "is a directory",
    stat.S_IFIFO: "is a FIFO or a pipe",
    stat.S_IFCHR: "is a character device",
    stat.S_IFBLK: "is a block device",
    stat.S_IFSOCK: "is a socket",
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
    """There is nothing to judge.

    `rule` is the one that the finding is of, `hint` what can be done about it; `missing` says that there is no file.
    """

    def __init__(
        self, problem: str, rule: str = "file.readable", hint: str | None = None, *, missing: bool = False
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.rule = rule
        self.hint = hint
        self.missing = missing


def read_file(path: str) -> bytes:
    """The bytes of a regular file, `LARGEST` at the most. Raises `Unreadable`; never blocks."""
    try:
        # Before it is opened: to open a device does something, and to open a FIFO lets its writer go on.
        _require_regular(os.stat(path))
        # By now, it may be another one.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        status = os.fstat(descriptor)
        _require_regular(status)
        if status.st_size > LARGEST:
            raise _too_large()
        return _read(descriptor)
    finally:
        os.close(descriptor)


def read_stream(descriptor: int) -> bytes:
    """All bytes of a stream, such as the standard input, `LARGEST` at the most. Raises `Unreadable`."""
    return _read(descriptor, wait=True)


def _read(descriptor: int, *, wait: bool = False) -> bytes:
    content = bytearray()
    while len(content) <= LARGEST:
        try:
            chunk = os.read(descriptor, LARGEST + 1 - len(content))
        except BlockingIOError:
            # Some files in /proc are always about to have more.
            if not wait:
                raise Unreadable("the file cannot be read: it has no end") from None
            select.select([descriptor], [], [])
            continue
        except OSError as error:
            raise Unreadable(f"the document cannot be read: {error.strerror}") from None
        if not chunk:
            return bytes(content)
        content += chunk
    raise _too_large()


def _require_regular(status: os.stat_result) -> None:
    kind = _NOT_REGULAR.get(stat.S_IFMT(status.st_mode))
    if kind is not None:
        hint = "give the document to standard input, and - as the path" if stat.S_ISFIFO(status.st_mode) else None
        raise Unreadable(f"it {kind}, and no regular file", hint=hint)


def _unreadable(path: str, error: OSError | ValueError) -> Unreadable:
    if isinstance(error, FileNotFoundError):
        if os.path.islink(path):
            return Unreadable(f"it is a symbolic link to {os.readlink(path)}, which does not exist")
        return Unreadable("there is no such file", missing=True)
    if isinstance(error, OSError):
        return Unreadable(f"the file cannot be read: {error.strerror}")
    return Unreadable(f"no file has such a name: it has {'a NUL' if chr(0) in path else 'half of a character'} in it")


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
        self._beginnings: array.array[int] | None = None

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of a character."""
        beginnings = self._lines()
        line = bisect.bisect_right(beginnings, offset)
        return line, offset - beginnings[line - 1] + 1

    def line(self, number: int, start: int = 0, end: int | None = None) -> str:
        """The text of a line, without its end, from a column on, counted from 0, and up to another."""
        beginnings = self._lines()
        first = beginnings[number - 1]
        after = beginnings[number] - 1 if number < len(beginnings) else len(self.text)
        if after > first and self.text[after - 1] == "\r":
            after -= 1
        return self.text[first + start : after if end is None else min(first + end, after)]

    def _lines(self) -> array.array[int]:
        if self._beginnings is None:
            # A list would take as much as ten times the text.
            self._beginnings = array.array("I", [0])
            self._beginnings.extend(match.end() for match in re.finditer("\n", self.text))
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
