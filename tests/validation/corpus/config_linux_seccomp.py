"""Documents on seccomp of config-linux.md."""

from __future__ import annotations

from typing import Any

from tests.validation.corpus.config_linux import Change, invalid, newer, noted, valid, warned

ERRNO = "SCMP_ACT_ERRNO"
ALLOW = "SCMP_ACT_ALLOW"
NOTIFY = "SCMP_ACT_NOTIFY"
CALL = {"names": ["mount"], "action": ERRNO}
EQUAL = {"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}
NO_ERRNO = ("SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", ALLOW, "SCMP_ACT_LOG", NOTIFY)
ARCHITECTURES = (
    *("X86", "X86_64", "X32", "ARM", "AARCH64", "MIPS", "MIPS64", "MIPS64N32", "MIPSEL", "MIPSEL64", "MIPSEL64N32"),
    *("PPC", "PPC64", "PPC64LE", "S390", "S390X", "PARISC", "PARISC64", "RISCV64", "LOONGARCH64", "M68K", "SH", "SHEB"),
)
FLAGS = ("TSYNC", "LOG", "SPEC_ALLOW", "WAIT_KILLABLE_RECV")
OPERATORS = ("NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ")


def seccomp(**properties: Any) -> Change:
    """A filter that allows everything, but for these properties."""
    return {"seccomp": {"defaultAction": ALLOW, **properties}}


def syscalls(**changes: Any) -> Change:
    """A filter of one entry with these changes; None removes."""
    return seccomp(syscalls=[{name: value for name, value in {**CALL, **changes}.items() if value is not None}])


def argument(**changes: Any) -> Change:
    """A filter of one entry with one condition with these changes; None removes."""
    return syscalls(args=[{name: value for name, value in {**EQUAL, **changes}.items() if value is not None}])


VALID = [
    valid("seccomp with only what is required", seccomp(), *("seccomp.form", "seccomp.default_action.required")),
    valid(
        "seccomp of all architectures and flags",
        seccomp(
            architectures=[f"SCMP_ARCH_{name}" for name in ARCHITECTURES],
            flags=[f"SECCOMP_FILTER_FLAG_{name}" for name in FLAGS],
        ),
        *("seccomp.architectures.known", "seccomp.flags.known"),
    ),
    valid(
        "seccomp with an error by default",
        seccomp(defaultAction=ERRNO, defaultErrnoRet=38, syscalls=[{"names": ["read", "futex_wake"], "action": ALLOW}]),
        *("seccomp.default_errno.without_errno", "seccomp.action.known", "seccomp.syscalls.names.not_empty"),
        *(f"seccomp.syscalls.{one}.required" for one in ("names", "action")),
    ),
    *(
        valid(f"seccomp with an errno of {action}", syscalls(action=action, errnoRet=0), f"seccomp.{one}.without_errno")
        for action, one in ((ERRNO, "syscalls.errno"), ("SCMP_ACT_TRACE", "syscalls.errno"))
    ),
    valid("seccomp that kills by default", seccomp(defaultAction="SCMP_ACT_KILL", syscalls=[CALL])),
    *(
        valid(
            f"seccomp with the operator {operator}",
            argument(op=f"SCMP_CMP_{operator}", index=5, value=18446744073709551615),
            *(f"seccomp.syscalls.args.{one}" for one in ("index.range", "op.known")),
            *(f"seccomp.syscalls.args.{one}.required" for one in ("index", "value", "op")),
        )
        for operator in OPERATORS
    ),
    valid("seccomp with a mask", argument(op="SCMP_CMP_MASKED_EQ", value=2114060288, valueTwo=268435456)),
    valid("seccomp with a second value that is 0", argument(valueTwo=0)),
    valid(
        "seccomp with a listener",
        seccomp(syscalls=[{**CALL, "action": NOTIFY}], listenerPath="/run/agent.sock", listenerMetadata="a=b"),
        "seccomp.listener.metadata.needs_path",
    ),
    valid("seccomp with a system call of the future", syscalls(names=["quantum_teleport"])),
    valid(
        "oldest version",
        {"seccomp": {"defaultAction": "SCMP_ACT_TRAP", "syscalls": [CALL]}},
        top={"ociVersion": "1.0.0"},
    ),
]

INVALID = [
    invalid("seccomp that is a path", {"seccomp": "/profile.json"}, "schema.type", "seccomp", "seccomp.form"),
    invalid(
        "seccomp without anything",
        {"seccomp": {}},
        "schema.required",
        "seccomp.defaultAction",
        "seccomp.default_action.required",
    ),
    *(
        invalid(
            f"seccomp with the default action {action!r}",
            seccomp(defaultAction=action),
            *("schema.enum", "seccomp.defaultAction", "seccomp.action.known"),
        )
        for action in ("allow", "SECCOMP_RET_ALLOW", "SCMP_ACT_DENY", "scmp_act_allow", "SCMP_ACT_ALLOWED", "")
    ),
    invalid(
        "seccomp whose default action is a number",
        seccomp(defaultAction=2147418112),
        *("schema.type", "seccomp.defaultAction", "seccomp.form"),
    ),
    *(
        invalid(
            f"seccomp with an errno of the default action {action}",
            seccomp(
                defaultAction=action,
                defaultErrnoRet=1,
                syscalls=[CALL],
                **({"listenerPath": "/run/agent.sock"} if action == NOTIFY else {}),
            ),
            *("seccomp.errno", "seccomp.defaultErrnoRet", "seccomp.default_errno.without_errno"),
        )
        for action in NO_ERRNO
    ),
    *(
        invalid(
            f"seccomp with the default errno {errno!r}",
            seccomp(defaultAction=ERRNO, defaultErrnoRet=errno),
            *(f"schema.{keyword}", "seccomp.defaultErrnoRet", "seccomp.form"),
        )
        for errno, keyword in (("EPERM", "type"), (-1, "minimum"), (1.5, "type"), (2**32, "maximum"))
    ),
    invalid(
        "seccomp whose architectures are one",
        seccomp(architectures="SCMP_ARCH_X86_64"),
        *("schema.type", "seccomp.architectures", "seccomp.form"),
    ),
    *(
        invalid(
            f"seccomp of the architecture {architecture!r}",
            seccomp(architectures=["SCMP_ARCH_X86", architecture]),
            *("schema.enum", "seccomp.architectures[1]", "seccomp.architectures.known"),
        )
        for architecture in (
            "amd64",
            "x86_64",
            "SCMP_ARCH_AMD64",
            "SCMP_ARCH_ARM64",
            "SCMP_ARCH_NATIVE",
            "SCMP_ARCH_x32",
        )
    ),
    invalid(
        "seccomp of an architecture that is a number",
        seccomp(architectures=[3221225534]),
        *("schema.type", "seccomp.architectures[0]", "seccomp.form"),
    ),
    invalid(
        "seccomp whose flags are an object",
        seccomp(flags={"SECCOMP_FILTER_FLAG_LOG": True}),
        *("schema.type", "seccomp.flags", "seccomp.form"),
    ),
    *(
        invalid(
            f"seccomp with the flag {flag!r}",
            seccomp(flags=[flag]),
            *("schema.enum", "seccomp.flags[0]", "seccomp.flags.known"),
        )
        for flag in ("TSYNC", "SECCOMP_FILTER_FLAG_NEW_LISTENER", "SECCOMP_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC ", "")
    ),
    invalid(
        "seccomp whose path of the listener is a list",
        seccomp(listenerPath=["/run/agent.sock"]),
        *("schema.type", "seccomp.listenerPath", "seccomp.form"),
    ),
    invalid(
        "seccomp whose metadata is an object",
        seccomp(
            syscalls=[{**CALL, "action": NOTIFY}],
            listenerPath="/run/agent.sock",
            listenerMetadata={"MKNOD": "/dev/null"},
        ),
        *("schema.type", "seccomp.listenerMetadata", "seccomp.form"),
    ),
    invalid(
        "seccomp with metadata and no listener",
        seccomp(listenerMetadata="MKNOD=/dev/null"),
        *("seccomp.metadata", "seccomp.listenerMetadata", "seccomp.listener.metadata.needs_path"),
    ),
    invalid(
        "seccomp that notifies with metadata and no listener",
        seccomp(listenerMetadata="", syscalls=[{**CALL, "action": NOTIFY}]),
        *("seccomp.metadata", "seccomp.listenerMetadata", "seccomp.listener.metadata.needs_path"),
    ),
    invalid(
        "seccomp whose entries are an object",
        seccomp(syscalls={"mount": ERRNO}),
        "schema.type",
        "seccomp.syscalls",
        "seccomp.form",
    ),
    invalid(
        "seccomp with an entry that is a name",
        seccomp(syscalls=["mount"]),
        "schema.type",
        "seccomp.syscalls[0]",
        "seccomp.form",
    ),
    invalid(
        "seccomp with an entry of one name, as before 1.0.0",
        seccomp(syscalls=[{"action": ERRNO, "nameOfCall": "mount"}]),
        *("schema.required", "seccomp.syscalls[0].names", "seccomp.syscalls.names.required"),
    ),
    invalid(
        "seccomp with an entry of no names",
        syscalls(names=[]),
        *("schema.minItems", "seccomp.syscalls[0].names", "seccomp.syscalls.names.not_empty"),
    ),
    invalid(
        "seccomp with an entry whose names are one",
        syscalls(names="mount"),
        *("schema.type", "seccomp.syscalls[0].names", "seccomp.form"),
    ),
    invalid(
        "seccomp with an entry of a number",
        syscalls(names=["mount", 165]),
        *("schema.type", "seccomp.syscalls[0].names[1]", "seccomp.form"),
    ),
    invalid(
        "seccomp with an entry without an action",
        syscalls(action=None),
        *("schema.required", "seccomp.syscalls[0].action", "seccomp.syscalls.action.required"),
    ),
    *(
        invalid(
            f"seccomp with an entry of the action {action!r}",
            syscalls(action=action),
            *("schema.enum", "seccomp.syscalls[0].action", "seccomp.action.known"),
        )
        for action in ("ERRNO", "SCMP_ACT_KILL_CONTAINER", "SCMP_ACT_ERROR", "SCMP_ACT_USER_NOTIF", "errno")
    ),
    *(
        invalid(
            f"seccomp with an errno of the action {action}",
            seccomp(
                defaultAction=ERRNO,
                syscalls=[{**CALL, "action": action, "errnoRet": 0}],
                **({"listenerPath": "/run/agent.sock"} if action == NOTIFY else {}),
            ),
            *("seccomp.errno", "seccomp.syscalls[0].errnoRet", "seccomp.syscalls.errno.without_errno"),
        )
        for action in NO_ERRNO
    ),
    *(
        invalid(
            f"seccomp with an entry with the errno {errno!r}",
            syscalls(errnoRet=errno),
            *(f"schema.{keyword}", "seccomp.syscalls[0].errnoRet", "seccomp.form"),
        )
        for errno, keyword in (("1", "type"), (-38, "minimum"))
    ),
    invalid(
        "seccomp with conditions that are an object",
        syscalls(args=EQUAL),
        "schema.type",
        "seccomp.syscalls[0].args",
        "seccomp.form",
    ),
    invalid(
        "seccomp with a condition that is a list",
        syscalls(args=[[0, 1, "SCMP_CMP_EQ"]]),
        *("schema.type", "seccomp.syscalls[0].args[0]", "seccomp.form"),
    ),
    *(
        invalid(
            f"seccomp with a condition without {name}",
            argument(**{name: None}),
            *("schema.required", f"seccomp.syscalls[0].args[0].{name}", f"seccomp.syscalls.args.{name}.required"),
        )
        for name in ("index", "value", "op")
    ),
    *(
        invalid(
            f"seccomp with a condition with the {name} {value!r}",
            argument(**{"op": "SCMP_CMP_MASKED_EQ", name: value}),
            *(f"schema.{keyword}", f"seccomp.syscalls[0].args[0].{name}", f"seccomp.{one}"),
        )
        for name, value, keyword, one in (
            ("index", 6, "maximum", "syscalls.args.index.range"),
            ("index", -1, "minimum", "syscalls.args.index.range"),
            ("index", "0", "type", "form"),
            ("value", -1, "minimum", "form"),
            ("value", 2**64, "maximum", "form"),
            ("value", "0x7e020000", "type", "form"),
            ("valueTwo", -1, "minimum", "form"),
            ("valueTwo", "1", "type", "form"),
            ("op", "==", "enum", "syscalls.args.op.known"),
            ("op", "EQ", "enum", "syscalls.args.op.known"),
            ("op", "SCMP_CMP_EQUAL", "enum", "syscalls.args.op.known"),
            ("op", "SCMP_CMP_MASKED", "enum", "syscalls.args.op.known"),
            ("op", 4, "type", "form"),
        )
    ),
]

WARNED = [
    newer("errno before 1.1.0", "1.0.2", syscalls(errnoRet=38), "seccomp.syscalls[0].errnoRet"),
    newer("logging before 1.0.2", "1.0.1", syscalls(action="SCMP_ACT_LOG"), "seccomp.syscalls[0].action"),
    newer(
        "killing of the process before 1.1.0",
        "1.0.2",
        syscalls(action="SCMP_ACT_KILL_PROCESS"),
        "seccomp.syscalls[0].action",
    ),
    newer("architecture before 1.2.1", "1.2.0", seccomp(architectures=["SCMP_ARCH_SH"]), "seccomp.architectures[0]"),
    newer("flags before 1.0.2", "1.0.0", seccomp(flags=["SECCOMP_FILTER_FLAG_LOG"]), "seccomp.flags"),
    newer("flag before 1.1.0", "1.0.2", seccomp(flags=["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]), "seccomp.flags[0]"),
    warned("misspelt property of seccomp", seccomp(architecture=[]), "names.spelling", "seccomp.architecture"),
    noted(
        "seccomp that notifies nobody",
        syscalls(action=NOTIFY),
        *("seccomp.listener", "seccomp.syscalls[0].action"),
    ),
    noted(
        "seccomp with a listener that is not used",
        seccomp(listenerPath="/run/agent.sock", listenerMetadata="a"),
        *("seccomp.listener", "seccomp.listenerPath"),
    ),
    noted(
        "seccomp that kills everything",
        seccomp(defaultAction="SCMP_ACT_KILL"),
        "seccomp.all_killed",
        "seccomp.defaultAction",
    ),
    noted(
        "seccomp with a second value that is not used",
        argument(valueTwo=1),
        *("seccomp.second_value", "seccomp.syscalls[0].args[0].valueTwo"),
    ),
    noted(
        "seccomp with a large errno", syscalls(errnoRet=65536), "seccomp.large_errno", "seccomp.syscalls[0].errnoRet"
    ),
    *(
        noted(
            f"seccomp with the system call {name!r}",
            syscalls(names=["mount", name]),
            *("seccomp.spelling", "seccomp.syscalls[0].names[1]"),
        )
        for name in ("mkdri", "Mount", "pread", "open*", "", "sys_mount ")
    ),
]
