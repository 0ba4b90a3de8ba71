"""A root filesystem and a configuration that lead out of the container: nothing outside of it is reached."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import select
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.bundle.config import base, mounts_with, mounts_without, namespaces_without
from conformance.facts.probe import compiled
from conformance.runtime.console import ConsoleSocket
from reference_runtime import syscalls

if TYPE_CHECKING:
    from tests.reference_runtime.conftest import Runtime

pytestmark = pytest.mark.usefixtures("root")

PATIENCE = 20.0
CAP_SYS_PTRACE = 1 << 19

# All that the container process may have open before it executes the program.
DESCRIPTORS = range(3, 10)


class Outside:
    """A directory outside of the root filesystem, with things in it that attract."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name in ("fd", "pts", "shm", "directory"):
            (path / name).mkdir(parents=True)
        for name in ("ptmx", "null", "zero", "console", "stdin", "file"):
            (path / name).write_text("outside", encoding="ascii")
        # It is static, and so it would run.
        self.program = path / "probe"
        shutil.copy(compiled(), self.program)
        self._before = self._tree()

    def _tree(self) -> dict[str, Any]:
        tree = {}
        for directory, directories, files in os.walk(self.path):
            for name in ("", *directories, *files):
                path = Path(directory, name)
                status = path.lstat()
                content = path.read_bytes() if path.is_file() else None
                identity = (status.st_dev, status.st_ino, status.st_mode, status.st_uid, status.st_rdev)
                tree[str(path)] = (*identity, status.st_mtime_ns, content)
        return tree

    def require_untouched(self) -> None:
        """Fail if anything is other than it was at the beginning."""
        assert self._tree() == self._before


@pytest.fixture
def outside(directory: Path) -> Outside:
    return Outside(directory / "outside")


def replace_by_link(path: Path, target: str | Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.exists() or path.is_symlink():
        path.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def create_and_start(runtime: Runtime, *options: str) -> None:
    """Whatever comes of it, as long as it is no crash."""
    done = runtime.create(*options, succeed=False)
    if done.returncode == 0:
        done = runtime("start", runtime.identifier, stderr=subprocess.STDOUT)
        assert "Traceback" not in done.stdout
    assert "Traceback" not in done.stderr


LINK = {"destination": "/link", "type": "tmpfs", "source": "tmpfs"}
BELOW = {"destination": "/link/directory", "source": "/etc", "options": ["bind"]}
MADE = {"destination": "/link/made/by/it", "source": "/etc", "options": ["bind"]}
FILE = {"destination": "/link/file", "source": "/etc/passwd", "options": ["bind"]}
DEVICE = {"type": "c", "path": "/link/device", "major": 1, "minor": 3, "fileMode": 0o600, "uid": 1}

# The paths that are links in the root filesystem, and what of the configuration leads through them.
LINKS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "proc": (["/proc"], {}),
    "sys": (["/sys"], {}),
    "dev": (["/dev"], {}),
    "dev that is not mounted": (["/dev"], {"mounts": mounts_without("/dev", "/dev/pts", "/dev/shm")}),
    "pts": (["/dev/pts"], {"mounts": mounts_without("/dev")}),
    "shm": (["/dev/shm"], {"mounts": mounts_without("/dev", "/dev/shm")}),
    "mount": (["/link"], {"mounts": mounts_with(LINK)}),
    "mount below": (["/link"], {"mounts": mounts_with(BELOW)}),
    "mount that has to be made": (["/link"], {"mounts": mounts_with(MADE)}),
    "mount of a file": (["/link"], {"mounts": mounts_with(FILE)}),
    "masked path": (["/link"], {"linux": {"maskedPaths": ["/link", "/link/file", "/link/directory"]}}),
    "read-only path": (["/link"], {"linux": {"readonlyPaths": ["/link", "/link/file", "/link/directory"]}}),
    "device": (["/link"], {"linux": {"devices": [DEVICE]}}),
    "device that is a link": (["/dev/x"], {"linux": {"devices": [{**DEVICE, "path": "/dev/x"}]}}),
    "cwd": (["/link"], {"process": {"cwd": "/link/directory"}}),
    "program": (["/link"], {"process": {"args": ["/link/probe", "hold"]}}),
    "hook": (["/link"], {"hooks": {"startContainer": [{"path": "/link/probe"}]}}),
}
DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "console", "stdin", "fd")


