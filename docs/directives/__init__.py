"""Directives that show what the code says, so that a page cannot say something else.

What has to be described by hand, such as the fields of a record, is checked against the code: a build fails for a name
that is not described, and for one that does not exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from directives import described, output, register, structure, validator

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx of the directives."""
    for part in (described, output, register, structure, validator):
        part.add_to(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
