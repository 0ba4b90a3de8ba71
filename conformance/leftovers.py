"""Find and remove what the suite, or a runtime for it, has left: everything bears the suite's prefix.

Processes first, for they hold the rest; then mounts, the last one first; then cgroups, then files. Nothing is removed
that does not bear the mark, and no file that lies on another filesystem than the directory that is removed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import re
import select
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.host.mounting import unmount
from conformance.host.traces import PREFIX, bears, cgroups_of, mounts, mounts_of, processes_of, start_time

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUN = re.compile(rf"(?:^|/)({PREFIX}[0-9a-f]{{8}})(?=[-/]|$)")
_LOCK = re.compile(rf"/({PREFIX}[0-9a-f]{{8}})/lock$")

# Seconds that a killed process may take to go.
_PATIENCE = 10


@dataclasses.dataclass
class Removed:
    """What was removed."""

    processes: list[int] = dataclasses.field(default_factory=list)
    mounts: list[str] = dataclasses.field(default_factory=list)
    cgroups: list[str] = dataclasses.field(default_factory=list)
    directories: list[str] = dataclasses.field(default_factory=list)


def remove_marked(*marks: str) -> Removed:
    """Remove the processes, mounts and cgroups that bear one of the marks."""
    removed = Removed()
    for pid, started in list(processes_of(*marks)):
        if _kill(pid, started):
            removed.processes.append(pid)
    for mount in reversed(mounts_of(*marks)):
        with contextlib.suppress(OSError):
            unmount(mount.mount_point)
            removed.mounts.append(mount.mount_point)
    for mark in marks:
        for cgroup in sorted((path for path in cgroups_of(mark) if bears(path, mark)), reverse=True):
            with contextlib.suppress(OSError):
                _remove_cgroup(cgroup)
                removed.cgroups.append(cgroup)
    return removed


def remove_tree(directory: Path) -> None:
    """Remove a directory tree, after unmounting what is mounted below it. Other filesystems are left alone."""
    for mount in reversed(mounts_of(str(directory))):
        if Path(mount.mount_point).is_relative_to(directory):
            unmount(mount.mount_point)
    device = directory.lstat().st_dev
    for path, directories, _ in os.walk(directory, topdown=True):
        for name in list(directories):
            if os.lstat(os.path.join(path, name)).st_dev != device:
                raise OSError(f"{path}/{name} is on another filesystem, and is left alone")
    shutil.rmtree(directory)


def abandoned() -> list[str]:
    """The names of runs that left something, and whose process is gone."""
    names = {path.name for path in _run_directories()}
    for path in (*cgroups_of(PREFIX), *(mount.mount_point for mount in mounts())):
        names.update(_RUN.findall(path))
    alive = {path.name for path in _run_directories() if _is_locked(path)}
    return sorted(names - alive - set(_holding_a_lock()))


def _run_directories() -> list[Path]:
    # In a directory that everybody can write to, somebody else may have made one of that name.
    found = []
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        status = path.lstat()
        if not _RUN.fullmatch(path.name):
            continue
        if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022:
            found.append(path)
    return found


def remove_run(name: str) -> Removed:
    """Remove everything of a run, with the help of the runtime where it can."""
    directories = [path for path in _run_directories() if path.name == name]
    for directory in directories:
        _ask_runtime(directory)
    removed = remove_marked(name)
    for directory in directories:
        remove_tree(directory)
        removed.directories.append(str(directory))
    return removed


def _is_locked(directory: Path) -> bool:
    try:
        with (directory / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _holding_a_lock() -> Iterator[str]:
    """The names of runs whose lock a process has open, wherever their directories are."""
    for descriptors in Path("/proc").glob("[0-9]*/fd"):
        with contextlib.suppress(OSError):
            for name in os.listdir(descriptors):
                found = _LOCK.search(_target(descriptors / name))
                if found:
                    yield found[1]


def _target(link: Path) -> str:
    with contextlib.suppress(OSError):
        return os.readlink(link)
    return ""


def _ask_runtime(directory: Path) -> None:
    with contextlib.suppress(OSError, ValueError, KeyError, subprocess.SubprocessError):
        run = json.loads((directory / "run.json").read_text(encoding="utf-8"))
        root = Path(run["root"])
        for entry in sorted(root.iterdir()) if root.is_dir() else ():
            if entry.name.startswith(PREFIX):
                command = [*run["words"], "delete", "--force", entry.name]
                subprocess.run(command, timeout=run["deadline"], capture_output=True, check=False)


def _kill(pid: int, started: int) -> bool:
    try:
        process = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if start_time(pid) != started:
            return False
        signal.pidfd_send_signal(process, signal.SIGKILL)
        select.select([process], [], [], _PATIENCE)
    except OSError:
        return False
    finally:
        os.close(process)
    return True


def _remove_cgroup(path: str) -> None:
    for directory, _, _ in os.walk(path, topdown=False):
        with contextlib.suppress(OSError):
            for line in Path(directory, "cgroup.procs").read_text(encoding="ascii").split():
                _kill(int(line), start_time(int(line)))
        os.rmdir(directory)
