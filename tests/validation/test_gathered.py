"""Of many faults, enough are kept; none of them hides an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.validation import gathered
from conformance.validation.fault import ERROR, NOTE, WARNING, Fault
from conformance.validation.gathered import MOST, Enough, Gathered
from conformance.versions import NEWEST

if TYPE_CHECKING:
    from conformance.validation.fault import Severity


def fault(severity: Severity = ERROR, path: str = "$", *requirements: str) -> Fault:
    return Fault(path, "is wrong", severity=severity, requirements=requirements)


def test_errors_are_kept_until_there_are_enough() -> None:
    one = Gathered(NEWEST)
    assert all(one.add(fault()) for _ in range(MOST))
    assert one.complete
    with pytest.raises(Enough):
        one.add(fault())
    assert len(one.errors) == MOST
    assert not one.complete


@pytest.mark.parametrize("severity", [WARNING, NOTE])
def test_no_number_of_other_faults_hides_an_error(severity: Severity) -> None:
    one = Gathered(NEWEST)
    for _ in range(MOST + 5):
        one.add(fault(severity))
    assert not one.complete
    one.add(fault())
    assert [len(one.errors), len(one.others), len(one.faults)] == [1, MOST, MOST + 1]


def test_text_of_all_is_bounded_but_a_single_one_is_kept() -> None:
    one = Gathered(NEWEST)
    long = fault(path="$." + "a" * 2 * gathered._ROOM)
    assert one.add(long)
    assert one.complete
    with pytest.raises(Enough):
        one.add(fault())
    assert one.errors == [long]
    one.add(fault(WARNING))
    assert len(one.others) == 1


@pytest.mark.parametrize(
    ("requirements", "version", "counts"),
    [
        ((), "1.0.0", True),
        (("config.root.path.is_directory",), "1.0.0", True),
        (("config_linux.time_offsets.time_namespace",), "1.0.2", False),
        (("config_linux.time_offsets.time_namespace",), "1.1.0", True),
        (("config_linux.time_offsets.time_namespace", "config.root.path.is_directory"), "1.0.2", True),
        (("not.in.the.register",), "1.0.0", True),
    ],
)
def test_only_what_is_in_force_counts(requirements: tuple[str, ...], version: str, counts: bool) -> None:
    one = Gathered(version)
    assert one.add(fault(ERROR, "$", *requirements)) is counts
    assert len(one.errors) == counts
