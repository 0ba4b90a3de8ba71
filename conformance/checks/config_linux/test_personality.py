"""Personality."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conformance import requirement
from conformance.runtime.caller import with_personality

if TYPE_CHECKING:
    from conformance.facts.reports import Facts
    from conformance.fixtures import MakeContainer

# The part of a personality(2) that is the execution domain, and one of its values.
DOMAIN, LINUX, LINUX32 = 0xFF, 0x00, 0x08


def facts_of(container: MakeContainer, domain: str) -> Facts:
    """What a program sees that runs in this execution domain."""
    one = container(linux={"personality": {"domain": domain}})
    return one.create_supporting(f"the execution domain {domain}").start().facts()


def domain_of(facts: Facts) -> int | None:
    """The execution domain of the program, None if its kernel does not say."""
    value = facts.scheduling["personality"]
    assert isinstance(value, int)
    return value & DOMAIN if value >= 0 else None


@requirement("config_linux.personality.domain")
def test_uname_shows_a_32_bit_machine_in_the_domain_linux32(container: MakeContainer) -> None:
    facts = facts_of(container, "LINUX32")
    assert facts.machine != os.uname().machine
    assert domain_of(facts) in (LINUX32, None)


@requirement("config_linux.personality.domain")
def test_domain_is_linux_when_the_caller_has_another(container: MakeContainer) -> None:
    machine = os.uname().machine
    with with_personality(LINUX32):
        facts = facts_of(container, "LINUX")
    assert facts.machine == machine
    assert domain_of(facts) in (LINUX, None)
