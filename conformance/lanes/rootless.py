"""An ordinary user without privileges, who exists for one run only: in a mount namespace that has an entry for it in
/etc/passwd and, where newuidmap and newgidmap are installed, a range of subordinate IDs.
"""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.lanes.lane import Lane, lacking

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = "oci-conform"

# The IDs that systemd has for users who exist for a while only: nobody has one for good.
_TRANSIENT = range(61184, 65520)

# Above all that is handed out to users and containers (systemd, "Users, Groups, UIDs and GIDs").
_SUBORDINATE = 1900000000

_FILES = {
    "passwd": f"{_NAME}:x:{{uid}}:{{uid}}::{{home}}:/bin/sh\n",
    "group": f"{_NAME}:x:{{uid}}:\n",
    "subuid": f"{_NAME}:{_SUBORDINATE}:65536\n",
    "subgid": f"{_NAME}:{_SUBORDINATE}:65536\n",
}


def _entered(words: list[str], directory: Path) -> list[str]:
    uid = _unused()
    mounts = list(_passages(directory))
    for name, line in _FILES.items():
        original, changed = Path("/etc", name), directory / name
        if not original.exists():
            continue
        content = original.read_text(encoding="utf-8", errors="surrogateescape").rstrip("\n")
        text = f"{content}\n{line.format(uid=uid, home=directory)}"
        changed.write_text(text, encoding="utf-8", errors="surrogateescape")
        mounts.append(["mount", "--bind", str(changed), str(original)])
    os.chown(directory, uid, uid)
    user = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all"]
    home = ["env", *(f"{name}={directory}" for name in ("HOME", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME"))]
    script = "".join(f"{shlex.join(command)}\n" for command in mounts)
    return ["sh", "-ec", f'{script}exec "$@"\n', "sh", *user, *home, *words]


def _passages(directory: Path) -> Iterator[list[str]]:
    """The commands that make way to this program where it lies in a directory that others cannot enter, such as /root.

    In its place there is an empty one, with the program at its path.
    """
    blocked: dict[Path, list[Path]] = {}
    for name in (sys.prefix, sys.base_prefix, os.path.dirname(os.path.dirname(os.path.dirname(__file__)))):
        path = Path(name).resolve()
        closed = next((parent for parent in reversed(path.parents) if not parent.stat().st_mode & stat.S_IXOTH), None)
        if closed and not any(path.is_relative_to(known) for known in blocked.get(closed, ())):
            blocked.setdefault(closed, []).append(path)
    for closed, paths in blocked.items():
        for number, path in enumerate(paths):
            (directory / str(number)).mkdir()
            yield ["mount", "--bind", str(path), str(directory / str(number))]
        yield ["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(closed)]
        for number, path in enumerate(paths):
            yield ["mkdir", "-p", str(path)]
            yield ["mount", "--move", str(directory / str(number)), str(path)]


def _unused() -> int:
    """An ID that is nobody's: no entry, no process."""
    lines = Path("/etc/passwd").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    used = {line.split(":")[2] for line in lines if line.count(":") >= 2}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                used.add(str(os.stat(f"/proc/{name}").st_uid))
            except OSError:
                continue
    return next(uid for uid in _TRANSIENT if str(uid) not in used)


def _obstacle() -> str | None:
    return lacking("mount") or (None if shutil.which("env") else "there is no env in PATH")


ROOTLESS = Lane("rootless", "the same kernel, as an ordinary user with a user namespace", _obstacle, _entered)
