"""What commands print: they are run when the pages are built."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import OptionSpec

_TOP = Path(__file__).parents[2]

_PROGRAMS = {
    "oci-conform": "import sys; from conformance.cli import main; sys.exit(main())",
    "oci-reference-runtime": "import sys; from reference_runtime.cli import main; sys.exit(main())",
}

# Plans are made for a host that is the same wherever the pages are built.
_CGROUP_V2_ALONE = """
from reference_runtime import host
hierarchy = host.Hierarchy("/sys/fs/cgroup", "cgroup2", ())
host.detect = lambda: host.Host([hierarchy], exists=lambda path: False)
"""

# argparse looks for the width of the terminal here.
_TERMINAL = {"COLUMNS": "90"}


class Output(SphinxDirective):
    """A command that changes nothing, and its output."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[OptionSpec] = {"status": directives.nonnegative_int}

    def run(self) -> list[nodes.Node]:
        """Run it."""
        program, *words = shlex.split(self.arguments[0])
        for word in words:
            if (_TOP / word).is_file():
                self.env.note_dependency(word)
        return [shown(self.arguments[0], printed(_PROGRAMS[program], *words, status=self.options.get("status", 0)))]


class Plan(SphinxDirective):
    """The plan of the bundle with this config.json, as on a host that has cgroup v2 alone."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Make the bundle, and plan."""
        relative, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        with tempfile.TemporaryDirectory() as bundle:
            (Path(bundle) / "rootfs").mkdir()
            (Path(bundle) / "config.json").write_bytes(Path(path).read_bytes())
            text = printed(_CGROUP_V2_ALONE + _PROGRAMS["oci-reference-runtime"], "plan", bundle)
        return [shown("oci-reference-runtime plan hello", text.replace(bundle, "/srv/hello"))]


def printed(program: str, *words: str, status: int = 0) -> str:
    """What a Python program prints. Raises `subprocess.CalledProcessError` if it ends with another status."""
    command = [sys.executable, "-c", program, *words]
    environment = {**os.environ, **_TERMINAL}
    # stderr is shown by Sphinx's caller.
    result = subprocess.run(command, cwd=_TOP, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode != status:
        result.check_returncode()
        raise subprocess.CalledProcessError(result.returncode, command, result.stdout)
    return result.stdout.rstrip()


def shown(command: str, text: str) -> nodes.Node:
    """A command and its output, as a terminal has them."""
    content = f"$ {command}\n{text}"
    return nodes.literal_block(content, content, language="text")


def add_to(app: Sphinx) -> None:
    """Tell Sphinx of the directives."""
    app.add_directive("output", Output)
    app.add_directive("plan", Plan)
