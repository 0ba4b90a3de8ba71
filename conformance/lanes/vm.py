"""A second kernel, in a virtual machine: full cgroup v2, security modules, all capabilities.

virtme-ng boots a kernel of the host on the host's files, of which the guest has a copy on write. Where there is no
hardware virtualization, it is emulated, and about seventy times slower: see `--skipped-in`.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from conformance.lanes.lane import VARIABLE, Lane, lacking

# What the guest gets of the caller's environment; it has one of its own.
_PASSED = ("PATH", "HOME", "CC", "RUNTIME", "XDG_CACHE_HOME", "COLUMNS", VARIABLE)

_BOOT, _MODULES = Path("/boot"), Path("/lib/modules")

# A tmpfs of the guest. What else can be written to there are overlays, which are slow, and no place for mounts.
_TEMPORARY = "/var/tmp"


# QEMU opens its stdout and stderr anew, by which a file would lose what is in it.
_PIPED = '{ "$@" 2>&1 1>&3 | cat >&2; } 3>&1 | cat'


# What machines have, and an empty one has not: swap, huge pages, a block device with weights. A need that stays unmet
# says so itself.
_EQUIPPED = """
{
    modprobe zram && echo 256M >/sys/block/zram0/disksize && mkswap /dev/zram0 && swapon /dev/zram0
    echo 16 >/proc/sys/vm/nr_hugepages
    modprobe -a bfq null_blk && echo bfq >/sys/block/nullb0/queue/scheduler
} >/dev/null 2>&1
exec "$@"
"""


def _entered(words: list[str], directory: Path) -> list[str]:
    from conformance.facts import probe

    # Compiling it there takes half a minute; so it is found in the cache.
    probe.compiled()
    scripts = os.path.dirname(_virtme() or "")
    path = f"{scripts}:{os.environ.get('PATH', os.defpath)}"
    environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
    inside = [
        "sh",
        "-c",
        _EQUIPPED,
        "sh",
        "env",
        *(f"{name}={value}" for name, value in environment.items()),
        f"TMPDIR={_TEMPORARY}",
        *words,
    ]
    machine = ["--cpus", str(len(os.sched_getaffinity(0))), "--memory", "2G", "--force-9p"]
    if not _is_accelerated():
        machine.append("--disable-kvm")
    shared = ["--rwdir", str(directory), "--cwd", os.getcwd()]
    kernel = _kernel()
    assert kernel is not None
    return [
        *("sh", "-c", _PIPED, "sh", "env", f"PATH={path}", "vng", "--run", str(kernel), "--user", "root"),
        *(*machine, *shared, "--", shlex.join(inside)),
    ]


def _emulator() -> str:
    return f"qemu-system-{platform.machine()}"


def _is_accelerated() -> bool:
    """Whether a virtual machine can use the host's CPU: that there is a /dev/kvm says little on a host that is one itself."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    words = [_emulator(), "-accel", "kvm", "-cpu", "host", "-nodefaults", "-display", "none", "-S", "-monitor", "stdio"]
    with contextlib.suppress(subprocess.TimeoutExpired):
        return subprocess.run(words, input=b"quit\n", capture_output=True, timeout=10, check=False).returncode == 0
    return False


def _kernel() -> Path | None:
    """The newest kernel of the host that has modules."""
    found = [path for path in _BOOT.glob("vmlinuz-*") if Path(_MODULES, path.name.removeprefix("vmlinuz-")).is_dir()]
    return max(found, key=lambda path: [int(number) for number in re.findall(r"\d+", path.name)], default=None)


def _virtme() -> str | None:
    # In a virtual environment that is not activated, it is beside the interpreter.
    return shutil.which("vng", path=f"{os.path.dirname(sys.executable)}:{os.environ.get('PATH', os.defpath)}")


def _obstacle() -> str | None:
    if lack := lacking("env", "cat", _emulator()):
        return lack
    if _virtme() is None:
        return "virtme-ng is not installed (pip install 'oci-conform[vm]')"
    return None if _kernel() else "there is no kernel in /boot that has its modules in /lib/modules"


VM = Lane("vm", "a second kernel, in a virtual machine", _obstacle, _entered, seconds=300)
