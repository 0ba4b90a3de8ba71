"""The command `oci-conform`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from conformance import __version__
from conformance.cli import explain, requirements, validate
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
    _add_run(commands)
    validate.add(commands)
    requirements.add(commands)
    explain.add(commands)
    commands.add_parser("clean", help="remove what killed runs have left", description=_clean.__doc__)
    words = list(sys.argv[1:] if arguments is None else arguments)
    namespace, others = parser.parse_known_args(words)
    if namespace.command == "run":
        from conformance.cli.run import run

        return run(namespace, others)
    if others:
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    try:
        return _COMMANDS[namespace.command](namespace)
    except (UsageError, SetupError) as error:
        print(f"{parser.prog} {namespace.command}: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 3


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from conformance.options import add_to_command

    run = commands.add_parser(
        "run",
        help="run the checks on a runtime",
        description="Run the checks on a runtime, one worker for each core. Every other word is given to pytest: "
        "-k, -m, -n, -x, node IDs, and the IDs of checks as reports have them.",
        epilog=_EXIT_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_to_command(run)


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
    "clean": _clean,
}
"""What is no run of checks."""
