"""Cgroups Path."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance import needs, requirement
from conformance.bundle.programs import holding
from conformance.host.traces import cgroups_of
from conformance.verdict.findings import Finding

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.fixtures import MakeContainer


def paths_of(container: Container) -> dict[str, str]:
    """The cgroup of the container process in each hierarchy, by its controllers."""
    lines = Path(f"/proc/{container.pid}/cgroup").read_text(encoding="utf-8").splitlines()
    return {controllers: path for _, controllers, path in (line.split(":", 2) for line in lines)}


@requirement("config_linux.cgroups_path.created")
@needs("cgroup.managed")
def test_cgroup_is_made(container: MakeContainer) -> None:
    one = container()
    assert list(cgroups_of(one.identifier)) == []
    one.create()
    assert list(cgroups_of(one.identifier)) != []


@requirement("config_linux.cgroups_path.attached")
@needs("cgroup.managed", "process.visible")
def test_process_is_in_the_cgroup(container: MakeContainer) -> None:
    one = container(program=holding()).hold()
    paths = paths_of(one)
    if f"/{one.identifier}" not in paths.values():
        raise Finding(f"the process is in the cgroup /{one.identifier}", f"it is in {sorted(set(paths.values()))}")


@requirement("config_linux.cgroups_path.attached")
@needs("cgroup.managed", "process.visible")
def test_process_is_in_a_cgroup_of_several_levels(container: MakeContainer) -> None:
    one = container(program=holding())
    path = f"/{one.identifier}/one/two"
    one.configure(linux={"cgroupsPath": path})
    paths = paths_of(one.hold())
    assert path in paths.values(), f"it is in {sorted(set(paths.values()))}"


@requirement("config_linux.cgroups_path.consistent")
@pytest.mark.parametrize("path", ["/{}", "{}"], ids=["absolute", "relative"])
@needs("cgroup.managed", "process.visible")
def test_same_value_leads_to_the_same_place(container: MakeContainer, path: str) -> None:
    first, second = container(), container()
    places = []
    for one in (first, second):
        one.configure(linux={"cgroupsPath": path.format(first.identifier)})
        # A relative path is none of a directory of the filesystem.
        places.append(paths_of(one.create(cwd=str(one.directory))))
        one.kill("KILL").wait_for_status("stopped").delete()
    assert places[0] == places[1]


@requirement("config_linux.cgroups_path.default")
def test_path_may_be_absent(container: MakeContainer) -> None:
    one = container(linux={"cgroupsPath": None}).run()
    assert one.runs == 1


@requirement("config_linux.cgroups_path.invalid.error")
@pytest.mark.parametrize("path", ["/{0}/{1}", "/../../{0}", "/{0}/../{0}"], ids=["too long", "above the top", "dots"])
@needs("cgroup.managed", "process.visible")
def test_path_is_taken_or_refused(container: MakeContainer, path: str) -> None:
    """No path makes a container that is in no cgroup of its own."""
    one = container()
    # No file system has names of more than 255 bytes.
    one.configure(linux={"cgroupsPath": path.format(one.identifier, 256 * "x")})
    if one.attempt_create().ok:
        found = set(paths_of(one).values())
        assert any(one.identifier in place for place in found), f"the process is in {sorted(found)}"
    else:
        assert one.attempt("state").ok is False


@requirement("config_linux.cgroups_path.limits_kept")
@needs("cgroup.managed", "cgroup.pids")
def test_limits_of_an_existing_cgroup_are_kept(container: MakeContainer) -> None:
    one = container()
    existing = one.make_cgroup()
    existing.write("3277", v1="pids.max", v2="pids.max")
    one.create()
    assert existing.number(v1="pids.max", v2="pids.max") == 3277


@requirement("config_linux.cgroups.unfit")
@needs("cgroup.managed", "process.visible")
def test_cgroup_with_a_process_in_it_is_taken_or_refused(container: MakeContainer) -> None:
    """If the runtime looks at the cgroup, and does not take it, there is no container."""
    one = container(program=holding())
    existing = one.make_cgroup()
    directories = {*existing.directories.values(), *([existing.unified] if existing.unified else [])}
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as other:
        try:
            for directory in directories:
                (directory / "cgroup.procs").write_text(str(other.pid))
            if one.attempt_create().ok:
                paths = paths_of(one)
                assert f"/{one.identifier}" in paths.values(), f"the process is in {sorted(set(paths.values()))}"
            else:
                assert one.attempt("state").ok is False
                # What is in use by others is not removed.
                assert all(directory.exists() for directory in directories)
        finally:
            assert other.stdin is not None
            other.stdin.close()