@pytest.mark.parametrize("isolated", [True, False], ids=["own-mounts", "host-mounts"])
@pytest.mark.parametrize("target", ["absolute", "relative"])
@pytest.mark.parametrize(("links", "changes"), LINKS.values(), ids=list(LINKS))
def test_links_of_the_root_filesystem_lead_nowhere_outside(
    runtime: Runtime, outside: Outside, links: list[str], changes: dict[str, Any], target: str, isolated: bool
) -> None:
    bundle = runtime.make_bundle("try", "create", "made-in-cwd", **changes)
    if not isolated:
        bundle.config["linux"]["namespaces"] = namespaces_without("mount")
        bundle.write_config()
    for link in links:
        path = bundle.inside(link)
        climbing = "../" * 20 + str(outside.path).lstrip("/")
        replace_by_link(path, outside.path if target == "absolute" else climbing)
    create_and_start(runtime)
    outside.require_untouched()
    runtime.destroy()
    outside.require_untouched()


@pytest.mark.parametrize("name", DEVICES)
def test_devices_that_are_links_lead_nowhere_outside(runtime: Runtime, outside: Outside, name: str) -> None:
    bundle = runtime.make_bundle(
        "hold",
        process={"terminal": True},
        mounts=mounts_without("/dev"),
        linux={"maskedPaths": ["/etc/passwd"]},
    )
    replace_by_link(bundle.inside(f"/dev/{name}"), outside.path / "file")
    with ConsoleSocket(runtime.directory) as console:
        create_and_start(runtime, f"--console-socket={console.path}")
    outside.require_untouched()


def test_masked_file_is_masked_by_the_null_device_of_the_host(runtime: Runtime) -> None:
    """The node in the container's own /dev could be anything."""
    runtime.make_bundle(
        *("try", "read", "/secret", ",", "write", "/secret", "x"),
        files={"/secret": "secret"},
        linux={"maskedPaths": ["/secret"], "devices": [{"type": "c", "path": "/dev/null", "major": 1, "minor": 5}]},
    )
    read, write = runtime.attempts()
    assert (read["errno"], read["content"]) == (0, "")
    assert write["errno"] == 0
    assert runtime.bundle.inside("/secret").read_text(encoding="ascii") == "secret"


@pytest.mark.parametrize("way", ["/proc/self/fd/{}", "/proc/self/fd/{}/../..", "/proc/1/fd/{}/..", "/link"])
def test_working_directory_is_no_descriptor_of_the_runtime(runtime: Runtime, way: str) -> None:
    bundle = runtime.make_bundle("try", "list", "../../..")
    for descriptor in DESCRIPTORS:
        bundle.config["process"]["cwd"] = way.format(descriptor)
        bundle.write_config()
        replace_by_link(bundle.inside("/link"), f"/proc/self/fd/{descriptor}")
        done = runtime.run()
        assert done.returncode == 1, done.stdout
        assert "process.change_directory ($.process.cwd): " in done.stderr


def test_no_directory_of_the_host_is_open_while_programs_of_the_container_run(runtime: Runtime) -> None:
    waiting = {"path": "/probe", "args": ["probe", "hook", "--log=/log", "--name=hook", "--wait=/fifo"]}
    bundle = runtime.make_bundle("hold", hooks={"startContainer": [waiting]})
    os.mkfifo(bundle.inside("/fifo"))
    runtime.create()
    pid = runtime.state()["pid"]
    starting = runtime.begin("start", runtime.identifier)
    end = time.monotonic() + PATIENCE
    while not bundle.inside("/log").exists() and time.monotonic() < end:
        time.sleep(0.001)
    root = os.stat(f"/proc/{pid}/root")
    opened = [os.stat(f"/proc/{pid}/fd/{name}") for name in os.listdir(f"/proc/{pid}/fd")]
    directories = [status for status in opened if stat.S_ISDIR(status.st_mode)]
    assert all(os.path.samestat(status, root) for status in directories)
    with bundle.inside("/fifo").open("wb") as fifo, starting:
        fifo.write(b".")
        fifo.flush()
        starting.communicate(timeout=PATIENCE)
    assert starting.returncode == 0


