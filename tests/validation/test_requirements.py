"""What the validator reads of the register, row by row, is what the register is."""

from __future__ import annotations

import msgspec
import pytest

from conformance import versions
from conformance.requirements import register
from conformance.validation import requirements

REGISTER = register.load().requirements


def test_rows_are_those_of_the_register() -> None:
    for identifier, requirement in REGISTER.items():
        row = requirements.row(identifier)
        assert row is not None, identifier
        assert msgspec.convert(row, register.Requirement) == requirement


def test_row_that_does_not_exist_is_none() -> None:
    assert requirements.row("config") is None
    assert requirements.reference("config", versions.NEWEST) is None
    assert requirements.in_force("config", "1.0.0")


@pytest.mark.parametrize("version", versions.KNOWN)
def test_what_is_in_force_is_what_the_register_says(version: str) -> None:
    for identifier, requirement in REGISTER.items():
        assert requirements.in_force(identifier, version) == requirement.in_force(version), identifier


def test_addresses_are_those_of_the_register() -> None:
    violable = [one for one in REGISTER.values() if one.broken_by]
    assert violable
    for requirement in violable:
        address = requirement.reference(versions.NEWEST)
        assert requirements.reference(requirement.id, versions.NEWEST) == address
