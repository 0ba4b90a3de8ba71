"""Mutants that do something else with the cgroup than the configuration says."""

from __future__ import annotations

from conformance.mutants.mutant import mutant, transform_plan, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from reference_runtime.steps import Step

_RESOURCES = "config_linux.resources"

_ACTIONS = ("cgroups.limits.write", "cgroups.v1_limits.limit_memory", "cgroups.v1_limits.limit_kernel_memory")


def leave_out(*places: str) -> None:
    """Do not write what these properties of `linux.resources` ask for."""
    prefixes = tuple(f"$.linux.resources.{place}" for place in places)

    def keep(steps: list[Step]) -> list[Step]:
        return [step for step in steps if step.action not in _ACTIONS or not step.place.startswith(prefixes)]

    transform_plan(keep)


def write_otherwise(change: Callable[[str, str], str | None], *names: str) -> None:
    """Change what is written to these files; with None, a file is not written."""

    def rewrite(steps: list[Step]) -> list[Step]:
        for step in steps:
            files = step.arguments.get("files", {})
            found = {name: change(name, value) if name in names else value for name, value in files.items()}
            step.arguments["files"] = {name: value for name, value in found.items() if value is not None}
        return [step for step in steps if step.arguments["files"] or not step.action.startswith("cgroups.")]

    def only_limits(steps: list[Step]) -> list[Step]:
        limits = [step for step in steps if step.action in _ACTIONS]
        kept = rewrite(limits)
        return [step for step in steps if step not in limits or step in kept]

    transform_plan(only_limits)


@mutant(f"{_RESOURCES}.memory.applied", f"{_RESOURCES}.memory.limit", f"{_RESOURCES}.memory.oom_killer.kills")
def memory_is_not_limited() -> None:
    """memory.limit and memory.swap are ignored."""
    leave_out("memory.limit")


