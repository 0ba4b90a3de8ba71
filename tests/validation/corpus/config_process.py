"""Documents on the process of config.md."""

from __future__ import annotations

from typing import Any

from tests.validation.corpus.config import Change, invalid, newer, noted, on, valid, warned, windows

TYPES = (
    *("AS", "CORE", "CPU", "DATA", "FSIZE", "LOCKS", "MEMLOCK", "MSGQUEUE", "NICE", "NOFILE", "NPROC", "RSS", "RTPRIO"),
    *("RTTIME", "SIGPENDING", "STACK"),
)
LIMIT = {"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 4096}
UNLIMITED = 2**64 - 1
CHOWN = ["CAP_CHOWN"]
SETS = ("bounding", "effective", "permitted", "inheritable", "ambient")
FLAGS = ("RESET_ON_FORK", "RECLAIM", "DL_OVERRUN", "KEEP_POLICY", "KEEP_PARAMS", "UTIL_CLAMP_MIN", "UTIL_CLAMP_MAX")
BEST_EFFORT = {"class": "IOPRIO_CLASS_BE", "priority": 4}
TERMINAL: Change = {"terminal": True}
WINDOWS_PROCESS: Change = windows()["process"]


def process(**changes: Any) -> Change:
    """The base with changes of the process."""
    return {"process": changes}


def user(**changes: Any) -> Change:
    """The base with changes of the user."""
    return process(user=changes)


def on_windows(**changes: Any) -> Change:
    """A config for Windows with changes of the process."""
    return windows(process={**WINDOWS_PROCESS, **changes})


def limits(*entries: Any) -> Change:
    """The base with resource limits."""
    return process(rlimits=[*entries])


def limit(**changes: Any) -> Change:
    """The base with one limit with these changes; None removes."""
    return limits({name: value for name, value in {**LIMIT, **changes}.items() if value is not None})


def capabilities(**sets: Any) -> Change:
    """The base with these sets of capabilities, and no others."""
    return process(capabilities={**dict.fromkeys(SETS), **sets})


def scheduler(policy: str, **properties: Any) -> Change:
    """The base with a scheduler."""
    return process(scheduler={"policy": policy, **properties})


def deadline(runtime: Any = None, deadline: Any = None, period: Any = None) -> Change:
    """The base with the deadline scheduler."""
    times = {"runtime": runtime, "deadline": deadline, "period": period}
    return scheduler("SCHED_DEADLINE", **{name: value for name, value in times.items() if value is not None})


def io(**changes: Any) -> Change:
    """The base with an I/O priority with these changes; None removes."""
    return process(ioPriority={name: value for name, value in {**BEST_EFFORT, **changes}.items() if value is not None})


def cpus(**lists: Any) -> Change:
    """The base with CPUs for what is executed later on."""
    return process(execCPUAffinity=lists)


VALID = [
    valid("no process", {"process": None}, "process.form"),
    valid(
        "smallest process",
        process(user=None, env=None, capabilities=None, args=["/bin/sh"]),
        *("process.args.form", "process.args.required", "process.cwd.required", "process.cwd.absolute", "strings.end"),
    ),
    valid(
        "environment",
        process(env=["PATH=/bin", "EMPTY=", "A=b=c", "_=\u00e4 b", "a.b=1"]),
        *("process.env.form", "process.env.variables"),
    ),
    valid("no environment", process(env=[], args=["/bin/sh", ""]), "process.env.form", "process.args.form"),
    valid(
        "terminal",
        process(terminal=True, consoleSize={"height": 25, "width": 80}),
        *("process.terminal.form", "process.console_size.form"),
        *("process.console_size.height.required", "process.console_size.width.required"),
    ),
    valid(
        "largest terminal",
        process(terminal=True, consoleSize={"height": 65535, "width": 0}),
        "process.console_size.form",
    ),
    valid(
        "size of no terminal that is not set",
        process(consoleSize={"height": 0, "width": 0}),
        "process.console_size.form",
    ),
    valid(
        "user",
        user(uid=4294967294, gid=1, umask=18, additionalGids=[0, 5, 4294967294]),
        *("process.user.form", "process.user.uid.required", "process.user.gid.required"),
    ),
    valid("umasks that are octal and decimal", user(umask=7, additionalGids=[]), "process.user.form"),
    valid("largest umask", user(umask=0o777), "process.user.form"),
    valid(
        "command line on Windows",
        on_windows(args=None, commandLine="cmd /c dir"),
        *("process.command_line.form", "process.command_line.required", "process.args.required"),
    ),
    valid("arguments and command line on Windows", on_windows(commandLine="cmd"), "process.command_line.required"),
    *(
        valid(f"working directory {path!r} on Windows", on_windows(cwd=path), "process.cwd.absolute")
        for path in ("c:/data", "\\data", "\\\\?\\C:\\data")
    ),
    valid("user of Windows without a name", on_windows(user={}), "process.user.uid.required"),
    valid(
        "limits of all types",
        limits(*({"type": f"RLIMIT_{one}", "soft": 0, "hard": UNLIMITED} for one in TYPES)),
        *("process.rlimits.form", "process.rlimits.duplicate", "process.rlimits.type.known"),
        *("process.rlimits.type.required", "process.rlimits.soft.required", "process.rlimits.hard.required"),
    ),
    valid("limit at its ceiling", limit(soft=4096), "process.rlimits.soft.ceiling"),
    valid("no limit", limit(soft=UNLIMITED, hard=UNLIMITED), "process.rlimits.form", "process.rlimits.soft.ceiling"),
    valid("no limits", limits(), "process.rlimits.form"),
    valid(
        "limit of FreeBSD",
        {**on("freebsd"), "process": {"capabilities": None, "rlimits": [{**LIMIT, "type": "RLIMIT_KQUEUES"}]}},
        "process.rlimits.type.known",
    ),
    valid(
        "labels of security modules",
        process(apparmorProfile="acme_secure_profile", selinuxLabel="system_u:system_r:svirt_lxc_net_t:s0:c124,c675"),
        *("process.apparmor_profile.form", "process.selinux_label.form"),
    ),
    valid(
        "capabilities",
        capabilities(**{name: [*CHOWN, "CAP_CHECKPOINT_RESTORE", "CAP_BPF"] for name in SETS}),
        *("process.capabilities.form", "process.capabilities.known", "process.capabilities.grantable"),
    ),
    valid("capabilities that are empty", capabilities(**{name: [] for name in SETS}), "process.capabilities.form"),
    valid(
        "capabilities before 1.1.0",
        {"ociVersion": "1.0.2", **capabilities(bounding=["CAP_AUDIT_READ"])},
        "process.capabilities.mapped",
    ),
    valid("no capabilities", process(capabilities={}), "process.capabilities.form"),
    valid("no new privileges", process(noNewPrivileges=True), "process.no_new_privileges.form"),
    *(
        valid(f"score {score}", process(oomScoreAdj=score), "process.oom_score_adj.form", "process.oom_score_adj.range")
        for score in (-1000, 0, 1000)
    ),
    *(
        valid(
            f"scheduling by {policy}",
            scheduler(policy, **properties),
            *("process.scheduler.form", "process.scheduler.policy.required", "process.scheduler.policy.known"),
            "process.scheduler.priority.range",
        )
        for policy, properties in (
            ("SCHED_OTHER", {"nice": -20}),
            ("SCHED_BATCH", {"nice": 19, "priority": 0}),
            ("SCHED_IDLE", {}),
            ("SCHED_FIFO", {"priority": 1}),
            ("SCHED_RR", {"priority": 99}),
        )
    ),
    valid("deadline without a period", deadline(1024, 1024), "process.scheduler.deadline.order"),
    valid("deadline with a period", deadline(10**6, 10**7, 2**63 - 1), "process.scheduler.deadline.order"),
    valid("deadline with a period of 0", deadline(5000, 6000, 0), "process.scheduler.deadline.order"),
    valid(
        "all scheduling flags",
        scheduler("SCHED_DEADLINE", runtime=2048, deadline=2048, flags=[f"SCHED_FLAG_{flag}" for flag in FLAGS]),
        "process.scheduler.flags.known",
    ),
    *(
        valid(
            f"I/O class {name}",
            io(**{"class": f"IOPRIO_CLASS_{name}", "priority": priority}),
            *(f"process.io_priority.{one}" for one in ("form", "class.required", "class.known")),
            *("process.io_priority.priority.required", "process.io_priority.priority.range"),
        )
        for name, priority in (("RT", 0), ("BE", 7), ("IDLE", 4))
    ),
    valid(
        "CPUs for what is executed later",
        cpus(initial="7", final="0-3,7"),
        *("process.exec_cpu_affinity.form", "process.exec_cpu_affinity.list"),
    ),
    valid("no CPUs at the end", cpus(initial="0-0, 12 ,3-10", final=""), "process.exec_cpu_affinity.list"),
]

INVALID = [
    *(
        invalid(f"process that is {what}", {"process": value}, "schema.type", "$.process", "process.form")
        for what, value in (("a command", "sh"), ("an array", ["sh"]))
    ),
    *(
        invalid(
            f"{name} that is {what}", process(**{name: value}), "schema.type", f"$.process.{name}", f"process.{broken}"
        )
        for name, what, value, broken in (
            ("terminal", "a string", "false", "terminal.form"),
            ("terminal", "a number", 0, "terminal.form"),
            ("consoleSize", "an array", [25, 80], "console_size.form"),
            ("consoleSize", "a string", "80x25", "console_size.form"),
            ("cwd", "a number", 0, "cwd.absolute"),
            ("cwd", "an array", ["/"], "cwd.absolute"),
            ("env", "an object", {"A": "b"}, "env.form"),
            ("env", "a string", "A=b", "env.form"),
            ("args", "a string", "sh -c true", "args.form"),
            ("args", "an object", {"0": "sh"}, "args.form"),
            ("user", "a name", "root", "user.form"),
            ("user", "a number", 0, "user.form"),
            ("rlimits", "an object", {"RLIMIT_CPU": 1}, "rlimits.form"),
            ("apparmorProfile", "a boolean", False, "apparmor_profile.form"),
            ("selinuxLabel", "an array", ["a"], "selinux_label.form"),
            ("capabilities", "an array", CHOWN, "capabilities.form"),
            ("capabilities", "a string", "ALL", "capabilities.form"),
            ("noNewPrivileges", "a string", "true", "no_new_privileges.form"),
            ("noNewPrivileges", "a number", 1, "no_new_privileges.form"),
            ("oomScoreAdj", "a string", "100", "oom_score_adj.form"),
            ("oomScoreAdj", "half a number", 0.5, "oom_score_adj.form"),
            ("scheduler", "a policy", "SCHED_FIFO", "scheduler.form"),
            ("ioPriority", "a number", 4, "io_priority.form"),
            ("execCPUAffinity", "a list of CPUs", "0-3", "exec_cpu_affinity.form"),
        )
    ),
    # The terminal
    *(
        invalid(
            f"size without {name}",
            process(**TERMINAL, consoleSize={other: 80}),
            *("schema.required", f"$.process.consoleSize.{name}", f"process.console_size.{name}.required"),
        )
        for name, other in (("height", "width"), ("width", "height"))
    ),
    *(
        invalid(
            f"{name} of {value!r}",
            process(**TERMINAL, consoleSize={"height": 25, "width": 80, name: value}),
            *(f"schema.{rule}", f"$.process.consoleSize.{name}", "process.console_size.form"),
        )
        for name, value, rule in (("height", "25", "type"), ("width", -1, "minimum"), ("width", 80.5, "type"))
    ),
    # The working directory
    invalid("no working directory", process(cwd=None), "schema.required", "$.process.cwd", "process.cwd.required"),
    *(
        invalid(
            f"working directory {path!r}", process(cwd=path), "schema.pattern", "$.process.cwd", "process.cwd.absolute"
        )
        for path in ("", ".", "tmp", "~", "C:\\")
    ),
    *(
        invalid(
            f"working directory {path!r} on Windows",
            on_windows(cwd=path),
            *("process.windows_cwd", "$.process.cwd", "process.cwd.absolute"),
        )
        for path in ("data", "C:data", "")
    ),
    # The environment and the program
    *(
        invalid(
            f"variable {variable!r}",
            process(env=["A=b", variable]),
            "process.env",
            "$.process.env[1]",
            "process.env.variables",
        )
        for variable in ("DEBUG", "", "=", "=x", "PATH /bin")
    ),
    *(
        invalid(
            f"{what} in {name}",
            process(**{name: ["PATH=/bin", value]}),
            "schema.type",
            f"$.process.{name}[1]",
            f"process.{name}.form",
        )
        for name in ("env", "args")
        for what, value in (("number", 1), ("null", None), ("array", ["a"]), ("boolean", True))
    ),
    invalid("no arguments", process(args=None), "schema.required", "$.process.args", "process.args.required"),
    invalid("empty arguments", process(args=[]), "schema.minItems", "$.process.args", "process.args.required"),
    invalid(
        "no arguments on FreeBSD",
        {**on("freebsd"), "process": {"args": None, "capabilities": None}},
        *("schema.required", "$.process.args", "process.args.required"),
    ),
    invalid(
        "no command line on Windows",
        on_windows(args=None),
        *("process.command_line", "$.process.commandLine", "process.command_line.required"),
    ),
    invalid(
        "command line that is an array",
        on_windows(args=None, commandLine=["cmd"]),
        *("schema.type", "$.process.commandLine", "process.command_line.form"),
    ),
    *(
        invalid(f"NUL in {name}", process(**{name: value}), "strings.end", f"$.process.{place}", "strings.end")
        for name, value, place in (
            ("cwd", "/a\0", "cwd"),
            ("args", ["/bin/sh", "\0"], "args[1]"),
            ("env", ["A=\0"], "env[0]"),
            ("apparmorProfile", "a\0b", "apparmorProfile"),
            ("selinuxLabel", "a\0b", "selinuxLabel"),
        )
    ),
    # The user
    *(
        invalid(
            f"user without {name}",
            user(**{name: None}),
            "schema.required",
            f"$.process.user.{name}",
            f"process.user.{name}.required",
        )
        for name in ("uid", "gid")
    ),
    *(
        invalid(
            f"{name} {value!r}", user(**{name: value}), f"schema.{rule}", f"$.process.user.{name}", "process.user.form"
        )
        for name, value, rule in (
            ("uid", "root", "type"),
            ("uid", "0", "type"),
            ("uid", -1, "minimum"),
            ("uid", 4294967295, "maximum"),
            ("uid", 0.5, "type"),
            ("gid", True, "type"),
            ("gid", -2, "minimum"),
            ("gid", 2**64, "maximum"),
            ("umask", "022", "type"),
            ("umask", -1, "minimum"),
            ("umask", 2**32, "maximum"),
            ("additionalGids", "5,6", "type"),
            ("additionalGids", 5, "type"),
        )
    ),
    *(
        invalid(
            f"further group {value!r}",
            user(additionalGids=[5, value]),
            *(f"schema.{rule}", "$.process.user.additionalGids[1]", "process.user.form"),
        )
        for value, rule in (("audio", "type"), (-1, "minimum"), (4294967295, "maximum"), (None, "type"))
    ),
    invalid(
        "name of a user that is a number",
        on_windows(user={"username": 1000}),
        *("schema.type", "$.process.user.username", "process.user.username.form"),
    ),
    # Resource limits
    invalid("limit that is a number", limits(1024), "schema.type", "$.process.rlimits[0]", "process.rlimits.form"),
    *(
        invalid(
            f"limit without {name}",
            limit(**{name: None}),
            *("schema.required", f"$.process.rlimits[0].{name}", f"process.rlimits.{name}.required"),
        )
        for name in ("type", "soft", "hard")
    ),
    *(
        invalid(
            f"{name} limit {value!r}",
            limit(**{name: value}),
            *(f"schema.{rule}", f"$.process.rlimits[0].{name}", "process.rlimits.form"),
        )
        for name, value, rule in (
            ("soft", "unlimited", "type"),
            ("soft", -1, "minimum"),
            ("hard", 2**64, "maximum"),
            ("hard", -1, "minimum"),
            ("hard", "4096", "type"),
            ("soft", 1.5, "type"),
        )
    ),
    invalid(
        "type of a limit that is a number",
        limit(type=7),
        "schema.type",
        "$.process.rlimits[0].type",
        "process.rlimits.form",
    ),
    *(
        invalid(
            f"limit of {type_!r}",
            limit(type=type_),
            "rlimits.type",
            "$.process.rlimits[0].type",
            "process.rlimits.type.known",
        )
        for type_ in ("NOFILE", "RLIMIT_NOFILES", "rlimit_nofile", "nofile", "RLIMIT_VMEM", "RLIMIT_KQUEUES", "")
    ),
    *(
        invalid(
            f"limit of {soft} above {hard}",
            limit(soft=soft, hard=hard),
            *("rlimits.ceiling", "$.process.rlimits[0].soft", "process.rlimits.soft.ceiling"),
        )
        for soft, hard in ((4097, 4096), (1, 0), (UNLIMITED, 4096))
    ),
    invalid(
        "two limits of one type",
        limits(LIMIT, {**LIMIT, "type": "RLIMIT_CORE"}, {**LIMIT, "soft": 1}),
        *("rlimits.duplicate", "$.process.rlimits[2].type", "process.rlimits.duplicate"),
    ),
    # Capabilities
    *(
        invalid(
            f"{name} capabilities that are {what}",
            capabilities(**{name: value}),
            *("schema.type", f"$.process.capabilities.{name}", "process.capabilities.form"),
        )
        for name, what, value in (
            ("bounding", "a string", "CAP_CHOWN"),
            ("effective", "a number", 1),
            ("permitted", "an object", {"CAP_CHOWN": True}),
            ("inheritable", "a boolean", True),
            ("ambient", "a string", "CAP_CHOWN,CAP_KILL"),
        )
    ),
    invalid(
        "capability that is a number",
        capabilities(bounding=[0]),
        *("schema.type", "$.process.capabilities.bounding[0]", "process.capabilities.form"),
    ),
    *(
        invalid(
            f"capability {name!r} in {version}",
            {"ociVersion": version, **capabilities(bounding=[name])},
            *("capabilities.mapped", "$.process.capabilities.bounding[0]", "process.capabilities.mapped"),
        )
        for name, version in (("CAP_EVERYTHING", "1.0.0"), ("CHOWN", "1.0.2-dev"))
    ),
    *(
        invalid(
            f"score {score}",
            process(oomScoreAdj=score),
            f"schema.{rule}",
            "$.process.oomScoreAdj",
            "process.oom_score_adj.range",
        )
        for score, rule in ((-1001, "minimum"), (1001, "maximum"), (2**31, "maximum"))
    ),
    # The scheduler
    invalid(
        "scheduler without a policy",
        process(scheduler={"nice": 5}),
        *("schema.required", "$.process.scheduler.policy", "process.scheduler.policy.required"),
    ),
    *(
        invalid(
            f"scheduling by {policy!r}",
            process(scheduler={"policy": policy}),
            *("schema.enum", "$.process.scheduler.policy", "process.scheduler.policy.known"),
        )
        for policy in ("OTHER", "SCHED_NORMAL", "sched_fifo", "SCHED_EXT", "")
    ),
    invalid(
        "policy that is a number",
        process(scheduler={"policy": 0}),
        *("schema.type", "$.process.scheduler.policy", "process.scheduler.form"),
    ),
    *(
        invalid(
            f"scheduler with {name} {value!r}",
            scheduler(policy, **{name: value}),
            *(f"schema.{rule}", f"$.process.scheduler.{name}", "process.scheduler.form"),
        )
        for policy, name, value, rule in (
            ("SCHED_OTHER", "nice", "5", "type"),
            ("SCHED_OTHER", "nice", 2**31, "maximum"),
            ("SCHED_FIFO", "priority", "high", "type"),
            ("SCHED_OTHER", "flags", "SCHED_FLAG_RECLAIM", "type"),
        )
    ),
    *(
        invalid(
            f"deadline scheduler with {name} {value!r}",
            scheduler("SCHED_DEADLINE", **{"runtime": 2048, "deadline": 2048, name: value}),
            *(f"schema.{rule}", f"$.process.scheduler.{name}", "process.scheduler.form"),
        )
        for name, value, rule in (("runtime", "10ms", "type"), ("deadline", "1s", "type"), ("period", -1, "minimum"))
    ),
    *(
        invalid(
            f"scheduling flag {flag!r}",
            scheduler("SCHED_OTHER", flags=[flag]),
            *("schema.enum", "$.process.scheduler.flags[0]", "process.scheduler.flags.known"),
        )
        for flag in ("RECLAIM", "SCHED_FLAG_ALL", "SCHED_RESET_ON_FORK")
    ),
    invalid(
        "scheduling flag that is a number",
        scheduler("SCHED_OTHER", flags=[1]),
        *("schema.type", "$.process.scheduler.flags[0]", "process.scheduler.form"),
    ),
    *(
        invalid(
            f"priority {priority} of {policy}",
            scheduler(policy, **({} if priority is None else {"priority": priority})),
            *("scheduler.priority", "$.process.scheduler.priority", "process.scheduler.priority.range"),
        )
        for policy, priority in (
            *(("SCHED_FIFO", None), ("SCHED_FIFO", 0), ("SCHED_RR", 100), ("SCHED_RR", -1)),
            *(("SCHED_OTHER", 1), ("SCHED_BATCH", 50), ("SCHED_IDLE", -5)),
        )
    ),
    *(
        invalid(
            f"deadline scheduler with {what}",
            deadline(*times),
            *("scheduler.deadline", f"$.process.scheduler.{place}", "process.scheduler.deadline.order"),
        )
        for what, times, place in (
            ("nothing", (), "runtime"),
            ("a runtime only", (10**6,), "deadline"),
            ("a deadline only", (None, 10**6), "runtime"),
            ("a runtime that is too short", (1023, 2048), "runtime"),
            ("a runtime above the deadline", (10**7, 10**6), "deadline"),
            ("a deadline above the period", (10**6, 10**7, 10**6), "period"),
            ("a period of 2^63", (10**6, 10**7, 2**63), "period"),
        )
    ),
    # The I/O priority
    *(
        invalid(
            f"I/O priority without {name}",
            io(**{name: None}),
            *("schema.required", f"$.process.ioPriority.{name}", f"process.io_priority.{name}.required"),
        )
        for name in ("class", "priority")
    ),
    *(
        invalid(
            f"I/O class {value!r}",
            io(**{"class": value}),
            *("schema.enum", "$.process.ioPriority.class", "process.io_priority.class.known"),
        )
        for value in ("BE", "IOPRIO_CLASS_NONE", "IOPRIO_CLASS_REALTIME", "ioprio_class_be")
    ),
    invalid(
        "I/O class that is a number",
        io(**{"class": 2}),
        "schema.type",
        "$.process.ioPriority.class",
        "process.io_priority.form",
    ),
    *(
        invalid(
            f"I/O priority {value}",
            io(priority=value),
            *(f"schema.{rule}", "$.process.ioPriority.priority", "process.io_priority.priority.range"),
        )
        for value, rule in ((-1, "minimum"), (8, "maximum"))
    ),
    invalid(
        "I/O priority that is a string",
        io(priority="high"),
        *("schema.type", "$.process.ioPriority.priority", "process.io_priority.form"),
    ),
    # CPUs
    *(
        invalid(
            f"{name} CPUs that are {what}",
            cpus(**{name: value}),
            *("schema.type", f"$.process.execCPUAffinity.{name}", "process.exec_cpu_affinity.form"),
        )
        for name, what, value in (("initial", "a number", 7), ("final", "an array", [0, 1]))
    ),
    *(
        invalid(
            f"CPUs {text!r}",
            cpus(final=text),
            *("exec_cpu_affinity.list", "$.process.execCPUAffinity.final", "process.exec_cpu_affinity.list"),
        )
        for text in ("all", "3-0", "0-", "-3", "0,,3", "0;3", "0x3", "0-3-5", "1.5", " ")
    ),
    invalid(
        "first CPUs that are a mask",
        cpus(initial="ff,00"),
        *("exec_cpu_affinity.list", "$.process.execCPUAffinity.initial", "process.exec_cpu_affinity.list"),
    ),
]

WARNED = [
    *(
        warned(
            f"capability {name!r}",
            capabilities(bounding=[*CHOWN, name]),
            *("capabilities.known", "$.process.capabilities.bounding[1]", "process.capabilities.known"),
        )
        for name in ("CAP_EVERYTHING", "CHOWN", "cap_kill", "CAP_SYSADMIN", "ALL", "")
    ),
    *(
        warned(
            f"{name} capabilities that are not {lacking}",
            capabilities(**{one: CHOWN for one in ("permitted", "inheritable", name) if one != lacking}),
            *("capabilities.grantable", f"$.process.capabilities.{name}[0]", "process.capabilities.grantable"),
        )
        for name, lacking in (("effective", "permitted"), ("ambient", "permitted"), ("ambient", "inheritable"))
    ),
    warned("program without a name", process(args=["", "a"]), "process.program", "$.process.args[0]"),
    noted(
        "program to be searched without PATH", process(args=["sh"], env=["HOME=/"]), "process.path", "$.process.args[0]"
    ),
    noted("program to be searched without env", process(args=["sh"], env=None), "process.path", "$.process.args[0]"),
    noted(
        "variable that is set twice",
        process(env=["A=b", "PATH=/bin", "A=c"]),
        "process.env_repeated",
        "$.process.env[2]",
    ),
    noted(
        "size of no terminal",
        process(consoleSize={"height": 25, "width": 80}),
        "process.console",
        "$.process.consoleSize",
    ),
    noted(
        "size of a terminal that is denied",
        process(terminal=False, consoleSize={"height": 0, "width": 80}),
        *("process.console", "$.process.consoleSize"),
    ),
    noted(
        "terminal that is too wide",
        process(terminal=True, consoleSize={"height": 25, "width": 65536}),
        *("process.console", "$.process.consoleSize.width"),
    ),
    *(
        noted(f"umask {umask}", user(umask=umask), "process.umask", "$.process.user.umask")
        for umask in (22, 77, 512, 2**32 - 1)
    ),
    noted("command line on Linux", process(commandLine="sh"), "process.of_windows", "$.process.commandLine"),
    noted("name of a user on Linux", user(username="root"), "process.of_windows", "$.process.user.username"),
    noted("policy that Linux does not have", scheduler("SCHED_ISO"), "scheduler.iso", "$.process.scheduler.policy"),
    *(
        noted(f"nice value {nice}", scheduler("SCHED_OTHER", nice=nice), "scheduler.nice", "$.process.scheduler.nice")
        for nice in (-21, 20)
    ),
    *(
        noted(
            f"{name} with {policy}", scheduler(policy, **properties), "scheduler.unused", f"$.process.scheduler.{name}"
        )
        for policy, name, properties in (
            ("SCHED_FIFO", "nice", {"priority": 1, "nice": 5}),
            ("SCHED_OTHER", "runtime", {"runtime": 5000}),
            ("SCHED_RR", "period", {"priority": 1, "period": 5000}),
        )
    ),
    newer("umask in 1.0.1", "1.0.1", user(umask=18), "$.process.user.umask"),
    newer("command line in 1.0.1", "1.0.1", on_windows(commandLine="cmd"), "$.process.commandLine"),
    newer("scheduler in 1.0.2", "1.0.2", scheduler("SCHED_OTHER"), "$.process.scheduler"),
    newer("I/O priority in 1.0.2", "1.0.2", io(), "$.process.ioPriority"),
    newer("CPUs in 1.2.0", "1.2.0", cpus(initial="0"), "$.process.execCPUAffinity"),
    *(
        warned(f"name process.{wrong}", process(**{wrong: value}), "names.spelling", f"$.process.{wrong}")
        for wrong, value in (("noNewPrivilege", True), ("rlimit", []), ("oomscoreadj", 0), ("scheduller", {}))
    ),
    warned("name user.additionalGIDs", user(additionalGIDs=[5]), "names.spelling", "$.process.user.additionalGIDs"),
    warned(
        "name capabilities.Bounding", capabilities(Bounding=CHOWN), "names.spelling", "$.process.capabilities.Bounding"
    ),
]
