"""What a features structure says of one thing. What it does not say, no check can look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.verdict.findings import Unobservable

if TYPE_CHECKING:
    from collections.abc import Mapping

    Features = Mapping[str, Any]

SAID = "features.said"
"""The need of a check that the features say something of its subject."""


def value(features: Features, *path: str) -> Any:
    """The value of a property, such as of ``"linux", "cgroup", "v1"``; None if it is absent or null."""
    found: Any = features
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def status(features: Features, *path: str) -> bool:
    """A property that is true or false. Raises `Unobservable` if it is neither."""
    found = value(features, *path)
    if not isinstance(found, bool):
        raise Unobservable(SAID, f"the features do not say whether `{'.'.join(path)}`")
    return found


def names(features: Features, *path: str) -> list[str]:
    """The names in a list. Raises `Unobservable` if there is no list."""
    found = value(features, *path)
    if not isinstance(found, list):
        raise Unobservable(SAID, f"the features have no list `{'.'.join(path)}`")
    return [name for name in found if isinstance(name, str)]


def some_names(features: Features, *path: str) -> list[str]:
    """The names in a list that has some. Raises `Unobservable` if it has none, or there is no list."""
    found = names(features, *path)
    if not found:
        raise Unobservable(SAID, f"the list `{'.'.join(path)}` of the features is empty")
    return found
