"""Limits of huge pages."""

from __future__ import annotations

from conformance.validation.fault import NOTE, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_PREFIXES = "KMG"

_MOST_DIGITS = 18
"""More than any size has, and what Python makes a number of."""


@rule("huge_pages.format", "config_linux.resources.huge_page_limits.page_size.format")
def sizes_have_their_form(config: Any) -> Iterator[Fault]:
    """The size of pages is a number and a unit."""
    for path, size in _sizes(config):
        if _split(size) is None:
            allowed = ["a number with KB, MB or GB, such as 2MB"]
            yield Fault(path, f"{shown(size)} is no size of pages", allowed=allowed, suggestion=_meant(size))


@rule("huge_pages.size", "config_linux.resources.huge_page_limits.page_size.file")
def sizes_are_written_as_by_the_kernel(config: Any) -> Iterator[Fault]:
    """The size is a power of 2, in the largest unit of which it is a whole number: so the kernel's files are named."""
    for path, size in _sizes(config):
        split = _split(size)
        if split is None:
            continue
        number, prefix = split
        if number & (number - 1):
            yield Fault(path, f"{shown(size)} is no power of 2, as all sizes of pages are")
        elif number >= 1024 and prefix != _PREFIXES[-1]:
            meant = _written(number, prefix)
            yield Fault(path, f"{shown(size)} is {meant}, as the kernel writes it", suggestion=meant)


@rule("huge_pages.duplicate", severity=NOTE)
def sizes_are_listed_once(config: Any) -> Iterator[Fault]:
    """There is one limit for pages of a size."""
    first: dict[str, str] = {}
    for path, size in _sizes(config):
        earlier = first.setdefault(size, path)
        if earlier != path:
            yield Fault(path, f"{shown(size)} is there twice", related=[("the first one", earlier)])


def _sizes(config: Any) -> Iterator[tuple[str, str]]:
    return each(config, "linux", "resources", "hugepageLimits", ..., "pageSize", of=str)


def _split(size: str) -> tuple[int, str] | None:
    """The number and the prefix of the unit; None if it has not the form."""
    number, prefix = size[:-2], size[-2:-1]
    if size[-1:] != "B" or not prefix or prefix not in _PREFIXES:
        return None
    if not (number.isascii() and number.isdigit()) or number.startswith("0") or len(number) > _MOST_DIGITS:
        return None
    return int(number), prefix


def _written(number: int, prefix: str) -> str:
    while number >= 1024 and prefix != _PREFIXES[-1]:
        number, prefix = number // 1024, _PREFIXES[_PREFIXES.index(prefix) + 1]
    return f"{number}{prefix}B"


def _meant(size: str) -> str | None:
    """The size in the form that it has to have, for it may be in another one: 2M, 2MiB, 2 mb."""
    text = size.upper().replace(" ", "").removesuffix("B").removesuffix("I") + "B"
    split = _split(text)
    return _written(*split) if split else None
