"""The files of a bundle (Container Format)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance import requirement
from conformance.bundle.programs import attempting
from conformance.verdict.refusal import create_without_effect

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer


@requirement("bundle.config.required")
def test_bundle_without_config_is_refused(container: MakeContainer) -> None:
    one = container()
    (one.bundle.path / "config.json").unlink()
    create_without_effect(one)


@requirement("bundle.config.required")
def test_config_that_is_a_directory_is_refused(container: MakeContainer) -> None:
    one = container()
    (one.bundle.path / "config.json").unlink()
    (one.bundle.path / "config.json").mkdir()
    create_without_effect(one)


@requirement("bundle.config.in_root")
@pytest.mark.parametrize("place", ["below/config.json", "rootfs/config.json", "../config.json"])
def test_config_elsewhere_than_in_the_root_is_not_found(container: MakeContainer, place: str) -> None:
    one = container()
    target = one.bundle.path / place
    target.parent.mkdir(exist_ok=True)
    (one.bundle.path / "config.json").rename(target)
    create_without_effect(one)


@requirement("bundle.config.name")
@pytest.mark.parametrize("name", ["Config.json", "config.JSON", "config.json.bak", "config", "runtime.json"])
def test_config_of_another_name_is_not_found(container: MakeContainer, name: str) -> None:
    one = container()
    (one.bundle.path / "config.json").rename(one.bundle.path / name)
    create_without_effect(one)


@requirement("bundle.rootfs.is_root_path")
def test_root_filesystem_is_the_directory_of_root_path(container: MakeContainer) -> None:
    one = container(files={"/here/and/there": ""}, program=attempting(["list", "/here/and"]))
    assert [attempt.names for attempt in one.attempts()] == [["there"]]


@requirement("bundle.rootfs.is_root_path")
def test_nothing_of_the_bundle_is_seen_but_the_root_filesystem(container: MakeContainer) -> None:
    one = container(program=attempting(["list", "/"], ["list", "/.."]))
    (one.bundle.path / "beside-the-root").mkdir()
    for attempt in one.attempts():
        assert "probe" in (attempt.names or [])
        assert "beside-the-root" not in (attempt.names or [])


@requirement("bundle.rootfs.is_root_path")
def test_what_the_program_writes_lands_in_the_root_filesystem(container: MakeContainer) -> None:
    one = container(program=attempting(["mkdir", "/made"])).run()
    assert one.inside("/made").is_dir()
