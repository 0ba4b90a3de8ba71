"""What the sections of config-linux.md say of valid values of resources: what a runtime must not take.

Wrong types are wrong everywhere. Numbers and words that no controller takes need one that is asked.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest

from conformance import requirement
from conformance.bundle.invalid import ABSENT, Invalid, case
from conformance.verdict.findings import Advisory
from conformance.verdict.refusal import demand_refusal

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

    from conformance.fixtures import MakeContainer

    Change = dict[str, Any]

DISK = {"major": 8, "minor": 0}
RATE = {**DISK, "rate": 1_048_576}
DEVICE = {"allow": True, "type": "c", "major": 10, "minor": 229, "access": "rw"}
PRIORITY = {"name": "lo", "priority": 1}
PAGES = {"pageSize": "2MB", "limit": 2_097_152}
RDMA = {"mlx5_1": {"hcaHandles": 3}}


def wrong(
    identifier: str, name: str, valid: Change, place: str, value: Any = ABSENT, *, need: str | None = None
) -> ParameterSet:
    """An invalid value of the resources; the requirement and the place are named from there."""
    valid = {"linux": {"resources": valid}}
    return case(f"config_linux.resources.{identifier}", name, valid, f"linux.resources{place}", value, need=need)


applied = functools.partial(wrong, need="cgroup.managed")
"""The same, for a value that a runtime sees to be wrong when it applies it."""

INVALID = [
    wrong("form", "resources that are a list", {}, "", [{"memory": {}}]),
    # Devices
    wrong("devices.form", "allowed devices that are an object", {"devices": [DEVICE]}, ".devices", DEVICE),
    wrong("devices.form", "major number that is a star", {"devices": [DEVICE]}, ".devices[0].major", "*"),
    applied("devices.type.known", "unknown type of an allowed device", {"devices": [DEVICE]}, ".devices[0].type", "x"),
    applied("devices.numbers.range", "negative minor number", {"devices": [DEVICE]}, ".devices[0].minor", -2),
    applied("devices.access.known", "unknown access", {"devices": [DEVICE]}, ".devices[0].access", "rx"),
    # Memory
    wrong("memory.form", "memory that is a number", {"memory": {}}, ".memory", 536_870_912),
    wrong("memory.form", "limit of memory with a unit", {"memory": {"limit": 536_870_912}}, ".memory.limit", "512m"),
    applied("memory.range", "limit of memory of -2", {"memory": {"limit": 536_870_912}}, ".memory.limit", -2),
    applied(
        "memory.swappiness.range", "swappiness above 100", {"memory": {"swappiness": 60}}, ".memory.swappiness", 101
    ),
    # CPU
    wrong("cpu.form", "cpu that is a number", {"cpu": {}}, ".cpu", 2),
    wrong("cpu.form", "shares that are a string", {"cpu": {"shares": 1024}}, ".cpu.shares", "1024"),
    applied("cpu.cpus.list", "CPUs that are a word", {"cpu": {"cpus": "0"}}, ".cpu.cpus", "first"),
    applied("cpu.cpus.list", "range of CPUs that goes down", {"cpu": {"cpus": "0"}}, ".cpu.cpus", "1-0"),
    applied("cpu.mems.list", "nodes that are a word", {"cpu": {"mems": "0"}}, ".cpu.mems", "first"),
    applied("cpu.idle.known", "idle above 1", {"cpu": {"idle": 1}}, ".cpu.idle", 2),
    # Block IO
    wrong("block_io.form", "blockIO that is a list", {"blockIO": {}}, ".blockIO", [RATE]),
    wrong("block_io.form", "weight that is a string", {"blockIO": {"weight": 500}}, ".blockIO.weight", "500"),
    applied(
        "block_io.numbers.range",
        "negative number of a disk",
        {"blockIO": {"throttleReadBpsDevice": [RATE]}},
        ".blockIO.throttleReadBpsDevice[0].minor",
        -1,
    ),
    applied(
        "block_io.weight_device.some_weight",
        "disk without a weight",
        {"blockIO": {"weightDevice": [{**DISK, "weight": 500}]}},
        ".blockIO.weightDevice[0].weight",
    ),
    # Huge pages
    wrong(
        "huge_page_limits.form",
        "huge pages that are an object",
        {"hugepageLimits": [PAGES]},
        ".hugepageLimits",
        {"2MB": 2_097_152},
    ),
    wrong(
        "huge_page_limits.form",
        "limit of huge pages that is a string",
        {"hugepageLimits": [PAGES]},
        ".hugepageLimits[0].limit",
        "2MB",
    ),
    applied(
        "huge_page_limits.page_size.required",
        "huge pages without a size",
        {"hugepageLimits": [PAGES]},
        ".hugepageLimits[0].pageSize",
    ),
    applied(
        "huge_page_limits.page_size.format",
        "size of huge pages without a B",
        {"hugepageLimits": [PAGES]},
        ".hugepageLimits[0].pageSize",
        "2M",
    ),
    applied(
        "huge_page_limits.page_size.file",
        "size that no huge page has",
        {"hugepageLimits": [PAGES]},
        ".hugepageLimits[0].pageSize",
        "3MB",
    ),
    # Network
    wrong("network.form", "network that is a list", {"network": {}}, ".network", [PRIORITY]),
    wrong("network.form", "class that is a string", {"network": {"classID": 1_048_577}}, ".network.classID", "10:1"),
    applied(
        "network.priorities.name.required",
        "priority without an interface",
        {"network": {"priorities": [PRIORITY]}},
        ".network.priorities[0].name",
    ),
    applied(
        "network.priorities.name",
        "interface that there cannot be",
        {"network": {"priorities": [PRIORITY]}},
        ".network.priorities[0].name",
        "no/interface",
    ),
    # PIDs
    wrong("pids.form", "pids that are a number", {"pids": {"limit": 100}}, ".pids", 100),
    wrong("pids.form", "limit of tasks that is a word", {"pids": {"limit": 100}}, ".pids.limit", "max"),
    applied("pids.limit.range", "limit of tasks of -2", {"pids": {"limit": 100}}, ".pids.limit", -2),
    # RDMA
    wrong("rdma.form", "rdma that is a list", {"rdma": RDMA}, ".rdma", [RDMA["mlx5_1"]]),
    wrong("rdma.form", "handles that are a string", {"rdma": RDMA}, ".rdma.mlx5_1.hcaHandles", "max"),
    applied("rdma.devices", "device that there cannot be", {"rdma": RDMA}, ".rdma['no device']", {"hcaHandles": 3}),
    applied("rdma.some_limit", "device without a limit", {"rdma": RDMA}, ".rdma.mlx5_1.hcaHandles"),
    # Unified
    wrong("unified.form", "unified that is a list", {"unified": {}}, ".unified", ["pids.max"]),
    wrong("unified.form", "number for a file", {"unified": {"pids.max": "100"}}, ".unified['pids.max']", 100),
    applied("unified.files", "file that there cannot be", {"unified": {"pids.max": "100"}}, ".unified['pids.']", "100"),
]
"""What is no value of its property."""

WITHOUT_A_NUMBER = [
    wrong(
        "devices.allow.required",
        "device that is neither allowed nor denied",
        {"devices": [DEVICE]},
        ".devices[0].allow",
    ),
    applied(
        "block_io.weight_device.numbers.required",
        "weight without a minor number",
        {"blockIO": {"weightDevice": [{**DISK, "weight": 500}]}},
        ".blockIO.weightDevice[0].minor",
    ),
    *(
        row
        for of, limit in (("bps", "throttleReadBpsDevice"), ("iops", "throttleWriteIOPSDevice"))
        for row in (
            applied(
                f"block_io.throttle_{of}.numbers.required",
                f"{limit} without a minor number",
                {"blockIO": {limit: [RATE]}},
                f".blockIO.{limit}[0].minor",
            ),
            applied(
                f"block_io.throttle_{of}.rate.required",
                f"{limit} without a rate",
                {"blockIO": {limit: [RATE]}},
                f".blockIO.{limit}[0].rate",
            ),
        )
    ),
    applied(
        "huge_page_limits.limit.required",
        "huge pages without a limit",
        {"hugepageLimits": [PAGES]},
        ".hugepageLimits[0].limit",
    ),
    applied(
        "network.priorities.priority.required",
        "interface without a priority",
        {"network": {"priorities": [PRIORITY]}},
        ".network.priorities[0].priority",
    ),
    applied("pids.limit.required", "pids without a limit", {"pids": {"limit": 100}}, ".pids.limit"),
]
"""What is missing, and what many a runtime takes for 0."""

DOUBTFUL = [
    # "Runtimes MAY generate an error", though the kernel does.
    applied(
        "cpu.burst.within_quota",
        "burst above the quota",
        {"cpu": {"quota": 50_000, "burst": 10_000}},
        ".cpu.burst",
        50_001,
    ),
]
"""What a runtime may have a reason to take."""


@requirement("config.values.invalid")
@pytest.mark.parametrize("invalid", INVALID)
def test_invalid_value_is_refused(container: MakeContainer, invalid: Invalid) -> None:
    demand_refusal(container, invalid)


@pytest.mark.parametrize("invalid", WITHOUT_A_NUMBER)
def test_missing_number_is_not_taken_for_zero(container: MakeContainer, invalid: Invalid) -> None:
    demand_refusal(container, invalid, Advisory)


@pytest.mark.parametrize("invalid", DOUBTFUL)
def test_doubtful_value_is_refused(container: MakeContainer, invalid: Invalid) -> None:
    demand_refusal(container, invalid, Advisory)
