"""How long validating takes: the validator against the `jsonschema` package with the same schemas.

The package is used as one would who wants an answer: it finds what the schemas refuse, and has no rules, no lines and
columns, no requirements. The document is a typical config.json of 300 lines, as Docker writes it.

python -m benchmarks.validation [--pairs=20] [--documents=50]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
from referencing import Registry

from benchmarks.pairs import alternate, table
from conformance import resources
from conformance.validation import validate
from conformance.validation.acceptance import is_faultless
from reference_runtime import documents

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG = Path(__file__).with_name("config.json")

_SCHEMAS = Path(resources.directory("schemas"))

_OURS = "import sys; from conformance.cli import main; sys.exit(main(['validate', sys.argv[1]]))"
_THEIRS = """
import json, pathlib, sys
import jsonschema, referencing
schemas = [json.loads(path.read_bytes()) for path in pathlib.Path(sys.argv[2]).glob("config*.schema.json")]
registry = referencing.Registry().with_contents((schema["$id"], schema) for schema in schemas)
schema = next(schema for schema in schemas if schema["$id"].endswith("/config.schema.json"))
validator = jsonschema.Draft202012Validator(schema, registry=registry)
errors = list(validator.iter_errors(json.loads(pathlib.Path(sys.argv[1]).read_bytes())))
print(len(errors), "errors")
sys.exit(bool(errors))
"""


def main() -> int:
    """Measure, and print a table; returns the exit status."""
    parser = argparse.ArgumentParser(description="The validator against the jsonschema package, in pairs.")
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--documents", type=int, default=50, help="how many are validated for one sample")
    given = parser.parse_args()
    valid = CONFIG.read_bytes()
    invalid = valid.replace(b'"type": "network"', b'"type": "net"')
    library = _library()
    with tempfile.TemporaryDirectory() as directory:
        files = {"command": Path(directory, "valid.json"), "refusing": Path(directory, "invalid.json")}
        files["command"].write_bytes(valid)
        files["refusing"].write_bytes(invalid)

        def ours() -> dict[str, float]:
            return {
                "valid": _each(lambda: validate(valid, "config"), given.documents),
                "invalid": _each(lambda: validate(invalid, "config"), given.documents),
                "yes or no": _each(lambda: is_faultless("config", documents.decode(valid, "")), given.documents),
                **{name: _command(_OURS, str(path), status=name == "refusing") for name, path in files.items()},
            }

        def theirs() -> dict[str, float]:
            return {
                "valid": _each(lambda: list(library.iter_errors(json.loads(valid))), given.documents),
                "invalid": _each(lambda: list(library.iter_errors(json.loads(invalid))), given.documents),
                "yes or no": _each(lambda: library.is_valid(json.loads(valid)), given.documents),
                **{
                    name: _command(_THEIRS, str(path), str(_SCHEMAS), status=name == "refusing")
                    for name, path in files.items()
                },
            }

        # The first time, schemas are read.
        ours()
        theirs()
        samples = alternate(ours, theirs, given.pairs)
    print(f"pairs: {given.pairs}, of {given.documents} documents; A is the validator, B is jsonschema")
    print(table(("A", "B"), samples, "ms"))
    return 0


def _library() -> jsonschema.Draft202012Validator:
    schemas: dict[str, dict[str, Any]] = {
        path.name: json.loads(path.read_bytes()) for path in _SCHEMAS.glob("config*.schema.json")
    }
    registry: Registry[Any] = Registry().with_contents((schema["$id"], schema) for schema in schemas.values())
    return jsonschema.Draft202012Validator(schemas["config.schema.json"], registry=registry)


def _each(function: Callable[[], object], times: int) -> float:
    """Seconds that one call takes, over some calls."""
    began = time.perf_counter()
    for _ in range(times):
        function()
    return (time.perf_counter() - began) / times


def _command(program: str, *words: str, status: int) -> float:
    """Seconds from the start of a Python program to its end, which must be of that status."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program, *words], stdout=subprocess.DEVNULL, check=False)
    seconds = time.perf_counter() - began
    if done.returncode != status:
        raise subprocess.CalledProcessError(done.returncode, done.args)
    return seconds


if __name__ == "__main__":
    sys.exit(main())
