"""Nothing is left: after a run, after a run that fails, is interrupted or is killed; and nobody else's things are removed."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from conformance import leftovers
from conformance.host.traces import CGROUPS, PREFIX, bears, cgroups_of, mounts, processes_of, start_time
from conformance.mutants.mutant import write_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Suite

# Seconds after which what does not end is a failure.
PATIENCE = 60.0

RUN_NAME = re.compile(rf"{PREFIX}[0-9a-f]{{8}}")

# Every kind of thing that the suite makes: processes, mounts, devices, cgroups, namespaces, terminals, files of hooks.
SELECTION = (
    "runtime/test_kill.py::test_kill_sends_term",
    "runtime/test_delete.py",
    "config/test_mounts.py",
    "config_linux/test_namespaces.py",
    "config_linux/test_cgroups_path.py",
    "command_line/test_commands.py",
)

SHORT = ("runtime/test_kill.py::test_kill_sends_term", "runtime/test_start.py")

# The parent of last resort of all that a run starts: it says which processes have outlived the run, if for no more than
# a moment in which a process that has been killed may die.
SUPERVISOR = """
import ctypes, json, os, signal, subprocess, sys

ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
# Whoever runs these tests in the background of a shell has it ignored.
signal.signal(signal.SIGINT, signal.SIG_DFL)
with open(sys.argv[1], "wb") as output:
    main = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
print(main.pid, flush=True)
status = None
while status is None:
    pid, found = os.waitpid(-1, 0)
    if pid == main.pid:
        status = os.waitstatus_to_exitcode(found)

def give_up(*_):
    raise TimeoutError

signal.signal(signal.SIGALRM, give_up)
signal.alarm(5)
outlived = []
try:
    while True:
        os.waitpid(-1, 0)
except ChildProcessError:
    pass
except TimeoutError:
    for pid in open(f"/proc/self/task/{os.getpid()}/children").read().split():
        outlived.append((int(pid), open(f"/proc/{pid}/cmdline").read().replace("\\0", " ")))
print(json.dumps({"status": status, "outlived": outlived}), flush=True)
"""


@dataclasses.dataclass(frozen=True)
class Host:
    """What a run could change of this host and leave so. Other runs, and other programs, may be at work beside it."""

    null: tuple[int, int, int, int]
    mounts: frozenset[str]
    network_namespaces: frozenset[str]

    @classmethod
    def now(cls, suite: Suite) -> Self:
        """What there is at this moment."""
        null = os.stat("/dev/null")
        others = f"{tempfile.gettempdir()}/"
        return cls(
            null=(null.st_mode, null.st_uid, null.st_gid, null.st_rdev),
            mounts=frozenset(
                f"{mount.type} on {mount.mount_point}"
                for mount in mounts()
                if not mount.mount_point.startswith(others) or mount.mount_point.startswith(str(suite.directory))
            ),
            network_namespaces=frozenset(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else frozenset(),
        )


class Supervised:
    """A run of the suite, each command of which is noted; `names` are those of the runs that made them."""

    def __init__(self, suite: Suite, words: list[str]) -> None:
        self.suite = suite
        self._output = suite.directory / "output"
        self._process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, str(self._output), *words],
            cwd=suite.work,
            env=suite.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._lines = self._process.stdout
        self.pid = int(self._lines.readline())
        self.status: int | None = None

    @property
    def output(self) -> str:
        """All that the run has written so far."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    def end(self) -> list[str]:
        """Wait for the end; returns the processes that have outlived the run, to which this puts an end."""
        found = json.loads(self._lines.readline())
        self._process.wait(PATIENCE)
        self._lines.close()
        self.status = found["status"]
        for pid, _ in found["outlived"]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return [command for _, command in found["outlived"]]


def noting(suite: Suite, program: str = "$REFERENCE", before: str = "") -> Path:
    """A runtime that notes its commands, and is then another one."""
    return suite.runtime(f'echo "$@" >> {suite.directory}/commands\n{before}\nexec {program} "$@"')


def run_names(suite: Suite) -> set[str]:
    return set(RUN_NAME.findall((suite.directory / "commands").read_text(encoding="utf-8")))


