"""Expectation files: the known deviations of a runtime.

    runtime = "what the rows are about"

    [[deviation]]
    requirement = "runtime.delete.created_container"
    checks = ["runtime/test_delete.py::test_created_container_is_kept"]
    observed = "what the runtime does"
    reason = "why that is not what the specification says"
    link = "https://..."            # optional
    intermittent = true             # optional: it depends on a race within the runtime

A check that fails as a row says is an expected failure. One that passes all the same is a failure, for the row is stale;
unless the row says that the deviation is intermittent.
"""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from conformance import resources
from conformance.errors import BadFile, UnknownName

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from conformance.requirements.register import Register


class Expectation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One known deviation, and the checks that it makes fail."""

    requirement: str
    checks: tuple[str, ...]
    observed: str
    reason: str
    link: str | None = None
    intermittent: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    runtime: str
    deviation: tuple[Expectation, ...] = ()


def find(name: str) -> Path:
    """The file of that path, or the shipped one of that name. Raises `BadFile`."""
    path = Path(name)
    if path.exists() or "/" in name:
        return path
    shipped = Path(resources.directory("expectations"))
    if (shipped / f"{name}.toml").exists():
        return shipped / f"{name}.toml"
    names = ", ".join(sorted(file.stem for file in shipped.glob("*.toml")))
    raise BadFile(name, f"there is no such file, and no shipped one of that name; shipped are {names}")


def load(name: str, register: Register) -> dict[str, Expectation]:
    """The expectations of a file, by check. Raises `BadFile` and `UnknownName`."""
    path = find(name)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        rows = msgspec.convert(content, _File).deviation
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadFile(str(path), str(error)) from error
    found: dict[str, Expectation] = {}
    for row in rows:
        if row.requirement not in register:
            raise UnknownName("requirement", row.requirement, register.nearest(row.requirement), str(path))
        if not row.reason.strip() or not row.observed.strip() or not row.checks:
            raise BadFile(str(path), f"the row of {row.requirement} has no checks, nothing observed, or no reason")
        for check in row.checks:
            if check in found:
                raise BadFile(str(path), f"{check} is in two rows")
            found[check] = row
    return found


def refuse_unknown_checks(expected: Mapping[str, Expectation], known: Collection[str], checks: Path) -> None:
    """Raise `UnknownName` for a row whose check does not exist, as far as the files of `known` were collected whole."""
    collected = {name.partition("::")[0] for name in known}
    for name in expected:
        file = name.partition("::")[0]
        exists = name in known if file in collected else (checks / file).exists()
        if not exists:
            nearest = next(iter(difflib.get_close_matches(name, known, n=1)), None)
            raise UnknownName("check", name, nearest, "the expectation file")
