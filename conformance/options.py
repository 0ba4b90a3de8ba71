"""The options of the suite: one table for pytest, its ini files and `oci-conform run`."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    import pytest


@dataclasses.dataclass(frozen=True)
class Option:
    """An option ``--name`` with the ini twin ``conformance_name``; the command line wins.

    `kind` is ``value``, ``list`` (may be repeated) or ``flag``.
    """

    name: str
    help: str
    kind: str = "value"
    metavar: str | None = None
    choices: tuple[str, ...] | None = None

    @property
    def destination(self) -> str:
        """The name in the parsed options, and of the ini twin."""
        return "conformance_" + self.name.removeprefix("conformance-").replace("-", "_")


OPTIONS = (
    Option("runtime", "the runtime to test: a path, or a name in PATH (default: $RUNTIME, else the embedded one)"),
    Option("runtime-arg", "a global option for every call of the runtime, such as --network=none", "list", "ARG"),
    Option("runtime-timeout", "seconds that a command of the runtime may take (default: 30)", metavar="SECONDS"),
    Option("spec-version", "the version of the specification whose rules apply (default: learned)", metavar="VERSION"),
    Option("compliance-level", "the level from which on a deviation fails", choices=("must", "should", "may")),
    Option("requirement", "only checks of requirements whose ID begins so", "list", "PREFIX"),
    Option("skipped-in", "only checks that this report, of a run in another lane, says were skipped", "list", "FILE"),
    Option("require-need", "fail, not skip, checks that lack this need", "list", "NEED"),
    Option("expectations", "known deviations: a TOML file, or the name of a shipped one", metavar="FILE"),
    Option("write-expectations", "write the deviations of this run to a TOML file", metavar="FILE"),
    Option("conformance-report", "write the report, a JSON object a line", metavar="FILE"),
    Option("tap-report", "write TAP version 14 to a file, or to stdout with -", metavar="FILE"),
    Option("keep-bundles", "keep the bundles of checks that do not pass", "flag"),
)


@dataclasses.dataclass(frozen=True)
class Options:
    """What the user chose."""

    runtime: str | None = None
    runtime_arg: tuple[str, ...] = ()
    runtime_timeout: float = 30.0
    spec_version: str | None = None
    compliance_level: str = "must"
    requirement: tuple[str, ...] = ()
    skipped_in: tuple[str, ...] = ()
    require_need: tuple[str, ...] = ()
    expectations: str | None = None
    write_expectations: str | None = None
    conformance_report: str | None = None
    tap_report: str | None = None
    keep_bundles: bool = False


def add_to_pytest(parser: pytest.Parser) -> None:
    """Declare the options and their ini twins."""
    group = parser.getgroup("conformance", "OCI runtime conformance")
    for option in OPTIONS:
        group.addoption(f"--{option.name}", **_keywords(option))
        type_: Any = {"flag": "bool", "list": "args"}.get(option.kind, "string")
        # Without a default, what is not set cannot be told from what is set to nothing.
        parser.addini(option.destination, option.help, type=type_, default=None)


def add_to_command(parser: argparse.ArgumentParser, chosen: Sequence[Option] = OPTIONS) -> None:
    """Declare the options of `oci-conform run`, or some of them."""
    for option in chosen:
        parser.add_argument(f"--{option.name}", **_keywords(option))


def words(namespace: argparse.Namespace) -> list[str]:
    """The options of a parsed command, as words for pytest."""
    found = []
    for option in OPTIONS:
        value = getattr(namespace, option.destination, None)
        if value is True:
            found.append(f"--{option.name}")
        elif value is not None:
            values = value if isinstance(value, list) else [value]
            found += [f"--{option.name}={entry}" for entry in values]
    return found


def of_runtime(namespace: argparse.Namespace) -> Options:
    """What the user chose on a command line that has the options about the runtime only. Raises `InvalidUse`."""
    return Options(
        runtime=namespace.conformance_runtime or os.environ.get("RUNTIME") or None,
        runtime_arg=tuple(namespace.conformance_runtime_arg or ()),
        runtime_timeout=_seconds(namespace.conformance_runtime_timeout or "30"),
    )


def from_pytest(config: pytest.Config) -> Options:
    """What the user chose, on the command line or in an ini file. Raises `InvalidUse`."""
    from conformance.errors import InvalidUse

    found: dict[str, Any] = {}
    for option in OPTIONS:
        value = config.getoption(option.destination, default=None)
        if value is None:
            value = config.getini(option.destination)
        if option.choices and value and value not in option.choices:
            raise InvalidUse(f"{option.destination}: {value!r} is none of {', '.join(option.choices)}")
        if value not in (None, "", []):
            found[option.name.replace("-", "_")] = tuple(value) if option.kind == "list" else value
    found.setdefault("runtime", os.environ.get("RUNTIME") or None)
    found["runtime_timeout"] = _seconds(found.get("runtime_timeout", "30"))
    return Options(**found)


def _seconds(text: str) -> float:
    from conformance.errors import InvalidUse

    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < 86400:
        raise InvalidUse(f"--runtime-timeout is a number of seconds, not {text!r}")
    return seconds


def _keywords(option: Option) -> dict[str, Any]:
    keywords: dict[str, Any] = {"dest": option.destination, "help": option.help, "default": None}
    if option.kind == "flag":
        return {**keywords, "action": "store_true"}
    if option.kind == "list":
        keywords["action"] = "append"
    if option.choices:
        keywords["choices"] = option.choices
    else:
        keywords["metavar"] = option.metavar or option.name.upper()
    return keywords
