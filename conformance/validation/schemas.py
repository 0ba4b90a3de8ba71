"""The schemas of the kinds of documents, read once in a process."""

from __future__ import annotations

from conformance.resources import schema_path
from reference_runtime import documents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KINDS = ("config", "state", "features")

_READ: dict[str, dict[str, Any]] = {}


def schema(kind: str) -> dict[str, Any]:
    """The schema of a kind. Raises `FileNotFoundError` or `SyscallFailed` for an installation that lacks it."""
    if kind not in _READ:
        path = schema_path(kind)
        _READ[kind] = documents.decode(documents.read(path), path)
    return _READ[kind]


def referred(file: str) -> dict[str, Any]:
    """The schema in a file that another schema refers to, such as ``config-linux.schema.json``."""
    return schema(file.removesuffix(".schema.json"))
