"""Values that a schema accepts and no system call takes: one clear error that names the step and the place."""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from conformance.bundle.config import merge, mounts_with, namespaces_with
from reference_runtime import syscalls
from reference_runtime.errors import SyscallFailed

if TYPE_CHECKING:
    from tests.reference_runtime.conftest import Runtime

USER = {"uid": 0, "gid": 0}
LONG = "x" * 100_000

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "umask": ({"process": {"user": {**USER, "umask": 2**32 - 1}}}, "process.set_umask ($.process.user.umask)"),
    "limit": (
        {"process": {"rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1, "hard": 2**64 - 1}]}},
        "process.set_limit ($.process.rlimits[0])",
    ),
    "device": (
        {"linux": {"devices": [{"type": "c", "path": "/dev/a", "major": 2**40, "minor": 1}]}},
        "devices.make ($.linux.devices[0])",
    ),
    "device at the root": ({"linux": {"devices": [{"type": "p", "path": "/"}]}}, "devices.make ($.linux.devices[0])"),
    "argument with a null byte": ({"process": {"args": ["/probe", "a\0b"]}}, "$.process.args[1]: has a NUL"),
    "variable with a null byte": ({"process": {"env": ["A=\0"]}}, "$.process.env[0]: has a NUL"),
    "argument that is no text": ({"process": {"args": ["/probe", "\ud800"]}}, "process.execute ($.process.args)"),
    "cwd with a null byte": ({"process": {"cwd": "/etc\0x"}}, "$.process.cwd: has a NUL"),
    "masked path with a null byte": ({"linux": {"maskedPaths": ["/etc\0x"]}}, "$.linux.maskedPaths[0]: has a NUL"),
    "destination with a null byte": (
        {"mounts": mounts_with({"destination": "/etc\0x", "type": "tmpfs"})},
        "$.mounts[5].destination: has a NUL",
    ),
    "option with a null byte": (
        {"mounts": mounts_with({"destination": "/etc", "type": "tmpfs", "options": ["size=1k\0x"]})},
        "$.mounts[5].options[0]: has a NUL",
    ),
    "source with a null byte": (
        {"mounts": mounts_with({"destination": "/etc", "source": "/etc\0x", "options": ["bind"]})},
        "$.mounts[5].source: has a NUL",
    ),
    "hostname with a null byte": ({"hostname": "a\0b"}, "$.hostname: has a NUL"),
    "cgroup with a null byte": ({"linux": {"cgroupsPath": "/a\0b"}}, "$.linux.cgroupsPath: has a NUL"),
    "long masked path": ({"linux": {"maskedPaths": [f"/{LONG}"]}}, "masks.mask ($.linux.maskedPaths[0])"),
    "long destination": ({"mounts": [{"destination": LONG, "type": "tmpfs"}]}, "mounts.filesystem ($.mounts[0])"),
    "long name of a sysctl": (
        {"linux": {"sysctl": {f"net.{LONG}": "1"}}},
        "namespaces.set_sysctl ($.linux.sysctl['net.",
    ),
    "unknown filesystem": (
        {"mounts": mounts_with({"destination": "/etc", "type": "no-such-filesystem"})},
        "mounts.filesystem ($.mounts[5]): mount of ",
    ),
    "namespace of another type": (
        {"linux": {"namespaces": namespaces_with({"type": "pid", "path": "/proc/self/../self/ns/net"})}},
        "namespaces.join ($.linux.namespaces[4].path): setns: EINVAL",
    ),
    "namespace that does not exist": (
        {"linux": {"namespaces": namespaces_with({"type": "pid", "path": "/no/such/namespace"})}},
        "namespaces.join ($.linux.namespaces[4].path): open of /no/such/namespace: ENOENT",
    ),
    "working directory that does not exist": (
        {"process": {"cwd": "/no/such/directory"}},
        "process.change_directory ($.process.cwd): openat2 of no/such/directory: ENOENT",
    ),
}


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(("changes", "problem"), REFUSED.values(), ids=list(REFUSED))
def test_refused_with_the_step_and_the_place(runtime: Runtime, changes: dict[str, Any], problem: str) -> None:
    bundle = runtime.make_bundle("hold")
    # With escapes, for not all of it can be written in UTF-8.
    (bundle.path / "config.json").write_text(json.dumps(merge(bundle.config, changes)), encoding="ascii")
    done = runtime.run()
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert problem in done.stderr
    assert len(done.stderr) < 3000
    assert runtime.left == []


@pytest.mark.usefixtures("root")
def test_deep_extensions_do_no_harm(runtime: Runtime) -> None:
    deep: Any = []
    for _ in range(90):
        deep = [deep]
    hook = {"path": "/bin/true", "unknown": deep}
    runtime.make_bundle("try", "read", "/etc/passwd", hooks={"poststop": [hook]}, unknown=deep)
    assert runtime.attempts()[0]["errno"] == 0


@pytest.mark.parametrize("path", ["a\0b", "\0", "/etc/passwd\0"])
def test_string_does_not_end_at_a_null_byte(path: str) -> None:
    with pytest.raises(ValueError, match="null byte"):
        syscalls.openat2(syscalls.AT_FDCWD, path, os.O_PATH, 0)


def test_system_call_that_fails_is_named() -> None:
    with pytest.raises(SyscallFailed) as caught:
        syscalls.openat2(syscalls.AT_FDCWD, "/no/such/file", os.O_PATH, 0)
    assert (caught.value.syscall, caught.value.errno) == ("openat2", errno.ENOENT)
