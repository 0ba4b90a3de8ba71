"""Hooks for tests, which the probe is: they log that they run."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from conformance.facts.probe import compiled
from conformance.facts.reports import lines
from tests.reference_runtime.conftest import PATIENCE

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.reference_runtime.conftest import Runtime


def hook(name: str, log: Path, **options: str) -> dict[str, Any]:
    """A hook that appends its reports to a log; `options` are those of the probe."""
    words = [f"--{option}={value}" for option, value in options.items()]
    return {"path": str(compiled()), "args": ["probe", "hook", f"--log={log}", f"--name={name}", *words]}


def names_in(log: Path) -> list[str]:
    """The names of the hooks that have run, in order."""
    reports = lines(log.read_bytes()) if log.exists() else []
    # Each hook also reports its end.
    return [report["name"] for report in reports if report["probe"] == "hook"]


def begin_create_that_hangs(runtime: Runtime) -> subprocess.Popen[str]:
    """A `create` that waits for a hook, which waits for the FIFO `fifo` in the test's directory."""
    fifo, log = runtime.directory / "fifo", runtime.directory / "log"
    os.mkfifo(fifo)
    runtime.make_bundle("hold", hooks={"prestart": [hook("prestart", log, wait=str(fifo))]})
    creating = runtime.begin("create", f"--bundle={runtime.bundle.path}", runtime.identifier)
    end = time.monotonic() + PATIENCE
    while names_in(log) == [] and time.monotonic() < end:
        # Nothing tells when a file has grown but the file.
        time.sleep(0.001)
    return creating
