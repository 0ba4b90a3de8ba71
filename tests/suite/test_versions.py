"""Each version of the specification has its rules: seen on runtimes that follow those of one version, whatever a config
is of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance import versions
from conformance.mutants import mutant
from conformance.requirements import register

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.conftest import Run, Suite

REGISTER = register.load()

CHANGED = {one.id: one.replaces for one in REGISTER.requirements.values() if one.replaces}
"""The requirements that stand in the place of earlier ones, with those."""

# The parts of the register in which requirements have changed, as far as every machine can show it.
AROUND = (
    "config.mounts.destination",
    "config.process.capabilities",
    "config_linux.resources.pids",
    "runtime.lifecycle.hooks.poststart",
)

CHANGES = [("1.0.2", "1.1.0"), ("1.1.0", "1.2.0"), ("1.2.1", "1.3.0")]
"""The versions after which something has changed, each with the next."""


def runtime_of(version: str, suite: Suite) -> Path:
    """The reference runtime, but that it reads every config as if it were of a version."""
    name = "rules_are_those_of_1_2_1"
    program = mutant.write_program(name, suite.directory)
    text = program.read_text(encoding="utf-8")
    assert f"run({name!r})" in text
    words = f"versions.read_as({version!r})\nraise SystemExit(cli.main())"
    imports = "from conformance.mutants import versions\nfrom reference_runtime import cli"
    program.write_text(text.replace(f"run({name!r})", f"{imports}\n{words}"), encoding="utf-8")
    return program


def run(suite: Suite, version: str, runtime: Path | None = None) -> Run:
    """Run the checks around what has changed, by the rules of a version; deviations from a SHOULD count, too."""
    words = [f"--requirement={prefix}" for prefix in AROUND]
    words += ["--compliance-level=should", f"--spec-version={version}", "-n", "2"]
    return suite.run(*words, *([f"--runtime={runtime}"] if runtime else []))


def failing(done: Run) -> set[str]:
    """The requirements that are not met."""
    assert "error" not in done.outcomes.values(), done.output
    return {identifier for identifier, record in done.requirements.items() if record["outcome"] == "fail"}


def observed(identifiers: Iterable[str], done: Run) -> set[str]:
    """Those of some requirements that checks of a run observed."""
    seen = {identifier for identifier, record in done.requirements.items() if record["checks"]}
    return seen.intersection(identifiers)


def test_what_replaces_begins_where_the_replaced_ends() -> None:
    for identifier, replaced in CHANGED.items():
        for one in map(REGISTER.__getitem__, replaced):
            assert one.until is not None
            after = versions.KNOWN[versions.KNOWN.index(one.until) + 1]
            assert (REGISTER[identifier].since, REGISTER[identifier].document) == (after, one.document)


def test_all_that_ends_is_replaced() -> None:
    ended = {one.id for one in REGISTER.requirements.values() if one.until}
    assert {one for replaced in CHANGED.values() for one in replaced} == ended


def test_changes_are_those_of_the_register() -> None:
    ends = {one.until for one in REGISTER.requirements.values() if one.until}
    assert {before for before, _ in CHANGES} == ends


@pytest.mark.parametrize("version", ["1.0.2", "1.1.0", "1.2.1", "1.3.0"])
def test_reference_runtime_follows_the_rules_of_each_version(suite: Suite, version: str) -> None:
    done = run(suite, version)
    assert (failing(done), done.status) == (set(), 0), done.output
    assert done.header["spec_version"] == version


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_runtime_that_follows_the_old_rules_fails_what_is_new_by_the_new_ones(
    suite: Suite, before: str, after: str
) -> None:
    runtime = runtime_of(before, suite)
    done = run(suite, before, runtime)
    assert (failing(done), done.status) == (set(), 0), done.output
    done = run(suite, after, runtime)
    new = {one.id for one in REGISTER.in_force(after) if one.since == after}
    assert failing(done) <= new, done.output
    assert failing(done) >= observed((one for one in CHANGED if one in new and REGISTER[one].binding), done)


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_runtime_that_follows_the_new_rules_fails_what_has_ended_by_the_old_ones(
    suite: Suite, before: str, after: str
) -> None:
    runtime = runtime_of(after, suite)
    done = run(suite, after, runtime)
    assert (failing(done), done.status) == (set(), 0), done.output
    done = run(suite, before, runtime)
    ended = {one.id for one in REGISTER.in_force(before) if one.until == before}
    # A check of what has ended may observe other requirements with it.
    assert failing(done) - ended <= {"runtime.warnings.flow_unchanged"}, done.output
    assert failing(done) >= observed(ended, done)
    assert failing(done)
