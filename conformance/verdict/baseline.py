"""`--write-expectations`: the deviations of a run, as an expectation file to be reviewed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import tomlkit

from conformance.errors import BadFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.report.records import CheckRecord
    from conformance.session import Session

WORDLESS = "the check fails, and says no more"

UNREVIEWED = "not reviewed yet: say why the runtime is wrong, or whether the check is"


def write(path: str, records: Iterable[CheckRecord], session: Session) -> None:
    """Write a row for each requirement that is deviated from; what is known of a deviation already is kept.

    Raises `BadFile`.
    """
    from conformance.verdict import expectations

    known = expectations.load(session.options.expectations, session.register) if session.options.expectations else {}
    document = tomlkit.document()
    document["runtime"] = session.version.partition("\n")[0] or session.runtime.name
    rows = tomlkit.aot()
    for record in sorted(records, key=lambda record: (record.requirements[0], record.id)):
        expectation = known.get(record.id)
        stays = record.outcome == "pass" and expectation is not None and expectation.intermittent
        if record.outcome not in ("fail", "xfail") and not stays:
            continue
        row = tomlkit.table()
        row["requirement"] = expectation.requirement if expectation else record.requirements[0]
        row["checks"] = [record.id]
        row["observed"] = expectation.observed if expectation else record.message.strip() or WORDLESS
        row["reason"] = expectation.reason if expectation else UNREVIEWED
        if expectation and expectation.link:
            row["link"] = expectation.link
        if expectation and expectation.intermittent:
            row["intermittent"] = True
        rows.append(row)
    document["deviation"] = rows
    try:
        Path(path).write_text(tomlkit.dumps(document), encoding="utf-8")
    except OSError as error:
        raise BadFile(path, error.strerror or str(error)) from error
