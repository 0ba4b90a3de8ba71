"""Root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance import requirement
from conformance.bundle.config import mounts_with
from conformance.bundle.programs import attempting
from conformance.facts.reports import not_refused
from conformance.verdict.refusal import create_without_effect

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.facts.reports import Attempt
    from conformance.fixtures import MakeContainer

READ_MARK = ["try", "read", "/mark"]

CHANGES = (
    ["create", "/new"],
    ["create", "/directory/new"],
    ["mkdir", "/made"],
    ["symlink", "/file", "/link"],
    ["write", "/file", "changed"],
    ["truncate", "/file", "0"],
    ["chmod", "/file", "777"],
    ["rename", "/file", "/renamed"],
    ["unlink", "/other"],
    ["rmdir", "/empty"],
)
"""Ways to change a filesystem with these files."""

FILES: dict[str, str | None] = {"/file": "unchanged", "/other": "unchanged", "/directory": None, "/empty": None}


def errors(attempts: list[Attempt]) -> dict[str, str]:
    """The error of each attempt, by its operation."""
    return {" ".join(attempt.operation): attempt.error for attempt in attempts}


def moved_root(container: Container, name: str) -> None:
    """Move the root filesystem to another name in the bundle."""
    container.bundle.rootfs = container.bundle.rootfs.rename(container.bundle.path / name)


@requirement("config.root.required")
def test_config_without_root_is_refused(container: MakeContainer) -> None:
    create_without_effect(container(root=None))


@requirement("config.root.path.required")
def test_root_without_path_is_refused(container: MakeContainer) -> None:
    create_without_effect(container(root={"path": None}))


@requirement("config.root.path.is_directory")
@pytest.mark.parametrize("kind", ["missing", "file", "dangling link"])
def test_path_that_is_no_directory_is_refused(container: MakeContainer, kind: str) -> None:
    one = container(root={"path": "other"})
    other = one.bundle.path / "other"
    if kind == "file":
        other.write_text("", encoding="utf-8")
    if kind == "dangling link":
        other.symlink_to("nowhere")
    create_without_effect(one)


@requirement("config.root.path.relative_to_bundle", "bundle.artifacts.one_directory")
def test_relative_path_is_relative_to_the_bundle(container: MakeContainer) -> None:
    one = container(program=READ_MARK, files={"/mark": "the bundle's"})
    # The runtime is called from here, where there is another directory of that name.
    elsewhere = one.directory / "elsewhere"
    (elsewhere / "rootfs").mkdir(parents=True)
    one.create(cwd=str(elsewhere)).start()
    assert [attempt.content for attempt in one.attempts()] == ["the bundle's"]


@requirement("config.root.path.relative_to_bundle")
def test_absolute_path_may_lead_out_of_the_bundle(container: MakeContainer) -> None:
    one = container(program=READ_MARK, files={"/mark": "outside"})
    one.bundle.rootfs = one.bundle.rootfs.rename(one.directory / "outside")
    one.configure(root={"path": str(one.bundle.rootfs)})
    assert [attempt.content for attempt in one.attempts()] == ["outside"]


@requirement("config.root.path.conventional", "config.root.path.relative_to_bundle")
@pytest.mark.parametrize("name", ["another-name", "./rootfs-2", "with space", "ünïcode"])
def test_path_may_have_another_name(container: MakeContainer, name: str) -> None:
    one = container(program=READ_MARK, files={"/mark": "found"}, root={"path": name})
    moved_root(one, name)
    assert [attempt.content for attempt in one.attempts()] == ["found"]


@requirement("config.root.readonly.default")
@pytest.mark.parametrize("root", [{}, {"readonly": False}], ids=["absent", "false"])
def test_root_can_be_changed_without_readonly(container: MakeContainer, root: dict[str, Any]) -> None:
    one = container(program=attempting(*CHANGES), files=FILES, root=root)
    assert errors(one.attempts()) == {" ".join(change): "" for change in CHANGES}


@requirement("config.root.readonly.enforced")
def test_readonly_root_cannot_be_changed(container: MakeContainer) -> None:
    one = container(program=attempting(*CHANGES), files=FILES, root={"readonly": True})
    assert not_refused(one.attempts()) == []


@requirement("config.root.readonly.enforced")
def test_readonly_root_is_what_it_was_afterwards(container: MakeContainer) -> None:
    one = container(program=attempting(*CHANGES), files=FILES, root={"readonly": True})
    one.run()
    assert one.content("/file") == "unchanged"
    assert not one.inside("/new").exists()
    assert one.inside("/directory").is_dir()


@requirement("config.root.readonly.enforced")
def test_readonly_root_is_mounted_read_only(container: MakeContainer) -> None:
    mount = container(root={"readonly": True}).facts().mount("/")
    assert mount is not None
    assert "ro" in mount.options


@requirement("config.root.readonly.enforced")
def test_readonly_root_can_be_read(container: MakeContainer) -> None:
    one = container(program=READ_MARK, files={"/mark": "readable"}, root={"readonly": True})
    assert [attempt.content for attempt in one.attempts()] == ["readable"]


@requirement("config.root.readonly.enforced")
def test_readonly_root_leaves_mounts_on_it_as_they_are(container: MakeContainer) -> None:
    one = container(
        program=attempting(["create", "/scratch/new"]),
        files={"/scratch": None},
        root={"readonly": True},
        mounts=mounts_with({"destination": "/scratch", "type": "tmpfs", "source": "tmpfs"}),
    )
    assert [attempt.error for attempt in one.attempts()] == [""]
