"""Which platform a config is for, as far as it says so.

The reference runtime imports this for every container, so it imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WITHOUT_WINDOWS = ("freebsd", "linux", "solaris", "zos")


def listed(config: Any) -> list[str]:
    """The platforms of which a config has an object; that of a virtual machine is about no platform of its own."""
    return [name for name in (*_WITHOUT_WINDOWS, "windows") if isinstance(config, dict) and name in config]


def is_linux(config: Any) -> bool:
    """Whether the container runs Linux for sure; with `windows` besides, it does so on Windows."""
    return "linux" in listed(config)


def is_windows(config: Any) -> bool:
    """Whether the container runs Windows."""
    return listed(config) == ["windows"]


def is_other(config: Any) -> bool:
    """Whether the container runs for sure something that is neither Linux nor Windows."""
    return any(name in ("freebsd", "solaris", "zos") for name in listed(config)) and not is_linux(config)


def is_absolute_on_windows(path: str) -> bool:
    """Whether a path on Windows begins with a drive and a separator, or with a separator."""
    start = path.replace("/", "\\")
    return start.startswith("\\") or (start[:1].isalpha() and start[1:3] == ":\\")


def is_guid(text: str) -> bool:
    """Whether it is a GUID, without braces."""
    parts = text.split("-")
    return [len(part) for part in parts] == [8, 4, 4, 4, 12] and set(text) <= set("0123456789abcdefABCDEF-")
