"""The configuration that all checks start from, and how they change it."""

from __future__ import annotations

import copy
import functools
import json
from pathlib import Path
from typing import Any

from conformance import resources

Document = dict[str, Any]


@functools.cache
def _base() -> Document:
    path = Path(resources.directory("bundles")) / "base" / "config.json"
    document: Document = json.loads(path.read_text(encoding="utf-8"))
    return document


def base() -> Document:
    """A copy of the base configuration: the smallest that real runtimes take, without `ociVersion`."""
    return copy.deepcopy(_base())


def merge(document: Document, changes: Document) -> Document:
    """`document` with `changes`, as RFC 7386 has it: objects merge, None removes, everything else replaces."""
    merged = dict(document)
    for name, value in changes.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            inner = merged.get(name)
            merged[name] = merge(inner if isinstance(inner, dict) else {}, value)
        else:
            merged[name] = value
    return merged


def difference(document: Document, changed: Document) -> Document:
    """The changes that `merge` would have to be given to make `changed` of `document`."""
    changes: Document = {name: None for name in document if name not in changed}
    for name, value in changed.items():
        before = document.get(name)
        if name not in document or before != value:
            both = isinstance(before, dict) and isinstance(value, dict)
            changes[name] = difference(document[name], value) if both else value
    return changes


def mounts_with(*additional: Document) -> list[Document]:
    """The base mounts, and after them `additional` ones."""
    return [*base()["mounts"], *additional]


def mounts_with_tmpfs(destination: str, *options: str) -> list[Document]:
    """The base mounts, and after them a tmpfs."""
    return mounts_with({"destination": destination, "type": "tmpfs", "source": "tmpfs", "options": list(options)})


def mounts_without(*destinations: str) -> list[Document]:
    """The base mounts, but for those at `destinations`."""
    return [mount for mount in base()["mounts"] if mount["destination"] not in destinations]


def namespaces_with(*additional: Document) -> list[Document]:
    """The base namespaces, those of the types of `additional` entries replaced by them."""
    types = [entry["type"] for entry in additional]
    return [*(entry for entry in base()["linux"]["namespaces"] if entry["type"] not in types), *additional]


def namespaces_without(*types: str) -> list[Document]:
    """The base namespaces, but for those of `types`."""
    return [entry for entry in base()["linux"]["namespaces"] if entry["type"] not in types]
