"""`ociVersion`: what its form does not say."""

from __future__ import annotations

from conformance.validation.fault import NOTE, Fault
from conformance.validation.rule import each, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@rule("version.unknown", kinds=("config", "state"), severity=NOTE)
def version_is_known(document: Any) -> Iterator[Fault]:
    """The version is one whose rules are known."""
    for path, version in each(document, "ociVersion", of=str):
        from conformance import versions

        try:
            key = versions.key(version)
        except ValueError:
            continue
        if key > versions.key(versions.NEWEST):
            yield Fault(path, f"{version} is newer than {versions.NEWEST}, by whose rules this is judged")
        elif key < versions.key(versions.KNOWN[0]):
            yield Fault(path, f"{version} is older than {versions.KNOWN[0]}, by whose rules this is judged")
        elif version[0] != "v" and version.partition("+")[0].partition("-")[0] not in versions.KNOWN:
            judged = versions.newest_known(version)
            yield Fault(path, f"{version} was never released; by the rules of {judged} this is judged")
