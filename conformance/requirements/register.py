"""Load the register, and answer questions about it."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from conformance import versions
from conformance.errors import DamagedData
from conformance.requirements.levels import BINDING

_SPECIFICATION = "https://github.com/opencontainers/runtime-spec/blob/v{version}/{document}#{anchor}"
_COMMAND_LINE = "https://github.com/opencontainers/runtime-tools/blob/master/docs/{document}#{anchor}"


class Requirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One normative statement.

    `since` and `until` are the first and the last released version in which it stands like this; `replaces` are those
    that stood in its place before. `inventory` lists the rows of the inventory of v1.3.0 that it covers. `untestable` is the reason why no check can see it; `pending` says
    that one could, and there is none yet. `broken_by` is the kind of document that can break it by what it says, so that
    the validator has to see it.
    """

    id: str
    level: Literal["MUST", "SHOULD", "MAY", "IMPLIED"]
    document: str
    anchor: str
    text: str
    subject: Literal["runtime", "config", "bundle", "caller", "hook"] = "runtime"
    platform: Literal["common", "posix", "linux", "freebsd", "solaris", "vm", "windows", "zos"] = "common"
    since: str = "1.0.0"
    until: str | None = None
    replaces: tuple[str, ...] = ()
    contested: str | None = None
    ambiguous: str | None = None
    untestable: str | None = None
    pending: bool = False
    broken_by: Literal["config", "state", "features"] | None = None
    inventory: tuple[str, ...] = ()

    @property
    def binding(self) -> bool:
        """Whether a runtime that does otherwise is not conformant."""
        return self.level in BINDING

    @property
    def note(self) -> str | None:
        """What a reader has to know of the standing of the requirement, if anything."""
        if self.contested:
            return f"contested: {self.contested}"
        return f"ambiguous: {self.ambiguous}" if self.ambiguous else None

    @property
    def section(self) -> str:
        """The part of the ID that names the document."""
        return self.id.partition(".")[0]

    def in_force(self, version: str) -> bool:
        """Whether it stands in this version of the specification."""
        at = versions.key(version)
        return versions.key(self.since) <= at and (self.until is None or at <= versions.key(self.until))

    def reference(self, version: str) -> str:
        """The address of the section that it stands in."""
        form = _COMMAND_LINE if self.document == "command-line-interface.md" else _SPECIFICATION
        return form.format(version=version, document=self.document, anchor=self.anchor)


class Register:
    """All requirements, by ID, in the order of the files."""

    def __init__(self, requirements: list[Requirement]) -> None:
        self.requirements = {requirement.id: requirement for requirement in requirements}

    def __getitem__(self, identifier: str) -> Requirement:
        return self.requirements[identifier]

    def __contains__(self, identifier: str) -> bool:
        return identifier in self.requirements

    def in_force(self, version: str) -> list[Requirement]:
        """The requirements of a version of the specification."""
        return [requirement for requirement in self.requirements.values() if requirement.in_force(version)]

    def nearest(self, identifier: str) -> str | None:
        """The ID that somebody may have meant."""
        import difflib

        return next(iter(difflib.get_close_matches(identifier, self.requirements, n=1)), None)


@functools.cache
def load() -> Register:
    """The register of this installation. Raises `DamagedData`."""
    requirements = []
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        requirements += load_file(path)
    identifiers = [requirement.id for requirement in requirements]
    for identifier in identifiers:
        if identifiers.count(identifier) > 1:
            raise DamagedData(path=str(Path(__file__).parent), problem=f"{identifier} is there twice")
    return Register(requirements)


def load_file(path: Path) -> list[Requirement]:
    """The requirements of one file; what stands above the rows holds for all of them. Raises `DamagedData`."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        rows = content.pop("requirement")
        return msgspec.convert([{**content, **row} for row in rows], list[Requirement])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, KeyError) as error:
        raise DamagedData(path=str(path), problem=str(error)) from error