def test_interpreter_of_the_runtime_cannot_be_written(runtime: Runtime) -> None:
    """The program is the interpreter, found through /proc/self/exe; it keeps it open, and becomes another program."""
    # A copy that nobody else executes: else the kernel would refuse for that reason alone.
    interpreter = runtime.directory / "python"
    shutil.copy(os.path.realpath(sys.executable), interpreter)
    runtime.interpreter = str(interpreter)
    digest = hashlib.sha256(interpreter.read_bytes()).digest()
    needed = [path for path in ("/lib", "/lib64", "/usr", sys.base_prefix) if os.path.exists(path)]
    # The commands of the runtime execute it as well, until they have ended.
    program = (
        "import os; os.read(0, 1); file = os.open('/proc/self/exe', os.O_PATH); os.set_inheritable(file, True);"
        "os.execv('/probe', ['probe', 'try', 'write', f'/proc/self/fd/{file}', 'overwritten'])"
    )
    runtime.make_bundle(
        process={"args": ["/proc/self/exe", "-I", "-S", "-c", program]},
        mounts=mounts_with(*({"destination": path, "source": path, "options": ["rbind", "ro"]} for path in needed)),
    )
    reading, writing = os.pipe()
    output = runtime.directory / "output"
    with output.open("wb") as stdout:
        runtime.create(stdin=reading, stdout=stdout)
    process = os.pidfd_open(runtime.state()["pid"])
    runtime.succeed("start", runtime.identifier)
    os.write(writing, b".")
    assert select.select([process], [], [], PATIENCE)[0]
    for descriptor in (reading, writing, process):
        os.close(descriptor)
    (attempt,) = json.loads(output.read_bytes())["results"]
    assert attempt["errno"] == errno.EROFS
    assert hashlib.sha256(interpreter.read_bytes()).digest() == digest


def test_process_that_waits_is_hidden_from_its_own_user(runtime: Runtime) -> None:
    """Who has as many rights as the container, and so could join its namespaces, cannot look into the process."""
    runtime.make_bundle("hold")
    runtime.create()
    pid = runtime.state()["pid"]
    child = os.fork()
    if child == 0:
        status = 1
        try:
            held = syscalls.permitted_capabilities() & ~CAP_SYS_PTRACE
            syscalls.capset(held, held, 0)
            os.readlink(f"/proc/{pid}/exe")
        except PermissionError:
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


def test_nothing_of_the_caller_leaks(runtime: Runtime) -> None:
    runtime.make_bundle("facts")
    reading, writing = os.pipe()
    directory = os.open("/", os.O_RDONLY)
    done = runtime.run(pass_fds=(reading, writing, directory), env={**os.environ, "SECRET": "of the caller"})
    for descriptor in (reading, writing, directory):
        os.close(descriptor)
    facts = json.loads(done.stdout)
    assert sorted(facts["descriptors"]) == ["0", "1", "2"]
    assert facts["environ"] == base()["process"]["env"]


@pytest.mark.parametrize("closing", ["0<&-", "2>&-", "0<&- 2>&-"])
def test_closed_stream_is_the_null_device_in_the_container(runtime: Runtime, closing: str) -> None:
    runtime.make_bundle("facts")
    words = runtime.words("run", f"--bundle={runtime.bundle.path}", runtime.identifier)
    shell = ["sh", "-c", f'"$@" {closing}', "sh", *words]
    done = subprocess.run(shell, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    descriptors = json.loads(done.stdout)["descriptors"]
    assert sorted(descriptors) == ["0", "1", "2"]
    assert all(descriptors[stream] == "/dev/null" for stream in ("0", "2") if f"{stream}" in closing)


def test_descriptors_of_a_process_that_waits_are_those_that_are_tried_above(runtime: Runtime) -> None:
    runtime.make_bundle("hold")
    runtime.create()
    found = {int(name) for name in os.listdir(f"/proc/{runtime.state()['pid']}/fd")}
    assert found <= {0, 1, 2, *DESCRIPTORS}
