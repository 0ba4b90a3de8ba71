"""The same runtime gets the same verdicts: with and without workers, in any order, and twice in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.mutants.mutant import write_program

if TYPE_CHECKING:
    from tests.conftest import Suite

# Of each area some, about sixty: as many as are worth the time that they take four times.
SELECTION = (
    "runtime_linux/test_dev_symlinks.py",
    "config_linux/test_default_devices.py",
    "runtime/test_start.py",
)

IN_ORDER = ("-p", "no:randomly")

WAYS = {
    "again": ("-n", "0", *IN_ORDER),
    "workers, and another order": ("-n", "2", "--randomly-seed=17"),
    "workers, and yet another order": ("-n", "2", "--randomly-seed=4711"),
}


@pytest.fixture(scope="module")
def runtime(shared_suite: Suite) -> str:
    """One with a fault, so that there is more than one outcome."""
    return str(write_program("links_are_swapped", shared_suite.directory))


@pytest.fixture(scope="module")
def first(shared_suite: Suite, runtime: str) -> dict[str, str]:
    """The outcomes of a run in one process, in the order of the files."""
    return outcomes(shared_suite, runtime, "-n", "0", *IN_ORDER)


def outcomes(suite: Suite, runtime: str, *words: str) -> dict[str, str]:
    run = suite.command("run", f"--conformance-report={suite.report}", f"--runtime={runtime}", *words, *SELECTION)
    assert run.status == 1
    return run.outcomes


def test_selection_is_worth_it(first: dict[str, str]) -> None:
    assert len(first) > 50
    assert set(first.values()) == {"pass", "fail"}


@pytest.mark.parametrize("way", WAYS)
def test_same_verdicts(suite: Suite, runtime: str, first: dict[str, str], way: str) -> None:
    assert outcomes(suite, runtime, *WAYS[way]) == first


def test_orders_are_different(suite: Suite) -> None:
    """Or the test above would show nothing."""
    listed = [
        suite.command("run", "--collect-only", "-q", *words, *SELECTION).stdout.splitlines()
        for words in (IN_ORDER, ["--randomly-seed=17"], ["--randomly-seed=4711"])
    ]
    found = [tuple(line for line in lines if "::" in line) for lines in listed]
    assert len(set(found)) == 3
    assert len({tuple(sorted(lines)) for lines in found}) == 1
