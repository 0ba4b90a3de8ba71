"""`oci-conform validate`: is this config.json, state or features document what the specification allows?"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from conformance.versions import KNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.validation.findings import Report

_STDIN = "-"
_STDIN_DESCRIPTOR = 0
_INTERRUPTED = 130

_DESCRIPTION = """\
Say of each document whether it is valid by the runtime specification, and what is wrong with it, where, and why.

PATH is a bundle, whose config.json is looked at together with what has to be around it; or a file; or - for the
standard input. A document of more than 8 MiB is not read."""

_EXIT_STATUSES = """exit statuses of validate:
  0  every document is valid; there may be warnings
  1  a document is not valid, or, with --strict, there is a warning
  2  wrong usage
  3  a document cannot be read: it is missing, no regular file, too large, or may not be read; or the report cannot be
     written
  130  interrupted"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "validate",
        help="validate a bundle, or a config, state or features document",
        description=_DESCRIPTION,
        epilog=_EXIT_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a bundle, a file, or - for the standard input")
    parser.add_argument(
        "--kind",
        choices=("config", "state", "features"),
        help="what the documents are; by default the name of the file or the content tells",
    )
    parser.add_argument(
        "--spec-version",
        metavar="V",
        choices=KNOWN,
        help="judge by the rules of this version of the specification; by default it is that of the document. "
        f"There are {', '.join(KNOWN)}",
    )
    parser.add_argument(
        "--format", choices=("text", "json", "sarif"), default="text", help="the form of the output; text by default"
    )
    parser.add_argument(
        "--strict", action="store_true", help="take warnings for errors, as far as the exit status goes"
    )


def run(namespace: argparse.Namespace) -> int:
    """Validate, and print; returns the exit status."""
    if namespace.paths.count(_STDIN) > 1:
        print("oci-conform: the standard input can be read only once", file=sys.stderr)
        return 2
    try:
        reports = [_report(path, namespace) for path in namespace.paths]
        written = _write(_rendered(reports, namespace.format))
    except KeyboardInterrupt:
        return _INTERRUPTED
    if not written or not all(report.readable for report in reports):
        return 3
    if not all(report.valid and not (namespace.strict and report.warnings) for report in reports):
        return 1
    return 0


def _report(path: str, namespace: argparse.Namespace) -> Report:
    from conformance.validation import engine, validate
    from conformance.validation.source import Unreadable, read_stream

    if path != _STDIN:
        return validate(path, namespace.kind, namespace.spec_version)
    if sys.stdin is None:
        return engine.unreadable(Unreadable("the standard input is closed"), namespace.kind, _STDIN)
    try:
        content = read_stream(_STDIN_DESCRIPTOR)
    except Unreadable as error:
        return engine.unreadable(error, namespace.kind, _STDIN)
    return validate(content, namespace.kind, namespace.spec_version, name=_STDIN)


def _rendered(reports: Sequence[Report], form: str) -> str:
    if form == "json":
        from conformance.validation import json_report

        return json_report.render(reports)
    if form == "sarif":
        from conformance.validation import sarif

        return sarif.render(reports)
    import shutil

    from conformance.validation import text

    terminal = sys.stdout is not None and sys.stdout.isatty()
    colours = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    width = max(60, shutil.get_terminal_size().columns) if terminal else 100
    return text.render(reports, width=width, colours=colours)


def _write(text: str) -> bool:
    """Write to the standard output, whatever its encoding is; returns whether all has been written, or nobody reads."""
    if sys.stdout is None:
        return _complain("the standard output is closed")
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.buffer.write(f"{text}\n".encode(encoding, "backslashreplace"))
        sys.stdout.flush()
    except OSError as error:
        # At its end, Python would try again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # Whoever has closed a pipe has read enough.
        return isinstance(error, BrokenPipeError) or _complain(error.strerror)
    return True


def _complain(problem: str | None) -> bool:
    if sys.stderr is not None:
        print(f"oci-conform: the report cannot be written: {problem}", file=sys.stderr)
    return False