def left_on_host(suite: Suite) -> list[str]:
    """What bears the names of the runs: files, cgroups, mounts, processes."""
    names = run_names(suite)
    assert names
    found = [*suite.left]
    for directory in ("/run", tempfile.gettempdir()):
        for path, directories, files in os.walk(directory):
            found += [
                f"{path}/{name}" for name in (*directories, *files) if RUN_NAME.findall(name) and bears(name, *names)
            ]
            # What the test itself has is looked at above.
            directories[:] = [name for name in directories if os.path.join(path, name) != str(suite.directory)]
    for name in names:
        found += cgroups_of(name)
        found += [f"process {pid}" for pid, _ in processes_of(name)]
    return found + [mount.mount_point for mount in mounts() if any(name in str(mount) for name in names)]


@pytest.fixture
def host(suite: Suite) -> Iterator[Host]:
    """The host before; afterwards it has to be the same."""
    before = Host.now(suite)
    yield before
    assert Host.now(suite) == before


@pytest.mark.parametrize(("workers", "checks"), [("0", SHORT), ("2", SELECTION)], ids=["alone", "workers"])
@pytest.mark.usefixtures("host")
def test_nothing_is_left_of_a_run(suite: Suite, workers: str, checks: tuple[str, ...]) -> None:
    run = Supervised(suite, suite.run_words("-n", workers, f"--runtime={noting(suite)}", *checks))
    assert run.end() == []
    assert run.status == 0, run.output
    assert left_on_host(suite) == []
    # It is not only the suite's own name that is not there.
    assert os.listdir(suite.temporary) == []


def test_what_outlives_a_run_is_noticed_by_these_tests(suite: Suite) -> None:
    before = f"[ -e {suite.directory}/once ] || {{ touch {suite.directory}/once; env -i setsid sleep 1000 & }}"
    run = Supervised(suite, suite.run_words("-n", "0", f"--runtime={noting(suite, before=before)}", SHORT[0]))
    assert [command.split() for command in run.end()] == [["sleep", "1000"]]
    assert left_on_host(suite) == []


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("delete_leaves_the_cgroups", "runtime/test_delete.py::test_delete_removes_the_cgroups"),
        ("delete_leaves_the_state_directory", "runtime/test_delete.py::test_delete_removes_a_container_among_others"),
        ("failed_create_leaves_everything", "runtime/test_create.py::test_id_is_free_after_a_create_that_failed"),
        ("mounts_are_seen_outside", "config_linux/test_namespaces.py"),
        ("delete_does_not_wait_for_its_hooks", "config/test_hooks.py::test_delete_waits_for_the_hook"),
    ],
)
@pytest.mark.usefixtures("host")
def test_nothing_is_left_of_a_run_that_fails(suite: Suite, name: str, check: str) -> None:
    runtime = noting(suite, str(write_program(name, suite.directory)))
    words = [f"--runtime={runtime}", "--runtime-timeout=2", "-n", "2", check]
    run = Supervised(suite, suite.run_words(*words))
    assert run.end() == []
    assert run.status == 1, run.output
    assert left_on_host(suite) == []


class Blocked:
    """A run one of whose commands waits: `start`, so that there is a created container; that of the preflight is the
    first.
    """

    def __init__(self, suite: Suite, *words: str, first: int = 2) -> None:
        begun, self._release = suite.directory / "begun", suite.directory / "release"
        os.mkfifo(begun)
        os.mkfifo(self._release)
        before = (
            f'if [ "$2" = start ] && [ "$(grep -c " create " {suite.directory}/commands)" -ge {first} ]; then\n'
            f"  echo > {begun}\n  read nothing < {self._release}\nfi"
        )
        runtime = noting(suite, before=before)
        self.run = Supervised(suite, suite.run_words(f"--runtime={runtime}", *words))
        # This waits until the command is there.
        with begun.open() as fifo:
            assert fifo.readline() == "\n", self.run.output
        self.suite = suite
        (self.name,) = run_names(suite)

    def release(self) -> None:
        """Let it go on, and all that come after it."""
        for path in (self.suite.directory / "begun", self._release):
            other = path.with_name(f"{path.name}-file")
            other.write_text("\n\n", encoding="utf-8")
            descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
            other.rename(path)
            os.write(descriptor, b"\n" * 100)
            self._descriptors = [*getattr(self, "_descriptors", []), descriptor]

    def close(self) -> None:
        """Give up what it waited for."""
        for descriptor in getattr(self, "_descriptors", []):
            os.close(descriptor)


