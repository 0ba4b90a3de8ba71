"""Documents on the resources of control groups (config-linux.md)."""

from __future__ import annotations

from typing import Any

from tests.validation.corpus.case import Invalid, Valid, Warned

Change = dict[str, Any]

FUSE = {"allow": True, "type": "c", "major": 10, "minor": 229, "access": "rwm"}
DISK = {"major": 8, "minor": 0}
RATE = {**DISK, "rate": 600}
THROTTLES = ("throttleReadBpsDevice", "throttleWriteBpsDevice", "throttleReadIOPSDevice", "throttleWriteIOPSDevice")
UINT32, UINT64, INT64 = 2**32, 2**64, 2**63


def _changes(resources: Any, version: str | None) -> Change:
    return {"linux": {"resources": resources}, **({"ociVersion": version} if version else {})}


def _ids(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"config_linux.resources.{name}" for name in names)


def _path(path: str) -> str:
    return f"$.linux.resources.{path}" if path else "$.linux.resources"


def valid(name: str, resources: Any, *conforms: str, version: str | None = None) -> Valid:
    """Valid resources; the requirements are named without the part that is the same for all."""
    return Valid(name, _changes(resources, version), conforms=_ids(conforms))


def invalid(name: str, resources: Any, rule: str, path: str, *breaks: str, version: str | None = None) -> Invalid:
    """Resources with an error; the path is the one below them, too."""
    return Invalid(name, _changes(resources, version), rule, _path(path), _ids(breaks))


def warned(name: str, resources: Any, rule: str, path: str, version: str | None = None) -> Warned:
    """Resources with a warning."""
    return Warned(name, _changes(resources, version), rule, _path(path))


def noted(name: str, resources: Any, rule: str, path: str, *breaks: str) -> Warned:
    """Resources with something that people should know."""
    return Warned(name, _changes(resources, None), rule, _path(path), _ids(breaks), "note")


def devices(*entries: Any) -> Change:
    """These allowed and denied devices."""
    return {"devices": [*entries]}


def fuse(**changes: Any) -> Change:
    """An allowed device with these changes; None removes."""
    return devices({name: value for name, value in {**FUSE, **changes}.items() if value is not None})


def pages(size: Any, limit: Any = 209715200) -> Change:
    """A limit of huge pages."""
    return {"hugepageLimits": [{"pageSize": size, "limit": limit}]}


def priority(**properties: Any) -> Change:
    """A priority on one interface."""
    return {"network": {"priorities": [{"name": "eth0", "priority": 500, **properties}]}}


def block(**properties: Any) -> Change:
    """Parameters of block devices."""
    return {"blockIO": properties}


