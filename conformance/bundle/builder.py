"""Make a bundle on disk.

Every root filesystem is made anew: a used one may have real device nodes, and a copy of /dev/full never ends.
"""

from __future__ import annotations

import functools
import json
import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from conformance import resources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.bundle.config import Document

PROBE = "/probe"
"""The probe's path inside every container."""


class Bundle:
    """A bundle directory: `path`, its root filesystem `rootfs`, and the `config` that `write_config` writes."""

    def __init__(self, path: Path, config: Document) -> None:
        self.path = path
        self.rootfs = path / "rootfs"
        self.config = config

    def make(self, probe: Path, files: Mapping[str, str | None]) -> None:
        """Make the directory, with the skeleton of a root filesystem, the probe and `files` in it.

        `files` has the content of each file by its path in the container; None makes a directory.
        """
        self.path.mkdir(mode=0o755)
        self.rootfs.mkdir(mode=0o755)
        directories, contents = _skeleton()
        for directory in directories:
            self.inside(directory).mkdir(parents=True, exist_ok=True)
        for path, content in {**contents, **files}.items():
            self.put(path, content)
        shutil.copy(probe, self.inside(PROBE))
        self.write_config()

    def inside(self, path: str) -> Path:
        """The path outside of a path in the container."""
        return self.rootfs / path.lstrip("/")

    def put(self, path: str, content: str | None) -> Path:
        """Make a file of the container, or with None a directory; returns its path outside."""
        outside = self.inside(path)
        if content is None:
            outside.mkdir(parents=True, exist_ok=True)
        else:
            outside.parent.mkdir(parents=True, exist_ok=True)
            outside.write_text(content, encoding="utf-8")
        return outside

    def write_config(self) -> None:
        """Write config.json."""
        text = json.dumps(self.config, indent=2, ensure_ascii=False)
        (self.path / "config.json").write_text(text + "\n", encoding="utf-8", errors="surrogateescape")


@functools.cache
def _skeleton() -> tuple[list[str], dict[str, str]]:
    path = Path(resources.directory("bundles")) / "base" / "rootfs.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return content["directories"], content["files"]
