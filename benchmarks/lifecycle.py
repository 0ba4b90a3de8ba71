"""How long create, start, wait and delete take: the reference runtime against another one.

python -m benchmarks.lifecycle [--against=/usr/bin/crun] [--against-arg=...] [--pairs=20]
"""

from __future__ import annotations

import argparse
import fcntl
import os
import secrets
import select
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.pairs import alternate, table
from conformance.bundle.programs import attempting
from conformance.errors import ConformanceError
from conformance.facts import probe
from conformance.host import host, needs
from conformance.host.traces import PREFIX
from conformance.leftovers import remove_run
from conformance.options import Options
from conformance.requirements import register
from conformance.runtime.driver import find
from conformance.runtime.preflight import preflight
from conformance.session import Session
from conformance.verdict.findings import Finding
from conformance.versions import NEWEST

if TYPE_CHECKING:
    from conformance.bundle.config import Document
    from conformance.container import Container
    from conformance.runtime.driver import Runtime


def main() -> int:
    """Measure, and print a table; returns the exit status."""
    parser = argparse.ArgumentParser(description="The reference runtime against another one, in pairs.")
    parser.add_argument("--against", default="runc" if shutil.which("runc") else None, help="a path, or a name in PATH")
    parser.add_argument("--against-arg", action="append", default=[], help="a global option of that runtime")
    parser.add_argument("--pairs", type=int, default=20)
    given = parser.parse_args()
    if given.against is None:
        parser.error("there is no runc in PATH, so --against must name a runtime")
    directory = Path(tempfile.gettempdir()).resolve() / f"{PREFIX}{secrets.token_hex(4)}"
    directory.mkdir(mode=0o711)
    try:
        with (directory / "lock").open("w") as lock:
            # While this is held, `oci-conform clean` leaves the directory alone.
            fcntl.flock(lock, fcntl.LOCK_EX)
            ours = prepared(find(None), directory, "ours")
            other = prepared(find(given.against, given.against_arg), directory, "other")
            samples = alternate(lambda: lifecycle(ours), lambda: lifecycle(other), given.pairs)
    except (ConformanceError, Finding) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        remove_run(directory.name)
    print(f"pairs: {given.pairs}; A is the {ours.runtime.name}, B is {' '.join([given.against, *given.against_arg])}")
    print(table(("A", "B"), samples, "ms"))
    return 0


def prepared(runtime: Runtime, directory: Path, name: str) -> Session:
    """A runtime that has shown that it can run a container here. Raises `ConformanceError`."""
    found = host.detect()
    session = Session(
        options=Options(),
        register=register.load(),
        host=found,
        runtime=runtime,
        version="",
        spec_version=NEWEST,
        version_source="",
        unmet=needs.unmet(found, {}),
        directory=directory,
        worker=name,
        probe=probe.compiled(),
    )

    def make(runtime: Runtime, changes: Document) -> Container:
        return session.container(changes, runtime=runtime)

    learned = preflight(runtime, directory / f"{name}-state", None, make)
    session.runtime = learned.runtime
    session.spec_version = learned.spec_version
    return session


def lifecycle(session: Session) -> dict[str, float]:
    """One container, from create to delete: the seconds of each operation. Raises a `Finding`."""
    container = session.container({"process": {"args": ["/probe", *attempting(["stat", "/"])]}})
    try:
        times = [time.perf_counter()]
        container.create()
        times.append(time.perf_counter())
        process = os.pidfd_open(int(container.pid_file.read_text(encoding="ascii")))
        container.start()
        times.append(time.perf_counter())
        select.select([process], [], [], container.runtime.deadline)
        os.close(process)
        times.append(time.perf_counter())
        container.delete()
        times.append(time.perf_counter())
    finally:
        container.destroy()
    names = ("create", "start", "wait", "delete")
    seconds = {name: after - before for name, before, after in zip(names, times, times[1:], strict=False)}
    return {**seconds, "all": times[-1] - times[0]}


if __name__ == "__main__":
    sys.exit(main())
