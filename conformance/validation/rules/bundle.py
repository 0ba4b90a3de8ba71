"""What is around a config.json."""

from __future__ import annotations

import os

from conformance.validation.fault import Fault
from conformance.validation.rule import bundle_rule, each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@bundle_rule("bundle.root", "config.root.path.is_directory")
def root_is_a_directory(config: Any, bundle: str) -> Iterator[Fault]:
    """The root filesystem is there."""
    if isinstance(config, dict) and "windows" in config:
        # There, the path is that of a volume.
        return
    for path, root in each(config, "root", "path", of=str):
        place = os.path.join(bundle, root)
        try:
            is_directory = os.path.isdir(place)
        except ValueError:
            # It has a NUL in it, or half of a character.
            is_directory = False
        if not is_directory:
            yield Fault(path, f"there is no directory at {place}")