@pytest.mark.parametrize("workers", ["0", "2"], ids=["alone", "workers"])
@pytest.mark.parametrize("group", [True, False], ids=["of the terminal", "to the main process"])
@pytest.mark.usefixtures("host")
def test_nothing_is_left_after_an_interrupt(suite: Suite, workers: str, *, group: bool) -> None:
    blocked = Blocked(suite, "-n", workers, "--runtime-timeout=10", *SHORT)
    if group:
        os.killpg(blocked.run.pid, signal.SIGINT)
    else:
        os.kill(blocked.run.pid, signal.SIGINT)
    assert blocked.run.end() == []
    assert blocked.run.status == 130, blocked.run.output
    assert "INTERNALERROR" not in blocked.run.output
    assert "verdict: interrupted." in blocked.run.output
    assert left_on_host(suite) == []
    footer = json.loads(suite.report.read_text(encoding="utf-8").splitlines()[-1])
    assert (footer["record"], footer["verdict"], footer["exit_status"]) == ("footer", "interrupted", 130)


@pytest.mark.usefixtures("host")
def test_nothing_is_left_after_an_interrupt_of_the_preflight(suite: Suite) -> None:
    blocked = Blocked(suite, "-n", "2", SHORT[0], first=1)
    os.killpg(blocked.run.pid, signal.SIGINT)
    assert blocked.run.end() == []
    assert (blocked.run.status, blocked.run.output) == (130, "Exit: interrupted\n")
    assert left_on_host(suite) == []


@pytest.mark.parametrize("workers", ["0", "2"], ids=["alone", "workers"])
@pytest.mark.usefixtures("host")
def test_nothing_is_left_after_a_kill_and_clean(suite: Suite, workers: str) -> None:
    blocked = Blocked(suite, "-n", workers, *SHORT)
    os.killpg(blocked.run.pid, signal.SIGKILL)
    # The supervisor waits for those who outlive the run, so that `clean` has to come first.
    wait_for_end(blocked.run.pid)
    assert suite.left == [blocked.name]
    assert list(processes_of(blocked.name)), "the container, and the command that waits, have outlived the run"
    cleaned = suite.command("clean")
    assert cleaned.status == 0
    assert f"removed directories: {suite.temporary}/{blocked.name}" in cleaned.stdout
    assert "removed processes: " in cleaned.stdout
    assert blocked.run.end() == []
    assert blocked.run.status == -signal.SIGKILL
    assert left_on_host(suite) == []
    assert suite.command("clean").stdout == "nothing is left of earlier runs\n"


def wait_for_end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        select.select([descriptor], [], [], PATIENCE)
        os.close(descriptor)


@pytest.mark.usefixtures("host")
def test_a_run_that_is_alive_is_left_alone_by_clean(suite: Suite) -> None:
    blocked = Blocked(suite, "-n", "2", SHORT[0])
    for temporary in (suite.temporary, suite.work):
        # From another directory for temporary files, it is seen by its cgroups.
        cleaned = suite.command("clean", env={"TMPDIR": str(temporary)})
        assert cleaned.status == 0
        assert blocked.name not in cleaned.stdout
    blocked.release()
    assert blocked.run.end() == []
    assert blocked.run.status == 0, blocked.run.output
    blocked.close()
    assert left_on_host(suite) == []


@pytest.fixture
def name_of_nobody() -> str:
    """A name such as a run has, that none has."""
    return f"{PREFIX}{os.urandom(4).hex()}"


@pytest.fixture
def somewhere(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(suite.temporary))
    return suite.temporary


OTHERS = (
    "my-{}",
    "{}.bak",
    "{}0",
    "{}a-main-00001",
    PREFIX + "notes",
    PREFIX + "0123456",
    PREFIX + "ABCDEF01",
    "{}_old",
)


