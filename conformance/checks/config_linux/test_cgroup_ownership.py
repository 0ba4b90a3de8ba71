"""Control groups, Cgroup ownership."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.config import mounts_with, namespaces_with
from conformance.facts import cgroup
from conformance.verdict.findings import Finding

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.fixtures import MakeContainer

USER = 3277

DELEGATE = Path("/sys/kernel/cgroup/delegate")

FALLBACK = ["cgroup.procs", "cgroup.subtree_control", "cgroup.threads"]

MOUNT: dict[str, Any] = {
    "destination": "/sys/fs/cgroup",
    "type": "cgroup",
    "source": "cgroup",
    "options": ["nosuid", "noexec", "nodev"],
}

pytestmark = needs("cgroup.managed", "namespace.cgroup")


def delegated() -> set[str]:
    """The files that are safe to delegate."""
    return set(DELEGATE.read_text(encoding="ascii").split()) if DELEGATE.exists() else set(FALLBACK)


def prepared(container: MakeContainer, *, new_namespace: bool = True, **mount: Any) -> Container:
    """A container of a user, with a cgroup namespace and a mount of the cgroup filesystem; not created yet."""
    return container(
        process={"user": {"uid": USER, "gid": USER}},
        mounts=mounts_with({**MOUNT, **mount}),
        linux={"namespaces": namespaces_with({"type": "cgroup"}) if new_namespace else namespaces_with()},
    )


def delegating(container: MakeContainer, *, new_namespace: bool = True, **mount: Any) -> Container:
    """The same, created."""
    one = prepared(container, new_namespace=new_namespace, **mount)
    return one.create_supporting("a cgroup namespace, and a mount of the cgroup filesystem")


def owners(directory: Path) -> dict[str, int]:
    """The owner of each file of a cgroup, and of its directory as the empty name."""
    return {"": directory.stat().st_uid} | {path.name: path.stat().st_uid for path in directory.iterdir()}


def owned(directory: Path) -> set[str]:
    """The files that the user has got."""
    return {name for name, uid in owners(directory).items() if uid == USER}


def in_unified(one: Container) -> Path:
    """The cgroup in the hierarchy of cgroup v2. Raises a `Finding` if there is none."""
    directory = cgroup.of(one).unified
    if directory is None:
        raise Finding("the container has a cgroup", "it has none in the hierarchy of cgroup v2")
    return directory


@requirement("config_linux.cgroup_ownership.cgroup_v1")
@needs("cgroup.v1")
def test_owner_is_not_changed_in_cgroup_v1(container: MakeContainer) -> None:
    found = cgroup.of(delegating(container))
    changed = {directory for name, directory in found.directories.items() if name in found.v1 and owned(directory)}
    assert changed == set()


@requirement("config_linux.cgroup_ownership.cgroup_namespace")
@needs("cgroup.v2.only")
def test_owner_is_not_changed_without_a_new_cgroup_namespace(container: MakeContainer) -> None:
    assert owned(in_unified(delegating(container, new_namespace=False))) == set()


@requirement("config_linux.cgroup_ownership.writable")
@needs("cgroup.v2.only")
def test_owner_is_not_changed_if_the_filesystem_is_mounted_read_only(container: MakeContainer) -> None:
    assert owned(in_unified(delegating(container, options=[*MOUNT["options"], "ro"]))) == set()


@requirement("config_linux.cgroup_ownership.no_mount", "config_linux.cgroup_ownership.writable")
@pytest.mark.parametrize("mount", [{"destination": "/srv"}, {"source": "none"}], ids=["elsewhere", "of another source"])
@needs("cgroup.v2.only")
def test_owner_is_not_changed_without_such_a_mount(container: MakeContainer, mount: dict[str, Any]) -> None:
    assert owned(in_unified(delegating(container, **mount))) == set()


@requirement("config_linux.cgroup_ownership.writable")
@needs("cgroup.v2.only")
def test_owner_is_changed_if_the_filesystem_is_mounted_to_be_written(container: MakeContainer) -> None:
    directory = in_unified(delegating(container))
    assert "" in owned(directory), f"the owners are {owners(directory)}"


@requirement("config_linux.cgroup_ownership.changed")
@needs("cgroup.v2.only", "namespace.user")
def test_owner_is_the_user_on_the_host(container: MakeContainer) -> None:
    mappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    linux = {"namespaces": namespaces_with({"type": "cgroup"}, {"type": "user"})}
    one = container(
        process={"user": {"uid": USER, "gid": USER}},
        mounts=mounts_with(MOUNT),
        linux={**linux, "uidMappings": mappings, "gidMappings": mappings},
    ).create_supporting("a user namespace, and a mount of the cgroup filesystem")
    # The runtime may also leave it as it was.
    assert set(owners(in_unified(one)).values()) <= {0, 100000 + USER}


@requirement("config_linux.cgroup_ownership.missing_files")
@needs("cgroup.v2.only")
def test_files_of_the_list_that_are_missing_are_no_failure(container: MakeContainer) -> None:
    # What works when the owner is not changed does not fail for another reason.
    delegating(container, options=[*MOUNT["options"], "ro"])
    assert prepared(container).create().status == "created"


@requirement("config_linux.cgroup_ownership.existing_files")
@needs("cgroup.v2.only")
def test_all_files_of_the_list_are_the_user_s(container: MakeContainer) -> None:
    directory = in_unified(delegating(container))
    existing = {path.name for path in directory.iterdir()} & delegated()
    assert owned(directory) & existing in (existing, set()), f"the owners are {owners(directory)}"


@requirement("config_linux.cgroup_ownership.delegated", "config_linux.cgroup_ownership.other_files")
@needs("cgroup.v2.only")
def test_no_other_files_are_the_user_s(container: MakeContainer) -> None:
    assert owned(in_unified(delegating(container))) - delegated() - {""} == set()


@requirement("config_linux.cgroup_ownership.fallback")
@needs("cgroup.v2.only", "cgroup.v2.no_list")
def test_three_files_are_the_user_s_if_there_is_no_list(container: MakeContainer) -> None:
    directory = in_unified(delegating(container))
    assert owned(directory) in ({"", *FALLBACK}, set()), f"the owners are {owners(directory)}"
