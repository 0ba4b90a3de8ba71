"""`oci-conform requirements`: the register, and where a checkout of the specification says something else."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance import versions
from conformance.errors import UnknownName
from conformance.requirements.levels import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.requirements.drift import Drift
    from conformance.requirements.register import Requirement

STATUSES = ("tested", "untested", "untestable")
"""Whether checks observe a requirement, none does so far, or none can."""

_EXIT_STATUSES = """exit statuses of requirements:
  0  listed; with --against, no section differs; with --inventory, every row is held
  1  with --against, a section differs; with --inventory, no requirement holds some row
  2  wrong usage, or what DIR or FILE holds is not what it should be"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "requirements",
        help="list the requirements of the specification",
        description="List the requirements, each with its level and what tests it, and count them.",
        epilog=_EXIT_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("prefixes", metavar="PREFIX", nargs="*", help="only those whose ID begins like this")
    parser.add_argument("--level", action="append", choices=LEVELS, help="only those of this level; can be repeated")
    parser.add_argument("--status", action="append", choices=STATUSES, help="only those; can be repeated")
    parser.add_argument(
        "--spec-version", metavar="V", choices=versions.KNOWN, help="only those that are in force in this version"
    )
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="text by default")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--inventory",
        metavar="FILE",
        type=Path,
        help="list instead the rows of an inventory of the specification's statements, each with the requirements that "
        "hold it: a table, separated by tabs, with a column `id` such as config.md#configRoot/03",
    )
    instead.add_argument(
        "--against",
        metavar="DIR",
        type=Path,
        help="list instead the sections in which the specification in DIR differs from the one that was registered",
    )


def run(namespace: argparse.Namespace) -> int:
    """List; returns the exit status. Raises `UsageError` and `DamagedData`."""
    from conformance.requirements import register

    known = register.load()
    if namespace.against is not None:
        from conformance.requirements import drift

        drifts = drift.against(namespace.against, known)
        print(_shown_drift(drifts, namespace.format))
        return 1 if drifts else 0
    if namespace.inventory is not None:
        from conformance.requirements import inventory

        held = inventory.mapping(namespace.inventory, known)
        print(_shown_inventory(held, namespace.format))
        return 0 if all(held.values()) else 1
    from conformance.requirements.observation import checks

    for prefix in namespace.prefixes:
        if not any(identifier.startswith(prefix) for identifier in known.requirements):
            raise UnknownName("requirement", prefix, known.nearest(prefix))
    observed = checks()
    found = [
        one
        for one in known.requirements.values()
        if one.id.startswith(tuple(namespace.prefixes) or "")
        and one.level in (namespace.level or LEVELS)
        and status(one, observed) in (namespace.status or STATUSES)
        and (namespace.spec_version is None or one.in_force(namespace.spec_version))
    ]
    render = {"text": _as_text, "json": _as_json, "markdown": _as_markdown}[namespace.format]
    print(render(found, observed))
    return 0


def status(requirement: Requirement, observed: Mapping[str, Any]) -> str:
    """Which of `STATUSES` a requirement has."""
    if requirement.untestable:
        return "untestable"
    return "tested" if requirement.id in observed else "untested"


def _counts(found: Sequence[Requirement], observed: Mapping[str, Any]) -> str:
    statuses = [status(one, observed) for one in found]
    tested, testable = statuses.count("tested"), len(found) - statuses.count("untestable")
    return f"{len(found)} requirements: {tested} of {testable} that a check can see are tested"


def _as_text(found: Sequence[Requirement], observed: Mapping[str, Any]) -> str:
    import textwrap

    blocks = []
    for one in found:
        blocks.append(f"{one.id} ({one.level}, {status(one, observed)})")
        blocks += textwrap.wrap(one.text, 100, initial_indent="  ", subsequent_indent="  ")
    return "\n".join([*blocks, _counts(found, observed)])


def _as_json(found: Sequence[Requirement], observed: Mapping[str, Any]) -> str:
    import msgspec

    rows = [
        {**msgspec.to_builtins(one), "status": status(one, observed), "checks": sorted(observed.get(one.id, ()))}
        for one in found
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def _as_markdown(found: Sequence[Requirement], observed: Mapping[str, Any]) -> str:
    lines = ["| requirement | level | status | |", "|---|---|---|---|"]
    for one in found:
        version = one.until or versions.NEWEST
        text = one.text.replace("|", "\\|")
        lines.append(f"| [`{one.id}`]({one.reference(version)}) | {one.level} | {status(one, observed)} | {text} |")
    return "\n".join([*lines, "", _counts(found, observed) + "."])


def _shown_inventory(held: Mapping[str, Sequence[str]], form: str) -> str:
    if form == "json":
        return json.dumps(held, indent=2)
    without = sum(not identifiers for identifiers in held.values())
    count = f"{len(held)} rows: {len(held) - without} held by a requirement, {without} by none"
    if form == "markdown":
        lines = [f"| {row} | {', '.join(f'`{one}`' for one in found) or 'none'} |" for row, found in held.items()]
        return "\n".join(["| row | requirements |", "|---|---|", *lines, "", f"{count}."])
    return "\n".join([*(f"{row}: {', '.join(found) or 'none'}" for row, found in held.items()), count])


def _shown_drift(drifts: Sequence[Drift], form: str) -> str:
    if form == "json":
        import dataclasses

        return json.dumps([dataclasses.asdict(one) for one in drifts], indent=2)
    outer, inner = ("- ", "  - ") if form == "markdown" else ("", "  ")
    lines = []
    for one in drifts:
        words = "key word" if one.normative == 1 else "key words"
        lines.append(f"{outer}{one.document}#{one.anchor}: {one.what}, with {one.normative} {words} of RFC 2119")
        lines += [f"{inner}{identifier}" for identifier in one.requirements]
    if lines:
        lines.append("")
    return "\n".join([*lines, f"{len(drifts)} sections differ"])
