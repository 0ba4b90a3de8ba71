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

    Step = str | int
    Steps = dict[Step, "Steps"]

_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]", re.DOTALL)
_scan_string: Callable[[str, int, bool], tuple[str, int]] = decoder.scanstring  # type: ignore[attr-defined]

_SPACE = re.compile(r"[ \t\r\n]*+")


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """The span of a value, that of the name before it, if it is the value of a member, and the places inside it."""

    value: Span
    name: Span | None = None
    inside: dict[Step, Place] = dataclasses.field(default_factory=dict)

    def span(self, path: str, *, at_name: bool = False) -> Span:
        """The span of the value at a path from here, or, with `at_name`, of its name.

        What is not there is missing in something that is: then it is the first character of that.
        """
        place = self
        for step in steps(path):
            if step not in place.inside:
                return place.value[0], place.value[0] + 1
            place = place.inside[step]
        return place.name if at_name and place.name else place.value


def steps(path: str) -> tuple[Step, ...]:
    """The steps of a JSON path as `reference_runtime.validation.member` writes it: names and indices."""
    found: list[Step] = []
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


def locate(text: str, paths: Iterable[str]) -> Place:
    """The place of a whole JSON document, with those of the values at these paths, as far as they are there.

    If an object has a name twice, the last one counts.
    """
    wanted: Steps = {}
    for path in paths:
        level = wanted
        for step in steps(path):
            level = level.setdefault(step, {})
    search = _Search(text)
    return search.value(search.space(0), wanted, None)


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
        self.skip: Any = scanner.make_scanner(_Skipping())  # type: ignore[arg-type]

    def value(self, start: int, wanted: Steps, name: Span | None) -> Place:
        """Look into the value that begins at `start`."""
        inside: dict[Step, Place] = {}
        if wanted and self.text[start] == "{":
            end = self._object(start, wanted, inside)
        elif wanted and self.text[start] == "[":
            end = self._array(start, wanted, inside)
        else:
            _, end = self.skip(self.text, start)
        return Place((start, end), name, inside)

    def _object(self, start: int, wanted: Steps, inside: dict[Step, Place]) -> int:
        at = self.space(start + 1)
        while self.text[at] != "}":
            step, end = _scan_string(self.text, at + 1, True)
            name = at, end
            at = self._entry(self.space(self.space(end) + 1), step, name, wanted, inside)
        return at + 1

    def _array(self, start: int, wanted: Steps, inside: dict[Step, Place]) -> int:
        at = self.space(start + 1)
        index = 0
        while self.text[at] != "]":
            at = self._entry(at, index, None, wanted, inside)
            index += 1
        return at + 1

    def _entry(self, at: int, step: Step, name: Span | None, wanted: Steps, inside: dict[Step, Place]) -> int:
        """Look into an entry, or skip it; returns where the next one, or the closing bracket, is."""
        if step in wanted:
            inside[step] = self.value(at, wanted[step], name)
            end = inside[step].value[1]
        else:
            _, end = self.skip(self.text, at)
        at = self.space(end)
        return self.space(at + 1) if self.text[at] == "," else at

    def space(self, at: int) -> int:
        """The offset of what is not space."""
        return _SPACE.match(self.text, at).end()  # type: ignore[union-attr]
