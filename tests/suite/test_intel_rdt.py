"""The checks of IntelRdt, and what the reference runtime does for it, on a directory that behaves like a resctrl.

Few machines have the hardware. So here is shown that each check passes with a runtime that does what the specification
says, and fails with one that does not.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.bundle.config import base, merge
from conformance.checks.config_linux import test_intel_rdt as checks
from conformance.host.resctrl import Resctrl
from reference_runtime import config as configs
from reference_runtime import execution, kernel_files, plan
from reference_runtime.config import NEWEST_VERSION
from reference_runtime.errors import RuntimeFault
from reference_runtime.host import Host
from reference_runtime.steps import RUNTIME, Step, function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.bundle.config import Document

    Fault = Callable[[list[Step], str], list[Step]]

DEFAULT = "L3:0=fff;1=fff\nMB:0=100;1=100\n"

ParameterSet = type(pytest.param())

# Monitoring groups that there can be at once.
MOST = 5


class Kernel:
    """What the kernel does when the directory at `root` is changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.caller = root
        self._mkdir, self._rmdir = os.mkdir, os.rmdir
        root.mkdir()
        for file, content in {"L3/min_cbm_bits": 1, "MB/min_bandwidth": 10, "MB/bandwidth_gran": 10}.items():
            (root / "info" / file).parent.mkdir(parents=True, exist_ok=True)
            (root / "info" / file).write_text(str(content), encoding="ascii")
        self._fill(root)

    def mkdir(self, path: str | Path, mode: int = 0o777, **keywords: Any) -> None:
        """mkdir(2)."""
        self._mkdir(path, mode, **keywords)
        if self.root in Path(path).parents:
            if len(list(self.root.glob("**/mon_groups/*"))) > MOST:
                self._rmdir(path)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            self._fill(Path(path))

    def rmdir(self, path: str | Path, **keywords: Any) -> None:
        """rmdir(2)."""
        if self.root in Path(path).parents and Path(path).exists():
            for directory, _, files in os.walk(path, topdown=False):
                for name in files:
                    os.unlink(os.path.join(directory, name))
                self._rmdir(directory)
        else:
            self._rmdir(path, **keywords)

    def write(self, path: str, content: str) -> None:
        """What `kernel_files.write` does."""
        group = Path(path).parent
        if path.endswith("tasks"):
            self.move(int(content), group)
        elif path.endswith("schemata"):
            there = dict(line.split(":") for line in Path(path).read_text(encoding="ascii").splitlines())
            there |= dict(line.split(":") for line in content.splitlines())
            Path(path).write_text("".join(f"{name}:{value}\n" for name, value in there.items()), encoding="ascii")

    def move(self, pid: int, group: Path) -> None:
        """Put a process into a group, and out of the others of its kind."""
        monitoring = group.parent.name == "mon_groups"
        for file in self.root.glob("**/tasks"):
            if monitoring <= (file.parent.parent.name == "mon_groups"):
                lines = file.read_text(encoding="ascii").split()
                file.write_text("".join(f"{line}\n" for line in lines if line != str(pid)), encoding="ascii")
        with (group / "tasks").open("a", encoding="ascii") as file_of_group:
            file_of_group.write(f"{pid}\n")

    def _fill(self, group: Path) -> None:
        (group / "tasks").touch()
        if group.parent.name != "mon_groups":
            self._mkdir(group / "mon_groups")
            (group / "schemata").write_text(DEFAULT, encoding="ascii")


