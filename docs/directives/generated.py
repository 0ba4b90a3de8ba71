"""The base of directives whose content is Markdown that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from docutils.nodes import Node


class Generated(SphinxDirective):
    """A directive that stands for the Markdown of its method `markdown`."""

    def markdown(self) -> str:
        """What the directive stands for."""
        raise NotImplementedError

    def run(self) -> list[Node]:
        """Parse it, with its headings."""
        return self.parse_text_to_nodes(self.markdown(), allow_section_headings=True)

    def depend_on(self, paths: Iterable[object]) -> None:
        """Have the page made anew when one of these files changes."""
        for path in paths:
            self.env.note_dependency(str(path))

    def described(self, names: Collection[str]) -> dict[str, str]:
        """The descriptions in the directive's content, by name: `name: text`, indented lines going on with it.

        Raises an error for a name that is missing, and for one that is not among `names`.
        """
        found: dict[str, str] = {}
        name = ""
        for line in self.content:
            if line.startswith(" "):
                found[name] += f" {line.strip()}"
            elif line:
                name, _, text = line.partition(":")
                found[name] = text.strip()
        wrong = set(names).symmetric_difference(found)
        if wrong:
            raise self.error(f"not both in the code and in its description: {', '.join(sorted(wrong))}")
        return found


def table(*rows: Iterable[str]) -> str:
    """A Markdown table, its first row the head."""
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * lines[0].replace("\\|", "").count(" |"))
    return "\n".join(lines)
