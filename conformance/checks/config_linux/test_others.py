"""Sysctl, Rootfs Mount Propagation: what of them the reference runtime's plan has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance import requirement
from conformance.bundle.programs import attempting
from conformance.facts import mountinfo

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer


@requirement("config_linux.sysctl.applied")
@pytest.mark.parametrize(("name", "value"), [("net.ipv4.ip_forward", "1"), ("kernel.msgmax", "9000")])
def test_kernel_parameter_has_the_value(container: MakeContainer, name: str, value: str) -> None:
    path = f"/proc/sys/{name.replace('.', '/')}"
    one = container(program=attempting(["read", path]), linux={"sysctl": {name: value}})
    assert (one.attempts()[0].content or "").strip() == value


def root_mount(container: MakeContainer, propagation: str) -> mountinfo.Mount:
    """The mount at the root of a container with a `rootfsPropagation`."""
    one = container(linux={"rootfsPropagation": propagation})
    mount = one.create_supporting(f"rootfsPropagation {propagation}").start().facts().mount("/")
    assert mount is not None
    return mount


@requirement("config_linux.rootfs_propagation.shared")
def test_shared_root_is_in_a_peer_group_of_its_own(container: MakeContainer) -> None:
    mount = root_mount(container, "shared")
    groups = {field for field in mount.propagation if field.startswith("shared:")}
    content = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    assert groups, f"the root mount has {mount.propagation}"
    assert groups.isdisjoint(field for outside in mountinfo.parse(content) for field in outside.propagation)


@requirement("config_linux.rootfs_propagation.slave")
def test_slave_root_gives_nothing(container: MakeContainer) -> None:
    # Whether it is a slave depends on there being a shared mount that it could be one of.
    mount = root_mount(container, "slave")
    assert [field for field in mount.propagation if field.startswith("shared:")] == []


@requirement("config_linux.rootfs_propagation.private")
def test_private_root_has_no_peers(container: MakeContainer) -> None:
    assert root_mount(container, "private").propagation == ()


@requirement("config_linux.rootfs_propagation.unbindable")
def test_unbindable_root_is_unbindable(container: MakeContainer) -> None:
    assert root_mount(container, "unbindable").propagation == ("unbindable",)
