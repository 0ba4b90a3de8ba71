"""Linux security modules: which of them are on, so that a check can use them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

APPARMOR = Path("/sys/kernel/security/apparmor")
SELINUX = Path("/sys/fs/selinux")


def has_apparmor() -> bool:
    """Whether AppArmor is on, and a profile can be loaded."""
    return os.access(APPARMOR / ".load", os.W_OK) and shutil.which("apparmor_parser") is not None


def has_selinux() -> bool:
    """Whether SELinux is on, with a policy whose labels have levels."""
    return (SELINUX / "enforce").exists() and _first_character(SELINUX / "mls") == "1"


def _first_character(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")[:1]
    except OSError:
        return ""
