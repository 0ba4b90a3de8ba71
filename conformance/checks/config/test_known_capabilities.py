"""Linux process: which names of capabilities there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conformance import requirement
from conformance.facts.reports import CAPABILITIES
from conformance.verdict.findings import Advisory, Refused

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer


def own_bounding_set() -> set[str]:
    """What the runtime, which this process calls, can grant."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    bits = int(next(line for line in lines if line.startswith("CapBnd:")).split()[1], 16)
    return {name for number, name in enumerate(CAPABILITIES) if bits >> number & 1}


@requirement("config.process.capabilities.known")
def test_every_capability_is_known_by_its_name(container: MakeContainer) -> None:
    one = container(process={"capabilities": {"bounding": CAPABILITIES}})
    invocation = one.attempt_create()
    if not invocation.ok:
        # Those that cannot be granted SHOULD NOT be an error.
        raise Advisory("a container with all capabilities of capabilities(7) is created", Refused(invocation).actual)
    missing = own_bounding_set() - one.start().facts().capability_sets["bounding"]
    assert missing == set()
