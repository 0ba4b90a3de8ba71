"""What looks like another host, to a command that is run on it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from conformance.host import other_host


def told(*script: str, cgroup_mode: str = "hybrid") -> str:
    """What a shell script prints there."""
    words = other_host.words(("/bin/sh", "-c", "; ".join(script)), cgroup_mode=cgroup_mode)
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_files_that_tell_of_the_kernel_have_another_content() -> None:
    for path, content in other_host.REPLACED.items():
        if os.path.exists(path):
            assert told(f"cat {path}") == content


@pytest.mark.parametrize("path", [path for path in other_host.EMPTIED if os.path.isdir(path)])
def test_directory_that_tells_of_the_kernel_is_empty(path: str) -> None:
    # The shell is the process; what it calls would be another one.
    assert told(f"cd {path.replace('self', '$$')}", "echo *") == "*\n"


@pytest.mark.parametrize(("cgroup_mode", "expected"), [("hybrid", "yes\n"), ("v1", "yes\n"), ("v2", "no\n")])
@pytest.mark.skipif(not os.path.isdir("/sys/fs/cgroup"), reason="there is no place for cgroups")
def test_cgroups_are_of_another_version(cgroup_mode: str, expected: str) -> None:
    found = told("test -e /sys/fs/cgroup/cgroup.controllers && echo yes || echo no", cgroup_mode=cgroup_mode)
    assert found == expected


def test_nothing_changes_outside() -> None:
    before = Path("/proc/self/mountinfo").read_bytes()
    told("true")
    assert Path("/proc/self/mountinfo").read_bytes() == before


def test_command_keeps_its_exit_status() -> None:
    words = other_host.words(("/bin/sh", "-c", "exit 7"), cgroup_mode="hybrid")
    assert subprocess.run(words, check=False).returncode == 7
