"""Documents that are valid, and documents that are not, each with the one finding that it must have.

A module here is for a document of the specification. It has lists `VALID`, `INVALID` and `WARNED`.
"""

from __future__ import annotations

import importlib
import itertools
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.validation.corpus.case import Invalid, Valid, Warned


def valid() -> list[Valid]:
    """All valid documents."""
    return list(itertools.chain.from_iterable(_lists("VALID")))


def invalid() -> list[Invalid]:
    """All documents with an error."""
    return list(itertools.chain.from_iterable(_lists("INVALID")))


def warned() -> list[Warned]:
    """All valid documents with a warning or a note."""
    return list(itertools.chain.from_iterable(_lists("WARNED")))


def _lists(name: str) -> Iterator[list]:  # type: ignore[type-arg]
    for module in pkgutil.iter_modules(__path__):
        if module.name != "case":
            yield getattr(importlib.import_module(f"{__name__}.{module.name}"), name, [])
