"""Control groups, Memory."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.programs import attempting
from conformance.facts import cgroup, reports
from conformance.verdict.findings import Finding

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.container import Container
    from conformance.facts.cgroup import Cgroup
    from conformance.fixtures import MakeContainer

MIB = 1 << 20

# A runtime's own process has to fit in as well, until it has become the program.
SMALL, TOO_MUCH = 48 * MIB, 192 * MIB

LIMIT = {"v1": "memory.limit_in_bytes", "v2": "memory.max"}

pytestmark = needs("cgroup.managed")


def limited(container: MakeContainer, **memory: Any) -> Cgroup:
    """The cgroup of a new container with these values of `memory`."""
    one = container(linux={"resources": {"memory": memory}})
    return cgroup.of(one.create_supporting(f"memory with {memory}"))


def soft_limits(found: Cgroup) -> set[int | None]:
    """What is something like a soft limit: in cgroup v2, both a protection and a throttling are."""
    return {found.number(v1="memory.soft_limit_in_bytes", v2=of_v2) for of_v2 in ("memory.low", "memory.high")}


def run_below(one: Container, *words: str) -> bytes:
    """Run the probe in a new cgroup below the container's."""
    below = cgroup.of(one).directories["memory"] / "below"
    below.mkdir()
    try:
        return run_in(below, str(one.inside("/probe")), *words)
    finally:
        below.rmdir()


def run_in(directory: Path, *words: str) -> bytes:
    """Run a command in a cgroup, and return what it prints."""
    script = 'echo 0 > "$0/cgroup.procs" && exec "$@"'
    return subprocess.run(["sh", "-c", script, directory, *words], stdout=subprocess.PIPE, check=False).stdout


@requirement("config_linux.resources.memory.applied", "config_linux.resources.memory.limit")
@needs("cgroup.memory")
def test_limit_is_set(container: MakeContainer) -> None:
    assert limited(container, limit=512 * MIB).number(**LIMIT) == 512 * MIB


@requirement("config_linux.resources.memory.reservation")
@needs("cgroup.memory")
def test_reservation_is_set(container: MakeContainer) -> None:
    seen = soft_limits(limited(container, reservation=256 * MIB))
    assert 256 * MIB in seen, f"the soft limits are {seen}"


@requirement("config_linux.resources.memory.swap")
@needs("cgroup.memory.swap")
def test_limit_with_swap_is_set(container: MakeContainer) -> None:
    found = limited(container, limit=512 * MIB, swap=768 * MIB)
    of_both = found.number(v1="memory.memsw.limit_in_bytes")
    # In cgroup v2, there is a limit of the swap alone.
    of_swap = found.number(v2="memory.swap.max")
    assert (of_both, of_swap) in ((768 * MIB, None), (None, 256 * MIB))


@pytest.mark.parametrize(
    ("name", "file", "value"),
    [
        pytest.param(
            *(name, file, value),
            id=name,
            marks=[requirement(f"config_linux.resources.memory.{identifier}"), needs(f"cgroup.{need}")],
        )
        for name, identifier, file, value, need in (
            ("kernel", "kernel", "memory.kmem.limit_in_bytes", 256 * MIB, "memory.kernel"),
            ("kernelTCP", "kernel_tcp", "memory.kmem.tcp.limit_in_bytes", 64 * MIB, "v1.memory"),
            ("swappiness", "swappiness", "memory.swappiness", 17, "v1.memory"),
        )
    ],
)
def test_value_of_cgroup_v1_is_set(container: MakeContainer, name: str, file: str, value: int) -> None:
    assert limited(container, **{name: value}).number(v1=file) == value


