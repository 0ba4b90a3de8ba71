"""The checks among the collected items: their requirements, their needs, and which of them are to run."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.errors import BadFile, UnknownName, UsageError
from conformance.host.needs import NEEDS
from conformance.plugin import CHECKS
from conformance.report import coverage, reading
from conformance.requirements.levels import LEVELS
from conformance.session import EXIT_USAGE
from conformance.verdict import expectations

if TYPE_CHECKING:
    from collections.abc import Generator

    from conformance.requirements.register import Requirement
    from conformance.session import Session
    from conformance.verdict.expectations import Expectation


@dataclasses.dataclass(frozen=True)
class Check:
    """A check. `id` is its path below the checks and its name, wherever the suite is installed; `level` is that of its
    strongest requirement.
    """

    id: str
    requirements: tuple[Requirement, ...]
    needs: tuple[str, ...]
    expectation: Expectation | None = None

    @property
    def level(self) -> str:
        """The level at which a failure of this check counts."""
        return min((requirement.level for requirement in self.requirements), key=LEVELS.index)

    def in_force(self, version: str) -> bool:
        """Whether all that it observes is required by this version of the specification."""
        return all(requirement.in_force(version) for requirement in self.requirements)


KEY = pytest.StashKey[Check]()


def check_id(path: Path, nodeid: str) -> str | None:
    """The ID of the check that an item is, by its file and its node ID; None if it is something else."""
    try:
        below = path.relative_to(CHECKS)
    except ValueError:
        return None
    return f"{below.as_posix()}::{nodeid.partition('::')[2]}"


def _tell_main_process(config: pytest.Config, problem: str) -> bool:
    """Leave a problem for the main process, which says it once; false if this is the main process."""
    if not hasattr(config, "workeroutput"):
        return False
    config.workeroutput["conformance"] = problem
    return True


class Collection:
    """The hooks of the collection phase."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, object, object]:
        """Have the main process say what a worker found wrong with the words of the command line."""
        try:
            return (yield)
        except pytest.UsageError as error:
            _tell_main_process(session.config, "\n".join(map(str, error.args)))
            raise

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None, object, object]:
        """Find the checks, and deselect those that are not asked for or not in force."""
        try:
            self._select(config, items)
        except UsageError as error:
            if not _tell_main_process(config, str(error)):
                pytest.exit(str(error), returncode=EXIT_USAGE)
            items.clear()
        try:
            return (yield)
        except pytest.UsageError as error:
            if not _tell_main_process(config, "\n".join(map(str, error.args))):
                raise
            # A worker that exits is replaced by another one, so it has nothing to do instead.
            items.clear()
            return None

    def _select(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        expected = self._expectations()
        known = [(item, self._check(item, expected)) for item in items]
        if not any("::" in argument for argument in config.args):
            expectations.refuse_unknown_checks(expected, [check.id for _, check in known if check], Path(CHECKS))
        reports = self.session.options.skipped_in
        skipped = coverage.skipped([reading.read(name) for name in reports]) if reports else None
        selected: list[pytest.Item] = []
        deselected: list[pytest.Item] = []
        for item, check in known:
            if check is None:
                selected.append(item)
                continue
            item.stash[KEY] = check
            self._describe(item, check)
            (selected if self._is_wanted(check, skipped) else deselected).append(item)
        if deselected:
            items[:] = selected
            config.hook.pytest_deselected(items=deselected)

    def _expectations(self) -> dict[str, Expectation]:
        name = self.session.options.expectations
        return expectations.load(name, self.session.register) if name else {}

    def _check(self, item: pytest.Item, expected: dict[str, Expectation]) -> Check | None:
        identifier = check_id(item.path, item.nodeid)
        if identifier is None:
            return None
        register = self.session.register
        requirements = [name for marker in item.iter_markers("requirement") for name in marker.args]
        for name in requirements:
            if name not in register:
                raise UnknownName("requirement", name, register.nearest(name), identifier)
        if not requirements:
            raise UnknownName("requirement", "", None, identifier)
        needs = [name for marker in item.iter_markers("needs") for name in marker.args]
        for name in needs:
            if name not in NEEDS:
                raise UnknownName("need", name, None, identifier)
        row = expected.get(identifier)
        if row and row.requirement not in requirements:
            problem = f"{identifier} does not observe {row.requirement}, which its row says it deviates from"
            raise BadFile(str(self.session.options.expectations), problem)
        return Check(identifier, tuple(register[name] for name in requirements), tuple(needs), row)

    def _is_wanted(self, check: Check, skipped: set[str] | None) -> bool:
        if skipped is not None and check.id not in skipped:
            return False
        prefixes = self.session.options.requirement
        if prefixes and not any(r.id.startswith(prefix) for r in check.requirements for prefix in prefixes):
            return False
        return check.in_force(self.session.spec_version)

    def _describe(self, item: pytest.Item, check: Check) -> None:
        # These come out as the properties of the test case in pytest's JUnit file, also from workers.
        item.user_properties.append(("check", check.id))
        item.user_properties.append(("level", check.level))
        for requirement in check.requirements:
            item.user_properties.append(("requirement", requirement.id))
            item.user_properties.append(("reference", requirement.reference(self.session.spec_version)))
