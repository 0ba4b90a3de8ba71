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

EXPLAINED = {name: entry["runc"] for entry in TABLE["disagreement"] for name in entry["documents"]}
"""What runc does with the documents of which it does not say what the validator says."""

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


def test_runc_agrees_but_for_what_is_explained(refusals: dict[str, str | None]) -> None:
    wrong = {}
    for name, refusal in refusals.items():
        actual = "accepts" if refusal is None else "refuses"
        agreed = "accepts" if name in VALID else "refuses"
        if EXPLAINED.get(name, agreed) not in (actual, "depends on the host"):
            wrong[name] = actual if refusal is None else f"{actual}: {refusal}"
    assert wrong == {}, "not what agreement.toml says"


def test_explained_documents_are_in_the_corpus() -> None:
    assert sorted(EXPLAINED.keys() - VALID.keys() - INVALID.keys()) == []
    assert sorted(name for name, verdict in EXPLAINED.items() if verdict == "accepts" and name in VALID) == []
    assert sorted(name for name, verdict in EXPLAINED.items() if verdict == "refuses" and name in INVALID) == []


def test_explanations_are_complete() -> None:
    names = [name for entry in TABLE["disagreement"] for name in entry["documents"]]
    assert sorted(names) == sorted(set(names))
    for entry in TABLE["disagreement"]:
        assert entry["runc"] in ("accepts", "refuses", "depends on the host")
        assert entry["reason"].strip()
        assert entry["documents"]
