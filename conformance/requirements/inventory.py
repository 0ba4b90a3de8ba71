"""An inventory of the specification's statements, and the requirements that hold each of them.

An inventory is a table in a file: columns are separated by tabs, the first line names them, and the column `id` has
the document and the row, such as `config.md#configRoot/03`.
"""

from __future__ import annotations

import collections
import csv
from typing import TYPE_CHECKING

from conformance.errors import BadFile

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.requirements.register import Register


def rows(path: Path) -> list[str]:
    """The IDs of the rows of an inventory, in its order. Raises `BadFile`."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if "id" not in (reader.fieldnames or ()):
                raise BadFile(str(path), "it is no table with a column `id`")
            return [row["id"] for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(str(path), getattr(error, "strerror", None) or str(error)) from error


def held(register: Register) -> dict[str, list[str]]:
    """By row, the IDs of the requirements that hold it."""
    found: dict[str, list[str]] = collections.defaultdict(list)
    for requirement in register.requirements.values():
        for row in requirement.inventory:
            found[f"{requirement.document}#{row}"].append(requirement.id)
    return found


def mapping(path: Path, register: Register) -> dict[str, list[str]]:
    """The rows of an inventory, each with the IDs of the requirements that hold it. Raises `BadFile`."""
    found = held(register)
    return {row: found.get(row, []) for row in rows(path)}
