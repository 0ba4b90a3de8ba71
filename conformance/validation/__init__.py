"""The validator of config.json, of the state of a container, and of the features of a runtime, as a library.

    from conformance.validation import validate

    report = validate("bundle")                     # a bundle: its config.json, and what has to be around it
    report = validate("state.json", kind="state")   # a file
    report = validate(content, spec_version="1.1.0")  # bytes

    for finding in report.errors:
        print(finding.line, finding.column, finding.sentence, finding.requirements)

A document is valid if it has no error: nothing that breaks a MUST of the specification, or what its text implies
without a keyword. Warnings and notes are for people. See `conformance.validation.findings` for what a finding says,
`conformance.validation.rule` for how a rule is made, and `conformance.validation.explanation` for what a schema can say
besides JSON Schema.
"""

from __future__ import annotations

# The reference runtime imports modules of this package for every container, so this imports nothing.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from typing import Literal

    from conformance.validation.findings import Finding, Related, Report

    Kind = Literal["config", "state", "features"]

__all__ = ["Finding", "Related", "Report", "validate"]


def validate(
    subject: str | PathLike[str] | bytes,
    kind: Kind | None = None,
    spec_version: str | None = None,
    *,
    name: str | None = None,
) -> Report:
    """The report of a bundle or a file, given as its path, or of a document, given as its bytes.

    `kind` is by default that of the file's name, or else what the content looks like; a directory is a bundle.
    `spec_version` is the released version by whose rules it is judged, by default that of the document. `name` is
    what the findings call the file.

    What cannot be read, or is no JSON, is a finding like others. Raises `ValueError` for a kind or a version that is
    not known.
    """
    import os

    from conformance import versions
    from conformance.validation import engine, schemas

    if kind is not None and kind not in schemas.KINDS:
        raise ValueError(f"{kind!r} is none of {', '.join(schemas.KINDS)}")
    if spec_version is not None and spec_version not in versions.KNOWN:
        raise ValueError(f"{spec_version!r} is none of {', '.join(versions.KNOWN)}")
    if name is None:
        name = "(bytes)" if isinstance(subject, bytes) else os.fspath(subject)
    return engine.validate(subject, kind, spec_version, name)


def __getattr__(name: str) -> object:
    if name in __all__:
        from conformance.validation import findings

        return getattr(findings, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
