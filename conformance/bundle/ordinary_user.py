"""What a runtime takes from an ordinary user: a user namespace, with what IDs the user has."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path
from typing import Any


def namespaced(document: dict[str, Any]) -> dict[str, Any]:
    """A configuration with a user namespace besides, in which root is the user who runs the suite.

    The IDs after it are the user's subordinate ones (subuid(5)), if there are programs that map them.
    """
    linux = document["linux"]
    mappings = {f"{kind}Mappings": _mappings(kind, own) for kind, own in (("uid", os.geteuid()), ("gid", os.getegid()))}
    return {**document, "linux": {**linux, **mappings, "namespaces": [{"type": "user"}, *linux["namespaces"]]}}


def _mappings(kind: str, own: int) -> list[dict[str, int]]:
    mappings = [{"containerID": 0, "hostID": own, "size": 1}]
    if shutil.which(f"new{kind}map"):
        container = 1
        for first, count in _subordinate(Path(f"/etc/sub{kind}")):
            mappings.append({"containerID": container, "hostID": first, "size": count})
            container += count
    return mappings


def _subordinate(path: Path) -> list[tuple[int, int]]:
    user = os.geteuid()
    names = {str(user)}
    try:
        names.add(pwd.getpwuid(user).pw_name)
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except (KeyError, OSError):
        # Without a name, newuidmap(1) maps nothing.
        return []
    entries = [line.split(":") for line in lines]
    return [(int(entry[1]), int(entry[2])) for entry in entries if len(entry) == 3 and entry[0] in names]
