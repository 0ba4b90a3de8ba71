"""Bundles: a configuration that is changed, and a root filesystem that is made anew."""

from __future__ import annotations

import copy
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.bundle import config
from conformance.bundle.builder import PROBE, Bundle

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(0, 3), st.text(max_size=2), st.lists(st.integers(0, 1), max_size=2)),
    lambda inner: st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=3)


@given(DOCUMENTS, DOCUMENTS)
def test_difference_is_what_has_to_be_merged(one: dict[str, Any], other: dict[str, Any]) -> None:
    before = copy.deepcopy((one, other))
    changes = config.difference(one, other)
    assert config.merge(one, changes) == other
    assert (one, other) == before


@given(DOCUMENTS)
def test_there_is_no_difference_to_itself(document: dict[str, Any]) -> None:
    assert config.difference(document, document) == {}
    assert config.merge(document, {}) == document


@pytest.mark.parametrize(
    ("document", "changes", "merged"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": 1}, {"a": 1}, {"e": 1, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merging_is_that_of_rfc_7386(document: object, changes: object, merged: object) -> None:
    """The examples of its appendix, as far as they are about objects."""
    assert isinstance(document, dict)
    assert isinstance(changes, dict)
    assert config.merge(document, changes) == merged


def test_base_configuration_is_never_changed() -> None:
    before = config.base()
    config.base()["process"]["args"].append("more")
    config.namespaces_with({"type": "user"})
    config.mounts_with({"destination": "/more"})
    assert config.base() == before


def test_lists_of_the_base_with_and_without_entries() -> None:
    assert config.mounts_with({"destination": "/more"})[-1] == {"destination": "/more"}
    assert "/proc" not in [mount["destination"] for mount in config.mounts_without("/proc")]
    assert len(config.mounts_without("/proc")) == len(config.base()["mounts"]) - 1
    assert "network" not in [entry["type"] for entry in config.namespaces_without("network")]
    replaced = [entry for entry in config.namespaces_with({"type": "pid", "path": "/it"}) if entry["type"] == "pid"]
    assert replaced == [{"type": "pid", "path": "/it"}]


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    probe = tmp_path / "program"
    probe.write_text("#!/nothing\n", encoding="utf-8")
    probe.chmod(0o755)
    made = Bundle(tmp_path / "bundle", {"process": {"env": ["A=b\udce9"], "args": ["ü"]}})
    made.make(probe, {"/etc/file": "content\n", "/srv/directory": None})
    return made


def test_bundle_has_what_it_is_made_of(bundle: Bundle) -> None:
    assert bundle.inside("/etc/file").read_text(encoding="utf-8") == "content\n"
    assert bundle.inside("/srv/directory").is_dir()
    assert os.access(bundle.inside(PROBE), os.X_OK)
    assert bundle.inside("/proc").is_dir()
    assert [path for path in bundle.rootfs.rglob("*") if not (path.is_file() or path.is_dir())] == []


def test_config_is_written_as_the_bytes_that_it_has(bundle: Bundle) -> None:
    content = (bundle.path / "config.json").read_bytes()
    assert b"A=b\xe9" in content
    assert "ü".encode() in content
    assert json.loads(content.decode("utf-8", "surrogateescape")) == bundle.config


def test_bundle_is_made_once(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        bundle.make(tmp_path / "program", {})
