"""What the `jsonschema` package says of a document by our schemas: the judge of our own interpreter."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
from referencing import Registry

from conformance import resources
from conformance.validation.schemas import KINDS, schema

if TYPE_CHECKING:
    from conformance.validation import Kind


@functools.cache
def schemas() -> dict[str, dict[str, Any]]:
    """The schemas of documents, by the names of their files."""
    directory = Path(resources.directory("schemas"))
    paths = sorted(path for kind in KINDS for path in directory.glob(f"{kind}*.schema.json"))
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}


@functools.cache
def validator(kind: Kind) -> jsonschema.Draft202012Validator:
    """The package's validator of a kind."""
    registry: Registry[Any] = Registry().with_contents((one["$id"], one) for one in schemas().values())
    return jsonschema.Draft202012Validator(schema(kind), registry=registry)


def library_errors(document: Any, kind: Kind) -> list[str]:
    """What the package says against a document: one message at the most, for the first is enough."""
    error = next(validator(kind).iter_errors(document), None)
    return [] if error is None else [f"{error.json_path}: {error.message}"]
