"""From the bytes of a document to its report."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, Any

from conformance import versions
from conformance.validation import rules  # noqa: F401 - it makes the rules known
from conformance.validation.explanation import MOST, explain
from conformance.validation.fault import ERROR, Fault
from conformance.validation.findings import Finding, Related, Report
from conformance.validation.rule import RULES
from conformance.validation.schemas import KINDS, schema
from conformance.validation.source import Source, Unreadable, read_file
from conformance.validation.syntax import NOTHING, diagnose, lone_surrogates
from reference_runtime import documents
from reference_runtime.errors import InvalidConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.validation.fault import Span
    from conformance.validation.positions import Place

    Places = dict[tuple[str | int, ...], Place]

CONFIG = "config.json"

_TELLING = {
    "config": ("root", "process", "mounts", "hostname", "solaris", "windows", "vm", "zos", "freebsd"),
    "state": ("id", "status", "pid", "bundle"),
    "features": ("ociVersionMin", "ociVersionMax", "mountOptions", "potentiallyUnsafeConfigAnnotations"),
}
"""Properties that only one kind of document has."""


def validate(subject: str | os.PathLike[str] | bytes, kind: str | None, spec_version: str | None, name: str) -> Report:
    """See `conformance.validation.validate`."""
    if isinstance(subject, bytes):
        return _Judgement(name, kind, spec_version).of_content(subject)
    path = os.fspath(subject)
    if os.path.isdir(path) and (kind or "config") == "config":
        return _of_bundle(path, spec_version, name)
    judgement = _Judgement(name, kind or _kind_of_name(path), spec_version)
    try:
        content = read_file(path)
    except Unreadable as error:
        return judgement.of_nothing(error)
    return judgement.of_content(content)


def unreadable(error: Unreadable, kind: str | None, name: str) -> Report:
    """The report of a document that could not be read."""
    return _Judgement(name, kind, None).of_nothing(error)


def _of_bundle(bundle: str, spec_version: str | None, name: str) -> Report:
    judgement = _Judgement(os.path.join(name, CONFIG), "config", spec_version, bundle)
    path = os.path.join(bundle, CONFIG)
    if not os.path.lexists(path):
        missing = Fault(
            "$", "it is missing, and every bundle has one", rule="bundle.config", requirements=CONFIG_REQUIRED
        )
        return judgement.report([missing])
    try:
        content = read_file(path)
    except Unreadable as error:
        return judgement.of_nothing(error)
    return judgement.of_content(content)


CONFIG_REQUIRED = ("bundle.config.required", "bundle.config.in_root", "bundle.config.name")


def _kind_of_name(path: str) -> str | None:
    stem, extension = os.path.splitext(os.path.basename(path))
    return stem if extension == ".json" and stem in KINDS else None


def kind_of(document: Any) -> str:
    """The kind that a document looks like; a config, where nothing tells."""
    if not isinstance(document, dict):
        return "config"
    return max(KINDS, key=lambda kind: sum(name in document for name in _TELLING[kind]))


class _Judgement:
    def __init__(self, name: str, kind: str | None, spec_version: str | None, bundle: str | None = None) -> None:
        self.name = name
        self.kind = kind
        self.spec_version = spec_version
        self.bundle = bundle
        self.source: Source | None = None

    def of_nothing(self, error: Unreadable) -> Report:
        """The report of what could not be read."""
        fault = Fault("$", error.problem, rule=error.rule, suggestion=error.hint)
        return self.report([fault], readable=False)

    def of_content(self, content: bytes) -> Report:
        """The report of the bytes of a document."""
        self.source = source = Source(self.name, content)
        if source.fault is not None:
            return self.report([source.fault])
        faults: list[Fault] = []
        try:
            document = documents.decode(content, self.name)
        except InvalidConfig:
            document, faults = diagnose(source.text)
            if document is NOTHING:
                return self.report(faults)
        faults += lone_surrogates(source.text)
        self.kind = self.kind or kind_of(document)
        self.spec_version = self.spec_version or _version_of(document)
        return self.report(list(itertools.islice(self._faults(document, faults), MOST + 1)))

    def _faults(self, document: Any, of_text: list[Fault]) -> Iterator[Fault]:
        assert self.kind is not None
        assert self.spec_version is not None
        yield from of_text
        refused = explain(schema(self.kind), document, self.spec_version)
        yield from refused
        refused_paths = {fault.path for fault in refused if fault.severity == ERROR and not fault.at_name}
        for rule in RULES.values():
            if self.kind not in rule.kinds or (rule.of_bundle and self.bundle is None):
                continue
            arguments = (document, self.bundle) if rule.of_bundle else (document,)
            for fault in rule.faults(*arguments):
                if not _is_below(fault.path, refused_paths):
                    yield fault

    def report(self, faults: list[Fault], *, readable: bool = True) -> Report:
        """The report of these faults, as far as their requirements are in force."""
        version = self.spec_version or versions.NEWEST
        counted = [fault for fault in faults[:MOST] if _counts(fault, version)]
        places = self._places(counted)
        findings = [self._finding(fault, places, version) for fault in counted]
        findings.sort(key=lambda finding: (finding.line or 0, finding.column or 0))
        return Report(
            file=_clean(self.name),
            kind=self.kind,
            spec_version=self.spec_version,
            findings=tuple(findings),
            complete=len(faults) < MOST,
            readable=readable,
            source=self.source,
        )

    def _places(self, faults: list[Fault]) -> Places:
        from conformance.validation.positions import locate

        paths = {fault.path for fault in faults if fault.span is None}
        paths |= {where for fault in faults for _, where in fault.related if isinstance(where, str)}
        return locate(self.source.text, paths) if self.source is not None and paths else {}

    def _finding(self, fault: Fault, places: Places, version: str) -> Finding:
        from conformance.validation.requirements import reference

        requirements = tuple(identifier for identifier in fault.requirements if _in_force(identifier, version))
        line, column, end_column = self._mark(fault.span or fault.path, places, at_name=fault.at_name)
        return Finding(
            severity=fault.severity,
            rule=fault.rule,
            requirements=requirements,
            file=_clean(self.name),
            path=_clean(fault.path),
            line=line,
            column=column,
            end_column=end_column,
            message=_clean(fault.problem),
            allowed=tuple(map(_clean, fault.allowed)),
            suggestion=None if fault.suggestion is None else _clean(fault.suggestion),
            reference=reference(requirements[0], version) if requirements else None,
            related=tuple(self._related(fault, places)),
        )

    def _related(self, fault: Fault, places: Places) -> Iterator[Related]:
        for message, where in fault.related:
            line, column, end_column = self._mark(where, places, at_name=fault.at_name)
            if line is not None and column is not None and end_column is not None:
                yield Related(message=_clean(message), line=line, column=column, end_column=end_column)

    def _mark(
        self, where: str | Span, places: Places, *, at_name: bool
    ) -> tuple[int, int, int] | tuple[None, None, None]:
        """Line, column, and the column after the last character on the same line."""
        if self.source is None:
            return None, None, None
        start, end = _span(where, places, at_name=at_name) if isinstance(where, str) else where
        line, column = self.source.place(start)
        line_end = self.source.text.find("\n", start, end)
        return line, column, column + ((end if line_end < 0 else line_end) - start)


def _span(path: str, places: Places, *, at_name: bool) -> Span:
    from conformance.validation.positions import steps

    at = steps(path)
    place = places.get(at)
    if place is not None:
        return place.name if at_name and place.name else place.value
    while at not in places:
        at = at[:-1]
    # What is missing is missing in what begins here.
    start = places[at].value[0]
    return start, start + 1


def _is_below(path: str, refused: Iterable[str]) -> bool:
    return any(path.startswith(above) and path[len(above) : len(above) + 1] in ("", ".", "[") for above in refused)


def _counts(fault: Fault, version: str) -> bool:
    return not fault.requirements or any(_in_force(identifier, version) for identifier in fault.requirements)


def _in_force(identifier: str, version: str) -> bool:
    from conformance.validation.requirements import in_force

    return in_force(identifier, version)


def _version_of(document: Any) -> str:
    version = document.get("ociVersion") if isinstance(document, dict) else None
    if not isinstance(version, str):
        return versions.NEWEST
    try:
        versions.key(version)
    except ValueError:
        return versions.NEWEST
    # Before all that are known, the oldest is the nearest.
    return versions.newest_known(version) or versions.KNOWN[0]


def _clean(text: str) -> str:
    """`text` without lone surrogates, with which nothing could be written as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
