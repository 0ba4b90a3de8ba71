"""runc accepts what is valid, and refuses what is not, but for the documents in ``agreement.toml``."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conformance.host.host import detect
from reference_runtime import syscalls
from tests.validation import corpus, runc

TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("agreement.toml").read_text(encoding="utf-8"))

VALID = {case.name: case for case in corpus.valid() if case.kind == "config"}
INVALID = {case.name: case for case in corpus.invalid() if case.kind == "config"}

DISAGREEMENTS: list[dict[str, Any]] = TABLE["disagreement"]

_CAP_SYS_ADMIN = 1 << 21


@pytest.fixture
def refusals() -> dict[str, str | None]:
    """What runc says against each config of the corpus."""
    version = runc.version()
    if version is None:
        pytest.skip("runc is not installed")
    if version != TABLE["version"]:
        pytest.skip(f"agreement.toml is about runc {TABLE['version']}, and this is {version}")
    if os.geteuid() != 0 or not syscalls.permitted_capabilities() & _CAP_SYS_ADMIN:
        pytest.skip("needs root with CAP_SYS_ADMIN: it makes containers")
    if (mode := detect().cgroup_mode) not in TABLE["cgroup_modes"]:
        pytest.skip(f"agreement.toml is about hosts with cgroups {' or '.join(TABLE['cgroup_modes'])}, not {mode}")
    return runc.refusals({name: case.content for name, case in {**VALID, **INVALID}.items()})


def explained(name: str) -> list[str]:
    """What the entries for a document say that runc does with it."""
    return [entry["runc"] for entry in DISAGREEMENTS if any(is_meant(name, one) for one in entry["documents"])]


def is_meant(name: str, meant: str) -> bool:
    """Whether an entry of `documents` is for the document of that name."""
    return name.startswith(meant[:-1]) if meant.endswith("*") else name == meant


def test_runc_agrees_but_for_what_is_explained(refusals: dict[str, str | None]) -> None:
    wrong = {}
    for name, refusal in refusals.items():
        actual = "accepts" if refusal is None else "refuses"
        (expected,) = explained(name) or ["accepts" if name in VALID else "refuses"]
        if expected not in (actual, "depends on the host"):
            wrong[name] = actual if refusal is None else f"{actual}: {refusal}"
    assert wrong == {}, "not what agreement.toml says"


def test_document_is_explained_at_most_once() -> None:
    assert [name for name in (*VALID, *INVALID) if len(explained(name)) > 1] == []


@pytest.mark.parametrize("entry", DISAGREEMENTS, ids=lambda entry: entry["reason"][:40])
def test_explanation_is_of_documents_that_disagree(entry: dict[str, Any]) -> None:
    names = {"accepts": [*INVALID], "refuses": [*VALID], "depends on the host": [*VALID, *INVALID]}[entry["runc"]]
    assert entry["reason"].strip()
    assert entry["documents"]
    assert [one for one in entry["documents"] if not any(is_meant(name, one) for name in names)] == []
