"""Lists of CPUs or of memory nodes such as ``0-3,7``: numbers and ranges of numbers, with commas between them."""

from __future__ import annotations


def is_list(text: str) -> bool:
    """Whether it is a list. There may be blanks around an entry; an empty list is none."""
    return all(is_range(entry.strip()) for entry in text.split(","))


def is_range(text: str) -> bool:
    """Whether it is an entry of a list: a number, or two with a dash between them."""
    first, dash, last = text.partition("-")
    if not _is_number(first) or (dash and not _is_number(last)):
        return False
    # As numbers of the same length, for a number may have more digits than Python makes a number of.
    width = max(len(first), len(last))
    return not dash or first.zfill(width) <= last.zfill(width)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
