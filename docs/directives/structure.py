"""The modules of a package, by what they say of themselves."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from directives.generated import Generated, table

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_TOP = Path(__file__).parents[2]


class Modules(Generated):
    """The modules and packages in a package."""

    required_arguments = 1

    def markdown(self) -> str:
        """A table of the modules."""
        package = _TOP / self.arguments[0]
        paths = sorted({*package.glob("[!_]*.py"), *(path.parent for path in package.glob("*/__init__.py"))})
        self.depend_on(paths)
        return table(("module", "what it is"), *((f"`{name(path)}`", purpose(path)) for path in paths))


def name(path: Path) -> str:
    """The name of a module or package of the repository."""
    return ".".join(path.relative_to(_TOP).with_suffix("").parts)


def purpose(path: Path) -> str:
    """The first paragraph of the docstring, in one line."""
    file = path / "__init__.py" if path.is_dir() else path
    documentation = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(documentation.partition("\n\n")[0].split())


def add_to(app: Sphinx) -> None:
    """Tell Sphinx of the directive."""
    app.add_directive("modules", Modules)
