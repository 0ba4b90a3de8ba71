"""What a row of the corpus is."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Literal

from conformance.bundle.config import base, merge
from conformance.versions import NEWEST

Kind = Literal["config", "state", "features"]

BASES: dict[Kind, dict[str, Any]] = {
    "config": {"ociVersion": NEWEST, **base()},
    "state": {"ociVersion": NEWEST, "id": "one", "status": "running", "pid": 4242, "bundle": "/containers/one"},
    "features": {"ociVersionMin": "1.0.0", "ociVersionMax": NEWEST},
}
"""The valid documents that most rows change."""


@dataclasses.dataclass(frozen=True)
class Case:
    """A document: the base of its kind with `changes`, as RFC 7386 has it (None removes), or, if there is one, `text`."""

    name: str
    changes: dict[str, Any]

    @property
    def content(self) -> bytes:
        """The bytes of the document."""
        text: str | bytes | None = getattr(self, "text", None)
        if text is not None:
            return text if isinstance(text, bytes) else text.encode()
        kind: Kind = getattr(self, "kind", "config")
        return json.dumps(merge(BASES[kind], self.changes), indent=2).encode()


@dataclasses.dataclass(frozen=True)
class Valid(Case):
    """A document without any finding. `conforms` are requirements that it could have broken, and does not."""

    conforms: tuple[str, ...] = ()
    kind: Kind = "config"
    text: str | bytes | None = None


@dataclasses.dataclass(frozen=True)
class Invalid(Case):
    """A document with one error and no other finding: by that rule, at that JSON path, against these requirements."""

    rule: str
    path: str
    breaks: tuple[str, ...]
    kind: Kind = "config"
    text: str | bytes | None = None


@dataclasses.dataclass(frozen=True)
class Warned(Case):
    """A document with one warning or note and no other finding."""

    rule: str
    path: str
    breaks: tuple[str, ...] = ()
    severity: Literal["warning", "note"] = "warning"
    kind: Kind = "config"
    text: str | bytes | None = None
