"""What is no JSON has one fault, where the mistake is and by the name of the mistake; all else has none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.validation.syntax import NOTHING, diagnose, lone_surrogates
from reference_runtime import documents
from reference_runtime.errors import InvalidConfig
from tests.validation.generation import ANYTHING

if TYPE_CHECKING:
    from conformance.validation.fault import Fault

Row = tuple[str, str, str, str | None]

DEEPER = "[" * 101 + "]" * 101

MISTAKES: dict[str, Row] = {
    # The marked part is between the first two bars.
    "empty": ("||", "json.syntax", "the document is empty", None),
    "blank": ("|| \n\t", "json.syntax", "the document is empty", None),
    "word": ("|hello| world", "json.syntax", "the document is no JSON: it begins with 'hello'", None),
    "YAML": ("|ociVersion|: 1.0.0", "json.syntax", "the document is no JSON: it begins with 'ociVersion'", None),
    "second mark": ("|\ufeff|{}", "json.syntax", "the document is no JSON: it begins with '\\ufeff'", None),
    "cut off in an object": ('{"a": 1||\n', "json.syntax", "the document is cut off here", None),
    "cut off in an array": ('{"a": [1, {}||', "json.syntax", "the document is cut off here", None),
    "cut off after a colon": ('{"a":||', "json.syntax", "the document is cut off here", None),
    "cut off after a comma": ('{"a": 1,|| \n', "json.syntax", "the document is cut off here", None),
    "cut off in an escape": ('{"a": "\\u12||', "json.syntax", "the document is cut off here", None),
    "cut off after a backslash": ('{"a": |"|b\\', "json.syntax", "the string that begins here has no end", None),
    "string without an end": ('{"a": |"|b}', "json.syntax", "the string that begins here has no end", None),
    "name without an end": ('{|"|a: 1}', "json.syntax", "the string that begins here has no end", None),
    "string over a line": ('{"a": "b|\n|", "c": 1}', "json.syntax", "a string ends with its line", "\\n"),
    "forgotten quote": ('{"a": "b,|\n| "c": 1}', "json.syntax", "a quote is missing", "\\n"),
    "tab in a string": ('["|\t|"]', "json.syntax", "the control character U+0009", "\\t"),
    "NUL in a string": ('["|\0|"]', "json.syntax", "the control character U+0000", "\\u0000"),
    "escape of C": ('["a|\\x|41"]', "json.syntax", "\\x is no escape of JSON", None),
    "path of Windows": ('["C:|\\D|ata"]', "json.syntax", "\\D is no escape of JSON", None),
    "short escape": ('["|\\u12|g4"]', "json.syntax", "\\u12 is no escape of JSON", None),
    "something after": ("{} |x|", "json.syntax", "something follows the document", None),
    "second document": ("{}\n|{|}", "json.syntax", "something follows the document", None),
    "bracket too many": ("{}|}|", "json.syntax", "something follows the document", None),
    "comma after an entry": ("[1|,|]", "json.syntax", "no comma after the last entry", None),
    "comma after a member": ('{"a": 1|,|\n}', "json.syntax", "no comma after the last entry", None),
    "comma and nothing": ("[|,|]", "json.syntax", "a value is missing here", None),
    "two commas": ("[1,|,| 2]", "json.syntax", "a value is missing here", None),
    "two commas in an object": ('{"a": 1,|,| "b": 2}', "json.syntax", ", where a name has to be", None),
    "no value": ('{"a":|}|', "json.syntax", "a value is missing here", None),
    "no comma": ('{"a": 1 |"|b": 2}', "json.syntax", "a comma is missing before this", None),
    "no comma after a line": ('{"a": 1\n |"|b": 2}', "json.syntax", "a comma is missing before this", None),
    "no comma in an array": ("[1 |2|]", "json.syntax", "a comma is missing before this", None),
    "no colon": ('{"a" |1|}', "json.syntax", "a colon is missing before this", None),
    "equals sign": ('{"a" |=| 1}', "json.syntax", "= where a colon has to be", None),
    "semicolon": ('{"a": 1|;| "b": 2}', "json.syntax", "; where a comma has to be", None),
    "colon in an array": ("[1|:| 2]", "json.syntax", ": where a comma has to be", None),
    "other bracket": ('{"a": [1|}|}', "json.syntax", "} where ] has to be", None),
    "other bracket of an object": ('{"a": 1|]|', "json.syntax", "] where } has to be", None),
    "comment to the end of the line": ('{|// one|\n"a": 1}', "json.syntax", "JSON has no comments", None),
    "comment of a shell": ('|# one|\n{"a": 1}', "json.syntax", "JSON has no comments", None),
    "comment in between": ('{"a": |/* one |*/ 1}', "json.syntax", "JSON has no comments", None),
    "comment after": ("{} |// one|", "json.syntax", "JSON has no comments", None),
    "single quotes": ("{|'|a': 1}", "json.syntax", "JSON has double quotes only", None),
    "single quotes of a value": ("[|'|a']", "json.syntax", "JSON has double quotes only", None),
    "typographic quotes": ('{"a": |“|b”}', "json.syntax", "JSON has double quotes only", None),
    "name without quotes": ("{|a|: 1}", "json.syntax", "the name 'a' has to be in double quotes", '"a"'),
    "number for a name": ("{|1|: 1}", "json.syntax", "the name '1' has to be in double quotes", '"1"'),
    "text without quotes": ("[|abc|]", "json.syntax", "'abc' is no value of JSON; text has to be", None),
    "value of Python": ("[|True|]", "json.syntax", "True is no value of JSON", "true"),
    "nothing of Python": ("[|None|]", "json.syntax", "None is no value of JSON", "null"),
    "nothing of JavaScript": ("[|undefined|]", "json.syntax", "undefined is no value of JSON", "null"),
    "octal number": ('{"a": |0644|}', "json.syntax", "0644 is no number of JSON, which has no zeros in front", None),
    "octal number of Python": ("[|0o644|]", "json.syntax", "0o644 is no number of JSON", None),
    "hexadecimal number": (
        "[|0x1F|]",
        "json.syntax",
        "0x1F is no number of JSON, which has decimal numbers only",
        None,
    ),
    "plus": ("[|+1|]", "json.syntax", "+1 is no number of JSON", None),
    "point without digits": ("[|1.|]", "json.syntax", "1. is no number of JSON", None),
    "point in front": ("[|.5|]", "json.syntax", ".5 is no number of JSON", None),
    "unit": ('{"a": |512m|}', "json.syntax", "512m is no number of JSON", None),
    "underscore": ("[|1_000|]", "json.syntax", "1_000 is no number of JSON", None),
    "version without quotes": ("[|1.0.0|]", "json.syntax", "1.0.0 is no number of JSON", None),
    "minus alone": ("[|-|]", "json.syntax", "'-' is no value of JSON", None),
    "not a number": ('{"a": |NaN|}', "json.syntax", "NaN is no value of JSON", None),
    "infinity": ("[|Infinity|]", "json.syntax", "Infinity is no value of JSON", None),
    "negative infinity": ("[|-Infinity|]", "json.syntax", "-Infinity is no value of JSON", None),
    "number beyond floats": ("[|1e999|]", "json.number", "1e999 is more than programs can hold", None),
    "negative number beyond floats": ("[|-1e999|]", "json.number", "-1e999 is more than programs can hold", None),
    "number of 5000 digits": ("[|" + "9" * 5000 + "|]", "json.number", "... of 5000 characters is more than", None),
    "name twice": ('{"a": 1, |"a"|: 2}', "json.unique_names", "is there twice in one object", None),
    "name twice by an escape": ('{"a": 1, |"\\u0061"|: 2}', "json.unique_names", "is there twice in one object", None),
    "name twice far in": ('[{"b": {"": 1, |""|: 1}}]', "json.unique_names", "is there twice in one object", None),
    "101 levels": (DEEPER[:100] + "|[|" + DEEPER[101:], "json.depth", "nested more than 100 levels deep", None),
    "100,000 levels": ("[" * 100 + "|[|" + "[" * 100_000, "json.depth", "nested more than 100 levels deep", None),
    "100,000 levels of objects": (
        '{"a":' * 100 + "|{|" + '"a":{' * 100_000,
        "json.depth",
        "nested more than 100 levels deep",
        None,
    ),
}


def diagnosed(text: str) -> tuple[Any, list[Fault]]:
    """The value of a text, and its faults."""
    faults: list[Fault] = []
    return diagnose(text, faults.append), faults


def decoded(text: str) -> Any:
    """What the runtime takes a text for. Raises `InvalidConfig`."""
    # One mark is taken away, so that a second one stays.
    return documents.decode(f"\ufeff{text}".encode(), "a.json")


@pytest.mark.parametrize(("marked", "rule", "problem", "suggestion"), MISTAKES.values(), ids=list(MISTAKES))
def test_mistake_is_named_where_it_is(marked: str, rule: str, problem: str, suggestion: str | None) -> None:
    before, inside, after = marked.split("|", 2)
    value, (fault,) = diagnosed(before + inside + after)
    assert (value is NOTHING) == (rule != "json.unique_names")
    assert fault.rule == rule
    assert problem in fault.problem
    assert fault.suggestion == suggestion
    assert fault.span == (len(before), len(before) + len(inside))
    assert fault.problem.isprintable()
    assert len(fault.problem) < 200


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_none_that_the_runtime_overlooks(name: str) -> None:
    with pytest.raises(InvalidConfig):
        decoded(MISTAKES[name][0].replace("|", "", 2))


@pytest.mark.parametrize(
    ("text", "path", "first"),
    [
        ('{"a": 1, "a": 2}', "$.a", (1, 4)),
        ('{"x": [0, {"a b": 1, "a b": 2}]}', "$.x[1]['a b']", (11, 16)),
        ('[[], [{"a": 1}, {"b": {}, "b": 1}]]', "$[1][1].b", (17, 20)),
    ],
)
def test_both_places_of_a_name_are_told(text: str, path: str, first: tuple[int, int]) -> None:
    _, (fault,) = diagnosed(text)
    assert fault.path == path
    assert fault.related == (("the first one", first),)


def test_each_repetition_of_a_name_is_a_fault() -> None:
    value, faults = diagnosed('{"a": 1, "a": 2, "b": {"c": 1, "c": 2}, "a": 3}')
    assert [fault.path for fault in faults] == ["$.a", "$.b.c", "$.a"]
    assert value == {"a": 3, "b": {"c": 2}}


@pytest.mark.parametrize(
    ("text", "opened"), [('{"a": [1, {}', "array"), ('{"a": [1], "b"', "object"), ('{"]": 1, ', "object")]
)
def test_what_is_open_where_the_text_is_cut_off_is_told(text: str, opened: str) -> None:
    _, (fault,) = diagnosed(text)
    ((message, where),) = fault.related
    assert message == f"the {opened} begins here"
    assert isinstance(where, tuple)
    assert text[slice(*where)] == {"array": "[", "object": "{"}[opened]


PIECES = st.sampled_from(
    [
        *'{}[]:,"\\ \n\t',
        '"a"',
        '"b":',
        '"a":',
        "1",
        "-",
        "0",
        "1.5",
        "e9",
        "e999",
        "true",
        "null",
        "NaN",
        "Infinity",
        "x",
    ]
)


@st.composite
def nearly_json(draw: st.DrawFn) -> str:
    """A document with a character or two too many, or too few."""
    text = json.dumps(draw(ANYTHING), indent=draw(st.sampled_from([None, 1])), ensure_ascii=draw(st.booleans()))
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 2)))
        text = text[:start] + draw(PIECES | st.just("")) + text[end:]
    return text


@given(nearly_json() | st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=12))
@settings(max_examples=300)
@example("[" * 100 + "]" * 100)
@example("[" * 101 + "]" * 101)
@example('{"a":' * 101 + "1" + "}" * 101)
@example('{"a": NaN, "a": 1}')
@example('{"a": 1e999, "b": -1e400}')
@example("9" * 4300)
@example("-" + "9" * 4301)
@example("0." + "1" * 9999)
@example('"\\ud800"')
def test_what_is_refused_has_a_fault_and_nothing_else_has(text: str) -> None:
    content = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    value, faults = diagnosed(content)
    try:
        document = decoded(content)
    except InvalidConfig:
        assert faults
        assert value is NOTHING or value == json.loads(content)
    else:
        assert faults == []
        assert value == document
    for fault in faults:
        assert fault.span is not None
        start, end = fault.span
        assert 0 <= start <= end <= len(content)
        assert fault.problem.isprintable()


@given(st.lists(st.sampled_from(["\\ud83d", "\\ude00", "\\uD800", "\\uDFFF", "\\\\", "a", "ud800", "\\n"]), max_size=6))
def test_halves_of_characters_are_found(pieces: list[str]) -> None:
    text = f'["{"".join(pieces)}"]'
    (value,) = json.loads(text)
    faults = list(lone_surrogates(text))
    assert len(faults) == sum("\ud800" <= character <= "\udfff" for character in value)
    assert [
        text[slice(*fault.span or ())] for fault in faults if not text[slice(*fault.span or ())].startswith("\\u")
    ] == []
