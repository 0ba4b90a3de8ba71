"""What the register says of the requirements of a finding.

The reference runtime explains its refusals with this, and it runs without the libraries that
`conformance.requirements.register` is made with; so this reads the same files with the standard library alone. Of the
rows it reads those that are asked for: to read them all takes longer than to validate a document.
"""

from __future__ import annotations

import functools
import os
import tomllib
from typing import Any

from conformance import versions

_DIRECTORY = os.path.join(os.path.dirname(os.path.dirname(__file__)), "requirements")

_ROW = "\n[[requirement]]\n"

_ADDRESS = "https://github.com/opencontainers/runtime-spec/blob/v{version}/{document}#{anchor}"


@functools.cache
def row(identifier: str) -> dict[str, Any] | None:
    """The row of a requirement, with what stands above the rows of its file; None if the register does not have it."""
    for common, rows in _files().values():
        found = rows.get(identifier)
        if found is not None:
            return {**tomllib.loads(common), **tomllib.loads(found)}
    return None


@functools.cache
def _files() -> dict[str, tuple[str, dict[str, str]]]:
    """By file, the text above the rows, and that of each row by its ID."""
    found = {}
    for name in sorted(os.listdir(_DIRECTORY)):
        if name.endswith(".toml"):
            with open(os.path.join(_DIRECTORY, name), encoding="utf-8") as file:
                common, *rows = file.read().split(_ROW)
            found[name] = common, {_identifier(text): text for text in rows}
    return found


def _identifier(text: str) -> str:
    return text.partition('id = "')[2].partition('"')[0]


def in_force(identifier: str, version: str) -> bool:
    """Whether a requirement stands in this version of the specification; one that is not in the register does."""
    found = row(identifier) or {}
    at = versions.key(version)
    return versions.key(found.get("since", "1.0.0")) <= at and (
        "until" not in found or at <= versions.key(found["until"])
    )


def reference(identifier: str, version: str) -> str | None:
    """The address of the section that a requirement stands in; None if it is not in the register."""
    found = row(identifier)
    return _ADDRESS.format(version=version, document=found["document"], anchor=found["anchor"]) if found else None
