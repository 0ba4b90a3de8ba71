"""Names of network devices, as the kernel takes them.

The reference runtime imports this for every container, so it imports next to nothing.
"""

from __future__ import annotations

from reference_runtime.validation import shown

_LONGEST = 15
"""Bytes of a name: IFNAMSIZ of netdevice(7), without the null byte."""


def problem(name: str) -> str | None:
    """What is wrong with a name, going on where the JSON path of it ends; None if nothing is."""
    if not name:
        return "must not be empty"
    if name in (".", ".."):
        return f"{shown(name)} is no name of a network device"
    if any(character in "/: \t\n\v\f\r\0" for character in name):
        return f"{shown(name)} has a character that no name of a network device has"
    size = len(name.encode("utf-8", "surrogatepass"))
    return f"{shown(name)} has {size} bytes, and Linux has names of at most {_LONGEST}" if size > _LONGEST else None