class FakeResctrl(Resctrl):
    """The directory, for a check."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel.root)
        self.kernel = kernel

    def write(self, group: str, schema: str) -> None:
        """As a check does it."""
        self.kernel.write(str(self.directory(group) / "schemata"), schema)

    def _move_caller(self, group: str) -> None:
        self.kernel.caller = self.directory(group)


class FakeContainer:
    """A container of which nothing is made but what the reference runtime does for `intelRdt`."""

    def __init__(self, number: int, config: Document, kernel: Kernel | None, fault: Fault) -> None:
        self.identifier = f"container-{number}"
        self.pid = 1000 + number
        self.config = config
        self.kernel = kernel
        self.fault = fault
        self.undo: list[Step] = []
        self.creating = True

    @property
    def context(self) -> Any:
        """As much of it as the steps use."""
        recorded = {"creating": self.creating}
        return SimpleNamespace(pid=self.pid, state=SimpleNamespace(recorded=lambda: recorded))

    def configure(self, **changes: Any) -> None:
        """As that of `Container`."""
        self.config = merge(self.config, changes)

    def attempt_create(self) -> Any:
        """Do what the plan says, and take it back if something fails."""
        if self.kernel is not None:
            self.kernel.move(self.pid, self.kernel.caller)
        try:
            self._perform()
        except RuntimeFault:
            self._take_back()
            return SimpleNamespace(ok=self.fault is nothing_is_refused)
        self.creating = False
        return SimpleNamespace(ok=True)

    def create(self) -> FakeContainer:
        """As that of `Container`."""
        assert self.attempt_create().ok
        return self

    def create_supporting(self, _: str) -> FakeContainer:
        """As that of `Container`."""
        return self.create()

    def delete(self) -> FakeContainer:
        """Undo what was done."""
        self._take_back()
        return self

    def start(self) -> FakeContainer:
        """Nothing that would concern a resctrl."""
        return self

    wait_until_ready = kill_process = start

    def wait_for_status(self, _: str) -> FakeContainer:
        """It has it."""
        return self

    def _perform(self) -> None:
        config = configs.from_bytes(json.dumps(self.config).encode(), "/bundle", self.identifier)
        host = Host([], resctrl=str(self.kernel.root) if self.kernel else None)
        steps = [step for step in plan.build(config, host) if step.action.startswith("intel_rdt.")]
        for step in self.fault(steps, self.identifier if self.kernel is None else str(self.kernel.root)):
            self.undo.append(step)
            try:
                execution.perform(step, self.context)
            except RuntimeFault:
                self.undo.pop()
                raise

    def _take_back(self) -> None:
        for step in reversed(self.undo):
            if step.undo:
                function(step.undo)(self.context, **step.arguments)


def none(steps: list[Step], _: str) -> list[Step]:
    """The runtime as it is."""
    return steps


def nothing_is_refused(steps: list[Step], _: str) -> list[Step]:
    """`create` succeeds, whatever fails."""
    return steps


def nothing_is_done(_: list[Step], __: str) -> list[Step]:
    return []


def nothing_is_removed(steps: list[Step], _: str) -> list[Step]:
    for step in steps:
        step.undo = None
    return steps


def everything_is_removed(steps: list[Step], _: str) -> list[Step]:
    for step in steps:
        if step.action == "intel_rdt.attach":
            step.undo = "intel_rdt.remove"
    return steps


def schemas_are_written_in_another_order(steps: list[Step], _: str) -> list[Step]:
    return [step for step in steps if "write" not in step.action] + [
        step for step in reversed(steps) if "write" in step.action
    ]


def a_schema_is_always_written(steps: list[Step], root: str) -> list[Step]:
    path = steps[0].arguments["path"] if steps else root
    step = Step("intel_rdt.write_schema", "", where=RUNTIME, path=path, schema="L3:0=7;1=7")
    return [*steps, step]


FAULTS = (
    nothing_is_refused,
    nothing_is_done,
    nothing_is_removed,
    everything_is_removed,
    schemas_are_written_in_another_order,
    a_schema_is_always_written,
)


def cases() -> Iterator[Any]:
    """Each check with each of its parameters."""
    for name, check in vars(checks).items():
        if not name.startswith("test_"):
            continue
        marks = [mark.args for mark in check.pytestmark if mark.name == "parametrize"]
        names = [listed if isinstance(listed, str) else ",".join(listed) for listed, _ in marks]
        for values in itertools.product(*(given for _, given in marks)):
            arguments: dict[str, Any] = {}
            for listed, value in zip(names, values, strict=True):
                parts = value.values if isinstance(value, ParameterSet) else value
                words = listed.replace(" ", "").split(",")
                listed_values = parts if isinstance(parts, tuple) else (parts,)
                arguments |= dict(zip(words, listed_values, strict=True))
            yield pytest.param(check, arguments, id=f"{name}-{'-'.join(map(str, arguments.values()))}")


class Machine:
    """A way to call checks."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.directory = directory
        self.monkeypatch = monkeypatch
        self.calls = 0

    def call(self, check: Any, arguments: dict[str, Any], fault: Fault) -> None:
        """Call a check with a runtime that has a fault."""
        self.calls += 1
        words = dict(arguments)
        kernel = None
        if "resctrl" in check.__code__.co_varnames[: check.__code__.co_argcount]:
            kernel = Kernel(self.directory / f"resctrl-{self.calls}")
            words["resctrl"] = FakeResctrl(kernel)
        numbers = itertools.count()

        def make(**changes: Any) -> FakeContainer:
            del changes["program"]
            document = merge({"ociVersion": NEWEST_VERSION, **base()}, changes)
            return FakeContainer(next(numbers), document, kernel, fault)

        with self.monkeypatch.context() as patch:
            patch.setattr(checks, "mount_point", lambda: None)
            if kernel is not None:
                patch.setattr(os, "mkdir", kernel.mkdir)
                patch.setattr(os, "rmdir", kernel.rmdir)
                patch.setattr(kernel_files, "write", kernel.write)
            check(container=make, **words)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


