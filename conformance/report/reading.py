"""Reports that were written, read again."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from conformance.errors import BadFile
from conformance.report.records import FORMAT, CheckRecord, FooterRecord, HeaderRecord, RequirementRecord

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Report:
    """A report: `checks` by ID. It has no `footer` if the run was killed."""

    header: HeaderRecord
    checks: Mapping[str, CheckRecord]
    footer: FooterRecord | None


_DECODER = msgspec.json.Decoder(HeaderRecord | CheckRecord | RequirementRecord | FooterRecord)


def read(name: str) -> Report:
    """The report in a file. Raises `BadFile`."""
    try:
        lines = Path(name).read_bytes().splitlines(keepends=True)
        # Of a run that was killed, the last line may be cut off.
        records = [_DECODER.decode(line) for line in lines if line.endswith(b"\n")]
    except OSError as error:
        raise BadFile(name, error.strerror or str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadFile(name, f"it is no report: {error}") from error
    header = next((record for record in records if isinstance(record, HeaderRecord)), None)
    footer = next((record for record in records if isinstance(record, FooterRecord)), None)
    if header is None:
        raise BadFile(name, (footer.problem if footer else None) or "it is no report, for it has no header")
    if header.format != FORMAT:
        raise BadFile(name, f"it has format {header.format}, and not {FORMAT}")
    return Report(header, {record.id: record for record in records if isinstance(record, CheckRecord)}, footer)
