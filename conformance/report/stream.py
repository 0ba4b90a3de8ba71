"""The report as JSON Lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import BadFile

if TYPE_CHECKING:
    from typing import BinaryIO

    from conformance.report.records import CheckRecord, FooterRecord, HeaderRecord, RequirementRecord


class ReportWriter:
    """Write records to a file as they come. Raises `BadFile` if it cannot be written."""

    def __init__(self, path: str) -> None:
        try:
            self.file: BinaryIO = Path(path).open("wb")  # noqa: SIM115 - it is closed at the end of the run
        except OSError as error:
            raise BadFile(path, error.strerror or str(error)) from error

    def write(self, record: HeaderRecord | CheckRecord | RequirementRecord | FooterRecord) -> None:
        """Write one record."""
        self.file.write(record.line())
        self.file.flush()

    def close(self) -> None:
        """End the file."""
        self.file.close()
