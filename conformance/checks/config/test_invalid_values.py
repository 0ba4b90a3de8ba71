"""Valid values, and what the sections of config.md say of them: what a runtime must not take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance import requirement
from conformance.bundle.config import base, mounts_with
from conformance.bundle.invalid import Invalid, case
from conformance.bundle.programs import Hook
from conformance.runtime.console import ConsoleSocket
from conformance.verdict.findings import Advisory, Finding
from conformance.verdict.refusal import demand_no_container, demand_refusal

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer

    Change = dict[str, Any]

MOUNT = {"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid"]}
BIND = {"destination": "/mnt", "type": "none", "source": "rootfs/srv", "options": ["bind"]}
MAPPING = {"containerID": 0, "hostID": 0, "size": 65536}
LIMIT = {"type": "RLIMIT_NOFILE", "soft": 512, "hard": 1024}


def mount(**changes: Any) -> Change:
    """A tmpfs after the base mounts."""
    return {"mounts": mounts_with({**MOUNT, **changes})}


def bind(*options: str, **changes: Any) -> Change:
    """A bind mount after the base mounts."""
    return {"mounts": mounts_with({**BIND, "options": ["bind", *options], **changes})}


def process(**changes: Any) -> Change:
    """Changes of the process."""
    return {"process": changes}


def limit(**changes: Any) -> Change:
    """One limit of a resource."""
    return process(rlimits=[{**LIMIT, **changes}])


def scheduler(policy: str, **changes: Any) -> Change:
    """A scheduling policy."""
    return process(scheduler={"policy": policy, **changes})


def annotated(key: str) -> Change:
    """One annotation."""
    return {"annotations": {key: "value"}}


# Below /mounts there are five base mounts, so that the additional one is the sixth.
ADDED = len(base()["mounts"])
MOUNTED = f"mounts[{ADDED}]"

IDLE = {"class": "IOPRIO_CLASS_BE", "priority": 4}
DEADLINE = scheduler("SCHED_DEADLINE", runtime=10_000_000, deadline=20_000_000, period=30_000_000)
CAPABILITIES = process(capabilities={"inheritable": ["CAP_KILL"]})
# A hook of this kind is not called by what these checks do, so that its file need not be there.
HOOK: Change = {"hooks": {"poststop": [{"path": "/hook", "args": ["hook"], "env": ["A=b"], "timeout": 5}]}}
IMAGE = "org.opencontainers.image"

INVALID = [
    # Specification version
    case("config.oci_version.required", "no version", {}, "ociVersion"),
    case("config.oci_version.semver", "version of two numbers", {}, "ociVersion", "1.0"),
    case("config.oci_version.semver", "version with a letter before it", {}, "ociVersion", "v1.0.0"),
    case("config.oci_version.semver", "version that is a number", {}, "ociVersion", 1),
    # Root
    case("config.root.form", "root that is a path", {}, "root", "rootfs"),
    case("config.root.form", "root that is read-only by a string", {}, "root.readonly", "true"),
    # Mounts
    case("config.mounts.form", "mounts that are an object", mount(), "mounts", {"/mnt": MOUNT}),
    case("config.mounts.form", "mount that is a path", mount(), MOUNTED, "/mnt"),
    case("config.mounts.destination.required", "mount without a destination", mount(), f"{MOUNTED}.destination"),
    case("config.mounts.source.form", "source that is a number", mount(), f"{MOUNTED}.source", 1),
    case("config.mounts.options.form", "options that are one", mount(), f"{MOUNTED}.options", "nosuid"),
    case("config.mounts.options.form", "option that is a number", mount(), f"{MOUNTED}.options[1]", 1),
    case("config.mounts.type.form", "type of a bind mount that is a boolean", bind(), f"{MOUNTED}.type", False),
    *(
        case(
            f"config.mounts.options.{option}.no_namespace",
            f"{option} of nothing",
            bind(),
            f"{MOUNTED}.options[1]",
            option,
        )
        for option in ("idmap", "ridmap")
    ),
    *(
        row
        for name, other, of in (("uidMappings", "gidMappings", "uid"), ("gidMappings", "uidMappings", "gid"))
        for mapped in (bind("idmap", uidMappings=[MAPPING], gidMappings=[MAPPING]),)
        for row in (
            case(
                f"config.mounts.{of}_mappings.form",
                f"{name} of a mount that are one",
                mapped,
                f"{MOUNTED}.{name}",
                MAPPING,
            ),
            case(f"config.mounts.{of}_mappings.pair", f"mount with {name} only", mapped, f"{MOUNTED}.{other}"),
        )
    ),
    # Process
    case("config.process.form", "process that is a command", {}, "process", "/probe facts"),
    case("config.process.terminal.form", "terminal that is a string", {}, "process.terminal", "false"),
    case("config.process.cwd.required", "no working directory", {}, "process.cwd"),
    case("config.process.cwd.absolute", "working directory that is relative", {}, "process.cwd", "srv"),
    case("config.process.env.form", "environment that is a string", {}, "process.env", "PATH=/bin"),
    case("config.process.env.form", "number in the environment", {}, "process.env[2]", 1),
    case("config.process.args.form", "arguments that are a string", {}, "process.args", "/probe facts"),
    case("config.process.args.form", "number among the arguments", {}, "process.args[2]", 1),
    case("config.process.args.required", "no arguments", {}, "process.args"),
    case("config.process.args.required", "empty arguments", {}, "process.args", []),
    case("config.strings.end", "NUL in the working directory", {}, "process.cwd", "/srv\0/a"),
    case("config.strings.end", "NUL in an argument", {}, "process.args[2]", "a\0b"),
    case("config.strings.end", "NUL in a destination", mount(), f"{MOUNTED}.destination", "/srv\0/a"),
    case(
        "config.process.rlimits.form", "limits that are an object", limit(), "process.rlimits", {"RLIMIT_NOFILE": 512}
    ),
    case("config.process.rlimits.form", "limit that is a string", limit(), "process.rlimits[0].soft", "512"),
    case("config.process.rlimits.form", "limit that is negative", limit(), "process.rlimits[0].hard", -1),
    case("config.process.rlimits.type.required", "limit without a type", limit(), "process.rlimits[0].type"),
    case("config.process.rlimits.type.known", "unknown limit", limit(), "process.rlimits[0].type", "RLIMIT_FILES"),
    case("config.process.rlimits.soft.ceiling", "limit above its ceiling", limit(), "process.rlimits[0].soft", 1025),
    case("config.process.rlimits.duplicate", "limit twice", limit(), "process.rlimits[1]", {**LIMIT, "soft": 256}),
    case(
        "config.process.apparmor_profile.form",
        "AppArmor profile that is a boolean",
        {},
        "process.apparmorProfile",
        False,
    ),
    case("config.process.capabilities.form", "capabilities that are a list", {}, "process.capabilities", ["CAP_KILL"]),
    case(
        "config.process.capabilities.form",
        "set that is one capability",
        CAPABILITIES,
        "process.capabilities.inheritable",
        "CAP_KILL",
    ),
    case(
        "config.process.capabilities.form",
        "capability that is a number",
        CAPABILITIES,
        "process.capabilities.inheritable[0]",
        5,
    ),
    case(
        "config.process.no_new_privileges.form",
        "noNewPrivileges that is a string",
        {},
        "process.noNewPrivileges",
        "true",
    ),
    case("config.process.oom_score_adj.form", "oomScoreAdj that is a string", {}, "process.oomScoreAdj", "100"),
    case("config.process.oom_score_adj.range", "oomScoreAdj above 1000", {}, "process.oomScoreAdj", 1001),
    case("config.process.oom_score_adj.range", "oomScoreAdj below -1000", {}, "process.oomScoreAdj", -1001),
    case("config.process.scheduler.form", "scheduler that is a policy", {}, "process.scheduler", "SCHED_BATCH"),
    case(
        "config.process.scheduler.form",
        "nice value that is a string",
        scheduler("SCHED_BATCH"),
        "process.scheduler.nice",
        "5",
    ),
    case(
        "config.process.scheduler.policy.required",
        "scheduler without a policy",
        scheduler("SCHED_BATCH", nice=5),
        "process.scheduler.policy",
    ),
    case(
        "config.process.scheduler.policy.known",
        "unknown policy",
        scheduler("SCHED_BATCH"),
        "process.scheduler.policy",
        "SCHED_NORMAL",
    ),
    case(
        "config.process.scheduler.priority.range",
        "priority of a policy that has none",
        scheduler("SCHED_BATCH", priority=0),
        "process.scheduler.priority",
        1,
    ),
    case(
        "config.process.scheduler.priority.range",
        "priority above 99",
        scheduler("SCHED_RR", priority=1),
        "process.scheduler.priority",
        100,
    ),
    case(
        "config.process.scheduler.flags.known",
        "unknown scheduling flag",
        scheduler("SCHED_BATCH", flags=[]),
        "process.scheduler.flags[0]",
        "SCHED_FLAG_ALL",
    ),
    case(
        "config.process.scheduler.deadline.order",
        "deadline before the end of the runtime",
        DEADLINE,
        "process.scheduler.deadline",
        5_000_000,
    ),
    case("config.process.selinux_label.form", "SELinux label that is a list", {}, "process.selinuxLabel", ["system_u"]),
    case("config.process.io_priority.form", "I/O priority that is a number", {}, "process.ioPriority", 4),
    case(
        "config.process.io_priority.class.required",
        "I/O priority without a class",
        process(ioPriority=IDLE),
        "process.ioPriority.class",
    ),
    case(
        "config.process.io_priority.class.known",
        "unknown I/O class",
        process(ioPriority=IDLE),
        "process.ioPriority.class",
        "IOPRIO_CLASS_NONE",
    ),
    case(
        "config.process.io_priority.priority.range",
        "negative I/O priority",
        process(ioPriority=IDLE),
        "process.ioPriority.priority",
        -1,
    ),
    case("config.process.user.form", "user that is a name", {}, "process.user", "root"),
    case("config.process.user.form", "uid that is a string", {}, "process.user.uid", "0"),
    case("config.process.user.form", "uid that is negative", {}, "process.user.uid", -1),
    case("config.process.user.form", "additional groups that are one", {}, "process.user.additionalGids", 5),
    case(
        "config.process.user.form",
        "additional group that is a name",
        process(user={"additionalGids": []}),
        "process.user.additionalGids[0]",
        "audio",
    ),
    # Hostname and domainname
    *(
        row
        for name in ("hostname", "domainname")
        for row in (
            case(f"config.{name}.form", f"{name} that is a number", {name: "name"}, name, 7),
            case(f"config.{name}.length", f"{name} of 65 bytes", {name: "a" * 64}, name, "a" * 65),
        )
    ),
    # Hooks
    case("config.hooks.form", "hooks that are a list", HOOK, "hooks", HOOK["hooks"]["poststop"]),
    case("config.hooks.form", "hooks of a kind that are an object", HOOK, "hooks.poststop", {"path": "/hook"}),
    case("config.hooks.form", "hook that is a path", HOOK, "hooks.poststop[0]", "/hook"),
    case("config.hooks.form", "arguments of a hook that are a string", HOOK, "hooks.poststop[0].args", "hook"),
    case("config.hooks.form", "timeout that is a string", HOOK, "hooks.poststop[0].timeout", "5"),
    # Annotations
    case(
        "config.annotations.map",
        "annotations that are a list",
        annotated("org.example.key"),
        "annotations",
        ["key=value"],
    ),
    case(
        "config.annotations.values.strings",
        "annotation that is a number",
        annotated("org.example.key"),
        "annotations['org.example.key']",
        2,
    ),
    case(
        "config.annotations.values.strings",
        "annotation that is an object",
        annotated("org.example.key"),
        "annotations['org.example.key']",
        {"a": "b"},
    ),
]
"""What is no value of its property."""

WITHOUT_A_NUMBER = [
    case("config.process.user.uid.required", "user without a uid", {}, "process.user.uid"),
    case("config.process.user.gid.required", "user without a gid", {}, "process.user.gid"),
    case("config.process.rlimits.soft.required", "limit without a soft one", limit(), "process.rlimits[0].soft"),
    case("config.process.rlimits.hard.required", "limit without a hard one", limit(), "process.rlimits[0].hard"),
    case(
        "config.process.io_priority.priority.required",
        "I/O priority without a priority",
        process(ioPriority=IDLE),
        "process.ioPriority.priority",
    ),
]
"""What is missing, and what many a runtime takes for 0."""

DOUBTFUL = [
    # An empty key is also an unknown one, which must be ignored.
    case(
        "config.annotations.keys.not_empty",
        "annotation without a key",
        annotated("org.example.key"),
        "annotations['']",
        "value",
    ),
    # A runtime that does not know these keys ignores them.
    case(
        "config.annotations.image.created",
        "creation that is a year",
        {"annotations": {f"{IMAGE}.created": "2015-10-31T22:22:56Z"}},
        f"annotations['{IMAGE}.created']",
        "2015",
    ),
    case(
        "config.annotations.image.stop_signal",
        "signal that there is not",
        {"annotations": {f"{IMAGE}.stopSignal": "SIGTERM"}},
        f"annotations['{IMAGE}.stopSignal']",
        "SIGNOTHING",
    ),
    # Nothing but `exec` looks at it, and that is no operation of the specification.
    case(
        "config.process.exec_cpu_affinity.form", "affinity that is a list of CPUs", {}, "process.execCPUAffinity", "0"
    ),
    case(
        "config.process.exec_cpu_affinity.list",
        "CPUs that are a word",
        process(execCPUAffinity={"initial": "0"}),
        "process.execCPUAffinity.initial",
        "all",
    ),
    # The text has a "should", in small letters, and recent kernels take more for hints.
    case(
        "config.process.io_priority.priority.range",
        "I/O priority above 7",
        process(ioPriority=IDLE),
        "process.ioPriority.priority",
        8,
    ),
]
"""What a runtime may have a reason to take."""

TERMINAL = process(terminal=True, consoleSize={"height": 25, "width": 80})

SIZES = [
    case("config.process.console_size.form", "size that is a list", TERMINAL, "process.consoleSize", [25, 80]),
    case("config.process.console_size.form", "height that is a string", TERMINAL, "process.consoleSize.height", "25"),
    case("config.process.console_size.form", "width that is negative", TERMINAL, "process.consoleSize.width", -1),
]
"""Sizes that no terminal has."""

SIZES_WITHOUT_A_NUMBER = [
    case(
        "config.process.console_size.height.required", "size without a height", TERMINAL, "process.consoleSize.height"
    ),
    case("config.process.console_size.width.required", "size without a width", TERMINAL, "process.consoleSize.width"),
]


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


@requirement("config.values.invalid")
@pytest.mark.parametrize("invalid", SIZES)
def test_invalid_size_of_a_terminal_is_refused(container: MakeContainer, invalid: Invalid) -> None:
    demand_refusal_with_terminal(container, invalid, Finding)


@pytest.mark.parametrize("invalid", SIZES_WITHOUT_A_NUMBER)
def test_missing_size_of_a_terminal_is_not_taken_for_zero(container: MakeContainer, invalid: Invalid) -> None:
    demand_refusal_with_terminal(container, invalid, Advisory)


def demand_refusal_with_terminal(make: MakeContainer, invalid: Invalid, kind: type[Finding]) -> None:
    """Demand that a container with an invalid terminal is created or started in vain."""
    one = make()
    one.configure(**invalid.valid)
    one.replace_config(invalid.spoil(one.config))
    with ConsoleSocket(one.directory) as socket:
        if one.attempt_create("--console-socket", socket.path).ok and one.attempt("start").ok:
            raise kind("`create` or `start` is refused", "both succeed")


@requirement("config.platform.linux", "config.values.invalid")
def test_linux_that_is_no_object_is_refused(container: MakeContainer) -> None:
    # A runtime that takes it for none makes a container without namespaces, and so would change those of the host.
    one = container(hostname=None, mounts=None)
    one.runtime = one.runtime.in_namespaces_of_its_own()
    one.replace_config({**one.config, "linux": ["namespaces"]})
    demand_no_container(one)


@requirement("config.process.env.variables", "config.values.invalid")
@pytest.mark.parametrize("variable", ["NAME", "=value"], ids=["no value", "no name"])
def test_string_that_is_no_variable_is_refused_or_handed_over(container: MakeContainer, variable: str) -> None:
    one = container(process={"env": ["PATH=/bin", variable]})
    if one.attempt_create().ok and one.attempt("start").ok:
        assert variable in one.facts().environ


@requirement("config.hooks.env.variables", "config.values.invalid")
@pytest.mark.parametrize("variable", ["NAME", "=value"], ids=["no value", "no name"])
def test_string_that_is_no_variable_of_a_hook_is_refused_or_handed_over(
    container: MakeContainer, variable: str
) -> None:
    one = container(hooks={"createRuntime": [Hook("hook", properties={"env": ["PATH=/bin", variable]})]})
    if one.attempt_create().ok:
        assert variable in one.hook("hook").environ


@requirement("config.form", "config.values.invalid")
@pytest.mark.parametrize("text", ["[]", '"config.json"', "null"], ids=["list", "string", "null"])
def test_config_that_is_no_object_is_refused(container: MakeContainer, text: str) -> None:
    one = container()
    (one.bundle.path / "config.json").write_text(text, encoding="ascii")
    demand_no_container(one)
