"""Which namespaces a container has, by its config.

The reference runtime imports this for every container, so it imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TYPES = ("pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time")


def is_inherited(config: Any, type_: str) -> bool:
    """Whether the container shares the runtime's namespace of that type.

    Not where the list of namespaces has an entry that is wrong, for this type may be meant by it.
    """
    entries = _entries(config)
    if not isinstance(entries, list):
        return False
    listed = [entry.get("type") if isinstance(entry, dict) else None for entry in entries]
    return type_ not in listed and all(one in TYPES for one in listed)


def is_new(config: Any, type_: str) -> bool:
    """Whether the container gets a namespace of that type that nobody else has."""
    return any("path" not in entry for entry in of_type(config, type_))


def of_type(config: Any, type_: str) -> list[dict[str, Any]]:
    """The entries of that type: in a valid config, there is one at the most."""
    entries = _entries(config)
    entries = entries if isinstance(entries, list) else []
    return [entry for entry in entries if isinstance(entry, dict) and entry.get("type") == type_]


def _entries(config: Any) -> Any:
    linux = config.get("linux") if isinstance(config, dict) else None
    return linux.get("namespaces", []) if isinstance(linux, dict) else []
