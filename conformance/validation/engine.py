"""From the bytes of a document to its report."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from conformance import versions
from conformance.validation import rules  # noqa: F401 - it makes the rules known
from conformance.validation.explanation import explain
from conformance.validation.fault import Fault
from conformance.validation.findings import Finding, Related, Report
from conformance.validation.gathered import Enough, Gathered
from conformance.validation.positions import locate, steps
from conformance.validation.rule import RULES
from conformance.validation.schemas import KINDS, schema
from conformance.validation.source import Source, Unreadable, read_file
from conformance.validation.syntax import NOTHING, diagnose, lone_surrogates
from reference_runtime import documents
from reference_runtime.errors import InvalidConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.validation.fault import Span
    from conformance.validation.positions import Place, Step

CONFIG = "config.json"

_LONGEST = 500
"""Characters of a message at the most."""

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
    try:
        content = read_file(path)
    except Unreadable as error:
        if not error.missing:
            return judgement.of_nothing(error)
        problem = "it is missing, and every bundle has one"
        return judgement.of_fault(Fault("$", problem, rule="bundle.config", requirements=CONFIG_REQUIRED))
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
        self.gathered = Gathered(spec_version or versions.NEWEST)

    def of_nothing(self, error: Unreadable) -> Report:
        """The report of what could not be read."""
        fault = Fault("$", error.problem, rule=error.rule, suggestion=error.hint)
        return self.of_fault(fault, readable=False)

    def of_fault(self, fault: Fault, *, readable: bool = True) -> Report:
        """The report of a document that has this fault, and so was not looked at any further."""
        self.gathered.add(fault)
        return self._report(readable=readable)

    def of_content(self, content: bytes) -> Report:
        """The report of the bytes of a document."""
        self.source = Source(self.name, content)
        if self.source.fault is not None:
            return self.of_fault(self.source.fault)
        with contextlib.suppress(Enough):
            document = self._decoded(content, self.source.text)
            if document is not NOTHING:
                self._judge(document)
        return self._report()

    def _decoded(self, content: bytes, text: str) -> Any:
        try:
            document = documents.decode(content, self.name)
        except InvalidConfig:
            document = diagnose(text, self.gathered.add)
        if document is not NOTHING:
            for fault in lone_surrogates(text):
                self.gathered.add(fault)
        return document

    def _judge(self, document: Any) -> None:
        self.kind = self.kind or kind_of(document)
        defining = self.spec_version or _defining(document)
        self.spec_version = self.gathered.version = self.spec_version or _version_of(document)
        of_text = len(self.gathered.errors)
        explain(schema(self.kind), document, self.gathered, defining)
        refused = {steps(fault.path) for fault in self.gathered.errors[of_text:] if not fault.at_name}
        for rule in RULES.values():
            if self.kind not in rule.kinds or (rule.of_bundle and self.bundle is None):
                continue
            arguments = (document, self.bundle) if rule.of_bundle else (document,)
            for fault in rule.faults(*arguments):
                if not (refused and _is_in(steps(fault.path), refused)):
                    self.gathered.add(fault)

    def _report(self, *, readable: bool = True) -> Report:
        faults = self.gathered.faults
        whole = self._located(faults)
        findings = [self._finding(fault, whole) for fault in faults]
        findings.sort(key=lambda finding: (finding.line or 0, finding.column or 0))
        return Report(
            file=_clean(self.name),
            kind=self.kind,
            spec_version=self.spec_version,
            findings=tuple(findings),
            complete=self.gathered.complete,
            readable=readable,
            source=self.source,
        )

    def _located(self, faults: list[Fault]) -> Place | None:
        """The place of the whole document, with those inside it that the faults are about; None if nobody asks."""
        paths = {fault.path for fault in faults if fault.span is None}
        paths |= {where for fault in faults for _, where in fault.related if isinstance(where, str)}
        return locate(self.source.text, paths) if self.source is not None and paths else None

    def _finding(self, fault: Fault, whole: Place | None) -> Finding:
        from conformance.validation.requirements import in_force, reference

        version = self.gathered.version
        requirements = tuple(identifier for identifier in fault.requirements if in_force(identifier, version))
        line, column, end_column = self._mark(fault.span or fault.path, whole, at_name=fault.at_name)
        return Finding(
            severity=fault.severity,
            rule=fault.rule,
            requirements=requirements,
            file=_clean(self.name),
            path=_clean(fault.path),
            line=line,
            column=column,
            end_column=end_column,
            message=_shortened(_clean(fault.problem)),
            allowed=tuple(map(_clean, fault.allowed)),
            suggestion=None if fault.suggestion is None else _clean(fault.suggestion),
            reference=reference(requirements[0], version) if requirements else None,
            related=tuple(self._related(fault, whole)),
        )

    def _related(self, fault: Fault, whole: Place | None) -> Iterator[Related]:
        for message, where in fault.related:
            line, column, end_column = self._mark(where, whole, at_name=fault.at_name)
            if line is not None and column is not None and end_column is not None:
                yield Related(message=_clean(message), line=line, column=column, end_column=end_column)

    def _mark(
        self, where: str | Span, whole: Place | None, *, at_name: bool
    ) -> tuple[int, int, int] | tuple[None, None, None]:
        """Line, column, and the column after the last character on the same line."""
        if self.source is None:
            return None, None, None
        if isinstance(where, str):
            assert whole is not None
            start, end = whole.span(where, at_name=at_name)
        else:
            start, end = where
        line, column = self.source.place(start)
        line_end = self.source.text.find("\n", start, end)
        return line, column, column + ((end if line_end < 0 else line_end) - start)


def _is_in(path: tuple[Step, ...], refused: set[tuple[Step, ...]]) -> bool:
    return any(path[:length] in refused for length in range(len(path) + 1))


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


def _defining(document: Any) -> str | None:
    """The newest version whose properties a document of a development version may have; None for other documents."""
    version = document.get("ociVersion") if isinstance(document, dict) else None
    if not isinstance(version, str) or "dev" not in version:
        return None
    try:
        return versions.released_after(version) or versions.NEWEST
    except ValueError:
        return None


def _clean(text: str) -> str:
    """`text` without lone surrogates, with which nothing could be written as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
