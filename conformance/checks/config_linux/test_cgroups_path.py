"""Cgroups Path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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
