"""What an ordinary user may do of what takes privileges: map the own IDs alone, and others by setuid programs."""

from __future__ import annotations

import os

from reference_runtime import kernel_files
from reference_runtime.errors import SyscallFailed, call


def map_ids(pid: int, kind: str, lines: list[str]) -> None:
    """Write uid_map or gid_map of a process, with newuidmap(1) or newgidmap(1) if there is more than the own ID."""
    own = os.geteuid() if kind == "uid" else os.getegid()
    if len(lines) == 1 and lines[0].split()[1:] == [str(own), "1"]:
        if kind == "gid":
            # user_namespaces(7): or a process could leave a group that takes rights away.
            kernel_files.write(f"/proc/{pid}/setgroups", "deny")
        kernel_files.write(f"/proc/{pid}/{kind}_map", lines[0])
        return
    program = f"new{kind}map"
    words = [program, str(pid), *"".join(lines).split()]
    child = call(os.posix_spawnp, program, words, os.environ)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status:
        raise SyscallFailed(program, 1, f"it ended with status {status}")
