"""`oci-conform explain`: all that is known of a requirement."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conformance import resources, versions
from conformance.errors import UnknownName

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from conformance.requirements.register import Register, Requirement


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "explain",
        help="tell what a requirement says, what tests it, and what runtimes do",
        description="Tell what a requirement says, where it stands, what other versions say instead, which checks "
        "observe it, which faults of the reference runtime they are tried on, and which deviations of real runtimes are "
        "known.",
        allow_abbrev=False,
    )
    parser.add_argument("identifiers", metavar="ID", nargs="+", help="the ID of a requirement")


def run(namespace: argparse.Namespace) -> int:
    """Explain; returns the exit status. Raises `UnknownName` and `DamagedData`."""
    from conformance.requirements import register

    known = register.load()
    for identifier in namespace.identifiers:
        if identifier not in known:
            raise UnknownName("requirement", identifier, known.nearest(identifier))
    print("\n\n".join("\n".join(_lines(known[identifier], known)) for identifier in namespace.identifiers))
    return 0


def _lines(requirement: Requirement, known: Register) -> Iterator[str]:
    yield f"{requirement.id} ({requirement.level})"
    yield from _wrapped(requirement.text)
    yield f"  {requirement.reference(requirement.until or versions.NEWEST)}"
    yield from _wrapped(", ".join(_standing(requirement)))
    if requirement.note:
        yield from _wrapped(requirement.note)
    history = _history(requirement, known)
    if history:
        yield from _part("in other versions", history)
    yield from _part("checks", _checks(requirement))
    yield from _part("faults of the reference runtime that the checks are tried on", _mutants(requirement))
    yield from _part("known deviations of runtimes", _deviations(requirement))


def _wrapped(text: str, indent: str = "  ", first: str | None = None) -> list[str]:
    import textwrap

    return textwrap.wrap(
        text,
        100,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _part(title: str, entries: list[str]) -> Iterator[str]:
    yield ""
    yield f"{title}:" if entries else f"{title}: none"
    for entry in entries:
        yield from _wrapped(entry, "    ", "  - ")


def _standing(requirement: Requirement) -> Iterator[str]:
    until = f" to {requirement.until}" if requirement.until else ""
    yield f"in force from {requirement.since}{until or ' on'}"
    yield f"binds the {requirement.subject}"
    if requirement.platform != "common":
        yield f"platform {requirement.platform}"
    if requirement.inventory:
        yield f"rows of the inventory: {', '.join(requirement.inventory)}"


def _history(requirement: Requirement, known: Register) -> list[str]:
    before = [
        f"to {known[identifier].until}: {known[identifier].text} ({identifier})" for identifier in requirement.replaces
    ]
    after = [
        f"from {one.since} on: {one.text} ({one.id})"
        for one in known.requirements.values()
        if requirement.id in one.replaces
    ]
    return before + after


def _checks(requirement: Requirement) -> list[str]:
    from conformance.requirements.observation import checks

    observing = checks().get(requirement.id, {})
    if not observing and requirement.untestable:
        return [f"none can see it: {requirement.untestable}"]
    return [f"{name} ({count} times)" if count > 1 else name for name, count in sorted(observing.items())]


def _mutants(requirement: Requirement) -> list[str]:
    from conformance.mutants import mutant

    return [f"{name}: {found.what}" for name, found in mutant.load().items() if requirement.id in found.breaks]


def _deviations(requirement: Requirement) -> list[str]:
    import tomllib

    found = []
    for path in sorted(Path(resources.directory("expectations")).glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        found += [
            " ".join([f"{content['runtime']}: {row['observed']}. {row['reason']}", row.get("link", "")]).rstrip()
            for row in content.get("deviation", ())
            if row["requirement"] == requirement.id
        ]
    return found
