"""Every value of a document is found in its text, by its path."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.validation.positions import locate, steps
from reference_runtime.validation import member
from tests.validation.generation import ANYTHING, at, paths_of

if TYPE_CHECKING:
    from tests.validation.generation import Path

NAMES = st.text(max_size=4) | st.text("a'.[]\\\n0$", max_size=6)


def path_of(path: Path) -> str:
    """The steps, as a JSON path."""
    place = "$"
    for step in path:
        place = member(place, step) if isinstance(step, str) else f"{place}[{step}]"
    return place


@given(st.lists(NAMES | st.integers(0, 10**6), max_size=4).map(tuple))
def test_path_is_read_as_it_is_written(path: Path) -> None:
    assert steps(path_of(path)) == path


@pytest.mark.parametrize("path", ["", "a", "a.b", "$.", "$a", "$[", "$['a'", "$.a..b", "$[-1]", "$['it's']"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is no JSON path"):
        steps(path)


@given(
    ANYTHING | st.dictionaries(NAMES, ANYTHING),
    st.sampled_from([None, 0, 2]),
    st.booleans(),
    st.sampled_from([(",", ":"), (" , ", "\t:\r\n")]),
)
def test_every_value_is_where_its_path_says(
    document: Any, indent: int | None, ascii_only: bool, separators: tuple[str, str]
) -> None:
    text = f" {json.dumps(document, indent=indent, ensure_ascii=ascii_only, separators=separators)}\n"
    paths = list(paths_of(document))
    whole = locate(text, map(path_of, paths))
    for path in paths:
        start, end = whole.span(path_of(path))
        assert json.loads(text[start:end]) == at(document, path)
        assert text[start:end].strip() == text[start:end]
        if path and isinstance(path[-1], str):
            start, end = whole.span(path_of(path), at_name=True)
            assert json.loads(text[start:end]) == path[-1]


def test_what_is_asked_for_alone_is_found_alone() -> None:
    text = '{"a": [{"b": 1}, {"b": 2}], "c": 3}'
    whole = locate(text, ["$.a[1].b"])
    assert text[slice(*whole.span("$.a[1].b"))] == "2"
    assert list(whole.inside) == ["a"]
    assert list(whole.inside["a"].inside) == [1]


@pytest.mark.parametrize(
    ("path", "begins"),
    [("$.x", 0), ("$.a[5]", 6), ("$.a[0].x.y", 7), ("$.c.d", 22), ("$.a.b", 6), ("$[0]", 0)],
)
def test_what_is_missing_is_missing_in_what_begins_there(path: str, begins: int) -> None:
    text = '{"a": [{"b": 1}],"c": "d"}'
    assert locate(text, [path]).span(path) == (begins, begins + 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": {"b": 1}, "a": {"b": 2}}', "2"),
        ('{"a": {"b": 1}, "a": {"c": 2}}', "{"),
        ('{"a": {"b": 1}, "a": 2}', "2"),
        ('{"a": 1, "\\u0061": {"b": 3}}', "3"),
    ],
)
def test_last_of_two_members_counts(text: str, value: str) -> None:
    assert text[slice(*locate(text, ["$.a.b"]).span("$.a.b"))] == value


def test_number_of_any_length_is_found() -> None:
    text = f'{{"a": {"9" * 10_000}, "b": 1e999999, "c": true}}'
    assert text[slice(*locate(text, ["$.c"]).span("$.c"))] == "true"
    assert len(text[slice(*locate(text, ["$.a"]).span("$.a"))]) == 10_000


def test_many_members_of_one_name_are_no_delay() -> None:
    text = "{" + ", ".join(['"a": [1]'] * 50_000) + "}"
    whole = locate(text, [f"$.a[{index}]" for index in range(1000)])
    assert whole.span("$.a[0]") == (len(text) - 3, len(text) - 2)
