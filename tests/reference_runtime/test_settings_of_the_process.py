"""What the runtime asks of the kernel for the process: scheduling, memory policy, labels, warnings of capabilities."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.bundle.config import base, merge
from reference_runtime import (
    capabilities,
    memory_policy,
    older_syscalls,
    personality,
    plan,
    scheduling,
    security_labels,
    syscalls,
)
from reference_runtime.config import NEWEST_VERSION, Config
from reference_runtime.errors import SyscallFailed, UnsupportedConfig
from reference_runtime.host import Host, detect

if TYPE_CHECKING:
    from reference_runtime.steps import Step
    from tests.reference_runtime.conftest import Runtime

FIFO = {"policy": "SCHED_FIFO", "priority": 1}


def steps_of(module: str, resctrl: str | None = None, **changes: Any) -> list[Step]:
    document = merge({"ociVersion": NEWEST_VERSION, **base()}, changes)
    steps = plan.build(Config(document, "/bundle", "one"), Host([], resctrl=resctrl))
    return [step for step in steps if step.action.startswith(f"{module}.")]


class Context:
    """As much of a context as the actions here use."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.descriptors: dict[str, int] = {}
        self.warnings: list[str] = []

    def warn(self, message: str) -> None:
        """Keep it."""
        self.warnings.append(message)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The older system calls that were made, and none of which is."""
    made: list[tuple[Any, ...]] = []
    for name in ("sched_setattr", "ioprio_set", "set_mempolicy"):
        monkeypatch.setattr(older_syscalls, name, lambda *arguments, name=name: made.append((name, *arguments)))
    return made


def test_what_is_not_set_is_0_to_the_kernel(calls: list[tuple[Any, ...]]) -> None:
    (step,) = steps_of("scheduling", process={"scheduler": FIFO})
    context = Context()
    scheduling.set_scheduler(context, **step.arguments)  # type: ignore[arg-type]
    assert calls == [("sched_setattr", context.pid, 1, 0, 0, 1, 0, 0, 0)]


def test_scheduling_flags_are_bits(calls: list[tuple[Any, ...]]) -> None:
    scheduler = {"policy": "SCHED_OTHER", "nice": -5, "flags": ["SCHED_FLAG_DL_OVERRUN", "SCHED_FLAG_UTIL_CLAMP_MAX"]}
    (step,) = steps_of("scheduling", process={"scheduler": scheduler})
    scheduling.set_scheduler(Context(), **step.arguments)  # type: ignore[arg-type]
    assert calls[0][2:5] == (0, 0x44, -5)


def test_io_priority_is_that_of_the_process_group(calls: list[tuple[Any, ...]]) -> None:
    setting = {"class": "IOPRIO_CLASS_IDLE", "priority": 5}
    (step,) = steps_of("scheduling", process={"ioPriority": setting})
    context = Context()
    scheduling.set_io_priority(context, **step.arguments)  # type: ignore[arg-type]
    assert calls == [("ioprio_set", 2, context.pid, 3 << 13 | 5)]


@pytest.mark.parametrize(
    ("nodes", "mask"), [("", 0), ("0", 1), ("0-3,7", 0x8F), ("64", 1 << 64), ("3,1", 0b1010), ("2-2", 0b100)]
)
def test_list_of_nodes_is_a_mask(nodes: str, mask: int) -> None:
    assert memory_policy.mask(nodes) == mask


@pytest.mark.parametrize("nodes", ["99999999999", "0-99999999999"])
def test_node_that_no_machine_has_is_refused(nodes: str) -> None:
    with pytest.raises(SyscallFailed) as caught:
        memory_policy.mask(nodes)
    assert caught.value.errno == errno.EINVAL


def test_mode_and_flags_of_a_memory_policy_are_one_number(calls: list[tuple[Any, ...]]) -> None:
    policy = {"mode": "MPOL_INTERLEAVE", "nodes": "2-3", "flags": ["MPOL_F_STATIC_NODES"]}
    (step,) = steps_of("memory_policy", linux={"memoryPolicy": policy})
    memory_policy.set_policy(Context(), **step.arguments)  # type: ignore[arg-type]
    assert calls == [("set_mempolicy", 3 | 1 << 15, 0b1100)]


def test_system_calls_are_those_of_the_architecture_in_each_execution_domain() -> None:
    child = os.fork()
    if child == 0:
        try:
            syscalls.personality(personality.DOMAINS["LINUX32"])
            older_syscalls.ioprio_set(1, 0, 2 << 13 | 3)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


def test_unknown_architecture_has_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "", "", "", "vax")))
    with pytest.raises(SyscallFailed) as caught:
        older_syscalls.ioprio_set(1, 0, 0)
    assert caught.value.errno == errno.ENOSYS


def test_label_is_asked_for_after_the_runtime_s_hooks_through_a_file_that_was_opened_before() -> None:
    hooks = {"createContainer": [{"path": "/hook"}]}
    document = {"process": {"apparmorProfile": "one", "selinuxLabel": "two"}, "hooks": hooks}
    steps = plan.build(Config(merge({"ociVersion": NEWEST_VERSION, **base()}, document), "/bundle", "one"), Host([]))
    actions = [step.action for step in steps]
    opened, asked = actions.index("security_labels.open_file"), actions.index("security_labels.request")
    assert actions.index("init.enter") < opened < actions.index("mounts.isolate")
    assert actions.index("hooks.run") < asked < actions.index("process.become")
    assert actions.count("security_labels.request") == 2


@pytest.mark.parametrize("module", ["apparmor", "selinux"])
def test_label_is_written_to_the_file_of_the_module(tmp_path: Path, module: str) -> None:
    context = Context()
    context.descriptors[module] = os.open(tmp_path / "exec", os.O_WRONLY | os.O_CREAT)
    security_labels.request(context, module=module, label="a label")  # type: ignore[arg-type]
    expected = {"apparmor": "exec a label", "selinux": "a label"}[module]
    assert (tmp_path / "exec").read_text(encoding="ascii") == expected
    assert context.descriptors == {}


@pytest.mark.parametrize("module", ["apparmor", "selinux"])
def test_file_of_a_label_is_the_process_s_own(module: str) -> None:
    context = Context()
    security_labels.open_file(context, module=module)  # type: ignore[arg-type]
    descriptor = context.descriptors.pop(module)
    assert os.readlink(f"/proc/self/fd/{descriptor}").startswith(f"/proc/{os.getpid()}/attr/")
    os.close(descriptor)


def test_proc_that_is_something_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = os.open

    def elsewhere(path: str, flags: int) -> int:
        return original(tmp_path if path == "/proc" else path, flags)

    elsewhere.__name__ = "open"
    monkeypatch.setattr(os, "open", elsewhere)
    with pytest.raises(SyscallFailed, match="/proc"):
        security_labels.open_file(Context(), module="selinux")  # type: ignore[arg-type]


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("name", ["apparmorProfile", "selinuxLabel"])
def test_label_that_does_not_exist_fails(runtime: Runtime, name: str) -> None:
    """Also on a host without the module."""
    runtime.make_bundle(process={name: "no-such-label"})
    done = runtime("create", f"--bundle={runtime.bundle.path}", runtime.identifier)
    assert done.returncode == 1
    assert f"$.process.{name}" in done.stderr


def test_schemata_need_a_mounted_resctrl() -> None:
    with pytest.raises(UnsupportedConfig, match="no resctrl"):
        steps_of("intel_rdt", linux={"intelRdt": {}})
    actions = [step.action for step in steps_of("intel_rdt", "/resctrl", linux={"intelRdt": {}})]
    assert actions == ["intel_rdt.make", "intel_rdt.attach"]


def test_host_has_the_resctrl_that_is_mounted() -> None:
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    assert (detect().resctrl is not None) == (" - resctrl " in mounts)


@pytest.mark.parametrize(
    ("version", "caches"), [("1.2.1", "L3:0=f"), ("1.3.0", "L3:0=f\nMB:0=10")], ids=["filtered", "as it is"]
)
def test_bandwidth_in_the_schema_of_the_caches_depends_on_the_version(version: str, caches: str) -> None:
    settings = {"l3CacheSchema": "L3:0=f\nMB:0=10", "memBwSchema": "MB:0=20"}
    steps = steps_of("intel_rdt", "/resctrl", ociVersion=version, linux={"intelRdt": settings})
    written = [step.arguments["schema"] for step in steps if step.action == "intel_rdt.write_schema"]
    assert written == [caches, "MB:0=20"]


def test_unknown_capabilities_are_one_warning() -> None:
    context = Context()
    sets = {"bounding": ["CAP_KILL", "CAP_B"], "effective": ["CAP_B", "CAP_A"]}
    capabilities.warn_of_unknown(context, sets)  # type: ignore[arg-type]
    assert context.warnings == ["no capabilities that this runtime knows: CAP_A, CAP_B"]


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("logged", [True, False])
def test_capability_that_cannot_be_granted_is_a_warning_of_create(runtime: Runtime, logged: bool) -> None:
    # An ambient capability has to be inheritable, too.
    runtime.make_bundle(process={"capabilities": {"ambient": ["CAP_KILL", "CAP_NONE"]}})
    log = runtime.directory / "log"
    words = [f"--log={log}", "--log-format=json"] if logged else []
    said = runtime.directory / "stderr"
    with said.open("w", encoding="utf-8") as stderr:
        # The container's process keeps these streams.
        create = (*words, "create", f"--bundle={runtime.bundle.path}", runtime.identifier)
        runtime.succeed(*create, stdout=subprocess.DEVNULL, stderr=stderr)
    expected = ["no capabilities that this runtime knows: CAP_NONE", "cannot be granted in the ambient set: CAP_KILL"]
    assert said.read_text(encoding="utf-8").splitlines() == [f"warning: {message}" for message in expected]
    if logged:
        entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        assert [(entry["level"], entry["msg"]) for entry in entries] == [("warning", message) for message in expected]
