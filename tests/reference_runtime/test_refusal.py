"""A config that is refused is explained by the validator; one that is accepted costs no more than it must."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import reference_runtime
from conformance.bundle.config import base, merge
from conformance.validation import validate
from reference_runtime import config
from reference_runtime.errors import InvalidConfig, UnsupportedConfig

if TYPE_CHECKING:
    from tests.reference_runtime.conftest import Runtime

TOP = str(Path(reference_runtime.__file__).parents[1])
CONFIG: dict[str, Any] = {"ociVersion": "1.3.0", **base()}

SLOW = {
    *("argparse", "contextlib", "ctypes", "dataclasses", "enum", "json", "re", "socket", "subprocess", "tomllib"),
    *("typing", "conformance.requirements", "conformance.versions", "conformance.validation.engine"),
    *("conformance.validation.explanation", "conformance.validation.positions", "conformance.validation.spelling"),
    *("conformance.validation.source", "conformance.validation.syntax", "conformance.validation.requirements"),
}
"""Modules that take time, and are there to explain."""


def refusal(content: bytes | dict[str, Any]) -> InvalidConfig:
    """Why a config is refused."""
    with pytest.raises(InvalidConfig) as caught:
        config.from_bytes(content if isinstance(content, bytes) else json.dumps(content).encode(), "/bundle", "one")
    assert not isinstance(caught.value, UnsupportedConfig)
    return caught.value


def test_refusal_says_what_the_validator_says() -> None:
    content = json.dumps(merge(CONFIG, {"linux": {"namespaces": [{"type": "mount"}, {"type": "netwrok"}]}})).encode()
    (error,) = validate(content, "config").errors
    refused = refusal(content)
    assert refused.place == "$.linux.namespaces[1].type"
    assert str(refused) == f"config.json: {error.explained}"
    assert f"(line 1, column {error.column}; perhaps network is meant; " in refused.problem
    assert refused.problem.endswith("config_linux.namespaces.type.known)")


def test_all_errors_are_told_at_once() -> None:
    content = json.dumps({**CONFIG, "hostname": 1, "domainname": 2, "annotations": {"a": 3}}).encode()
    errors = validate(content, "config").errors
    assert len(errors) == 3
    assert str(refusal(content)) == f"config.json: {'; also '.join(error.explained for error in errors)}"


def test_many_errors_are_counted() -> None:
    refused = refusal({**CONFIG, "mounts": [5] * 40})
    assert refused.place == "$.mounts[0]"
    assert refused.problem.count("; also ") == 9
    assert refused.problem.endswith("; and 30 more")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the document is empty (line 1, column 1)"),
        (b'{"ociVersion": "1.3.0",}', "JSON has no comma after the last entry (line 1, column 23)"),
        (b"{\n  // one\n}", "JSON has no comments (line 2, column 3)"),
        (
            "{}".encode("utf-16"),
            "the document is in UTF-16-LE, and has to be in UTF-8 (line 1, column 1; glossary.json.utf8)",
        ),
        (b"[" * 100_000, "objects and arrays are nested more than 100 levels deep"),
        (b'{"a": NaN}', "NaN is no value of JSON"),
        (b'{"a": 1, "a": 2}', "is there twice in one object"),
        (b"[" + b"9" * 5000 + b"]", "99999999999999999999... of 5000 characters is more than programs can hold"),
        (b"[]", "an array is no object"),
        (b"\xff", "byte 0xff is no UTF-8 here"),
    ],
    ids=["empty", "comma", "comment", "UTF-16", "deep", "NaN", "twice", "number", "array", "bytes"],
)
def test_what_is_no_config_is_explained(content: bytes, problem: str) -> None:
    assert problem in str(refusal(content))


def test_version_of_the_document_decides() -> None:
    later = merge(CONFIG, {"linux": {"timeOffsets": {"monotonic": {"secs": 1}}}})
    assert refusal(later).place == "$.linux.timeOffsets"
    with pytest.raises(UnsupportedConfig, match=r"by version 1\.3\.0 of the specification"):
        config.from_bytes(json.dumps({**later, "ociVersion": "1.0.0"}).encode(), "/bundle", "one")


def test_command_refuses_in_one_line(runtime: Runtime) -> None:
    runtime.make_bundle(process={"cwd": "rel\native"}, annotations={"a\nb": 1})
    done = runtime("create", f"--bundle={runtime.bundle.path}", "one")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "$.process.cwd: " in done.stderr
    assert "; also $.annotations['a\\nb']: 1 is no string" in done.stderr
    assert not runtime.root.exists() or not list(runtime.root.iterdir())


def imported(document: dict[str, Any]) -> set[str]:
    """The modules that are imported to accept or refuse a config, besides those of the runtime's own start."""
    program = (
        "import sys\n"
        f"sys.path.insert(0, {TOP!r})\n"
        "from reference_runtime import config\n"
        "try:\n"
        "    config.from_bytes(sys.stdin.buffer.read(), '/bundle', 'one')\n"
        "except config.InvalidConfig as error:\n"
        "    pass\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program],
        input=json.dumps(document),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


GOOD = {
    "base": {},
    "oldest version": {"ociVersion": "1.0.0"},
    "everything that is common": {
        "hooks": {"poststop": [{"path": "/bin/true", "args": ["true"], "env": ["A=b"], "timeout": 1}]},
        "annotations": {"org.example.one": "1"},
        "process": {
            "user": {"uid": 1, "gid": 1, "umask": 18, "additionalGids": [5]},
            "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 1024}],
            "capabilities": {"bounding": ["CAP_KILL"], "effective": ["CAP_KILL"], "permitted": ["CAP_KILL"]},
            "noNewPrivileges": True,
            "oomScoreAdj": 100,
        },
        "linux": {
            "devices": [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 438}],
            "maskedPaths": ["/proc/kcore"],
            "readonlyPaths": ["/proc/sys"],
            "sysctl": {"net.core.somaxconn": "256"},
            "rootfsPropagation": "private",
            "cgroupsPath": "/one",
        },
    },
}


@pytest.mark.parametrize("changes", GOOD.values(), ids=list(GOOD))
def test_good_config_imports_nothing_slow(changes: dict[str, Any]) -> None:
    assert imported(merge(CONFIG, changes)) & SLOW == set()


def test_refused_config_imports_what_explains() -> None:
    assert imported({}) >= {"conformance.validation.engine", "re", "json"}
    # It works without the libraries that the suite needs.
    assert imported({}) & {"msgspec", "pytest", "jsonschema"} == set()
