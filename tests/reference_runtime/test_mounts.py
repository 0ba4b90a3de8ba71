"""What is mounted for a container, and that nothing else is unmounted."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

import pytest

from conformance.bundle.config import mounts_with
from conformance.facts.reports import Facts, only
from reference_runtime import syscalls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.reference_runtime.conftest import Runtime

pytestmark = pytest.mark.usefixtures("root")

HOST_MOUNTS = [{"type": "pid"}, {"type": "uts"}]
TMPFS = {"destination": "/srv", "type": "tmpfs", "source": "tmpfs"}
ZERO_TO_EIGHT = {"containerID": 0, "hostID": 8, "size": 1}
UNKNOWN = {"destination": "/run", "type": "no-such-filesystem"}


@pytest.fixture
def mount() -> Iterator[Callable[[Path], None]]:
    """Mount a directory over itself, as whoever prepares a root filesystem may have done."""
    mounted: list[str] = []

    def bind(path: Path) -> None:
        syscalls.mount(str(path), str(path), None, syscalls.MS_BIND)
        mounted.append(str(path))

    yield bind
    for path in reversed(mounted):
        syscalls.umount2(path, syscalls.UMOUNT_NOFOLLOW)


@pytest.mark.parametrize("namespaces", [HOST_MOUNTS, [*HOST_MOUNTS, {"type": "mount"}]], ids=["host", "own"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"mounts": [TMPFS]},
        {"mounts": [UNKNOWN, TMPFS]},
        {"mounts": [TMPFS, UNKNOWN]},
        {"hostname": "x" * 65, "mounts": [TMPFS]},
        {"process": {"cwd": "/no/such/directory"}},
    ],
    ids=["nothing", "mount", "failing mount first", "failing mount last", "failing before", "failing after"],
)
def test_mounts_that_were_there_before_stay(
    runtime: Runtime,
    mount: Callable[[Path], None],
    namespaces: list[dict[str, str]],
    changes: dict[str, Any],
) -> None:
    bundle = runtime.make_bundle("hold", **{"mounts": [], "linux": {"namespaces": namespaces}, **changes})
    # The runtime's own mounts come on top of these.
    mount(bundle.rootfs)
    mount(bundle.inside("/srv"))
    created = runtime.create(succeed=False).returncode == 0
    assert created == (changes in ({}, {"mounts": [TMPFS]}))
    if created:
        runtime.succeed("delete", "--force", runtime.identifier)
    assert sorted(runtime.mounts) == [str(bundle.rootfs), str(bundle.inside("/srv"))]


def test_what_is_mounted_in_the_hosts_namespace_is_unmounted_by_delete(runtime: Runtime) -> None:
    masks = {"maskedPaths": ["/etc"], "readonlyPaths": ["/tmp"]}
    runtime.make_bundle("hold", mounts=[TMPFS], linux={"namespaces": HOST_MOUNTS, **masks})
    runtime.create()
    mounted = {str(runtime.bundle.inside(path)) for path in ("/", "/srv", "/etc", "/tmp")}
    assert mounted <= {path.rstrip("/") for path in runtime.mounts}
    runtime.succeed("delete", "--force", runtime.identifier)
    assert runtime.left == []


def test_mounts_of_a_container_are_not_seen_by_the_host(runtime: Runtime) -> None:
    runtime.make_bundle("hold", mounts=mounts_with(TMPFS))
    runtime.create()
    assert runtime.mounts == []


@pytest.mark.parametrize("propagation", ["slave", "private", "shared", "unbindable"])
def test_host_keeps_its_mounts_whatever_the_propagation(
    runtime: Runtime, mount: Callable[[Path], None], propagation: str
) -> None:
    bundle = runtime.make_bundle("facts", linux={"rootfsPropagation": propagation}, mounts=mounts_with(TMPFS))
    mount(bundle.rootfs)
    mount(bundle.inside("/srv"))
    assert runtime.run().returncode == 0
    assert sorted(runtime.mounts) == [str(bundle.rootfs), str(bundle.inside("/srv"))]


def test_relative_source_of_a_bind_mount_is_in_the_bundle(runtime: Runtime) -> None:
    bind = {"destination": "/srv/file", "source": "data/file", "options": ["bind"]}
    bundle = runtime.make_bundle("try", "read", "/srv/file", mounts=mounts_with(bind))
    (bundle.path / "data").mkdir()
    (bundle.path / "data" / "file").write_text("of the bundle", encoding="ascii")
    assert runtime.attempts()[0]["content"] == "of the bundle"


@pytest.mark.parametrize("options", [["bind"], ["rbind"], ["rbind", "ro"], ["rbind", "rro"]])
def test_bind_mount_is_recursive_only_when_asked_to_be(runtime: Runtime, options: list[str]) -> None:
    source = runtime.directory / "source"
    (source / "below").mkdir(parents=True)
    (source / "hidden").mkdir()
    (source / "hidden" / "file").write_text("hidden", encoding="ascii")
    syscalls.mount(str(source / "hidden"), str(source / "below"), None, syscalls.MS_BIND)
    try:
        bind = {"destination": "/srv", "source": str(source), "options": options}
        runtime.make_bundle(
            *("try", "read", "/srv/below/file", ",", "create", "/srv/new", ",", "create", "/srv/below/new"),
            mounts=mounts_with(bind),
        )
        read, new, below = (attempt["errno"] for attempt in runtime.attempts())
    finally:
        syscalls.umount2(str(source / "below"), syscalls.UMOUNT_NOFOLLOW)
    readonly = "ro" in options or "rro" in options
    assert (read == 0) == ("rbind" in options)
    assert (new == 0) == (not readonly)
    assert (below == 0) == ("rro" not in options)
    assert (source / "hidden" / "new").exists() == (below == 0 and "rbind" in options)


OWNED = {"uidMappings": [{"containerID": 0, "hostID": 7, "size": 1}], "gidMappings": [ZERO_TO_EIGHT]}


@pytest.mark.parametrize("options", [["bind", "idmap"], ["rbind", "ridmap"], ["bind"]])
def test_ids_of_a_bind_mount_are_mapped(runtime: Runtime, options: list[str]) -> None:
    bind = {"destination": "/srv", "source": "data", "options": options, **OWNED}
    bundle = runtime.make_bundle("try", "stat", "/srv/file", ",", "create", "/srv/new", mounts=mounts_with(bind))
    (bundle.path / "data").mkdir()
    (bundle.path / "data" / "file").touch()
    stat, create = runtime.attempts()
    assert (stat["status"]["uid"], stat["status"]["gid"]) == (7, 8)
    # Nobody of the source is user 0 here.
    assert create["errno"] == errno.EOVERFLOW
    assert (bundle.path / "data" / "file").stat().st_uid == 0


def test_mapped_mount_gets_no_mounts_to_the_host(runtime: Runtime) -> None:
    bind = {"destination": "/srv", "source": "data", "options": ["bind", "idmap"], **OWNED}
    bundle = runtime.make_bundle("facts", mounts=mounts_with(bind))
    (bundle.path / "data").mkdir()
    syscalls.mount("tmpfs", str(bundle.path / "data"), "tmpfs", 0)
    syscalls.mount(None, str(bundle.path / "data"), None, syscalls.MS_SHARED)
    try:
        done = runtime.run()
    finally:
        syscalls.umount2(str(bundle.path / "data"), syscalls.UMOUNT_NOFOLLOW)
    mount = only(done.stdout.encode(), Facts, "facts").mount("/srv")
    assert mount is not None
    assert [field.partition(":")[0] for field in mount.propagation] == ["master"]
    assert "idmapped" in mount.options


def test_ids_of_a_filesystem_are_mapped(runtime: Runtime) -> None:
    tmpfs = {**TMPFS, "options": ["idmap", "noexec"], **OWNED}
    runtime.make_bundle("facts", mounts=mounts_with(tmpfs))
    mount = only(runtime.run().stdout.encode(), Facts, "facts").mount("/srv")
    assert mount is not None
    assert {"idmapped", "noexec"} <= set(mount.options)


def test_filesystem_that_cannot_be_mapped_is_reported(runtime: Runtime) -> None:
    bind = {"destination": "/srv", "source": "/proc", "options": ["bind", "idmap"], **OWNED}
    runtime.make_bundle("facts", mounts=mounts_with(bind))
    done = runtime.create(succeed=False)
    assert "mapped_mounts.open_source ($.mounts[5]): mount_setattr: EINVAL" in done.stderr
    assert runtime.left == []
