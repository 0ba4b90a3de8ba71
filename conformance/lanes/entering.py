"""Run a command in a lane, to its end; whatever becomes of this process, nothing of it stays."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import InvalidUse, LaneClosed
from conformance.host.traces import PREFIX
from conformance.lanes.cgroup1 import CGROUP1
from conformance.lanes.cgroup2 import CGROUP2
from conformance.lanes.lane import HOST, VARIABLE, current
from conformance.lanes.rootless import ROOTLESS
from conformance.lanes.vm import VM
from conformance.leftovers import make_locked, remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.lanes.lane import Lane

LANES = {lane.name: lane for lane in (CGROUP1, CGROUP2, ROOTLESS, VM)}
"""The lanes that have to be entered, by name."""

# Mounts and processes are those of namespaces, which end with the process that waits here, even if that is killed.
_CONFINED = (
    *("setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--propagation=private", "--pid", "--mount-proc"),
    *("--fork", "--kill-child"),
)

# The first process of a pid namespace has to take the orphans in. The shell does, and only while it waits for a child.
# Low numbers of processes are used up: a runtime that takes a number of the container's pid namespace for one of its own
# would kill the suite. crun 1.8.1 does so when it cannot create a container with a time namespace.
_FIRST = ("sh", "-c", 'trap : INT TERM HUP; for _ in 1 2 3 4 5 6 7 8 9; do (:); done; "$@"; exit', "sh")

# Only from inside is the end of the command told from that of the lane.
_TELLING = ("sh", "-c", 'trap : INT TERM HUP; "$@"; echo $? >"$0"')

_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def directory(*, keep_bundles: bool = False) -> Iterator[Path]:
    """A directory for one command in a lane, which the user of the lane can be given."""
    path = Path(tempfile.gettempdir()).resolve() / f"{PREFIX}{secrets.token_hex(4)}"
    with make_locked(path):
        try:
            files = path / "files"
            files.mkdir(mode=0o711)
            yield files
        finally:
            if not keep_bundles or not any(files.glob("*/*/*/bundle")):
                remove_tree(path)


def run(lane: Lane, words: list[str], files: Path, *, quiet: bool = False) -> tuple[int, str]:
    """Run a command in a lane; `files` is its directory. Returns its exit status and, if `quiet`, its stdout.

    Signals that end this process end the command. Raises `LaneClosed`.
    """
    if current() != HOST:
        raise InvalidUse(f"this is in the lane {current()}, and others can be entered from the host only")
    if obstacle := lane.obstacle():
        raise LaneClosed(lane.name, obstacle)
    told = files / "status"
    os.environ[VARIABLE] = lane.name
    try:
        command = [*_CONFINED, *_FIRST, *lane.entered([*_TELLING, str(told), *words], files)]
        # In a session of its own, so that what the terminal sends arrives once.
        output = subprocess.PIPE if quiet else None
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, text=True, start_new_session=True
        )
    finally:
        del os.environ[VARIABLE]
    before = {number: signal.signal(number, lambda number, _: _forward(child, number)) for number in _FORWARDED}
    try:
        content, complaints = child.communicate()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    try:
        return int(told.read_text(encoding="ascii")), content
    except (FileNotFoundError, ValueError):
        said = f": {complaints.strip()}" if quiet else ""
        raise LaneClosed(lane.name, f"it ended with status {child.returncode} before the command did{said}") from None


def _forward(child: subprocess.Popen[str], number: int) -> None:
    # It is not waited for before it has ended, so its number is nobody else's.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)
