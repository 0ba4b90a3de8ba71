"""What is mounted for a container, and that nothing else is unmounted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.bundle.config import mounts_with
from reference_runtime import syscalls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.reference_runtime.conftest import Runtime

pytestmark = pytest.mark.usefixtures("root")

HOST_MOUNTS = [{"type": "pid"}, {"type": "uts"}]
TMPFS = {"destination": "/srv", "type": "tmpfs", "source": "tmpfs"}
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
