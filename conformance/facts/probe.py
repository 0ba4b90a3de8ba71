"""Compile the probe once, and keep it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
from pathlib import Path

from conformance import resources
from conformance.errors import ProbeNotBuilt

_FLAGS = ("-std=c11", "-O2", "-static", "-Wall", "-Wextra")


def compiled() -> Path:
    """The probe's executable; compiled with `$CC` (default `cc`) if it is not in the cache. Raises `ProbeNotBuilt`.

    The cache is `$XDG_CACHE_HOME/oci-conform` or `~/.cache/oci-conform`; the name has a hash of the sources, the
    compiler and the machine.
    """
    sources = sorted((Path(resources.directory("bundles")) / "probe").glob("*.[ch]"))
    compiler = _compiler()
    digest = hashlib.sha256("\0".join([*compiler, *_FLAGS, platform.machine()]).encode())
    for source in sources:
        digest.update(source.read_bytes())
    probe = _cache() / f"probe-{digest.hexdigest()[:16]}"
    if probe.exists():
        return probe
    shown = shlex.join([*compiler, *_FLAGS, "..."])
    try:
        probe.parent.mkdir(parents=True, exist_ok=True)
        with (probe.parent / "lock").open("w") as lock:
            # Of runs that start at the same time, one compiles, and the others wait and find it.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not probe.exists():
                _compile(compiler, sources, probe, shown)
    except OSError as error:
        raise ProbeNotBuilt(shown, str(error)) from error
    return probe


def _compiler() -> list[str]:
    words = os.environ.get("CC") or "cc"
    try:
        return shlex.split(words)
    except ValueError as error:
        raise ProbeNotBuilt(words, f"$CC: {error}") from error


def _compile(compiler: list[str], sources: list[Path], probe: Path, shown: str) -> None:
    unfinished = probe.with_suffix(".unfinished")
    command = [*compiler, *_FLAGS, "-o", str(unfinished), *(str(source) for source in sources if source.suffix == ".c")]
    if not compiler or shutil.which(compiler[0]) is None:
        raise ProbeNotBuilt(shown, f"there is no {compiler[0] if compiler else 'compiler'} in PATH")
    result = subprocess.run(command, capture_output=True, check=False)
    if result.returncode:
        raise ProbeNotBuilt(shown, result.stderr.decode("utf-8", "replace").strip()[-2000:])
    unfinished.chmod(0o755)
    unfinished.rename(probe)


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return Path(home or os.path.expanduser("~/.cache")) / "oci-conform"
