"""Mutants whose process finds itself in other circumstances than it should."""

from __future__ import annotations

from conformance.mutants.mutant import changed, mutant, transform_plan, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reference_runtime.steps import Step


def leave_out_namespace(type_: str) -> None:
    """Do not create a namespace of a type."""

    def leave_out(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "namespaces.create":
                step.arguments["types"] = [name for name in step.arguments["types"] if name != type_]
        return steps

    transform_plan(leave_out)


@mutant("config_linux.namespaces.created", "config_linux.namespaces.pid.isolated")
def no_pid_namespace() -> None:
    """No new pid namespace is made."""
    leave_out_namespace("pid")


@mutant("config_linux.namespaces.created")
def no_ipc_namespace() -> None:
    """No new ipc namespace is made."""
    leave_out_namespace("ipc")


@mutant("config_linux.namespaces.time.isolated")
def no_time_namespace() -> None:
    """No new time namespace is made."""
    leave_out_namespace("time")


@mutant("config_linux.namespaces.inherited")
def cgroup_namespace_is_always_new() -> None:
    """A cgroup namespace is made though it is not listed."""

    def add(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "namespaces.create" and "cgroup" not in step.arguments["types"]:
                step.arguments["types"] = [*step.arguments["types"], "cgroup"]
        return steps

    transform_plan(add)


@mutant("config_linux.namespaces.path.joined")
def paths_of_namespaces_are_ignored() -> None:
    """A namespace with a path is not joined."""
    without("namespaces.join")


@mutant("runtime.create.property_not_applicable")
def namespace_of_another_type_is_joined() -> None:
    """The type of a namespace that is joined is not looked at."""
    from reference_runtime import namespaces

    original = namespaces.join

    def join(context: object, type_: str, path: str) -> None:
        try:
            original(context, type_, path)  # type: ignore[arg-type]
        except OSError:
            return

    namespaces.join = join


@mutant("config_linux.id_mappings.applied")
def groups_are_mapped_as_users() -> None:
    """gidMappings are not looked at: groups are mapped as users are."""

    def change(steps: list[Step]) -> list[Step]:
        found = [step for step in steps if step.action == "namespaces.map_ids"]
        for step in found:
            step.arguments["mappings"] = found[0].arguments["mappings"]
        return steps

    transform_plan(change)


@mutant("config_linux.time_offsets.applied")
def clocks_have_no_offset() -> None:
    """timeOffsets are ignored."""
    without("namespaces.offset_clock")


@mutant("config_linux.namespaces.mount.isolated")
def mounts_are_seen_outside() -> None:
    """The root is bound where everybody sees it."""
    import os

    from reference_runtime import init, syscalls

    fork = init.fork

    def bind_and_fork(context: object) -> None:
        rootfs = context.config.rootfs  # type: ignore[attr-defined]
        syscalls.mount(rootfs, os.path.realpath(rootfs), None, syscalls.MS_BIND)
        fork(context)  # type: ignore[arg-type]

    init.fork = bind_and_fork


@mutant("config_linux.cgroups_path.created", "config_linux.cgroups_path.attached")
def process_is_not_in_its_cgroup() -> None:
    """The cgroups are made, and the process is not moved there."""
    without("cgroups.groups.attach")


@mutant("config_linux.cgroups_path.attached")
def cgroup_is_at_the_top() -> None:
    """Of cgroupsPath, only the first name counts."""
    from reference_runtime.cgroups import groups

    original = groups.path_of
    groups.path_of = lambda config: original(config).split("/")[0]


@mutant("config_linux.sysctl.applied")
def kernel_parameters_are_ignored() -> None:
    """sysctl is ignored."""
    without("namespaces.set_sysctl")


@mutant("config_linux.rootfs_propagation.shared", "config_linux.rootfs_propagation.unbindable")
def propagation_of_the_root_is_ignored() -> None:
    """rootfsPropagation is ignored."""
    without("mounts.propagate_root")


@mutant("config_linux.rootfs_propagation.private", "config_linux.rootfs_propagation.slave")
def root_is_always_shared() -> None:
    """The root is shared, whatever rootfsPropagation says."""
    changed("mounts.propagate_root", propagation="shared")


@mutant("config.process.cwd.initial", "runtime.lifecycle.environment.as_configured")
def program_starts_in_the_root() -> None:
    """The program starts in /."""
    changed("process.change_directory", path="/")


@mutant("config.process.user.ids")
def program_runs_as_root() -> None:
    """The program runs as root."""
    changed("process.become", uid=0)


@mutant("config.process.user.ids")
def program_has_other_groups() -> None:
    """The additional groups are ignored."""
    changed("process.become", groups=[])


@mutant("config.process.user.umask")
def umask_is_always_022() -> None:
    """The umask is 022, whatever user.umask says."""
    changed("process.set_umask", mask=0o022)


@mutant("config.process.user.umask.default")
def umask_is_022_by_default() -> None:
    """Without user.umask, the umask is 022."""

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "process.set_umask" and step.arguments["mask"] is None:
                step.arguments["mask"] = 0o022
        return steps

    transform_plan(change)


@mutant("config.process.rlimits.applied")
def hard_limits_are_the_soft_ones() -> None:
    """The hard limit is set to the soft one."""

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "process.set_limit":
                step.arguments["hard"] = step.arguments["soft"]
        return steps

    transform_plan(change)


@mutant("config.process.capabilities.applied")
def bounding_set_is_full() -> None:
    """Nothing is dropped from the bounding set."""
    from reference_runtime import capabilities

    capabilities.limit_bounding = lambda context, wanted: None


@mutant("config.process.capabilities.applied")
def nothing_is_ambient() -> None:
    """Ambient capabilities are not raised."""

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "process.become":
                step.arguments["sets"] = {**step.arguments["sets"], "ambient": []}
        return steps

    transform_plan(change)


@mutant("config.process.no_new_privileges")
def privileges_can_be_gained() -> None:
    """noNewPrivileges is ignored."""
    without("process.set_no_new_privileges")


@mutant("config.process.oom_score_adj.applied")
def oom_score_is_ignored() -> None:
    """oomScoreAdj is ignored."""
    without("process.set_oom_score")


@mutant("config.process.terminal.allocated", "command_line.console_socket.master")
def terminal_is_not_attached() -> None:
    """A terminal is made and passed, and is not the program's."""
    without("terminal.attach")


@mutant("command_line.console_socket.master")
def master_is_not_sent() -> None:
    """The master of the terminal is not passed through the socket."""
    from reference_runtime import terminal

    def send_nothing(context: object) -> None:
        import os

        os.close(context.descriptors.pop("console socket"))  # type: ignore[attr-defined]

    terminal.send_master = send_nothing


@mutant("config.hostname.set", "runtime.lifecycle.environment.as_configured")
def hostname_is_ignored() -> None:
    """hostname is ignored."""
    without("namespaces.set_hostname")


@mutant("config.domainname.set")
def domainname_is_the_hostname() -> None:
    """domainname is set to another value."""
    changed("namespaces.set_domainname", name="another")


@mutant("runtime.lifecycle.resources_created", "runtime.create.applies_properties")
def root_is_changed_by_start() -> None:
    """The root is changed when the container is started, and not before."""

    def later(steps: list[Step]) -> list[Step]:
        place = next(i for i, step in enumerate(steps) if step.action == "process.execute")
        late = [step for step in steps if step.action == "mounts.pivot"]
        for step in late:
            step.when = "start"
        return [s for s in [*steps[:place], *late, *steps[place:]] if s not in late or s.when == "start"]

    transform_plan(later)
