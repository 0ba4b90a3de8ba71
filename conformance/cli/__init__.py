"""The command `oci-conform`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from conformance import __version__
from conformance.cli import coverage, doctor, explain, requirements, run, validate
from conformance.errors import SetupError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_EXIT_STATUSES = """exit statuses of run:
  0  conformant
  1  not conformant
  2  wrong usage, or no check was selected, or all were skipped
  3  the suite, the host or the set-up is at fault: nothing is said about the runtime
  130  interrupted"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="oci-conform",
        description="A conformance suite for OCI container runtimes.",
        epilog=_EXIT_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"oci-conform {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    run.add(commands, _EXIT_STATUSES)
    validate.add(commands)
    requirements.add(commands)
    explain.add(commands)
    coverage.add(commands)
    doctor.add(commands)
    commands.add_parser("clean", help="remove what killed runs have left", description=_clean.__doc__)
    words = list(sys.argv[1:] if arguments is None else arguments)
    namespace, others = parser.parse_known_args(words)
    if others and namespace.command != "run":
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    try:
        if namespace.command == "run":
            return run.run(namespace, others)
        return _COMMANDS[namespace.command](namespace)
    except (UsageError, SetupError) as error:
        print(f"{parser.prog} {namespace.command}: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 3


def _clean(_: argparse.Namespace) -> int:
    """Remove what killed runs have left: processes, mounts, cgroups, directories. Runs that are alive are left alone."""
    from conformance import leftovers

    names = leftovers.abandoned()
    for name in names:
        removed = leftovers.remove_run(name)
        for kind in ("processes", "mounts", "cgroups", "directories"):
            for thing in getattr(removed, kind):
                print(f"removed {kind}: {thing}")
    if not names:
        print("nothing is left of earlier runs")
    return 0


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "validate": validate.run,
    "requirements": requirements.run,
    "explain": explain.run,
    "coverage": coverage.run,
    "doctor": doctor.run,
    "clean": _clean,
}
"""What is no run of checks."""