VALID = [
    valid("resources without anything", {}, "form"),
    valid(
        "all that memory can have",
        {
            "memory": {
                "limit": 536870912,
                "reservation": 536870912,
                "swap": 536870912,
                "swappiness": 0,
                "disableOOMKiller": False,
                "useHierarchy": True,
                "checkBeforeUpdate": True,
            }
        },
        *("memory.form", "memory.range", "memory.swappiness.range"),
        *("memory.kernel.deprecated", "memory.kernel_tcp.deprecated"),
    ),
    valid("memory without limits", {"memory": {"limit": -1, "reservation": -1, "swap": -1}}, "memory.range"),
    valid("limit of memory and unlimited swap", {"memory": {"limit": 67108864, "swap": -1}}, "memory.range"),
    valid("limits of memory that are 0", {"memory": {"limit": 0, "reservation": 1, "swap": 0}}, "memory.range"),
    valid("most swappy", {"memory": {"swappiness": 100}}, "memory.swappiness.range"),
    valid("largest limit of memory", {"memory": {"limit": INT64 - 1}}, "memory.form"),
    valid(
        "limits of kernel memory before they were deprecated",
        {"memory": {"kernel": -1, "kernelTCP": 1048576}},
        version="1.0.2",
    ),
    valid(
        "all that cpu can have",
        {
            "cpu": {
                "shares": 1024,
                "quota": 1000000,
                "burst": 1000000,
                "period": 500000,
                "idle": 0,
                "realtimeRuntime": 950000,
                "realtimePeriod": 1000000,
                "cpus": "2-3",
                "mems": "0-7",
            }
        },
        *("cpu.form", "cpu.burst.within_quota", "cpu.cpus.list", "cpu.mems.list", "cpu.idle.known"),
    ),
    valid("burst of exactly the quota", {"cpu": {"quota": 2000, "burst": 2000}}, "cpu.burst.within_quota"),
    valid("burst without a quota", {"cpu": {"burst": 5000}}, "cpu.burst.within_quota"),
    valid("burst of an unlimited container", {"cpu": {"quota": -1, "burst": 5000}}, "cpu.burst.within_quota"),
    valid("quota that removes the limit", {"cpu": {"quota": -1000}}, "cpu.form"),
    valid("lists of one CPU and one node", {"cpu": {"cpus": "0", "mems": "0"}}, "cpu.cpus.list", "cpu.mems.list"),
    valid("list of CPUs with a range of one", {"cpu": {"cpus": "0-0,2,4-7"}}, "cpu.cpus.list"),
    valid("CPUs and nodes as engines write none", {"cpu": {"cpus": "", "mems": ""}}, "cpu.cpus.list", "cpu.mems.list"),
    valid("no shares, as engines write it", {"cpu": {"shares": 0, "quota": 0, "period": 0}}, "cpu.form"),
    valid("list of CPUs that is none, before its form was specified", {"cpu": {"cpus": "all"}}, version="1.2.0"),
    valid("idle container", {"cpu": {"idle": 1}}, "cpu.idle.known"),
    valid(
        "devices as the text has them",
        devices(
            {"allow": False, "access": "rwm"},
            {**FUSE, "access": "rw"},
            {"allow": True, "type": "b", **DISK, "access": "r"},
        ),
        *("devices.form", "devices.allow.required", "devices.type.known", "devices.numbers.range"),
        "devices.access.known",
    ),
    valid("all devices by their type", devices({"allow": True, "type": "a", "access": "rwm"}), "devices.type.known"),
    valid(
        "devices of one major number", fuse(minor=None, access="mr"), "devices.numbers.range", "devices.access.known"
    ),
    valid("no allowed devices", devices(), "devices.form"),
    valid(
        "all that blockIO can have",
        block(
            weight=10,
            leafWeight=1000,
            weightDevice=[{**DISK, "weight": 500, "leafWeight": 300}, {"major": 8, "minor": 16, "leafWeight": 500}],
            **{name: [RATE, {"major": 8, "minor": 16, "rate": 300}] for name in THROTTLES},
        ),
        *("block_io.form", "block_io.numbers.range", "block_io.weight_device.some_weight"),
        *("block_io.weight_device.numbers.required", "block_io.throttle_bps.numbers.required"),
        *("block_io.throttle_iops.numbers.required", "block_io.throttle_bps.rate.required"),
        "block_io.throttle_iops.rate.required",
    ),
    valid("no weight, as engines write it", block(weight=0), "block_io.form"),
    valid("empty lists of block devices", block(weightDevice=[], throttleReadBpsDevice=[]), "block_io.form"),
    valid("largest rate of a device", block(throttleReadBpsDevice=[{**DISK, "rate": UINT64 - 1}]), "block_io.form"),
    valid("one device in two lists", block(throttleReadBpsDevice=[RATE], throttleWriteBpsDevice=[RATE])),
    valid(
        "huge pages of several sizes",
        {
            "hugepageLimits": [
                {"pageSize": size, "limit": 1048576} for size in ("64KB", "512KB", "2MB", "32MB", "1GB", "16GB")
            ]
        },
        *("huge_page_limits.form", "huge_page_limits.page_size.required", "huge_page_limits.limit.required"),
        *("huge_page_limits.page_size.format", "huge_page_limits.page_size.file"),
    ),
    valid("no huge pages", pages("2MB", 0), "huge_page_limits.form"),
    valid("size of huge pages before its form was specified", pages("2M"), version="1.0.1"),
    valid(
        "network of a container",
        {
            "network": {
                "classID": 1048577,
                "priorities": [{"name": "eth0", "priority": 500}, {"name": "lo", "priority": 0}],
            }
        },
        *("network.form", "network.priorities.name.required", "network.priorities.name"),
        "network.priorities.priority.required",
    ),
    valid("interface with a name of 15 bytes", priority(name="enp0s20f0u1u3i5"), "network.priorities.name"),
    valid("limit of tasks", {"pids": {"limit": 32771}}, "pids.form", "pids.limit.range"),
    valid("limit of tasks in an older version", {"pids": {"limit": 1}}, "pids.limit.required", version="1.2.1"),
    valid("unlimited tasks", {"pids": {"limit": -1}}, "pids.limit.range"),
    valid("no limit of tasks since it is optional", {"pids": {}}, "pids.form"),
    valid(
        "limits of RDMA",
        {
            "rdma": {
                "mlx5_1": {"hcaHandles": 3, "hcaObjects": 10000},
                "rxe3": {"hcaObjects": 0},
                "mlx4_0": {"hcaHandles": 0},
            }
        },
        *("rdma.form", "rdma.devices", "rdma.some_limit"),
    ),
    valid(
        "files of cgroup v2",
        {
            "unified": {
                "io.max": "259:0 rbps=2097152 wiops=120\n253:0 rbps=2097152 wiops=120",
                "hugetlb.1GB.max": "1073741824",
                "memory.oom.group": "1",
            }
        },
        *("unified.form", "unified.files"),
    ),
    valid("file of a controller that nobody knows", {"unified": {"nosuch.setting": ""}}, "unified.files"),
]

