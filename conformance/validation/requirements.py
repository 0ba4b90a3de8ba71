"""What the register says of the requirements of a finding.

The reference runtime explains its refusals with this, and it runs without the libraries that
`conformance.requirements.register` is made with; so this reads the same files with the standard library alone.
"""

from __future__ import annotations

import functools
import os
import tomllib
from pathlib import Path
from typing import Any

from conformance import versions

_DIRECTORY = Path(os.path.dirname(__file__), os.pardir, "requirements")

_ADDRESS = "https://github.com/opencontainers/runtime-spec/blob/v{version}/{document}#{anchor}"


@functools.cache
def rows() -> dict[str, dict[str, Any]]:
    """The rows of the register, by ID; what stands above the rows of a file holds for all of them."""
    found = {}
    for path in sorted(_DIRECTORY.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for row in content.pop("requirement"):
            found[row["id"]] = {**content, **row}
    return found


def in_force(identifier: str, version: str) -> bool:
    """Whether a requirement stands in this version of the specification; one that is not in the register does."""
    row = rows().get(identifier, {})
    at = versions.key(version)
    return versions.key(row.get("since", "1.0.0")) <= at and ("until" not in row or at <= versions.key(row["until"]))


def reference(identifier: str, version: str) -> str | None:
    """The address of the section that a requirement stands in; None if it is not in the register."""
    row = rows().get(identifier)
    return _ADDRESS.format(version=version, document=row["document"], anchor=row["anchor"]) if row else None
