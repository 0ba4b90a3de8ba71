"""What is true of every rule: it takes any value, it can be read, and it is as strict as its requirements."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.requirements import register
from conformance.validation import rules  # noqa: F401 - it makes the rules known
from conformance.validation.catalogue import descriptions
from conformance.validation.fault import ERROR, NOTE, Fault
from conformance.validation.positions import steps
from conformance.validation.rule import RULES, Rule, bundle_rule, each, rule
from conformance.validation.schemas import KINDS
from tests.validation import corpus, generation

if TYPE_CHECKING:
    from collections.abc import Iterator

REGISTER = register.load()

every_rule = pytest.mark.parametrize("name", sorted(RULES))


def faults(document: Any) -> Iterator[Fault]:
    """What all rules say of a document."""
    for one in RULES.values():
        yield from one.faults(*((document, "/nowhere") if one.of_bundle else (document,)))


def judge(document: Any) -> None:
    """Have all rules judge a document, and judge what they say."""
    for fault in faults(document):
        steps(fault.path)
        for _, where in fault.related:
            assert isinstance(where, str)
            steps(where)
        assert fault.problem
        assert fault.rule in RULES


@given(generation.ANYTHING)
@settings(max_examples=200, deadline=None)
def test_rules_take_any_value(document: Any) -> None:
    judge(document)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rules_take_documents_with_any_mistake(kind: Any, data: st.DataObject) -> None:
    document = data.draw(generation.documents(kind))
    for _ in range(data.draw(st.integers(1, 3))):
        document = json.loads(data.draw(generation.mistaken(document)))
    judge(document)


@pytest.mark.parametrize(
    "value", [None, True, 0, 1.5, "", "a\0b", "\ud800", [], {}, [[]], {"": {}}, 2**70, -1], ids=repr
)
def test_rules_take_any_value_in_any_place(value: Any) -> None:
    """Each value of each document of the corpus is replaced, one by one."""
    seen = set()
    for case in corpus.valid():
        document = json.loads(case.content) if case.text is None else None
        for path in generation.paths_of(document):
            # One of the places that are alike is enough.
            place = tuple(0 if isinstance(step, int) else step for step in path)
            if path and place not in seen:
                seen.add(place)
                parent = generation.at(document, path[:-1])
                before = parent[path[-1]]
                parent[path[-1]] = value
                judge(document)
                parent[path[-1]] = before
    assert len(seen) > 100


@every_rule
def test_rule_says_what_it_is_about(name: str) -> None:
    text = descriptions()[name]
    assert text[:1].isupper() or text[:1] == "`"
    assert text.endswith(".")


@every_rule
def test_requirements_of_a_rule_are_in_the_register(name: str) -> None:
    assert [one for one in RULES[name].requirements if one not in REGISTER] == []


@every_rule
def test_rule_is_as_strict_as_its_requirements(name: str) -> None:
    one = RULES[name]
    levels = {REGISTER[identifier].level for identifier in one.requirements}
    if one.severity == ERROR:
        assert levels, "an error breaks a requirement"
        assert levels <= {"MUST", "IMPLIED"}


def test_names_of_rules_have_a_form() -> None:
    assert [name for name in RULES if not all(part.isidentifier() for part in name.split("."))] == []
    assert [name for name in RULES if len(name.split(".")) != 2] == []


def test_two_rules_cannot_have_one_name() -> None:
    name = next(iter(RULES))
    with pytest.raises(ValueError, match=f"there are two rules {name}"):
        rule(name)(lambda _: iter(()))
    with pytest.raises(ValueError, match=f"there are two rules {name}"):
        bundle_rule(name)(lambda _, __: iter(()))


def test_fault_learns_of_its_rule() -> None:
    said = [Fault("$", "is wrong"), Fault("$", "is wrong", requirements=["two"])]
    one = Rule(lambda _: iter(said), "area.what", ("one", "two"), ("config",), NOTE, of_bundle=False)
    assert [(fault.rule, fault.severity, fault.requirements) for fault in one.faults({})] == [
        ("area.what", "note", ("one", "two")),
        ("area.what", "note", ("two",)),
    ]


DOCUMENT = {"a": [{"b": "x"}, {"b": 1}, {"c": True}, 5], "d e": {"f": False, "g": 2}}


@pytest.mark.parametrize(
    ("path", "of", "found"),
    [
        (("a", ..., "b"), str, [("$.a[0].b", "x")]),
        (("a", ..., "b"), int, [("$.a[1].b", 1)]),
        (("a", ..., "c"), int, []),
        (("a", ..., "c"), bool, [("$.a[2].c", True)]),
        (("a", 1, "b"), object, [("$.a[1].b", 1)]),
        (("a", 9), object, []),
        (("a", "b"), object, []),
        (("d e", ...), int, [("$['d e'].g", 2)]),
        (("d e", 0), object, []),
        (("a", 3, "b"), object, []),
        ((), dict, [("$", DOCUMENT)]),
        ((), list, []),
    ],
)
def test_each_finds_the_values_of_a_type(path: tuple[Any, ...], of: type, found: list[tuple[str, Any]]) -> None:
    assert list(each(DOCUMENT, *path, of=of)) == found