@requirement("config_linux.resources.memory.oom_killer.disabled")
@needs("cgroup.v1.memory")
def test_oom_killer_can_be_off(container: MakeContainer) -> None:
    found = limited(container, limit=512 * MIB, disableOOMKiller=True)
    control = dict(line.split() for line in (found.text(v1="memory.oom_control") or "").splitlines())
    assert control.get("oom_kill_disable") == "1"


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({}, id="default", marks=requirement("config_linux.resources.memory.oom_killer.default")),
        pytest.param(
            {"disableOOMKiller": False},
            id="enabled",
            marks=requirement("config_linux.resources.memory.oom_killer.kills"),
        ),
    ],
)
@needs("cgroup.memory.swap", "process.visible")
def test_task_that_needs_too_much_is_killed(container: MakeContainer, values: dict[str, Any]) -> None:
    memory = {"limit": SMALL, "swap": SMALL, **values}
    one = container(program=attempting(["allocate", str(TOO_MUCH)]), linux={"resources": {"memory": memory}})
    (attempt,) = one.create_supporting(f"memory with {memory}").start().attempts()
    assert signal.Signals(attempt.signal or signal.SIGCHLD).name == "SIGKILL", f"the task was not killed: {attempt}"


@requirement("config_linux.resources.memory.use_hierarchy")
@needs("cgroup.memory.swap")
def test_limits_are_those_of_the_cgroups_below_as_well(container: MakeContainer) -> None:
    memory = {"limit": SMALL, "swap": SMALL, "useHierarchy": True}
    one = container(linux={"resources": {"memory": memory}}).create_supporting(f"memory with {memory}")
    output = run_below(one, "try", "allocate", str(TOO_MUCH))
    (attempt,) = reports.only(output, reports.Attempts, "try").results
    assert attempt.signal == signal.SIGKILL, f"the task was not killed: {attempt}"


@requirement("config_linux.resources.memory.unit")
@needs("cgroup.memory")
def test_limit_that_there_was_is_taken_off(container: MakeContainer) -> None:
    one = container(linux={"resources": {"memory": {"limit": -1}}})
    existing = one.make_cgroup()
    existing.write(str(512 * MIB), **LIMIT)
    one.create_supporting("no limit of memory")
    assert existing.number(**LIMIT) == cgroup.UNLIMITED


@requirement("config_linux.resources.memory.unit")
@needs("cgroup.memory")
def test_reservation_that_there_was_is_taken_off(container: MakeContainer) -> None:
    one = container(linux={"resources": {"memory": {"reservation": -1}}})
    existing = one.make_cgroup()
    existing.write(str(512 * MIB), v1="memory.soft_limit_in_bytes", v2="memory.high")
    one.create_supporting("no reservation of memory")
    seen = soft_limits(existing)
    assert cgroup.UNLIMITED in seen, f"the soft limits are {seen}"


@requirement("config_linux.resources.memory.unit")
@needs("cgroup.memory.swap")
def test_limit_with_swap_that_there_was_is_taken_off(container: MakeContainer) -> None:
    file = {"v1": "memory.memsw.limit_in_bytes", "v2": "memory.swap.max"}
    one = container(linux={"resources": {"memory": {"limit": -1, "swap": -1}}})
    existing = one.make_cgroup()
    existing.write(str(512 * MIB), **LIMIT)
    existing.write(str(512 * MIB), **file)
    one.create_supporting("no limit of memory and swap")
    assert existing.number(**file) == cgroup.UNLIMITED


@requirement(
    "config_linux.resources.memory.check_before_update",
    "config_linux.resources.memory.check_before_update.rejected",
)
@needs("cgroup.memory")
def test_limit_below_the_usage_is_rejected(container: MakeContainer) -> None:
    one = container(linux={"resources": {"memory": {"limit": 8 * MIB, "checkBeforeUpdate": True}}})
    existing = one.make_cgroup()
    # Such pages can only be swapped out, which this forbids.
    existing.write("0", v1="memory.swappiness", v2="memory.swap.max")
    memory = os.memfd_create("usage")
    try:
        script = f'head -c {16 * MIB} /dev/zero > "$0"'
        run_in(existing.directories["memory"], "sh", "-c", script, f"/proc/{os.getpid()}/fd/{memory}")
        invocation = one.attempt_create()
    finally:
        os.close(memory)
    limit = existing.number(**LIMIT)
    # In cgroup v2, where the kernel does not check the usage, the runtime may do without it, too.
    if invocation.ok and ("memory" in existing.v1 or limit != 8 * MIB):
        raise Finding("a limit that is lower than the usage is rejected", f"`create` succeeded; the limit is {limit}")