INVALID = [
    invalid("list of resources", [], "schema.type", "", "form"),
    invalid("list of limits of memory", {"memory": []}, "schema.type", "memory", "memory.form"),
    invalid("limit of memory with a unit", {"memory": {"limit": "512m"}}, "schema.type", "memory.limit", "memory.form"),
    invalid(
        "limit of memory in the notation of the kernel",
        {"memory": {"limit": "max"}},
        "schema.type",
        "memory.limit",
        "memory.form",
    ),
    invalid(
        "limit of memory that is a fraction", {"memory": {"limit": 0.5}}, "schema.type", "memory.limit", "memory.form"
    ),
    invalid("limit of memory that is true", {"memory": {"limit": True}}, "schema.type", "memory.limit", "memory.form"),
    invalid("limit of memory of -2", {"memory": {"limit": -2}}, "schema.minimum", "memory.limit", "memory.range"),
    invalid(
        "soft limit that is the negative of a size",
        {"memory": {"reservation": -536870912}},
        *("schema.minimum", "memory.reservation", "memory.range"),
    ),
    invalid("limit of swap of -2", {"memory": {"swap": -2}}, "schema.minimum", "memory.swap", "memory.range"),
    invalid(
        "unlimited memory as an unsigned number",
        {"memory": {"limit": UINT64 - 1}},
        *("schema.maximum", "memory.limit", "memory.form"),
    ),
    invalid(
        "limit of swap of 2 to the 63", {"memory": {"swap": INT64}}, "schema.maximum", "memory.swap", "memory.form"
    ),
    invalid(
        "limit of kernel memory of -2", {"memory": {"kernel": -2}}, "schema.minimum", "memory.kernel", "memory.range"
    ),
    invalid(
        "limit of TCP buffers in words",
        {"memory": {"kernelTCP": "1m"}},
        "schema.type",
        "memory.kernelTCP",
        "memory.form",
    ),
    invalid(
        "swappiness of 101",
        {"memory": {"swappiness": 101}},
        "schema.maximum",
        "memory.swappiness",
        "memory.swappiness.range",
    ),
    invalid(
        "swappiness of -1",
        {"memory": {"swappiness": -1}},
        "schema.minimum",
        "memory.swappiness",
        "memory.swappiness.range",
    ),
    invalid(
        "swappiness of -1 as an unsigned number",
        {"memory": {"swappiness": UINT64 - 1}},
        *("schema.maximum", "memory.swappiness", "memory.swappiness.range"),
    ),
    invalid(
        "swappiness as a text", {"memory": {"swappiness": "60"}}, "schema.type", "memory.swappiness", "memory.form"
    ),
    invalid(
        "OOM killer that is disabled by a number",
        {"memory": {"disableOOMKiller": 1}},
        *("schema.type", "memory.disableOOMKiller", "memory.form"),
    ),
    invalid(
        "hierarchy as a text", {"memory": {"useHierarchy": "yes"}}, "schema.type", "memory.useHierarchy", "memory.form"
    ),
    invalid(
        "check of memory as a number",
        {"memory": {"checkBeforeUpdate": 0}},
        *("schema.type", "memory.checkBeforeUpdate", "memory.form"),
    ),
    invalid("number of CPUs", {"cpu": 2}, "schema.type", "cpu", "cpu.form"),
    invalid("negative shares", {"cpu": {"shares": -1}}, "schema.minimum", "cpu.shares", "cpu.form"),
    invalid("shares that are a fraction", {"cpu": {"shares": 512.5}}, "schema.type", "cpu.shares", "cpu.form"),
    invalid("shares of 2 to the 64", {"cpu": {"shares": UINT64}}, "schema.maximum", "cpu.shares", "cpu.form"),
    invalid("quota in the notation of the kernel", {"cpu": {"quota": "max"}}, "schema.type", "cpu.quota", "cpu.form"),
    invalid("quota with a unit", {"cpu": {"quota": "50ms"}}, "schema.type", "cpu.quota", "cpu.form"),
    invalid("quota of 2 to the 63", {"cpu": {"quota": INT64}}, "schema.maximum", "cpu.quota", "cpu.form"),
    invalid("negative period", {"cpu": {"period": -1}}, "schema.minimum", "cpu.period", "cpu.form"),
    invalid("negative burst", {"cpu": {"burst": -1}}, "schema.minimum", "cpu.burst", "cpu.form"),
    invalid(
        "burst over the quota",
        {"cpu": {"quota": 5000, "burst": 5001}},
        "cpu.burst",
        "cpu.burst",
        "cpu.burst.within_quota",
    ),
    invalid(
        "burst over the smallest quota",
        {"cpu": {"quota": 1000, "burst": 1000000}},
        *("cpu.burst", "cpu.burst", "cpu.burst.within_quota"),
    ),
    invalid(
        "period of the realtime scheduler of -1",
        {"cpu": {"realtimePeriod": -1}},
        "schema.minimum",
        "cpu.realtimePeriod",
        "cpu.form",
    ),
    invalid(
        "time of the realtime scheduler as a text",
        {"cpu": {"realtimeRuntime": "-1"}},
        "schema.type",
        "cpu.realtimeRuntime",
        "cpu.form",
    ),
    invalid("CPU as a number", {"cpu": {"cpus": 0}}, "schema.type", "cpu.cpus", "cpu.form"),
    invalid("CPUs as an array", {"cpu": {"cpus": [0, 1]}}, "schema.type", "cpu.cpus", "cpu.form"),
    invalid("nodes as an array", {"cpu": {"mems": ["0"]}}, "schema.type", "cpu.mems", "cpu.form"),
    invalid("CPUs by a word", {"cpu": {"cpus": "all"}}, "cpu.cpus", "cpu.cpus", "cpu.cpus.list"),
    invalid("range of CPUs that goes down", {"cpu": {"cpus": "3-1"}}, "cpu.cpus", "cpu.cpus", "cpu.cpus.list"),
    invalid("range of CPUs without an end", {"cpu": {"cpus": "0-"}}, "cpu.cpus", "cpu.cpus", "cpu.cpus.list"),
    invalid("range of CPUs with two dots", {"cpu": {"cpus": "0..3"}}, "cpu.cpus", "cpu.cpus", "cpu.cpus.list"),
    invalid("list of CPUs with blanks between", {"cpu": {"cpus": "0 1"}}, "cpu.cpus", "cpu.cpus", "cpu.cpus.list"),
    invalid("list of CPUs with semicolons", {"cpu": {"cpus": "0;1"}}, "cpu.cpus", "cpu.cpus", "cpu.cpus.list"),
    invalid("list of CPUs that ends with a comma", {"cpu": {"cpus": "0,1,"}}, "cpu.cpus", "cpu.cpus", "cpu.cpus.list"),
    invalid("negative CPU", {"cpu": {"cpus": "-1"}}, "cpu.cpus", "cpu.cpus", "cpu.cpus.list"),
    invalid("mask of CPUs", {"cpu": {"cpus": "0xf"}}, "cpu.cpus", "cpu.cpus", "cpu.cpus.list"),
    invalid("nodes by a letter", {"cpu": {"mems": "N0"}}, "cpu.mems", "cpu.mems", "cpu.mems.list"),
    invalid("range of nodes that goes down", {"cpu": {"mems": "10-9"}}, "cpu.mems", "cpu.mems", "cpu.mems.list"),
    invalid("idle of 2", {"cpu": {"idle": 2}}, "schema.enum", "cpu.idle", "cpu.idle.known"),
    invalid("idle of -1", {"cpu": {"idle": -1}}, "schema.enum", "cpu.idle", "cpu.idle.known"),
    invalid("idle that is true", {"cpu": {"idle": True}}, "schema.type", "cpu.idle", "cpu.form"),
    invalid("devices as an object", {"devices": FUSE}, "schema.type", "devices", "devices.form"),
    invalid("device as a rule of the kernel", devices("c 10:229 rwm"), "schema.type", "devices[0]", "devices.form"),
    invalid("device without allow", fuse(allow=None), "schema.required", "devices[0].allow", "devices.allow.required"),
    invalid("device that is denied by a text", fuse(allow="false"), "schema.type", "devices[0].allow", "devices.form"),
    invalid("device that is allowed by a number", fuse(allow=1), "schema.type", "devices[0].allow", "devices.form"),
    invalid("device of a type in words", fuse(type="char"), "schema.enum", "devices[0].type", "devices.type.known"),
    invalid("device of a type in upper case", fuse(type="C"), "schema.enum", "devices[0].type", "devices.type.known"),
    invalid("device of the empty type", fuse(type=""), "schema.enum", "devices[0].type", "devices.type.known"),
    invalid("unbuffered device in a cgroup", fuse(type="u"), "schema.enum", "devices[0].type", "devices.type.known"),
    invalid("FIFO in a cgroup", fuse(type="p"), "schema.enum", "devices[0].type", "devices.type.known"),
    invalid("any major number by a star", fuse(major="*"), "schema.type", "devices[0].major", "devices.form"),
    invalid("minor number as a text", fuse(minor="229"), "schema.type", "devices[0].minor", "devices.form"),
    invalid("minor number of -2", fuse(minor=-2), "schema.minimum", "devices[0].minor", "devices.numbers.range"),
    invalid("major number of 2 to the 63", fuse(major=INT64), "schema.maximum", "devices[0].major", "devices.form"),
    invalid(
        "access of mounts", fuse(access="ro"), "cgroup_devices.access", "devices[0].access", "devices.access.known"
    ),
    invalid(
        "access to execute", fuse(access="rwx"), "cgroup_devices.access", "devices[0].access", "devices.access.known"
    ),
    invalid(
        "access in upper case", fuse(access="RWM"), "cgroup_devices.access", "devices[0].access", "devices.access.known"
    ),
    invalid(
        "access with commas", fuse(access="r,w"), "cgroup_devices.access", "devices[0].access", "devices.access.known"
    ),
    invalid("access as an array", fuse(access=["r", "w"]), "schema.type", "devices[0].access", "devices.form"),
    invalid("access as a number", fuse(access=6), "schema.type", "devices[0].access", "devices.form"),
    invalid("list of block devices", {"blockIO": [RATE]}, "schema.type", "blockIO", "block_io.form"),
    invalid("weight as a text", block(weight="500"), "schema.type", "blockIO.weight", "block_io.form"),
    invalid("negative weight", block(weight=-1), "schema.minimum", "blockIO.weight", "block_io.form"),
    invalid("weight of 2 to the 16", block(leafWeight=65536), "schema.maximum", "blockIO.leafWeight", "block_io.form"),
    invalid(
        "weight of one device as an object",
        block(weightDevice={**DISK, "weight": 500}),
        "schema.type",
        "blockIO.weightDevice",
        "block_io.form",
    ),
    invalid(
        "device without a weight",
        block(weightDevice=[DISK]),
        *("block_io.no_weight", "blockIO.weightDevice[0]", "block_io.weight_device.some_weight"),
    ),
    invalid(
        "device with a rate for a weight",
        block(weightDevice=[{**DISK, "weight": 100}, {"major": 8, "minor": 16, "rate": 500}]),
        *("block_io.no_weight", "blockIO.weightDevice[1]", "block_io.weight_device.some_weight"),
    ),
    invalid(
        "weight of a device without a major number",
        block(weightDevice=[{"minor": 0, "weight": 500}]),
        *("schema.required", "blockIO.weightDevice[0].major", "block_io.weight_device.numbers.required"),
    ),
    invalid(
        "weight of a device without a minor number",
        block(weightDevice=[{"major": 8, "weight": 500}]),
        *("schema.required", "blockIO.weightDevice[0].minor", "block_io.weight_device.numbers.required"),
    ),
    invalid(
        "weight of any device",
        block(weightDevice=[{"major": 8, "minor": -1, "weight": 500}]),
        *("schema.minimum", "blockIO.weightDevice[0].minor", "block_io.numbers.range"),
    ),
    invalid(
        "weight of a device as a fraction",
        block(weightDevice=[{**DISK, "weight": 0.5}]),
        *("schema.type", "blockIO.weightDevice[0].weight", "block_io.form"),
    ),
    invalid(
        "limit of a device by its path",
        block(throttleReadBpsDevice=[{"path": "/dev/sda", "major": 8, "rate": 600}]),
        *("schema.required", "blockIO.throttleReadBpsDevice[0].minor", "block_io.throttle_bps.numbers.required"),
    ),
    invalid(
        "limit of bytes without a rate",
        block(throttleWriteBpsDevice=[DISK]),
        *("schema.required", "blockIO.throttleWriteBpsDevice[0].rate", "block_io.throttle_bps.rate.required"),
    ),
    invalid(
        "rate with a unit",
        block(throttleReadBpsDevice=[{**DISK, "rate": "1mb"}]),
        *("schema.type", "blockIO.throttleReadBpsDevice[0].rate", "block_io.form"),
    ),
    invalid(
        "negative rate",
        block(throttleWriteBpsDevice=[{**DISK, "rate": -1}]),
        *("schema.minimum", "blockIO.throttleWriteBpsDevice[0].rate", "block_io.form"),
    ),
    invalid(
        "limit of operations without a major number",
        block(throttleReadIOPSDevice=[{"minor": 0, "rate": 600}]),
        *("schema.required", "blockIO.throttleReadIOPSDevice[0].major", "block_io.throttle_iops.numbers.required"),
    ),
    invalid(
        "limit of operations without a rate",
        block(throttleWriteIOPSDevice=[DISK]),
        *("schema.required", "blockIO.throttleWriteIOPSDevice[0].rate", "block_io.throttle_iops.rate.required"),
    ),
    invalid(
        "negative major number of a limit of operations",
        block(throttleWriteIOPSDevice=[{**RATE, "major": -8}]),
        *("schema.minimum", "blockIO.throttleWriteIOPSDevice[0].major", "block_io.numbers.range"),
    ),
    invalid(
        "rate of operations of 2 to the 64",
        block(throttleReadIOPSDevice=[{**DISK, "rate": UINT64}]),
        "schema.maximum",
        "blockIO.throttleReadIOPSDevice[0].rate",
        "block_io.form",
    ),
    invalid(
        "limits of huge pages by their size",
        {"hugepageLimits": {"2MB": 209715200}},
        *("schema.type", "hugepageLimits", "huge_page_limits.form"),
    ),
    invalid(
        "limit of huge pages without a size",
        {"hugepageLimits": [{"limit": 0}]},
        *("schema.required", "hugepageLimits[0].pageSize", "huge_page_limits.page_size.required"),
    ),
    invalid(
        "size of huge pages without a limit",
        {"hugepageLimits": [{"pageSize": "2MB"}]},
        *("schema.required", "hugepageLimits[0].limit", "huge_page_limits.limit.required"),
    ),
    invalid(
        "size of huge pages as a number",
        pages(2097152),
        "schema.type",
        "hugepageLimits[0].pageSize",
        "huge_page_limits.form",
    ),
    invalid(
        "unlimited huge pages", pages("2MB", -1), "schema.minimum", "hugepageLimits[0].limit", "huge_page_limits.form"
    ),
    invalid(
        "limit of huge pages as a text",
        pages("2MB", "200MB"),
        "schema.type",
        "hugepageLimits[0].limit",
        "huge_page_limits.form",
    ),
    *(
        invalid(
            f"size of huge pages that is {called}",
            pages(size),
            *("huge_pages.format", "hugepageLimits[0].pageSize", "huge_page_limits.page_size.format"),
        )
        for called, size in (
            ("in bytes", "2097152"),
            ("in bytes with their unit", "2097152B"),
            ("without a B", "2M"),
            ("in the units of Kubernetes", "2Mi"),
            ("in the units of IEC", "2MiB"),
            ("in lower case", "2mb"),
            ("in kilobytes of the metric system", "64kB"),
            ("with a blank", "2 MB"),
            ("a fraction", "0.5GB"),
            ("negative", "-2MB"),
            ("0", "0MB"),
            ("with a zero in front", "02MB"),
            ("a unit only", "MB"),
            ("empty", ""),
            ("in terabytes", "1TB"),
            ("the name of a file", "hugetlb.2MB"),
            ("in other digits", "\u0662MB"),
        )
    ),
    *(
        invalid(
            f"size of huge pages of {size}",
            pages(size),
            *("huge_pages.size", "hugepageLimits[0].pageSize", "huge_page_limits.page_size.file"),
        )
        for size in ("3MB", "1000KB", "2048KB", "1024MB", "1048576KB")
    ),
    invalid(
        "class of the network in the notation of tc",
        {"network": {"classID": "10:1"}},
        "schema.type",
        "network.classID",
        "network.form",
    ),
    invalid(
        "class of the network in hexadecimal",
        {"network": {"classID": "0x100001"}},
        "schema.type",
        "network.classID",
        "network.form",
    ),
    invalid(
        "class of the network of 2 to the 32",
        {"network": {"classID": UINT32}},
        "schema.maximum",
        "network.classID",
        "network.form",
    ),
    invalid(
        "negative class of the network",
        {"network": {"classID": -1}},
        "schema.minimum",
        "network.classID",
        "network.form",
    ),
    invalid(
        "network that is a list of priorities",
        {"network": [{"name": "eth0", "priority": 1}]},
        "schema.type",
        "network",
        "network.form",
    ),
    invalid(
        "priorities by their interfaces",
        {"network": {"priorities": {"eth0": 500}}},
        "schema.type",
        "network.priorities",
        "network.form",
    ),
    invalid(
        "priority without an interface",
        {"network": {"priorities": [{"priority": 500}]}},
        *("schema.required", "network.priorities[0].name", "network.priorities.name.required"),
    ),
    invalid(
        "interface without a priority",
        {"network": {"priorities": [{"name": "eth0"}]}},
        *("schema.required", "network.priorities[0].priority", "network.priorities.priority.required"),
    ),
    invalid(
        "negative priority", priority(priority=-1), "schema.minimum", "network.priorities[0].priority", "network.form"
    ),
    invalid(
        "priority in words", priority(priority="high"), "schema.type", "network.priorities[0].priority", "network.form"
    ),
    invalid("interface by its number", priority(name=2), "schema.type", "network.priorities[0].name", "network.form"),
    *(
        invalid(
            f"interface with {called}",
            priority(name=name),
            *("network.name", "network.priorities[0].name", "network.priorities.name"),
        )
        for called, name in (
            ("no name", ""),
            ("a name of 16 bytes", "enp0s20f0u1u3i56"),
            ("a slash in its name", "net/eth0"),
            ("a blank in its name", "eth0 eth1"),
            ("a colon in its name", "eth0:1"),
        )
    ),
    invalid("number of tasks alone", {"pids": 100}, "schema.type", "pids", "pids.form"),
    invalid(
        "limit of tasks in the notation of the kernel",
        {"pids": {"limit": "max"}},
        "schema.type",
        "pids.limit",
        "pids.form",
    ),
    invalid("limit of tasks of -2", {"pids": {"limit": -2}}, "schema.minimum", "pids.limit", "pids.limit.range"),
    invalid("limit of tasks of 2 to the 63", {"pids": {"limit": INT64}}, "schema.maximum", "pids.limit", "pids.form"),
    invalid(
        "no limit of tasks where it is required",
        {"pids": {}},
        "pids.limit",
        "pids.limit",
        "pids.limit.required",
        version="1.2.1",
    ),
    invalid(
        "no limit of tasks in the first version",
        {"pids": {}},
        "pids.limit",
        "pids.limit",
        "pids.limit.required",
        version="1.0.0",
    ),
    invalid("list of limits of RDMA", {"rdma": [{"hcaHandles": 3}]}, "schema.type", "rdma", "rdma.form"),
    invalid(
        "limit of RDMA without a device", {"rdma": {"hcaHandles": 3}}, "schema.type", "rdma.hcaHandles", "rdma.form"
    ),
    invalid(
        "device of RDMA without a limit", {"rdma": {"mlx5_1": {}}}, "rdma.no_limit", "rdma.mlx5_1", "rdma.some_limit"
    ),
    invalid(
        "device of RDMA with other limits",
        {"rdma": {"mlx5_1": {"handles": 3}}},
        *("rdma.no_limit", "rdma.mlx5_1", "rdma.some_limit"),
    ),
    invalid(
        "unlimited handles",
        {"rdma": {"mlx5_1": {"hcaHandles": "max"}}},
        "schema.type",
        "rdma.mlx5_1.hcaHandles",
        "rdma.form",
    ),
    invalid(
        "handles of -1",
        {"rdma": {"mlx5_1": {"hcaHandles": -1}}},
        "schema.minimum",
        "rdma.mlx5_1.hcaHandles",
        "rdma.form",
    ),
    invalid(
        "objects of 2 to the 32",
        {"rdma": {"mlx5_1": {"hcaObjects": UINT32}}},
        "schema.maximum",
        "rdma.mlx5_1.hcaObjects",
        "rdma.form",
    ),
    *(
        invalid(
            f"device of RDMA with {called}",
            {"rdma": {name: {"hcaHandles": 3}}},
            "rdma.device",
            f"rdma['{name}']",
            "rdma.devices",
        )
        for called, name in (
            ("no name", ""),
            ("a blank in its name", "mlx5 1"),
            ("a path for its name", "/dev/infiniband"),
            ("a blank after its name", "mlx5_1 "),
        )
    ),
    invalid("list of files of a cgroup", {"unified": ["memory.max"]}, "schema.type", "unified", "unified.form"),
    invalid(
        "number for a file of a cgroup",
        {"unified": {"pids.max": 100}},
        "schema.type",
        "unified['pids.max']",
        "unified.form",
    ),
    invalid(
        "nested files of a cgroup",
        {"unified": {"memory": {"max": "1"}}},
        "schema.type",
        "unified.memory",
        "unified.form",
    ),
    *(
        invalid(
            f"file of a cgroup that {called}",
            {"unified": {name: "1"}},
            "unified.file",
            f"unified['{name}']",
            "unified.files",
        )
        for called, name in (
            ("is in another cgroup", "../memory.max"),
            ("is in a cgroup below", "child/memory.max"),
            ("has an absolute path", "/sys/fs/cgroup/memory.max"),
            ("has no name", ""),
            ("has no controller", ".max"),
            ("has a controller only", "memory."),
            ("is the cgroup itself", "."),
        )
    ),
    invalid(
        "file of a cgroup without a dot",
        {"unified": {"freeze": "1"}},
        "unified.file",
        "unified.freeze",
        "unified.files",
    ),
]

