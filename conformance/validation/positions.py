"""Where the value at a JSON path is in the text of a document.

A document is decoded without positions, which takes little time. If there are findings, this goes down from the whole
document to the values that they are about, and lets the scanner of the `json` module skip all others.
"""

from __future__ import annotations

import dataclasses
import re
from json import decoder, scanner
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from conformance.validation.fault import Span

    Steps = dict[str | int, "Steps"]

_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]", re.DOTALL)
_scan_string: Callable[[str, int, bool], tuple[str, int]] = decoder.scanstring  # type: ignore[attr-defined]

_SPACE = re.compile(r"[ \t\r\n]*+")


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """The span of a value, and that of the name before it, if it is the value of a member."""

    value: Span
    name: Span | None = None


def steps(path: str) -> tuple[str | int, ...]:
    """The steps of a JSON path as `reference_runtime.validation.member` writes it: names and indices."""
    found: list[str | int] = []
    end = 1
    for match in _STEP.finditer(path, 1):
        if match.start() != end:
            break
        end = match.end()
        plain, index, quoted = match.groups()
        if index is not None:
            found.append(int(index))
        else:
            found.append(plain if plain is not None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL))
    if not path.startswith("$") or end != len(path):
        raise ValueError(f"{path!r} is no JSON path")
    return tuple(found)


def locate(text: str, paths: Iterable[str]) -> dict[tuple[str | int, ...], Place]:
    """The places of the values at these paths, and of all that they are in, by the steps of the path.

    `text` is a JSON document. If an object has a name twice, the last one counts. A path that leads to nothing is not
    in the answer.
    """
    wanted: Steps = {}
    for path in paths:
        level = wanted
        for step in steps(path):
            level = level.setdefault(step, {})
    search = _Search(text)
    search.value(search.space(0), wanted, ())
    return search.places


class _Skipping:
    """What the scanner wants to know: that numbers stay as they are, whatever their size."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = str
    parse_int = str
    parse_constant = str

    def __init__(self) -> None:
        self.memo: dict[str, str] = {}


class _Search:
    def __init__(self, text: str) -> None:
        self.text = text
        self.places: dict[tuple[str | int, ...], Place] = {}
        self.skip: Any = scanner.make_scanner(_Skipping())  # type: ignore[arg-type]

    def value(self, start: int, wanted: Steps, path: tuple[str | int, ...], name: Span | None = None) -> int:
        """Look into the value that begins at `start`; returns where it ends."""
        if path in self.places:
            # An earlier member of the same name, and what was in it.
            self.places = {steps: place for steps, place in self.places.items() if steps[: len(path)] != path}
        if wanted and self.text[start] == "{":
            end = self._object(start, wanted, path)
        elif wanted and self.text[start] == "[":
            end = self._array(start, wanted, path)
        else:
            _, end = self.skip(self.text, start)
        self.places[path] = Place((start, end), name)
        return end

    def _object(self, start: int, wanted: Steps, path: tuple[str | int, ...]) -> int:
        at = self.space(start + 1)
        while self.text[at] != "}":
            name, end = _scan_string(self.text, at + 1, True)
            span = at, end
            at = self.space(self.space(end) + 1)
            at = self._member(at, wanted, path, name, span)
        return at + 1

    def _array(self, start: int, wanted: Steps, path: tuple[str | int, ...]) -> int:
        at = self.space(start + 1)
        index = 0
        while self.text[at] != "]":
            at = self._member(at, wanted, path, index, None)
            index += 1
        return at + 1

    def _member(self, at: int, wanted: Steps, path: tuple[str | int, ...], step: str | int, name: Span | None) -> int:
        if step in wanted:
            end = self.value(at, wanted[step], (*path, step), name)
        else:
            _, end = self.skip(self.text, at)
        at = self.space(end)
        return self.space(at + 1) if self.text[at] == "," else at

    def space(self, at: int) -> int:
        """The offset of what is not space."""
        return _SPACE.match(self.text, at).end()  # type: ignore[union-attr]
