"""The name that may be meant by one that does not exist."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LONGEST = 100
"""Characters of a name that is compared: the time grows with their square."""


def typo_of(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `name` is a slip of: another case, or a letter or two that are wrong, missing or swapped.

    Sure enough to warn of a name that is allowed.
    """
    return _closest(name, candidates, lambda candidate: 1 if len(candidate) <= 5 else 2)


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that may be meant by `name`, which is wrong in any case: a slip, or a part of the candidate."""
    candidates = list(candidates)
    found = _closest(name, candidates, lambda candidate: max(1, min(len(candidate) // 2, 4)))
    if found is None and len(name) >= 3:
        parts = [candidate for candidate in candidates if _is_part(name.lower(), candidate.lower())]
        found = parts[0] if len(parts) == 1 else None
    return found


def _is_part(name: str, candidate: str) -> bool:
    return candidate.startswith(name) or candidate.endswith(name)


def _closest(name: str, candidates: Iterable[str], limit: Callable[[str], int]) -> str | None:
    if not 1 < len(name) <= _LONGEST:
        return None
    best: tuple[int, str] | None = None
    for candidate in candidates:
        if name.lower() == candidate.lower():
            return candidate
        allowed = limit(candidate)
        if abs(len(name) - len(candidate)) <= allowed:
            distance = edits(name.lower(), candidate.lower())
            if distance <= allowed and distance < len(name) and (best is None or distance < best[0]):
                best = distance, candidate
    return best[1] if best else None


def edits(one: str, other: str) -> int:
    """How many letters have to be inserted, removed, replaced, or swapped with the next, to make one of the other."""
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, expected in enumerate(other, 1):
            least = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != expected))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == expected:
                least = min(least, before_last[j - 2] + 1)
            row.append(least)
        before_last, last = last, row
    return last[-1]