@pytest.mark.parametrize("form", OTHERS)
def test_directory_of_another_name_is_not_removed(somewhere: Path, name_of_nobody: str, form: str) -> None:
    other = somewhere / form.format(name_of_nobody)
    other.mkdir()
    (other / "precious").touch()
    (somewhere / name_of_nobody).mkdir()
    assert name_of_nobody in leftovers.abandoned()
    assert other.name not in leftovers.abandoned()
    leftovers.remove_run(name_of_nobody)
    assert (other / "precious").exists()
    assert not (somewhere / name_of_nobody).exists()


def test_directory_that_anybody_could_have_made_is_not_removed(somewhere: Path, name_of_nobody: str) -> None:
    (somewhere / name_of_nobody).mkdir()
    (somewhere / name_of_nobody).chmod(0o777)
    assert name_of_nobody not in leftovers.abandoned()
    (somewhere / name_of_nobody).chmod(0o711)
    os.chown(somewhere / name_of_nobody, 1234, -1)
    assert name_of_nobody not in leftovers.abandoned()


def test_link_that_is_named_like_a_run_is_not_followed(somewhere: Path, name_of_nobody: str, suite: Suite) -> None:
    (suite.work / "precious").touch()
    (somewhere / name_of_nobody).symlink_to(suite.work)
    assert name_of_nobody not in leftovers.abandoned()
    leftovers.remove_run(name_of_nobody)
    assert (suite.work / "precious").exists()


def writable_hierarchy() -> Path:
    """A hierarchy in which cgroups can be made."""
    for path in (Path(CGROUPS, "pids"), Path(CGROUPS, "unified"), Path(CGROUPS)):
        if os.path.ismount(path) and os.access(path, os.W_OK) and (path / "cgroup.procs").exists():
            return path
    pytest.skip("there is no hierarchy of cgroups that can be written to")


@pytest.fixture
def cgroup() -> Iterator[Any]:
    """Make cgroups, and remove them if they are still there."""
    made = []

    def make(name: str) -> Path:
        path = writable_hierarchy() / name
        path.mkdir()
        made.append(path)
        return path

    yield make
    for path in reversed(made):
        with contextlib.suppress(FileNotFoundError):
            path.rmdir()


