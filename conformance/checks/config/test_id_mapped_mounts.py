"""Linux mount options `idmap` and `ridmap`, and the mappings of a mount (POSIX-platform Mounts)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.config import mounts_with, namespaces_with
from conformance.bundle.programs import attempting

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.fixtures import MakeContainer
    from conformance.host.mounting import HostMounts

UID, GID = 1, 2
"""The owner of the files in the source."""

MAPPINGS = {
    "uidMappings": [{"containerID": UID, "hostID": 2001, "size": 1}],
    "gidMappings": [{"containerID": GID, "hostID": 3002, "size": 1}],
}
"""What becomes of it at the mount point."""

OF_THE_NAMESPACE = [{"containerID": 0, "hostID": 100000, "size": 10000}]

LOOK = (["stat", "/made/file"], ["stat", "/made/below/file"])


def each(requirement_: str) -> pytest.MarkDecorator:
    """Both options, each with its requirement."""
    return pytest.mark.parametrize(
        "option",
        [
            pytest.param(option, marks=requirement(f"config.mounts.options.{option}{requirement_}"))
            for option in ("idmap", "ridmap")
        ],
    )


def mapping(
    container: MakeContainer,
    option: str,
    mappings: dict[str, Any],
    *,
    host_mounts: HostMounts | None = None,
    program: list[str] | None = None,
    **changes: Any,
) -> Container:
    """A container with an id-mapped bind mount at /made. With `host_mounts`, there is a mount below the source."""
    # With a user namespace, nobody of the container could make the mount point.
    one = container(program=program or attempting(*LOOK), files={"/made": None}, **changes)
    source = one.bundle.path / "source"
    for directory in (source / "below", one.bundle.path / "elsewhere"):
        directory.mkdir(parents=True)
    for directory in (source, source / "below", one.bundle.path / "elsewhere"):
        (directory / "file").touch()
        os.chown(directory / "file", UID, GID)
    if host_mounts:
        host_mounts.bind(one.bundle.path / "elsewhere", source / "below")
    options = ["rbind" if host_mounts else "bind", option]
    mount = {"destination": "/made", "source": str(source), "options": options}
    one.configure(mounts=mounts_with({**mount, **mappings}))
    return one


def supported(one: Container, option: str) -> Container:
    """The container, created and started. Raises `Unsupported`."""
    return one.create_supporting(f"the option {option}").start()


def owners(one: Container, option: str) -> list[tuple[int, int]]:
    """Who owns the file in the mount, and the one in the mount below it. Raises `Unsupported`."""
    return [(attempt.status.uid, attempt.status.gid) for attempt in supported(one, option).attempts()]


@needs("kernel.idmapped_mounts")
@each("")
def test_option_is_supported(container: MakeContainer, option: str) -> None:
    one = mapping(container, option, MAPPINGS)
    assert one.create().start().attempts()[0].ok


@needs("kernel.idmapped_mounts")
@each(".applied")
def test_ids_of_the_mount_are_mapped(container: MakeContainer, option: str) -> None:
    one = mapping(container, option, MAPPINGS)
    assert owners(one, option)[0] == (2001, 3002)


@requirement("config.mounts.options.ridmap.applied")
@needs("kernel.idmapped_mounts", "root")
def test_ids_of_mounts_below_the_mount_are_mapped_with_ridmap(
    container: MakeContainer, host_mounts: HostMounts
) -> None:
    one = mapping(container, "ridmap", MAPPINGS, host_mounts=host_mounts)
    assert owners(one, "ridmap") == [(2001, 3002), (2001, 3002)]


@requirement("config.mounts.options.idmap.applied")
@needs("kernel.idmapped_mounts", "root")
def test_ids_of_mounts_below_the_mount_are_not_mapped_with_idmap(
    container: MakeContainer, host_mounts: HostMounts
) -> None:
    one = mapping(container, "idmap", MAPPINGS, host_mounts=host_mounts)
    assert owners(one, "idmap") == [(2001, 3002), (UID, GID)]


@needs("kernel.idmapped_mounts")
@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        pytest.param("uid", 2001, marks=requirement("config.mounts.uid_mappings.applied"), id="user"),
        pytest.param("gid", 3002, marks=requirement("config.mounts.gid_mappings.applied"), id="group"),
    ],
)
def test_owner_of_a_file_is_mapped(container: MakeContainer, owner: str, expected: int) -> None:
    one = mapping(container, "idmap", MAPPINGS)
    found = supported(one, "idmap").attempts()[0].status
    assert getattr(found, owner) == expected


def with_user_namespace() -> dict[str, Any]:
    """What a container with a user namespace has in `linux`."""
    mappings = {"uidMappings": OF_THE_NAMESPACE, "gidMappings": OF_THE_NAMESPACE}
    return {"namespaces": namespaces_with({"type": "user"}), **mappings}


@needs("kernel.idmapped_mounts", "namespace.user")
@each(".own_mappings")
def test_mappings_of_the_mount_are_used_and_not_those_of_the_user_namespace(
    container: MakeContainer, option: str
) -> None:
    own = {
        "uidMappings": [{"containerID": UID, "hostID": 100201, "size": 1}],
        "gidMappings": [{"containerID": GID, "hostID": 100302, "size": 1}],
    }
    one = mapping(container, option, own, linux=with_user_namespace())
    assert owners(one, option)[0] == (201, 302)


@needs("kernel.idmapped_mounts", "namespace.user")
@each(".no_mappings")
def test_mappings_are_those_of_the_user_namespace_or_it_is_an_error(container: MakeContainer, option: str) -> None:
    one = mapping(container, option, {}, linux=with_user_namespace())
    if one.attempt_create().ok:
        found = one.start().attempts()[0].status
        assert (found.uid, found.gid) == (UID, GID)


@needs("kernel.idmapped_mounts")
@pytest.mark.parametrize(
    "option",
    [
        pytest.param(
            option,
            marks=requirement(f"config.mounts.options.{option}.mount_setattr", "config.mounts.mappings.mount_setattr"),
        )
        for option in ("idmap", "ridmap")
    ],
)
def test_mount_is_one_that_the_kernel_maps(container: MakeContainer, option: str) -> None:
    one = mapping(container, option, MAPPINGS, program=["facts"])
    mount = supported(one, option).facts().mount("/made")
    # Nothing but mount_setattr(2) makes a mount so.
    assert mount is not None
    assert "idmapped" in mount.options


@requirement("config.mounts.options.idmap.applied")
@needs("kernel.idmapped_mounts")
def test_ids_of_a_filesystem_are_mapped_or_it_is_refused(container: MakeContainer) -> None:
    mount = {"destination": "/made", "type": "tmpfs", "source": "tmpfs", "options": ["uid=1", "gid=2", "idmap"]}
    one = container(program=attempting(["stat", "/made"]), mounts=mounts_with({**mount, **MAPPINGS}))
    assert owners(one, "idmap") == [(2001, 3002)]
