"""Control groups, PIDs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance import needs, requirement
from conformance.bundle.programs import attempting
from conformance.facts import cgroup
from conformance.verdict.findings import Finding

if TYPE_CHECKING:
    import pytest

    from conformance.fixtures import MakeContainer

FILE = {"v1": "pids.max", "v2": "pids.max"}

pytestmark: pytest.MarkDecorator = needs("cgroup.managed", "cgroup.pids")


@requirement("config_linux.resources.pids.applied", "config_linux.resources.pids.limit")
def test_limit_is_set(container: MakeContainer) -> None:
    one = container(linux={"resources": {"pids": {"limit": 3277}}}).create_supporting("a limit of tasks")
    assert cgroup.of(one).number(**FILE) == 3277


@requirement("config_linux.resources.pids.limit")
@needs("process.visible")
def test_program_cannot_have_more_tasks(container: MakeContainer) -> None:
    # Room for the threads that a runtime has before it becomes the program.
    one = container(program=attempting(["fork", "80"]), linux={"resources": {"pids": {"limit": 50}}})
    (attempt,) = one.create_supporting("a limit of tasks").start().attempts()
    if attempt.count > 49 or attempt.error != "EAGAIN":
        raise Finding("a program can have 49 children at the most", f"it had {attempt.count}: {attempt}")


@requirement("config_linux.resources.pids.limit.unlimited")
def test_limit_that_there_was_is_taken_off(container: MakeContainer) -> None:
    one = container(linux={"resources": {"pids": {"limit": -1}}})
    existing = one.make_cgroup()
    existing.write("3277", **FILE)
    one.create_supporting("no limit of tasks")
    assert existing.number(**FILE) == cgroup.UNLIMITED


@requirement("config_linux.resources.pids.limit.optional")
def test_limit_may_be_absent(container: MakeContainer) -> None:
    one = container(linux={"resources": {"pids": {}}})
    existing = one.make_cgroup()
    existing.write("3277", **FILE)
    one.create_supporting("`pids` without a limit")
    assert existing.number(**FILE) == 3277


@requirement("config_linux.resources.pids.limit.zero")
@needs("process.visible")
def test_program_cannot_have_children_with_a_limit_of_0(container: MakeContainer) -> None:
    one = container(program=attempting(["fork", "3"]), linux={"resources": {"pids": {"limit": 0}}})
    (attempt,) = one.create_supporting("a limit of no tasks").start().attempts()
    assert (attempt.count, attempt.error) == (0, "EAGAIN")
