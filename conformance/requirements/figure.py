"""The figure: how many requirements of the newest version of the specification checks observe.

`python -m conformance.requirements.figure README.md` writes it between the markers of a file.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from conformance import versions
from conformance.requirements.observation import checks
from conformance.requirements.register import load

BEGIN, END = "<!-- figure -->", "<!-- end of figure -->"
"""The lines between which it stands."""


def figure() -> str:
    """The figure, as Markdown."""
    requirements = load().in_force(versions.NEWEST)
    observable = [one for one in requirements if one.untestable is None]
    tested = [one for one in observable if one.id in checks()]
    reasons = {one.untestable for one in requirements if one.untestable}
    rows = (
        ("requirements that are registered", len(requirements)),
        ("a check of a runtime can observe", len(observable)),
        ("a check observes", len(tested)),
        ("no check observes yet", len(observable) - len(tested)),
        (
            f"no check can observe, for [one of {len(reasons)} reasons](docs/requirements/not-tested.md)",
            len(requirements) - len(observable),
        ),
    )
    return "\n".join(
        [
            f"**{len(tested)} of {len(observable)} requirements of OCI runtime-spec {versions.NEWEST} tested.**",
            "",
            "| | |",
            "|---|--:|",
            *(f"| {what} | {count} |" for what, count in rows),
        ]
    )


def replaced(text: str) -> str:
    """A text with the figure between its markers. Raises `ValueError` if it has none."""
    pattern = re.compile(f"({re.escape(BEGIN)}\n).*?({re.escape(END)})", re.DOTALL)
    changed, count = pattern.subn(lambda found: f"{found[1]}{figure()}\n{found[2]}", text)
    if count != 1:
        raise ValueError(f"there is no {BEGIN} with an {END} after it, or more than one")
    return changed


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(replaced(path.read_text(encoding="utf-8")), encoding="utf-8")