@pytest.mark.parametrize(("check", "arguments"), list(cases()))
def test_check_passes(machine: Machine, check: Any, arguments: dict[str, Any]) -> None:
    machine.call(check, arguments, none)


@pytest.mark.parametrize(("check", "arguments"), list(cases()))
def test_check_fails_with_a_fault(machine: Machine, check: Any, arguments: dict[str, Any]) -> None:
    found = []
    for fault in FAULTS:
        try:
            machine.call(check, arguments, fault)
        except AssertionError:
            found.append(fault.__name__)
    assert found


def test_directory_of_a_container_that_was_not_created_is_removed(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        kernel = Kernel(tmp_path / "resctrl")
        patch.setattr(os, "mkdir", kernel.mkdir)
        patch.setattr(os, "rmdir", kernel.rmdir)
        patch.setattr(kernel_files, "write", kernel.write)
        settings = {"closID": "class", "l3CacheSchema": "L3:0=1;1=1", "enableMonitoring": True}
        document = merge({"ociVersion": NEWEST_VERSION, **base()}, {"linux": {"intelRdt": settings}})
        one = FakeContainer(1, document, kernel, none)
        for number in range(MOST):
            os.mkdir(kernel.root / "mon_groups" / str(number))
        assert not one.attempt_create().ok
        assert not (kernel.root / "class").exists()


@pytest.mark.parametrize(
    ("there", "wanted", "fits"),
    [
        ("L3:0=ff;1=f", "L3:0=ff", True),
        ("    L3:0=0ff;1=00f", "L3:1=F;00=FF", True),
        ("MB:0= 20;1=100", "MB:1=100;0=20", True),
        ("L3:0=ff", "L3:0=f", False),
        ("MB:0=20", "L3:0=20", False),
        ("L3:0=ff", "L3:1=ff", False),
    ],
)
def test_schemas_are_compared_by_their_values(tmp_path: Path, there: str, wanted: str, fits: bool) -> None:
    (tmp_path / "schemata").write_text(f"{there}\n", encoding="ascii")
    with contextlib.nullcontext() if fits else pytest.raises(OSError, match="other schemas"):
        function("intel_rdt.compare")(None, path=str(tmp_path), lines=[wanted])
