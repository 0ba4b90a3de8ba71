"""Everything that can go wrong in the suite, as one tree.

    ConformanceError
    ├── UsageError            what the user said cannot be done                     exit status 2
    │   ├── InvalidUse
    │   ├── UnknownName       an ID or name that does not exist, with the nearest one that does
    │   └── BadFile           a file that the user named is not what it should be
    ├── SetupError            nothing can be judged here                            exit status 3
    │   ├── RuntimeNotFound
    │   ├── RuntimeUnusable   the runtime cannot run the simplest container on this host
    │   ├── ProbeNotBuilt
    │   ├── LaneClosed        what a lane takes is not there
    │   └── DamagedData       this installation of the suite is broken
    └── SuiteFault            one check could not be made                           outcome `error`
        └── ProbeFault        the probe's report is missing or cut off

What a *runtime* does wrong is no error of the suite: see `conformance.verdict.findings`.
Each error holds fields; its text is made from them.
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(eq=False)
class ConformanceError(Exception):
    """Base of the tree."""

    def __post_init__(self) -> None:
        # So that the fields survive pickling, which the base class does by its arguments.
        super().__init__(*(getattr(self, field.name) for field in dataclasses.fields(self)))


@dataclasses.dataclass(eq=False)
class UsageError(ConformanceError):
    """What the user said cannot be done."""


@dataclasses.dataclass(eq=False)
class InvalidUse(UsageError):
    """Options or arguments that make no sense, or not together."""

    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclasses.dataclass(eq=False)
class UnknownName(UsageError):
    """A name that does not exist. `where` says who used it, `nearest` is the one that may be meant."""

    kind: str
    name: str
    nearest: str | None = None
    where: str | None = None

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        return f"{place}there is no {self.kind} {self.name!r}{hint}"


@dataclasses.dataclass(eq=False)
class BadFile(UsageError):
    """A file that the user named is not what it should be."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


@dataclasses.dataclass(eq=False)
class SetupError(ConformanceError):
    """Nothing can be judged here."""


@dataclasses.dataclass(eq=False)
class RuntimeNotFound(SetupError):
    """There is no executable file of that name."""

    name: str
    problem: str

    def __str__(self) -> str:
        return f"cannot use the runtime {self.name}: {self.problem}"


@dataclasses.dataclass(eq=False)
class RuntimeUnusable(SetupError):
    """The runtime cannot run the simplest container on this host, so that every check would fail alike."""

    problem: str
    commands: str
    hint: str

    def __str__(self) -> str:
        return f"the runtime cannot run the simplest container here: {self.problem}\n\n{self.commands}\n\n{self.hint}"


@dataclasses.dataclass(eq=False)
class ProbeNotBuilt(SetupError):
    """The probe, a C program, could not be compiled."""

    command: str
    problem: str

    def __str__(self) -> str:
        return (
            f"cannot compile the probe with `{self.command}`: {self.problem}\n"
            "Install a C compiler and a static C library (Debian, Ubuntu: apt-get install gcc libc6-dev), "
            "or name another compiler in $CC."
        )


@dataclasses.dataclass(eq=False)
class LaneClosed(SetupError):
    """What a lane takes is not there."""

    lane: str
    obstacle: str

    def __str__(self) -> str:
        return f"the lane {self.lane} cannot be entered here: {self.obstacle}"


@dataclasses.dataclass(eq=False)
class DamagedData(SetupError):
    """A data file of this installation is broken."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"this installation of oci-conform is damaged: {self.path}: {self.problem}"


@dataclasses.dataclass(eq=False)
class SuiteFault(ConformanceError):
    """One check could not be made."""

    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclasses.dataclass(eq=False)
class ProbeFault(SuiteFault):
    """The probe's report is missing, cut off, or lacks what a check needs."""
