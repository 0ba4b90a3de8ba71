"""What runc says of a config: the one question to it is whether `create` succeeds."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.bundle.builder import Bundle
from conformance.host.traces import mounts, mounts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PATIENCE = 10
"""Seconds after which `create` is taken to hang."""

_PROGRAM = Path("/bin/true")

_HANGS = 128 + signal.SIGKILL

# Whatever a config makes of the container, what it shares with the host is of these namespaces, and the root of each
# cgroup hierarchy is a cgroup that was made for it. When the shell ends, the kernel ends all that it has started, and
# with it the mounts: so there is no container to delete.
_ALONE = ("unshare", "--mount", "--pid", "--uts", "--ipc", "--net", "--fork", "--kill-child", "--mount-proc")
_SCRIPT = """
state=$1 log=$2 identifier=$3 hierarchies=$4 patience=$5
shift 5
for hierarchy in $hierarchies; do
    mount --bind "$hierarchy/$identifier" "$hierarchy"
    echo $$ >"$hierarchy/cgroup.procs"
done
mount -t tmpfs tmpfs /srv
mkdir /srv/data
timeout --signal=KILL "$patience" runc --root "$state" --log "$log" create "$@" "$identifier"
"""


def version() -> str | None:
    """The version of runc, or None if it is not installed."""
    if shutil.which("runc") is None:
        return None
    output = subprocess.run(["runc", "--version"], capture_output=True, text=True, check=True).stdout
    return output.splitlines()[0].removeprefix("runc version ")


def refusals(configs: Mapping[str, bytes]) -> dict[str, str | None]:
    """What runc says against each of the configs: what it logs, or None if it accepts it. Leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="test-agreement-") as name:
        directory = Path(name).resolve()
        # Those of pytest are for their owner, and root of a user namespace is another user here.
        directory.chmod(0o711)
        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            said = pool.map(lambda content: _refusal(directory, content), configs.values())
            answers = dict(zip(configs, said, strict=True))
        assert not mounts_of(str(directory)), "something is still mounted there"
    return answers


def _refusal(directory: Path, content: bytes) -> str | None:
    identifier = f"agreement-{uuid.uuid4().hex[:12]}"
    bundle = Bundle(directory / identifier, {})
    # What the corpus runs and mounts. No program is ever started, but runc looks whether it is there.
    bundle.make(_PROGRAM, {"/data": None})
    shutil.copy(_PROGRAM, bundle.inside("/bin/sh"))
    (bundle.path / "data").mkdir()
    (bundle.path / "config.json").write_bytes(content)
    log = directory / f"{identifier}.log"
    hierarchies = [mount.mount_point for mount in mounts() if mount.type in ("cgroup", "cgroup2")]
    with _cgroups(hierarchies, identifier), _console(content, directory / f"{identifier}.socket") as options:
        done = subprocess.run(
            [
                *_ALONE,
                *("sh", "-c", _SCRIPT, "sh", str(directory / "state"), str(log), identifier),
                *(" ".join(hierarchies), str(PATIENCE), f"--bundle={bundle.path}", *options),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    shutil.rmtree(bundle.path)
    if done.returncode == 0:
        return None
    if done.returncode == _HANGS:
        return f"it does not end in {PATIENCE} seconds"
    return log.read_text(encoding="utf-8", errors="replace").strip()


@contextlib.contextmanager
def _cgroups(hierarchies: list[str], name: str) -> Iterator[None]:
    """A cgroup of that name in each hierarchy; with all that is below it, it is removed at the end."""
    paths = [Path(hierarchy, name) for hierarchy in hierarchies]
    for path in paths:
        path.mkdir()
        # A process can enter a cgroup of version 1 only if there are CPUs and memory for it.
        for setting in ("cpuset.cpus", "cpuset.mems"):
            above = path.parent / setting
            if above.exists():
                (path / setting).write_text(above.read_text(encoding="ascii"), encoding="ascii")
    try:
        yield
    finally:
        for path in paths:
            for directory, _, _ in os.walk(path, topdown=False):
                os.rmdir(directory)


@contextlib.contextmanager
def _console(content: bytes, path: Path) -> Iterator[list[str]]:
    """The options for the console of a container that has a terminal: runc wants them then, and only then."""
    if not _has_terminal(content):
        yield []
        return
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        yield [f"--console-socket={path}"]


def _has_terminal(content: bytes) -> bool:
    try:
        return json.loads(content)["process"]["terminal"] is True
    except (ValueError, LookupError, TypeError, RecursionError):
        return False