@mutant(f"{_RESOURCES}.memory.oom_killer.default", f"{_RESOURCES}.memory.use_hierarchy")
def memory_limits_are_those_of_a_cgroup_above() -> None:
    """The container is in another cgroup than the one that is limited."""

    def move(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "cgroups.groups.attach" and "/memory/" in step.arguments["path"]:
                step.arguments["path"] = step.arguments["path"].rpartition("/")[0]
        return steps

    transform_plan(move)


@mutant(f"{_RESOURCES}.memory.limit", f"{_RESOURCES}.memory.unit")
def memory_is_in_kibibytes() -> None:
    """memory.limit counts kibibytes."""
    write_otherwise(lambda name, value: str(abs(int(value)) << 10), "memory.limit_in_bytes", "memory.max")


@mutant(f"{_RESOURCES}.memory.reservation", f"{_RESOURCES}.memory.unit")
def memory_reservation_is_ignored() -> None:
    """memory.reservation is ignored."""
    leave_out("memory.reservation")


@mutant(f"{_RESOURCES}.memory.swap", f"{_RESOURCES}.memory.unit")
def swap_is_not_limited() -> None:
    """memory.swap is ignored."""
    write_otherwise(lambda name, value: None, "memory.memsw.limit_in_bytes", "memory.swap.max")


@mutant(f"{_RESOURCES}.memory.kernel", f"{_RESOURCES}.memory.kernel_tcp")
def kernel_memory_is_not_limited() -> None:
    """memory.kernel and memory.kernelTCP are ignored."""
    leave_out("memory.kernel")


@mutant(f"{_RESOURCES}.memory.swappiness")
def swappiness_is_ignored() -> None:
    """memory.swappiness is ignored."""
    leave_out("memory.swappiness")


@mutant(f"{_RESOURCES}.memory.oom_killer.disabled")
def oom_killer_is_inverted() -> None:
    """memory.disableOOMKiller means the opposite."""
    write_otherwise(lambda name, value: str(1 - int(value)), "memory.oom_control")


@mutant(f"{_RESOURCES}.memory.check_before_update", f"{_RESOURCES}.memory.check_before_update.rejected")
def limits_that_the_kernel_rejects_are_passed_over() -> None:
    """That a limit cannot be written is ignored."""
    from reference_runtime.cgroups import v1_limits

    original = v1_limits.limit_memory

    def limit_memory(context: object, directory: str, files: dict[str, str]) -> None:
        try:
            original(context, directory, files)  # type: ignore[arg-type]
        except OSError:
            return

    v1_limits.limit_memory = limit_memory


@mutant(f"{_RESOURCES}.cpu.shares")
def shares_are_the_usual_ones() -> None:
    """cpu.shares is ignored."""
    leave_out("cpu.shares")


@mutant(f"{_RESOURCES}.cpu.quota", f"{_RESOURCES}.cpu.period")
def quota_is_the_period() -> None:
    """The values of cpu.quota and cpu.period are mixed up."""

    def swap(name: str, value: str) -> str:
        return "100000" if name == "cpu.cfs_period_us" else "200000"

    write_otherwise(swap, "cpu.cfs_quota_us", "cpu.cfs_period_us")


@mutant(f"{_RESOURCES}.cpu.burst")
def burst_is_ignored() -> None:
    """cpu.burst is ignored."""
    leave_out("cpu.burst")


@mutant(f"{_RESOURCES}.cpu.realtime_runtime", f"{_RESOURCES}.cpu.realtime_period")
def realtime_is_ignored() -> None:
    """cpu.realtimeRuntime and cpu.realtimePeriod are ignored."""
    leave_out("cpu.realtime")


@mutant(f"{_RESOURCES}.cpu.applied", f"{_RESOURCES}.cpu.cpus")
def every_cpu_is_allowed() -> None:
    """cpu.cpus is ignored."""
    leave_out("cpu.cpus")


@mutant(f"{_RESOURCES}.cpu.cpus")
def cpus_are_those_of_a_cgroup_above() -> None:
    """The CPUs are set for a cgroup that the container is not in."""

    def move(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "cgroups.groups.attach" and "/cpuset/" in step.arguments["path"]:
                step.arguments["path"] = step.arguments["path"].rpartition("/")[0]
        return steps

    transform_plan(move)


@mutant(f"{_RESOURCES}.cpu.mems")
def every_memory_node_is_allowed() -> None:
    """cpu.mems is ignored."""
    leave_out("cpu.mems")


@mutant(f"{_RESOURCES}.cpu.idle")
def idle_is_ignored() -> None:
    """cpu.idle is ignored."""
    leave_out("cpu.idle")


@mutant(f"{_RESOURCES}.pids.applied", f"{_RESOURCES}.pids.limit", f"{_RESOURCES}.pids.limit.unlimited")
def tasks_are_not_limited() -> None:
    """pids.limit is ignored."""
    leave_out("pids")


@mutant(f"{_RESOURCES}.pids.limit.zero")
def a_limit_of_0_is_none() -> None:
    """A pids.limit of 0 is taken for one that is not set."""
    write_otherwise(lambda name, value: "max" if value == "0" else value, "pids.max")


@mutant(f"{_RESOURCES}.pids.limit.optional")
def tasks_are_not_limited_by_default() -> None:
    """A `pids` without a limit takes the limit off."""
    from reference_runtime import config as configs

    original = configs.from_bytes

    def from_bytes(content: bytes, bundle: str, identifier: str) -> configs.Config:
        config = original(content, bundle, identifier)
        if (pids := config.linux.get("resources", {}).get("pids")) is not None:
            pids.setdefault("limit", -1)
        return config

    configs.from_bytes = from_bytes


@mutant(f"{_RESOURCES}.block_io.weight")
def weight_of_block_io_is_ignored() -> None:
    """blockIO.weight is ignored."""
    leave_out("blockIO.weight")


@mutant(f"{_RESOURCES}.block_io.leaf_weight", f"{_RESOURCES}.block_io.weight_device.leaf_weight")
def leaf_weights_are_ignored() -> None:
    """leafWeight is ignored wherever it is."""

    def keep(steps: list[Step]) -> list[Step]:
        return [step for step in steps if not step.place.endswith(".leafWeight")]

    transform_plan(keep)


@mutant(f"{_RESOURCES}.block_io.throttle_read_bps", f"{_RESOURCES}.block_io.throttle_write_bps")
def bytes_read_and_written_are_mixed_up() -> None:
    """The limits of bytes that are read and written are mixed up."""
    exchange("blkio.throttle.read_bps_device", "blkio.throttle.write_bps_device")


@mutant(f"{_RESOURCES}.block_io.throttle_read_iops", f"{_RESOURCES}.block_io.throttle_write_iops")
def reads_and_writes_are_mixed_up() -> None:
    """The limits of operations that read and write are mixed up."""
    exchange("blkio.throttle.read_iops_device", "blkio.throttle.write_iops_device")


@mutant(f"{_RESOURCES}.block_io.weight_device", f"{_RESOURCES}.block_io.weight_device.weight")
def weights_on_devices_are_ignored() -> None:
    """blockIO.weightDevice is ignored."""
    leave_out("blockIO.weightDevice")


@mutant(f"{_RESOURCES}.block_io.applied")
def block_devices_are_not_limited() -> None:
    """blockIO is ignored."""
    leave_out("blockIO")


def exchange(one: str, other: str) -> None:
    """Write to each of two files what is for the other."""

    def rename(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action in _ACTIONS:
                names = {one: other, other: one}
                step.arguments["files"] = {names.get(n, n): value for n, value in step.arguments["files"].items()}
        return steps

    transform_plan(rename)


@mutant(f"{_RESOURCES}.huge_page_limits.applied", f"{_RESOURCES}.huge_page_limits.page_size.base")
def huge_pages_are_not_limited() -> None:
    """hugepageLimits is ignored."""
    leave_out("hugepageLimits")


@mutant(f"{_RESOURCES}.huge_page_limits.reservation")
def reservations_are_not_limited() -> None:
    """Only page faults are limited."""

    def drop(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action in _ACTIONS:
                files = step.arguments["files"]
                step.arguments["files"] = {name: value for name, value in files.items() if ".rsvd." not in name}
        return steps

    transform_plan(drop)


@mutant(f"{_RESOURCES}.huge_page_limits.fault")
def page_faults_are_not_limited() -> None:
    """Where reservations cannot be limited, nothing is."""
    leave_out("hugepageLimits")


@mutant(f"{_RESOURCES}.network.applied", f"{_RESOURCES}.network.class_id", f"{_RESOURCES}.network.priorities")
def network_is_ignored() -> None:
    """network is ignored."""
    leave_out("network")


@mutant(f"{_RESOURCES}.rdma.applied", f"{_RESOURCES}.rdma.hca_handles", f"{_RESOURCES}.rdma.hca_objects")
def rdma_is_ignored() -> None:
    """rdma is ignored."""
    leave_out("rdma")


@mutant(f"{_RESOURCES}.unified.applied", f"{_RESOURCES}.unified.unknown")
def unified_is_ignored() -> None:
    """unified is looked at, and not written."""
    leave_out("unified")


@mutant(f"{_RESOURCES}.unified.unknown")
def unknown_parameters_are_ignored() -> None:
    """Of unified, what belongs to no controller is ignored."""
    leave_out("unified['cgroup.")


@mutant(f"{_RESOURCES}.unified.controllers.enabled")
def controllers_are_not_enabled() -> None:
    """Controllers are not enabled, and the files that are not there are not written."""
    without("cgroups.v2_limits.enable")
    leave_out("unified")


@mutant(f"{_RESOURCES}.unified.controllers.absent")
def absent_controllers_are_passed_over() -> None:
    """Parameters whose controller is not there are ignored."""
    from reference_runtime.cgroups import unified
    from reference_runtime.errors import UnsupportedConfig

    original = unified.settings

    def settings(config: object, host: object) -> list[object]:
        try:
            return list(original(config, host))  # type: ignore[arg-type]
        except UnsupportedConfig:
            return []

    unified.settings = settings  # type: ignore[assignment]


@mutant(f"{_RESOURCES}.unified.conversion.impossible")
def what_cannot_be_converted_is_ignored() -> None:
    """What cgroup v2 has nothing for is ignored."""
    from reference_runtime.cgroups import v2_limits

    v2_limits._refuse = lambda place, impossible: None


@mutant("config_linux.cgroup_ownership.writable")
def cgroups_are_never_delegated() -> None:
    """The owner of a cgroup is never changed."""
    without("cgroups.ownership.give")


@mutant("config_linux.cgroup_ownership.writable", "config_linux.cgroup_ownership.no_mount")
def cgroups_are_delegated_whatever_is_mounted() -> None:
    """The owner is changed without a mount of the cgroup filesystem."""
    from reference_runtime.cgroups import ownership

    ownership._writable_mount = lambda config: "$.mounts"


@mutant("config_linux.cgroup_ownership.cgroup_namespace")
def cgroups_are_delegated_without_a_namespace() -> None:
    """The owner is changed though the cgroup namespace is the runtime's."""
    give_to_the_user()


@mutant("config_linux.cgroup_ownership.changed")
def cgroups_are_delegated_to_the_same_number() -> None:
    """The owner has the ID on the host that it has in the container."""
    from reference_runtime.cgroups import ownership

    ownership._host_uid = lambda config: config.process["user"]["uid"]


@mutant("config_linux.cgroup_ownership.delegated", "config_linux.cgroup_ownership.other_files")
def all_files_are_delegated() -> None:
    """Every file of the cgroup changes its owner."""
    delegate_files("cgroup.procs", "cgroup.subtree_control", "cgroup.threads", "cgroup.max.depth")


@mutant("config_linux.cgroup_ownership.existing_files", "config_linux.cgroup_ownership.fallback")
def some_files_are_not_delegated() -> None:
    """Of the files of the list, one changes its owner."""
    delegate_files("cgroup.procs")


@mutant("config_linux.cgroup_ownership.missing_files")
def missing_files_are_a_failure() -> None:
    """That a file of the list is missing is a failure."""
    import os

    from reference_runtime import kernel_files
    from reference_runtime.cgroups import ownership

    def give(context: object, path: str, uid: int) -> None:
        for name in kernel_files.read("/sys/kernel/cgroup/delegate").split():
            os.chown(f"{path}/{name}", uid, -1)

    ownership.give = give


def delegate_files(*names: str) -> None:
    """Change the owner of these files, whatever the list says."""
    from reference_runtime.cgroups import ownership

    ownership._delegated = lambda: list(names)


@mutant("config_linux.cgroup_ownership.cgroup_v1")
def cgroups_of_v1_are_delegated() -> None:
    """The cgroups of v1 are given to the user as well."""
    give_to_the_user()


def give_to_the_user() -> None:
    """Change the owner of all cgroups, under no conditions."""
    from reference_runtime.steps import RUNTIME, Step

    def add(steps: list[Step]) -> list[Step]:
        place = next(i for i, step in enumerate(steps) if step.action == "init.enter") + 1
        paths = [step.arguments["path"] for step in steps if step.action == "cgroups.groups.attach"]
        uid = next((step.arguments["uid"] for step in steps if step.action == "process.become"), 0)
        why = "config_linux.cgroup_ownership.changed"
        given = [Step("cgroups.ownership.give", why, where=RUNTIME, path=path, uid=uid) for path in paths]
        return [*steps[:place], *given, *steps[place:]]

    transform_plan(add)


@mutant("config_linux.cgroups_path.consistent")
def cgroup_is_named_for_the_container() -> None:
    """The cgroup has the name of the container in it, whatever cgroupsPath says."""
    from reference_runtime.cgroups import groups

    original = groups.path_of
    groups.path_of = lambda config: f"{original(config)}/{config.identifier}"


@mutant("config_linux.cgroups_path.default")
def cgroups_path_is_required() -> None:
    """A config without cgroupsPath is refused."""
    from reference_runtime.cgroups import groups

    groups.path_of = lambda config: str(config.linux["cgroupsPath"]).strip("/")


@mutant("config_linux.cgroups_path.invalid.error", "config_linux.cgroups.unfit")
def cgroups_are_done_without() -> None:
    """A container whose cgroup cannot be made, or has others in it, goes without."""
    import os

    def drop(steps: list[Step]) -> list[Step]:
        paths = [step.arguments["path"] for step in steps if step.action == "cgroups.groups.attach"]
        odd = any(len(name) > 255 for path in paths for name in path.split("/")) or any(map(os.path.exists, paths))
        return [step for step in steps if not (odd and step.action.startswith("cgroups."))]

    transform_plan(drop)


@mutant("config_linux.cgroups_path.limits_kept")
def limits_are_taken_off() -> None:
    """Without `resources`, there are no limits."""
    from reference_runtime.steps import RUNTIME, Step

    def add(steps: list[Step]) -> list[Step]:
        place = next(i for i, step in enumerate(steps) if step.action == "init.enter") + 1
        paths = [step.arguments["path"] for step in steps if step.action == "cgroups.groups.attach"]
        why = "config_linux.resources.pids.limit"
        written = [
            Step("cgroups.limits.write", why, where=RUNTIME, directory=path, files={"pids.max": "max"})
            for path in paths
            if "/pids/" in path
        ]
        return [*steps[:place], *written, *steps[place:]]

    transform_plan(add)
