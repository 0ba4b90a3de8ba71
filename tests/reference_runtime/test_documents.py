"""Documents: what is refused is refused with one clear error; what is written is written wholly or not at all."""

from __future__ import annotations

import errno
import json
import os
import resource
import stat
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_runtime import documents
from reference_runtime.errors import InvalidConfig, SyscallFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BOM = b"\xef\xbb\xbf"
NOBODY = 65534

REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "not JSON"),
    "blank": (b" \n", "not JSON"),
    "cut off": (b'{"a": [1, 2', "not JSON"),
    "trailing garbage": (b"{} x", "something follows the document"),
    "two documents": (b"{}{}", "something follows the document"),
    "trailing comma": (b'{"a": 1,}', "not JSON"),
    "single quotes": (b"{'a': 1}", "not JSON"),
    "comment": (b"{} // one", "something follows the document"),
    "duplicate name": (b'{"a": 1, "b": 2, "a": 3}', "the name 'a' is there twice in one object"),
    "deep duplicate name": (b'[{"a": {"b": 1, "b": 1}}]', "the name 'b' is there twice in one object"),
    "duplicate by escape": (b'{"a": 1, "\\u0061": 2}', "the name 'a' is there twice in one object"),
    "not a number": (b'{"a": NaN}', "NaN is no JSON value"),
    "infinity": (b"[Infinity]", "Infinity is no JSON value"),
    "negative infinity": (b"[-Infinity]", "-Infinity is no JSON value"),
    "leading zero": (b"[01]", "not JSON"),
    "hexadecimal": (b"[0x1]", "not JSON"),
    "number of 5000 digits": (b"[" + b"9" * 5000 + b"]", "not JSON"),
    "control character": (b'["a\nb"]', "not JSON"),
    "not UTF-8": (b'{"a": "\xff"}', "byte 7 is not UTF-8"),
    "Latin-1": ('{"ä": 1}'.encode("latin-1"), "byte 2 is not UTF-8"),
    "UTF-16": ("{}".encode("utf-16"), "byte 0 is not UTF-8"),
    "two byte order marks": (BOM + BOM + b"{}", "not JSON"),
    "nested objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested more than 100 levels deep"),
    "nested arrays": (b"[" * 100_000 + b"]" * 100_000, "nested more than 100 levels deep"),
    "nested beyond the limit": (b"[" * 102 + b"]" * 102, "nested more than 100 levels deep"),
}

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**70), max_value=2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=30,
)


@pytest.mark.parametrize(("content", "problem"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_no_document_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        documents.decode(content, "some.json")
    assert str(caught.value).startswith(f"some.json: $: {problem}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"{}", {}),
        (BOM + b"{}", {}),
        (b" \t\r\n{}\n", {}),
        (b'"text"', "text"),
        (b"null", None),
        (b'{"a": {"a": 1}}', {"a": {"a": 1}}),
        (b"[" * 100 + b"]" * 100, json.loads("[" * 100 + "]" * 100)),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b"[1.5, -2]", [1.5, -2]),
    ],
)
def test_documents(content: bytes, value: object) -> None:
    assert documents.decode(content, "some.json") == value


@pytest.mark.parametrize("text", ["1.0", "1e0", "10E-1"])
def test_number_without_a_fraction_is_an_integer_as_json_schema_has_it(text: str) -> None:
    value = documents.decode(text.encode(), "some.json")
    assert (value, type(value)) == (1, int)


@given(VALUES)
def test_what_is_encoded_is_decoded_to_the_same(value: Any) -> None:
    encoded = documents.encode(value)
    assert encoded.isascii()
    assert documents.decode(encoded.encode(), "some.json") == value
    assert json.loads(encoded) == value


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_document_or_refused(content: bytes) -> None:
    try:
        value = documents.decode(content, "some.json")
    except InvalidConfig:
        return
    assert json.loads(content.decode("utf-8-sig")) == value


def _make_fifo(path: Path) -> None:
    os.mkfifo(path)


def _make_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(documents.LARGEST + 1)


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "directory": (lambda path: path.mkdir(), "not a regular file"),
    "FIFO": (_make_fifo, "not a regular file"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
    "too large": (_make_large, "larger than 67108864 bytes"),
}


@pytest.mark.parametrize(("make", "problem"), UNREADABLE.values(), ids=list(UNREADABLE))
def test_what_is_no_file_of_a_document_is_refused(tmp_path: Path, make: Callable[[Path], object], problem: str) -> None:
    path = tmp_path / "some.json"
    make(path)
    with pytest.raises(InvalidConfig) as caught:
        documents.read(str(path))
    assert str(caught.value) == f"some.json: $: {problem}"


@pytest.mark.parametrize(
    ("target", "number"), [("nowhere", errno.ENOENT), ("self", errno.ELOOP), ("file/below", errno.ENOTDIR)]
)
def test_file_that_cannot_be_opened_is_named(tmp_path: Path, target: str, number: int) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "self").symlink_to(target)
    with pytest.raises(SyscallFailed) as caught:
        documents.read(str(tmp_path / "self"))
    assert caught.value.errno == number
    assert str(tmp_path / "self") in str(caught.value)


@pytest.mark.usefixtures("root")
def test_file_of_somebody_else_cannot_be_read(directory: Path) -> None:
    path = directory / "some.json"
    path.write_bytes(b"{}")
    path.chmod(0o600)
    os.seteuid(NOBODY)
    try:
        with pytest.raises(SyscallFailed) as caught:
            documents.read(str(path))
    finally:
        os.seteuid(0)
    assert caught.value.errno == errno.EACCES
    assert str(path) in str(caught.value)


def test_large_document_is_read_whole(tmp_path: Path) -> None:
    content = os.urandom(3 << 20)
    (tmp_path / "some.json").write_bytes(content)
    assert documents.read(str(tmp_path / "some.json")) == content


def test_write_makes_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    documents.write(str(path), b"content")
    assert path.read_bytes() == b"content"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["some.json"]


def test_write_replaces_the_file_and_never_changes_it(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(b"old")
    with path.open("rb") as old:
        documents.write(str(path), b"new")
        assert old.read() == b"old"
    assert path.read_bytes() == b"new"


def test_write_replaces_a_link_and_not_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "some.json").symlink_to("target")
    documents.write(str(tmp_path / "some.json"), b"new")
    assert (tmp_path / "target").read_bytes() == b"old"
    assert (tmp_path / "some.json").read_bytes() == b"new"


def test_write_follows_no_link_in_place_of_the_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / f"some.json.{os.getpid()}").symlink_to("target")
    with pytest.raises(SyscallFailed):
        documents.write(str(tmp_path / "some.json"), b"new")
    assert (tmp_path / "target").read_bytes() == b"old"


def test_write_that_has_no_room_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # As much as a full disk would take: a part of the first write(2), and nothing of the next.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(SyscallFailed) as caught:
            documents.write(str(path), b"x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.errno == errno.EFBIG
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["some.json"]


def test_write_where_there_is_no_directory_names_the_path(tmp_path: Path) -> None:
    with pytest.raises(SyscallFailed) as caught:
        documents.write(str(tmp_path / "no" / "some.json"), b"content")
    assert str(tmp_path / "no" / "some.json") in str(caught.value)
