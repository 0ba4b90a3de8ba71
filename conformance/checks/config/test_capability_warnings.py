"""Linux Process: capabilities that cannot be granted.

That a warning is logged need not be seen by anybody (runtime.md, Warnings), so one that is not found is an advisory.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from conformance import requirement
from conformance.bundle.config import base
from conformance.facts.reports import CAPABILITIES
from conformance.runtime.caller import without_capability
from conformance.verdict.findings import Advisory

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.fixtures import MakeContainer
    from conformance.session import Session

UNKNOWN = "CAP_OF_THE_SUITE"
NOT_HELD = "CAP_WAKE_ALARM"

EACH = pytest.mark.parametrize("capability", [UNKNOWN, NOT_HELD], ids=["unknown", "not held"])


def wanting(container: MakeContainer, session: Session, capability: str) -> Container:
    """A container that is to have a capability besides, with a runtime that has not got it itself."""
    listed = base()["process"]["capabilities"]["bounding"]
    sets = {name: [*listed, capability] for name in ("bounding", "permitted", "effective")}
    one = container(process={"capabilities": sets})
    if capability in session.host.capabilities:
        one.runtime = without_capability(one.runtime, CAPABILITIES.index(capability))
    return one


@requirement("config.process.capabilities.not_fatal")
@EACH
def test_capability_that_cannot_be_granted_is_no_error(
    container: MakeContainer, conformance_session: Session, capability: str
) -> None:
    facts = wanting(container, conformance_session, capability).facts()
    granted = facts.capability_sets["bounding"] - {capability}
    assert granted == set(base()["process"]["capabilities"]["bounding"])


@requirement("config.process.capabilities.logged")
@EACH
def test_warning_names_the_capability(container: MakeContainer, conformance_session: Session, capability: str) -> None:
    said = ""
    for logging in (True, False):
        one = wanting(container, conformance_session, capability)
        log = one.directory / "log"
        if logging:
            # Widely there, though no part of the interface.
            one.runtime = dataclasses.replace(one.runtime, arguments=(*one.runtime.arguments, f"--log={log}"))
        created = one.attempt_create().ok
        if created and one.attempt("start").ok:
            one.wait_for_output_end()
        said = "".join(invocation.stderr.decode("utf-8", "replace") for invocation in one.invocations)
        said += log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        if created or log.exists():
            break
    if capability.removeprefix("CAP_").lower() not in said.lower():
        raise Advisory(f"a warning that names {capability}", "neither stderr nor the file of --log has one")
