"""The container process: its settings, and its execution (config.md, Process)."""

from __future__ import annotations

import errno
import os

from reference_runtime import capabilities, kernel_files, paths, signals, syscalls
from reference_runtime.errors import SyscallFailed, call
from reference_runtime.state import EXECUTING
from reference_runtime.steps import RUNTIME, START, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.config import Config
    from reference_runtime.context import Context

# In the order of their numbers, from 0 (getrlimit(2)).
RLIMITS = (
    "RLIMIT_CPU",
    "RLIMIT_FSIZE",
    "RLIMIT_DATA",
    "RLIMIT_STACK",
    "RLIMIT_CORE",
    "RLIMIT_RSS",
    "RLIMIT_NPROC",
    "RLIMIT_NOFILE",
    "RLIMIT_MEMLOCK",
    "RLIMIT_AS",
    "RLIMIT_LOCKS",
    "RLIMIT_SIGPENDING",
    "RLIMIT_MSGQUEUE",
    "RLIMIT_NICE",
    "RLIMIT_RTPRIO",
    "RLIMIT_RTTIME",
)

# What execvp(3) searches when there is no PATH.
_DEFAULT_PATH = "/bin:/usr/bin"


def plan_oom_score(config: Config) -> Iterator[Step]:
    """The score, which what is forked inherits; the files in /proc of a process that hides are root's alone."""
    if "oomScoreAdj" in config.process:
        place = "$.process.oomScoreAdj"
        score = config.process["oomScoreAdj"]
        yield Step("process.set_oom_score", "config.process.oom_score_adj.applied", place, where=RUNTIME, score=score)


def plan_hiding() -> Iterator[Step]:
    """Hide the process before it enters a namespace in which others could get hold of it."""
    yield Step("process.hide", "runtime.create.creates")


def plan_filter(config: Config) -> Iterator[Step]:
    """Compile the filter of system calls, which the process will load."""
    if config.linux.get("seccomp"):
        from reference_runtime import seccomp

        yield from seccomp.plan_compilation(config)


def plan(config: Config) -> Iterator[Step]:
    """The settings of the process itself; with the user goes the right to change the others, so it comes late."""
    process = config.process
    user = process.get("user", {})
    yield Step("process.set_umask", "config.process.user.umask", "$.process.user.umask", mask=user.get("umask"))
    if process.get("noNewPrivileges"):
        place = "$.process.noNewPrivileges"
        yield Step("process.set_no_new_privileges", "config.process.no_new_privileges", place)
    else:
        # Without no_new_privs, this takes a right that goes with the user.
        yield from _plan_loading(config)
    if process:
        sets = process.get("capabilities", {})
        yield Step(
            "process.become",
            "config.process.user.ids",
            "$.process.user",
            uid=user.get("uid", 0),
            gid=user.get("gid", 0),
            groups=user.get("additionalGids", []),
            sets=sets,
        )
        yield Step("process.change_directory", "config.process.cwd.initial", "$.process.cwd", path=process["cwd"])
    if process.get("noNewPrivileges"):
        yield from _plan_loading(config)


def plan_from_outside(config: Config) -> Iterator[Step]:
    """What the runtime sets for the process, for it takes more rights than the process has left."""
    for index, limit in enumerate(config.process.get("rlimits", ())):
        place = f"$.process.rlimits[{index}]"
        why = "config.process.rlimits.applied"
        name, soft, hard = limit["type"], limit["soft"], limit["hard"]
        yield Step("process.set_limit", why, place, where=RUNTIME, name=name, soft=soft, hard=hard)


def plan_program(config: Config) -> Iterator[Step]:
    """Execute the program, when `start` says so."""
    if config.process:
        yield Step(
            "process.execute",
            "runtime.start.runs_program",
            "$.process.args",
            when=START,
            arguments=config.process["args"],
            environment=config.process.get("env", []),
        )


def hide(context: Context) -> None:
    """Keep other processes of the container away from this one, which still has descriptors of the host."""
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)


def set_umask(context: Context, mask: int | None) -> None:
    """Set the umask; without one, the caller's comes back."""
    os.umask(context.caller_umask if mask is None else mask)


def set_no_new_privileges(context: Context) -> None:
    """prctl(PR_SET_NO_NEW_PRIVS)."""
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)


def become(context: Context, uid: int, gid: int, groups: list[int], sets: dict[str, list[str]]) -> None:
    """Become the user, with the capabilities that are wanted and no others."""
    capabilities.warn_of_unknown(context, sets)
    capabilities.limit_bounding(context, sets)
    syscalls.prctl(syscalls.PR_SET_KEEPCAPS, 1)
    set_groups(groups)
    call(os.setresgid, gid, gid, gid)
    call(os.setresuid, uid, uid, uid)
    syscalls.prctl(syscalls.PR_SET_KEEPCAPS, 0)
    capabilities.apply(context, sets)


def set_groups(groups: list[int]) -> None:
    """Set the supplementary groups, which a user namespace can forbid (user_namespaces(7)): then nobody has any to lose
    that is of use there.
    """
    try:
        call(os.setgroups, groups)
    except SyscallFailed as error:
        if groups or error.errno != errno.EPERM:
            raise


def change_directory(context: Context, path: str) -> None:
    """Enter the working directory, as the user and inside the root."""
    root_flags = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
    # Not through links of /proc, which may lead to descriptors of the runtime, and so out of the root.
    with paths.Opened(call(os.open, "/", root_flags)) as root, paths.resolve(root, path) as directory:
        call(os.fchdir, directory)


def set_limit(context: Context, name: str, soft: int, hard: int) -> None:
    """Set a resource limit of the container process (prlimit(2))."""
    if name not in RLIMITS:
        raise SyscallFailed("prlimit", errno.EINVAL, name)
    syscalls.prlimit(context.pid, RLIMITS.index(name), soft, hard)


def set_oom_score(context: Context, score: int) -> None:
    """Write oom_score_adj (proc(5))."""
    kernel_files.write(f"/proc/{context.pid}/oom_score_adj", str(score))


def execute(context: Context, arguments: list[str], environment: list[str]) -> None:
    """Execute the program in place of this process, by the rules of execvp(3) and the container's PATH."""
    signals.restore_defaults()
    os.write(context.descriptors["start"], EXECUTING)
    failure: SyscallFailed | None = None
    for candidate in _candidates(arguments[0], environment):
        try:
            syscalls.execve(candidate, arguments, environment)
        except SyscallFailed as error:
            # execvp(3): permission denied somewhere is reported if no other directory has the file.
            if failure is None or failure.errno in (errno.ENOENT, errno.ENOTDIR):
                failure = error
            if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.EACCES):
                break
    raise failure or SyscallFailed("execve", errno.ENOENT, arguments[0])


def _plan_loading(config: Config) -> Iterator[Step]:
    if config.linux.get("seccomp"):
        from reference_runtime import seccomp

        yield from seccomp.plan_loading(config)


def _candidates(file: str, environment: list[str]) -> list[str]:
    if "/" in file:
        return [file]
    path = next((entry[5:] for entry in environment if entry.startswith("PATH=")), _DEFAULT_PATH)
    return [f"{directory or '.'}/{file}" for directory in path.split(":")] if file else []
