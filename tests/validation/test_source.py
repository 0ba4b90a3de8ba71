"""What cannot be read is one clear finding, without delay; what can be is text whose places are known."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.validation import source
from conformance.validation.source import LARGEST, Source, Unreadable, read_file, read_stream

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

BOM = b"\xef\xbb\xbf"


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def make_sparse(size: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(size)

    return make


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda _: None, "there is no such file"),
    "directory": (lambda path: path.mkdir(), "it is a directory, and no regular file"),
    "FIFO": (os.mkfifo, "it is a FIFO or a pipe, and no regular file"),
    "socket": (make_socket, "it is a socket, and no regular file"),
    "device without an end": (lambda path: path.symlink_to("/dev/zero"), "it is a character device, and no regular"),
    "device without content": (lambda path: path.symlink_to("/dev/null"), "it is a character device, and no regular"),
    "link to nothing": (
        lambda path: path.symlink_to("nowhere"),
        "it is a symbolic link to nowhere, which does not exist",
    ),
    "link to itself": (lambda path: path.symlink_to(path.name), "cannot be read: Too many levels of symbolic links"),
    "file of a process": (lambda path: path.symlink_to("/proc/self/mem"), "cannot be read: Input/output error"),
    "100 MB": (make_sparse(100_000_000), "it is larger than 8 MiB, and was not looked at"),
    "one byte too much": (make_sparse(LARGEST + 1), "it is larger than 8 MiB, and was not looked at"),
}


@pytest.mark.parametrize(("make", "problem"), UNREADABLE.values(), ids=list(UNREADABLE))
def test_what_is_no_file_of_a_document_is_refused(tmp_path: Path, make: Callable[[Path], object], problem: str) -> None:
    path = tmp_path / "config.json"
    make(path)
    with pytest.raises(Unreadable) as caught:
        read_file(str(path))
    assert problem in caught.value.problem
    assert caught.value.missing == (problem == "there is no such file")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("", "there is no such file"),
        ("a\0b", "no file has such a name: it has a NUL in it"),
        ("a" * 5000, "cannot be read: File name too long"),
        ("/dev/null/below", "cannot be read: Not a directory"),
        ("\ud800", "no file has such a name: it has half of a character in it"),
    ],
    ids=["empty", "NUL", "long", "below a file", "half of a character"],
)
def test_path_that_leads_nowhere_is_refused(path: str, problem: str) -> None:
    with pytest.raises(Unreadable, match=problem):
        read_file(path)


def test_file_that_may_not_be_read_is_refused(
    directory: Path, somebody_else: Callable[[], AbstractContextManager[None]]
) -> None:
    path = directory / "config.json"
    path.write_bytes(b"{}")
    path.chmod(0)
    with somebody_else(), pytest.raises(Unreadable, match="the file cannot be read: Permission denied"):
        read_file(str(path))


def test_fifo_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    os.mkfifo(path)
    with pytest.raises(Unreadable) as caught:
        read_file(str(path))
    assert caught.value.hint == "give the document to standard input, and - as the path"
    with pytest.raises(OSError, match="No such device or address"):
        # Nobody reads.
        os.open(path, os.O_WRONLY | os.O_NONBLOCK)


def test_file_that_is_always_about_to_have_more_is_refused() -> None:
    # Like /proc/kmsg, which only some may read.
    reading, writing = os.pipe2(os.O_NONBLOCK)
    try:
        with pytest.raises(Unreadable, match="it has no end"):
            source._read(reading)
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("size", [0, 1, LARGEST])
def test_file_is_read_whole(tmp_path: Path, size: int) -> None:
    path = tmp_path / "config.json"
    make_sparse(size)(path)
    assert len(read_file(str(path))) == size


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    make_sparse(LARGEST + 1)(tmp_path / "large")
    (tmp_path / "small").write_bytes(b"{}")
    before = len(os.listdir("/proc/self/fd"))
    read_file(str(tmp_path / "small"))
    with pytest.raises(Unreadable):
        read_file(str(tmp_path / "large"))
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("flags", [0, os.O_NONBLOCK])
def test_stream_is_read_to_its_end(flags: int) -> None:
    reading, writing = os.pipe2(flags)

    def write() -> None:
        with open(writing, "wb") as file:
            os.set_blocking(writing, True)
            file.write(b"x" * 200_000)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert read_stream(reading) == b"x" * 200_000
    finally:
        writer.join()
        os.close(reading)


def test_stream_without_an_end_is_refused() -> None:
    descriptor = os.open("/dev/zero", os.O_RDONLY)
    try:
        with pytest.raises(Unreadable, match="larger than 8 MiB"):
            read_stream(descriptor)
    finally:
        os.close(descriptor)


def test_stream_that_fails_is_refused(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(Unreadable, match="cannot be read: Is a directory"):
            read_stream(descriptor)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("content", [b'{"a": "\xc3\xa4"}', BOM + b'{"a": "\xc3\xa4"}'], ids=["plain", "with a mark"])
def test_utf_8_is_text(content: bytes) -> None:
    one = Source("a.json", content)
    assert one.fault is None
    assert one.text == '{"a": "ä"}'
    assert one.place(one.text.index("ä")) == (1, 8)


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["without a mark", "with a mark"])
@pytest.mark.parametrize("encoding", ["UTF-16-LE", "UTF-16-BE", "UTF-32-LE", "UTF-32-BE"])
def test_other_encoding_of_unicode_is_named(encoding: str, mark: str) -> None:
    one = Source("a.json", f'{mark}{{"a": "ä"}}'.encode(encoding))
    assert one.fault is not None
    assert one.fault.problem == f"the document is in {encoding}, and has to be in UTF-8"
    assert one.fault.span == (0, 1)
    assert one.text == '{"a": "ä"}'


@pytest.mark.parametrize(
    ("content", "problem", "place"),
    [
        ('{"a":\n "Bär"}'.encode("latin-1"), "byte 0xe4 is no UTF-8 here; in Latin-1 it is 'ä'", (2, 4)),
        ('{"ä": "Bär"}'.encode() + b"\xff", "byte 0xff is no UTF-8 here; in Latin-1 it is 'ÿ'", (1, 13)),
        (b'{"a": "\xc3', "byte 0xc3 is no UTF-8 here; in Latin-1 it is 'Ã'", (1, 8)),
        (b'{"a": "\xed\xa0\x80"}', "byte 0xed is no UTF-8 here; in Latin-1 it is 'í'", (1, 8)),
        (b'{"a": "\x80"}', "byte 0x80 is no UTF-8 here", (1, 8)),
        (b'{"a": "\x81"}', "byte 0x81 is no UTF-8 here", (1, 8)),
    ],
    ids=["Latin-1", "at the end", "cut off", "surrogate", "sign of Windows", "nothing of Windows"],
)
def test_what_is_no_utf_8_is_shown_with_its_place(content: bytes, problem: str, place: tuple[int, int]) -> None:
    one = Source("a.json", content)
    assert one.fault is not None
    assert one.fault.problem == problem
    assert one.fault.span is not None
    assert one.place(one.fault.span[0]) == place


@pytest.mark.parametrize("content", [b"\0", b"\0\0\0\0", b"1\0", b"", b"\xef\xbb"])
def test_odd_bytes_are_no_crash(content: bytes) -> None:
    Source("a.json", content).line(1)


@given(st.text("a\n\rä\U0001f600", max_size=20), st.data())
def test_places_lead_back_to_the_text(text: str, data: st.DataObject) -> None:
    one = Source("a.json", text.encode())
    offset = data.draw(st.integers(0, len(text)))
    line, column = one.place(offset)
    assert line == text.count("\n", 0, offset) + 1
    lines = text.split("\n")
    assert one.line(line) == lines[line - 1].removesuffix("\r")
    assert f"{lines[line - 1]}\n"[column - 1] == f"{text}\n"[offset]


@given(st.text("ab\n\r", max_size=20), st.integers(0, 9), st.integers(0, 9))
def test_part_of_a_line_is_that_part(text: str, start: int, end: int) -> None:
    one = Source("a.json", text.encode())
    for number in range(1, text.count("\n") + 2):
        assert one.line(number, start, end) == one.line(number)[start:end]
        assert one.line(number, start) == one.line(number)[start:]
