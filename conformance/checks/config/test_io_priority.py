"""Linux Process: ioPriority."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance import needs, requirement

if TYPE_CHECKING:
    from conformance.facts.reports import Facts
    from conformance.fixtures import MakeContainer

# ioprio_set(2).
NUMBERS = {"IOPRIO_CLASS_RT": 1, "IOPRIO_CLASS_BE": 2, "IOPRIO_CLASS_IDLE": 3}
SHIFT, LEVEL = 13, 0x7


def facts_of(container: MakeContainer, class_: str, priority: int) -> Facts:
    """What a program sees that has this ioPriority."""
    setting = {"class": class_, "priority": priority}
    one = container(program=["facts", "--fork=yes"], process={"ioPriority": setting})
    return one.create_supporting(f"the ioPriority {setting}").start().facts()


def parts(value: object) -> tuple[int, int]:
    """The class and the level of a value of ioprio_get(2)."""
    assert isinstance(value, int)
    return value >> SHIFT, value & LEVEL


@requirement("config.process.io_priority.class.applied")
@needs("capability.sys_nice")
@pytest.mark.parametrize("class_", NUMBERS)
def test_class_is_in_force(container: MakeContainer, class_: str) -> None:
    assert parts(facts_of(container, class_, 4).scheduling["io_priority"])[0] == NUMBERS[class_]


@requirement("config.process.io_priority.priority.applied")
@pytest.mark.parametrize("priority", [0, 7])
def test_priority_is_in_force(container: MakeContainer, priority: int) -> None:
    found = facts_of(container, "IOPRIO_CLASS_BE", priority).scheduling["io_priority"]
    assert parts(found) == (NUMBERS["IOPRIO_CLASS_BE"], priority)


@requirement("config.process.io_priority.process_group")
def test_other_processes_of_the_container_have_the_priority(container: MakeContainer) -> None:
    found = facts_of(container, "IOPRIO_CLASS_BE", 6).scheduling["io_priority_of_child"]
    assert parts(found) == (NUMBERS["IOPRIO_CLASS_BE"], 6)