WARNED = [
    noted(
        "limit of kernel memory",
        {"memory": {"kernel": -1}},
        "schema.deprecated",
        "memory.kernel",
        "memory.kernel.deprecated",
    ),
    noted(
        "limit of TCP buffers",
        {"memory": {"kernelTCP": 1048576}},
        "schema.deprecated",
        "memory.kernelTCP",
        "memory.kernel_tcp.deprecated",
    ),
    noted(
        "soft limit above the hard one, as in an example of the text",
        {"memory": {"limit": 100000, "reservation": 200000}},
        *("memory.reservation", "memory.reservation"),
    ),
    noted(
        "limit of swap as if memory did not count",
        {"memory": {"limit": 67108864, "swap": 33554432}},
        "memory.swap",
        "memory.swap",
    ),
    noted("limit of swap alone", {"memory": {"swap": 33554432}}, "memory.unlimited_with_swap", "memory.swap"),
    noted(
        "limit of swap with unlimited memory",
        {"memory": {"limit": -1, "swap": 33554432}},
        "memory.unlimited_with_swap",
        "memory.swap",
    ),
    noted("memory without a hierarchy", {"memory": {"useHierarchy": False}}, "memory.hierarchy", "memory.useHierarchy"),
    noted("quota in milliseconds", {"cpu": {"quota": 50, "period": 100000}}, "cpu.bandwidth", "cpu.quota"),
    noted("period in milliseconds", {"cpu": {"quota": 50000, "period": 100}}, "cpu.bandwidth", "cpu.period"),
    noted("period in nanoseconds", {"cpu": {"period": 100000000}}, "cpu.bandwidth", "cpu.period"),
    noted("one share", {"cpu": {"shares": 1}}, "cpu.shares", "cpu.shares"),
    noted("more shares than Linux has", {"cpu": {"shares": 262145}}, "cpu.shares", "cpu.shares"),
    noted(
        "more realtime than there is",
        {"cpu": {"realtimeRuntime": 950001, "realtimePeriod": 950000}},
        *("cpu.realtime", "cpu.realtimeRuntime"),
    ),
    noted("shares of an idle container", {"cpu": {"idle": 1, "shares": 512}}, "cpu.idle_shares", "cpu.shares"),
    noted("device without access", fuse(access=None), "cgroup_devices.no_access", "devices[0].access"),
    noted("device with no access", fuse(access=""), "cgroup_devices.no_access", "devices[0].access"),
    noted("device whose type was forgotten", fuse(type=None), "cgroup_devices.all_types", "devices[0].type"),
    noted("numbers of all devices", fuse(type="a", major=None), "cgroup_devices.all_types", "devices[0].type"),
    noted("any minor number, as Docker writes it", fuse(minor=-1), "cgroup_devices.minus_one", "devices[0].minor"),
    noted("weight of 9", block(weight=9), "block_io.weight", "blockIO.weight"),
    noted("weight of cgroup v2", block(weight=10000), "block_io.weight", "blockIO.weight"),
    noted(
        "weight of a device of 1001",
        block(weightDevice=[{**DISK, "leafWeight": 1001}]),
        "block_io.weight",
        "blockIO.weightDevice[0].leafWeight",
    ),
    noted(
        "device that is limited twice",
        block(throttleReadBpsDevice=[RATE, {**RATE, "rate": 1}]),
        "block_io.duplicate",
        "blockIO.throttleReadBpsDevice[1]",
    ),
    noted(
        "size of huge pages that is there twice",
        {"hugepageLimits": [{"pageSize": "2MB", "limit": 0}, {"pageSize": "2MB", "limit": 2097152}]},
        *("huge_pages.duplicate", "hugepageLimits[1].pageSize"),
    ),
    noted(
        "interface that is there twice",
        {"network": {"priorities": [{"name": "eth0", "priority": 1}, {"name": "eth0", "priority": 2}]}},
        *("network.duplicate", "network.priorities[1].name"),
    ),
    noted("no tasks at all", {"pids": {"limit": 0}}, "pids.zero", "pids.limit"),
    noted(
        "file of cgroup v1",
        {"unified": {"memory.limit_in_bytes": "1"}},
        "unified.version1",
        "unified['memory.limit_in_bytes']",
    ),
    noted("controller of cgroup v1", {"unified": {"blkio.weight": "1"}}, "unified.version1", "unified['blkio.weight']"),
    noted(
        "file of a cgroup with a slip", {"unified": {"memory.hihg": "1"}}, "unified.spelling", "unified['memory.hihg']"
    ),
    noted(
        "file of a cgroup in upper case", {"unified": {"Memory.Max": "1"}}, "unified.spelling", "unified['Memory.Max']"
    ),
    warned("property of memory in another notation", {"memory": {"Limit": 1}}, "names.spelling", "memory.Limit"),
    warned("limits of huge pages by another name", {"hugePageLimits": []}, "names.spelling", "hugePageLimits"),
    warned(
        "limits in another case",
        block(throttleReadIopsDevice=[RATE]),
        "names.spelling",
        "blockIO.throttleReadIopsDevice",
    ),
    warned(
        "RDMA in an older version", {"rdma": {"mlx5_1": {"hcaHandles": 3}}}, "version.newer", "rdma", version="1.0.1"
    ),
    warned(
        "files of cgroup v2 in an older version",
        {"unified": {"memory.max": "1"}},
        "version.newer",
        "unified",
        version="1.0.2",
    ),
    warned("burst in an older version", {"cpu": {"burst": 1000}}, "version.newer", "cpu.burst", version="1.0.2"),
    warned("idle in an older version", {"cpu": {"idle": 1}}, "version.newer", "cpu.idle", version="1.0.2"),
    warned(
        "check of memory in an older version",
        {"memory": {"checkBeforeUpdate": True}},
        "version.newer",
        "memory.checkBeforeUpdate",
        version="1.0.2",
    ),
    warned(
        "hierarchy of memory in an older version",
        {"memory": {"useHierarchy": True}},
        "version.newer",
        "memory.useHierarchy",
        version="1.0.1",
    ),
]
