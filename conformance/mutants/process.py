"""Mutants whose program is another process than it should be."""

from __future__ import annotations

from conformance.mutants.mutant import changed, mutant, transform_plan, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from reference_runtime.steps import Step


def executed(change: Callable[[list[str], list[str]], tuple[list[str], list[str]]]) -> None:
    """Change the arguments and the environment with which the program is executed."""

    def change_step(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "process.execute":
                arguments, environment = change(step.arguments["arguments"], step.arguments["environment"])
                step.arguments.update(arguments=arguments, environment=environment)
        return steps

    transform_plan(change_step)


def searched(candidates: Callable[[str, list[str]], list[str]]) -> None:
    """Look for the program elsewhere."""
    from reference_runtime import process

    process._candidates = candidates  # type: ignore[assignment]


def before_execution(do: Callable[[Any], None]) -> None:
    """Have the container's process do something right before it executes the program."""
    from reference_runtime import process

    execute = process.execute

    def execute_afterwards(context: Any, arguments: list[str], environment: list[str]) -> None:
        do(context)
        execute(context, arguments, environment)

    process.execute = execute_afterwards


# Environment and arguments


@mutant("config.process.env.exact")
def home_is_added() -> None:
    """HOME is set if the configuration does not do it."""

    def change(arguments: list[str], environment: list[str]) -> tuple[list[str], list[str]]:
        has_home = any(variable.startswith("HOME=") for variable in environment)
        return arguments, environment if has_home else [*environment, "HOME=/root"]

    executed(change)


@mutant("config.process.env.exact")
def environment_of_the_caller_is_inherited() -> None:
    """The program has the environment of the runtime's caller besides."""
    import os

    def change(arguments: list[str], environment: list[str]) -> tuple[list[str], list[str]]:
        return arguments, [*environment, *(f"{name}={value}" for name, value in os.environ.items())]

    executed(change)


@mutant("config.process.env.exact")
def empty_variables_are_dropped() -> None:
    """Variables without a value are not set."""
    executed(lambda arguments, environment: (arguments, [entry for entry in environment if not entry.endswith("=")]))


@mutant("config.process.args.argv")
def empty_arguments_are_dropped() -> None:
    """Empty arguments are left out."""
    executed(lambda arguments, environment: ([word for word in arguments if word], environment))


@mutant("config.process.args.searched")
def path_of_the_caller_is_searched() -> None:
    """A program is looked for in the PATH of the runtime's caller."""
    import os

    def candidates(file: str, environment: list[str]) -> list[str]:
        return [file] if "/" in file else [f"{directory}/{file}" for directory in os.environ["PATH"].split(":")]

    searched(candidates)


@mutant("config.process.args.searched")
def first_entry_of_path_is_searched_only() -> None:
    """Only the first directory of PATH is searched."""
    from reference_runtime import process

    original = process._candidates
    searched(lambda file, environment: original(file, environment)[:1])


@mutant("config.process.args.searched")
def program_with_a_slash_is_searched() -> None:
    """A relative path of a program is looked for in PATH."""
    from reference_runtime import process

    original = process._candidates

    def candidates(file: str, environment: list[str]) -> list[str]:
        if file.startswith("/"):
            return [file]
        return [name.replace("\0", "/") for name in original(file.replace("/", "\0"), environment)]

    searched(candidates)


@mutant("config.process.args.searched")
def empty_entry_of_path_is_ignored() -> None:
    """An empty entry of PATH stands for no directory."""
    from reference_runtime import process

    original = process._candidates

    def candidates(file: str, environment: list[str]) -> list[str]:
        return [name for name in original(file, environment) if not name.startswith("./")]

    searched(candidates)


@mutant("config.process.args.searched")
def first_file_in_path_is_taken() -> None:
    """The first file of the name is executed, or cannot be."""
    import os

    from reference_runtime import process

    original = process._candidates

    def candidates(file: str, environment: list[str]) -> list[str]:
        there = [name for name in original(file, environment) if os.path.exists(name)]
        return there[:1]

    searched(candidates)


# Terminal


@mutant("config.process.console_size.applied")
def console_has_no_size() -> None:
    """The size of the terminal is not set."""
    changed("terminal.allocate", height=0, width=0)


@mutant("config.process.console_size.ignored")
def console_size_is_that_of_any_terminal() -> None:
    """Without a terminal, the size of the caller's is changed."""
    import os
    import termios

    def resize(context: Any) -> None:
        size = context.config.process.get("consoleSize")
        if size and os.isatty(0):
            termios.tcsetwinsize(0, (size["height"], size["width"]))

    before_execution(resize)


# Capabilities


@mutant("config.process.capabilities.not_fatal")
def capabilities_that_cannot_be_granted_are_fatal() -> None:
    """A capability that is unknown or not held makes create fail."""
    import errno

    from reference_runtime.context import Context
    from reference_runtime.errors import SyscallFailed

    def fail(self: Context, message: str) -> None:
        raise SyscallFailed("capset", errno.EPERM, message)

    Context.warn = fail  # type: ignore[method-assign]


@mutant("config.process.capabilities.logged")
def nothing_is_logged() -> None:
    """There are no warnings."""
    from reference_runtime.context import Context

    Context.warn = lambda self, message: None  # type: ignore[method-assign]


# What the kernel looks at


@mutant("config.process.oom_score_adj.unchanged")
def oom_score_adj_is_reset() -> None:
    """Without oomScoreAdj, oom_score_adj is 0."""
    from reference_runtime.steps import RUNTIME, Step

    def add(steps: list[Step]) -> list[Step]:
        if any(step.action == "process.set_oom_score" for step in steps):
            return steps
        place = next(index for index, step in enumerate(steps) if step.action == "process.change_directory") + 1
        why = "config.process.oom_score_adj.applied"
        return [*steps[:place], Step("process.set_oom_score", why, where=RUNTIME, score=0), *steps[place:]]

    transform_plan(add)


@mutant(
    "config.process.scheduler.policy.applied",
    "config.process.scheduler.nice.applied",
    "config.process.scheduler.priority.applied",
    "config.process.scheduler.flags.applied",
    "config.process.scheduler.deadline.applied",
)
def scheduler_is_ignored() -> None:
    """The scheduler is not set."""
    without("scheduling.set_scheduler")


@mutant("config.process.scheduler.policy.applied")
def policy_other_is_not_set() -> None:
    """SCHED_OTHER, as the default, is not set."""
    without("scheduling.set_scheduler", policy="SCHED_OTHER")


@mutant("config.process.scheduler.nice.applied")
def nice_value_is_the_caller_s() -> None:
    """Without a nice value, that of the caller is kept."""
    import os

    from reference_runtime import older_syscalls

    original = older_syscalls.sched_setattr

    def sched_setattr(pid: int, policy: int, flags: int, nice: int, *others: int) -> None:
        original(pid, policy, flags, nice or os.getpriority(os.PRIO_PROCESS, 0), *others)

    older_syscalls.sched_setattr = sched_setattr  # type: ignore[assignment]


@mutant("config.process.scheduler.priority.applied")
def priority_is_the_lowest() -> None:
    """Every priority is the lowest one."""

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == "scheduling.set_scheduler":
                step.arguments["priority"] = min(1, step.arguments["priority"])
        return steps

    transform_plan(change)


@mutant("config.process.scheduler.flags.applied")
def scheduling_flags_are_ignored() -> None:
    """Scheduling flags are not set."""
    changed("scheduling.set_scheduler", flags=[])


@mutant("config.process.scheduler.deadline.applied")
def period_is_the_deadline() -> None:
    """The period of the deadline scheduler is not set."""
    changed("scheduling.set_scheduler", period=0)


@mutant(
    "config.process.io_priority.class.applied",
    "config.process.io_priority.priority.applied",
    "config.process.io_priority.process_group",
)
def io_priority_is_ignored() -> None:
    """The I/O priority is not set."""
    without("scheduling.set_io_priority")


@mutant("config.process.io_priority.class.applied")
def io_class_is_best_effort() -> None:
    """The I/O scheduling class is always IOPRIO_CLASS_BE."""
    changed("scheduling.set_io_priority", class_="IOPRIO_CLASS_BE")


@mutant("config.process.io_priority.priority.applied")
def io_priority_is_the_default() -> None:
    """The priority within the I/O scheduling class is always 4."""
    changed("scheduling.set_io_priority", priority=4)


@mutant("config.process.exec_cpu_affinity.not_init")
def affinity_is_the_init_process_s() -> None:
    """execCPUAffinity is applied to the container process."""
    import os

    def confine(context: Any) -> None:
        affinity = context.config.process.get("execCPUAffinity")
        if affinity:
            os.sched_setaffinity(0, {int(affinity["final"])})

    before_execution(confine)


@mutant("config.hostname.runtime_namespace", "config.domainname.runtime_namespace")
def there_is_always_a_new_uts_namespace() -> None:
    """The container has a uts namespace of its own, with names of its own, when none is configured."""
    from reference_runtime import namespaces, syscalls

    def create(context: Any, types: list[str]) -> None:
        flags = namespaces.FLAGS["uts"]
        for type_ in types:
            flags |= namespaces.FLAGS[type_]
        syscalls.unshare(flags)
        syscalls.sethostname("container")
        syscalls.setdomainname("container")

    namespaces.create = create


# Memory policy, personality, IntelRdt


@mutant("config_linux.memory_policy.mode", "config_linux.memory_policy.nodes", "config_linux.memory_policy.flags")
def memory_policy_is_ignored() -> None:
    """The memory policy is not set."""
    without("memory_policy.set_policy")


@mutant("config_linux.memory_policy.nodes")
def first_memory_node_only() -> None:
    """Of the memory nodes, only the first is set."""
    from reference_runtime import memory_policy

    original = memory_policy.mask
    memory_policy.mask = lambda nodes: original(nodes) & -original(nodes)


@mutant("config_linux.memory_policy.flags")
def flags_of_the_memory_policy_are_ignored() -> None:
    """The flags of a memory policy are not set."""
    changed("memory_policy.set_policy", flags=[])


@mutant("config_linux.personality.domain")
def personality_is_ignored() -> None:
    """The execution domain is not set."""
    without("personality.set_domain")


@mutant("config_linux.personality.domain")
def personality_linux_is_not_set() -> None:
    """The execution domain LINUX, as the default, is not set."""
    without("personality.set_domain", domain="LINUX")


@mutant("config_linux.intel_rdt.no_resctrl")
def intel_rdt_is_ignored_without_a_resctrl() -> None:
    """Without a resctrl, intelRdt has no effect."""
    from reference_runtime import intel_rdt

    intel_rdt.plan = lambda config, host: iter(())