@pytest.fixture
def sleeper() -> Iterator[Any]:
    """Start processes of somebody else, without a terminal, and end them if they are still there."""
    begun = []

    def start(*words: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> subprocess.Popen[bytes]:
        script = "import sys; print(flush=True); sys.stdin.read()"
        process = subprocess.Popen(
            [sys.executable, "-c", script, *words],
            env={**os.environ, **(env or {})},
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        begun.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    yield start
    for process in begun:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("form", OTHERS)
def test_cgroup_of_another_name_is_not_removed(name_of_nobody: str, cgroup: Any, sleeper: Any, form: str) -> None:
    other = cgroup(form.format(name_of_nobody))
    process = sleeper()
    (other / "cgroup.procs").write_text(str(process.pid), encoding="ascii")
    mine = cgroup(f"{name_of_nobody}-main-00001")
    assert name_of_nobody in leftovers.abandoned()
    removed = leftovers.remove_run(name_of_nobody)
    assert not mine.exists()
    assert other.exists()
    assert process.poll() is None
    assert all(str(other) != path for path in removed.cgroups)
    process.kill()
    process.wait()


def test_cgroup_of_a_run_is_removed_with_all_that_is_in_it(name_of_nobody: str, cgroup: Any, sleeper: Any) -> None:
    top = cgroup(f"{name_of_nobody}-gw0-00001")
    below = cgroup(f"{name_of_nobody}-gw0-00001/below")
    process = sleeper()
    (below / "cgroup.procs").write_text(str(process.pid), encoding="ascii")
    removed = leftovers.remove_run(name_of_nobody)
    assert not top.exists()
    assert process.wait(PATIENCE) == -signal.SIGKILL
    assert removed.processes == [process.pid]


@pytest.mark.parametrize(
    ("words", "env"),
    [
        (["{}"], {}),
        (["/tmp/{}/main/00001/bundle/config.json"], {}),
        (["--bundle={}-main-00001"], {}),
        ([], {"PWD": "/tmp/{}/main"}),
        ([], {"NOT_OCI_CONFORM": "{}"}),
        ([], {"OCI_CONFORM": "my-{}"}),
        ([], {"OCI_CONFORM": "{}0"}),
    ],
    ids=["name", "path", "option", "directory", "variable", "another mark", "longer mark"],
)
def test_process_that_only_mentions_a_run_is_not_killed(
    name_of_nobody: str, sleeper: Any, words: list[str], env: dict[str, str]
) -> None:
    mentioned = [word.format(name_of_nobody) for word in words]
    process = sleeper(*mentioned, env={name: value.format(name_of_nobody) for name, value in env.items()})
    assert leftovers.remove_run(name_of_nobody).processes == []
    assert process.poll() is None


@pytest.mark.parametrize("mark", ["{}", "{}-main-00001", "{}-gw10-00001"])
def test_process_that_a_command_has_left_is_killed(name_of_nobody: str, sleeper: Any, mark: str) -> None:
    process = sleeper(env={"OCI_CONFORM": mark.format(name_of_nobody)})
    assert leftovers.remove_run(name_of_nobody).processes == [process.pid]
    assert process.wait(PATIENCE) == -signal.SIGKILL


def test_processes_of_another_container_are_not_killed(name_of_nobody: str, sleeper: Any) -> None:
    one = sleeper(env={"OCI_CONFORM": f"{name_of_nobody}-gw1-00001"})
    other = sleeper(env={"OCI_CONFORM": f"{name_of_nobody}-gw1-000010"})
    assert leftovers.remove_marked(f"{name_of_nobody}-gw1-00001").processes == [one.pid]
    assert other.poll() is None


def test_process_that_has_the_number_of_another_one_is_not_killed(sleeper: Any) -> None:
    process = sleeper()
    assert not leftovers._kill(process.pid, start_time(process.pid) + 1)
    assert process.poll() is None


def test_tree_with_a_mount_of_another_filesystem_is_emptied_after_unmounting(suite: Suite) -> None:
    directory = suite.work / "directory"
    (directory / "mounted").mkdir(parents=True)
    (suite.directory / "precious").touch()
    subprocess.run(["mount", "--bind", str(suite.directory), str(directory / "mounted")], check=True)
    leftovers.remove_tree(directory)
    assert not directory.exists()
    assert (suite.directory / "precious").exists()


def test_mount_of_a_run_is_removed(suite: Suite, name_of_nobody: str) -> None:
    (suite.work / name_of_nobody / "mounted").mkdir(parents=True)
    (suite.work / f"my-{name_of_nobody}").mkdir()
    for path in (suite.work / name_of_nobody / "mounted", suite.work / f"my-{name_of_nobody}"):
        subprocess.run(["mount", "-t", "tmpfs", "none", str(path)], check=True)
    assert name_of_nobody in leftovers.abandoned()
    leftovers.remove_run(name_of_nobody)
    assert not os.path.ismount(suite.work / name_of_nobody / "mounted")
    assert os.path.ismount(suite.work / f"my-{name_of_nobody}")
    subprocess.run(["umount", str(suite.work / f"my-{name_of_nobody}")], check=True)


@pytest.mark.parametrize(
    ("path", "mark", "found"),
    [
        ("/oci-conform-01234567-main-00001", "oci-conform-01234567", True),
        ("/oci-conform-01234567-main-00001/below", "oci-conform-01234567-main-00001", True),
        ("/oci-conform-01234567-main-000010", "oci-conform-01234567-main-00001", False),
        ("/my-oci-conform-01234567", "oci-conform-01234567", False),
        ("/oci-conform-012345678", "oci-conform-01234567", False),
        ("/tmp/oci-conform-01234567/gw0/00001/bundle", "/tmp/oci-conform-01234567/gw0/00001", True),
        # A tmpfs on /tmp has a root of its own.
        ("/oci-conform-01234567/gw0/00001/bundle", "/tmp/oci-conform-01234567/gw0/00001", True),
        ("/oci-conform-01234567/gw0/000012/bundle", "/tmp/oci-conform-01234567/gw0/00001", False),
        ("/", "oci-conform-01234567", False),
    ],
)
def test_what_bears_a_mark(path: str, mark: str, *, found: bool) -> None:
    assert bears(path, mark) is found
