"""What the tests share: runs of the suite in processes of their own, in directories of their own."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.host.traces import mounts_of
from conformance.runtime import driver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Record = dict[str, Any]

pytest_plugins = ["pytester"]

ALL_MUTANTS = "all_mutants"

VM = "vm"

LEFT_OUT = {
    ALL_MUTANTS: "the whole set of mutants; takes long, and is left out by default",
    VM: "boots a virtual machine; takes minutes, and is left out by default",
}

# Seconds after which a run of the suite that does not end is a failure of its test.
PATIENCE = 120.0

_CHECKS_ARE_HERE = """\
import os

from conformance import plugin
from conformance.host.needs import NEEDS, Need

plugin.CHECKS = os.path.dirname(os.path.abspath(__file__))
NEEDS["imaginary"] = Need("there is no such thing", lambda host: False)
"""


def pytest_configure(config: pytest.Config) -> None:
    for name, text in LEFT_OUT.items():
        config.addinivalue_line("markers", f"{name}: {text}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    unasked = [name for name in LEFT_OUT if name not in config.option.markexpr]
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in unasked)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@dataclasses.dataclass(frozen=True)
class Run:
    """A run of the suite that has ended, and the report that it wrote."""

    status: int
    stdout: str
    stderr: str
    report: Path

    @property
    def output(self) -> str:
        """All that it wrote to the terminal."""
        return self.stdout + self.stderr

    @property
    def has_traceback(self) -> bool:
        """Whether something broke that should not."""
        return "Traceback" in self.output or "INTERNALERROR" in self.output

    @functools.cached_property
    def records(self) -> list[Record]:
        """All records, in order."""
        return [json.loads(line) for line in self.report.read_bytes().splitlines()]

    def of_kind(self, kind: str) -> list[Record]:
        """The records of one kind, in order."""
        return [record for record in self.records if record["record"] == kind]

    @property
    def header(self) -> Record:
        """The one header."""
        (record,) = self.of_kind("header")
        return record

    @property
    def footer(self) -> Record:
        """The one footer."""
        (record,) = self.of_kind("footer")
        return record

    @property
    def checks(self) -> dict[str, Record]:
        """The records of checks, by ID."""
        return {record["id"]: record for record in self.of_kind("check")}

    @property
    def requirements(self) -> dict[str, Record]:
        """The records of requirements, by ID."""
        return {record["id"]: record for record in self.of_kind("requirement")}

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcomes of checks, by ID."""
        return {identifier: record["outcome"] for identifier, record in self.checks.items()}


class Suite:
    """The suite as its users have it: called in an empty directory, with `temporary` for its temporary files."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.temporary = directory / "tmp"
        self.work = directory / "work"
        self.report = directory / "report.jsonl"
        for path in (self.temporary, self.work):
            path.mkdir(mode=0o711)

    def environment(self, changes: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a run: what pytest has told this process is not for it."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "RUNTIME"))}
        return {**inherited, "TMPDIR": str(self.temporary), **(changes or {})}

    def call(self, words: list[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Run:
        """Run a command to its end. What does not end is killed, and what it leaves is removed."""
        with subprocess.Popen(
            words,
            cwd=cwd or self.work,
            env=self.environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process:
            try:
                stdout, stderr = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                subprocess.run(self.command_words("clean"), env=self.environment(), check=True)
                raise
        return Run(process.returncode, stdout, stderr, self.report)

    def command_words(self, *words: str) -> list[str]:
        """The words of `oci-conform`."""
        return [os.path.join(sysconfig.get_path("scripts"), "oci-conform"), *words]

    def run_words(self, *words: str) -> list[str]:
        """The words of `oci-conform run`, in the order of the files, with a report."""
        return self.command_words("run", f"--conformance-report={self.report}", "-p", "no:randomly", *words)

    def command(self, *words: str, env: Mapping[str, str] | None = None) -> Run:
        """`oci-conform`."""
        return self.call(self.command_words(*words), env=env)

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> Run:
        """`oci-conform run`."""
        return self.call(self.run_words(*words), env=env)

    def pytest(self, *words: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Run:
        """`pytest`."""
        return self.call([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words], env=env, cwd=cwd)

    def run_checks(self, files: Mapping[str, str], *words: str, env: Mapping[str, str] | None = None) -> Run:
        """Run checks that are made up: `files` are modules, by name, in the place of the suite's own. There is one need
        more, `imaginary`, which is not met.
        """
        checks = self.directory / "checks"
        checks.mkdir(exist_ok=True)
        for name, content in {"conftest.py": _CHECKS_ARE_HERE, **files}.items():
            (checks / name).write_text(content, encoding="utf-8")
        return self.pytest(f"--conformance-report={self.report}", "-p", "no:randomly", *words, str(checks), env=env)

    def runtime(self, script: str, name: str = "runtime") -> Path:
        """An executable shell script; `$REFERENCE` in it are the words of the reference runtime."""
        path = self.directory / name
        path.write_text(f"#!/bin/sh\nREFERENCE={shlex.quote(reference())}\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    @property
    def left(self) -> list[str]:
        """The names of temporary files that the suite has left."""
        return sorted(name for name in os.listdir(self.temporary) if "oci-conform" in name)


def reference() -> str:
    """The words that call the reference runtime, for a shell."""
    return shlex.join(driver.find(None).argv)


@pytest.fixture
def suite() -> Iterator[Suite]:
    """The suite, for one test."""
    yield from _suite()


@pytest.fixture(scope="module")
def shared_suite() -> Iterator[Suite]:
    """The suite, for the runs that the tests of a module look at together."""
    yield from _suite()


def _suite() -> Iterator[Suite]:
    # Not below pytest's own directory, where no other user can go, and so no container's either.
    directory = Path(tempfile.mkdtemp(prefix="test-")).resolve()
    directory.chmod(0o711)
    yield Suite(directory)
    assert not mounts_of(str(directory)), "something is still mounted there"
    shutil.rmtree(directory)
