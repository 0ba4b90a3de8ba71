"""Versions of the runtime specification."""

from __future__ import annotations

import re

KNOWN = ("1.0.0", "1.0.1", "1.0.2", "1.1.0", "1.2.0", "1.2.1", "1.3.0")
"""The released versions that the suite has rules for, oldest first."""

NEWEST = KNOWN[-1]


def key(version: str) -> tuple[int, int, int]:
    """What versions are ordered by. Raises `ValueError` for what is no version.

    A suffix does not count: the specification's `1.0.2-dev` comes *after* 1.0.2, unlike a pre-release of SemVer.
    """
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", version)
    if not found:
        raise ValueError(f"{version!r} is no version")
    major, minor, patch = (int(part) for part in found.groups())
    return major, minor, patch


def newest_known(up_to: str) -> str | None:
    """The newest version with rules that is not newer than `up_to`; None if there is none."""
    try:
        limit = key(up_to)
    except ValueError:
        return None
    return next((version for version in reversed(KNOWN) if key(version) <= limit), None)


def released_after(version: str) -> str | None:
    """The release that follows a development version, such as 1.0.2-dev, and so may have defined what is in it.

    The same version for a release; None if there is no such release yet. Raises `ValueError` for what is no version.
    """
    at = key(version)
    if "dev" not in version:
        return version
    return next((known for known in KNOWN if key(known) > at), None)
