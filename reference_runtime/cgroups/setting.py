"""A value of `linux.resources`, as the files of a cgroup have it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

WRITE = "cgroups.limits.write"


class Setting:
    """What is to be in the files of a cgroup, and which property of config.json asks for it.

    `files` are contents by name. Of several, the first that the kernel has is written, unless `action` is another one.
    `place` and `why` are as in a step; both are below those of `linux.resources`.
    """

    __slots__ = ("action", "files", "place", "why")

    def __init__(self, place: str, why: str, files: dict[str, str], action: str = WRITE) -> None:
        self.place = place
        self.why = why
        self.files = files
        self.action = action


def given(values: dict[str, Any], place: str, files: dict[str, tuple[str, str]]) -> Iterator[Setting]:
    """The settings of those properties that are set; `files` has each one's requirement and file, in order."""
    for name, (why, file) in files.items():
        if name in values:
            yield Setting(f"{place}.{name}", why, {file: _written(values[name])})


def _written(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
