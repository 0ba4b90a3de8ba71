"""Where the data files are: `schemas/`, `bundles/` and `expectations/`, in a checkout and in an installed wheel.

In a checkout, and so in an editable install, they lie beside the package; a wheel carries them inside it.
"""

from __future__ import annotations

import os

_PACKAGE = os.path.dirname(os.path.abspath(__file__))


def directory(name: str) -> str:
    """The directory `name` of the data files. Raises `FileNotFoundError` for an installation that lacks it."""
    for parent in (os.path.join(_PACKAGE, "data"), os.path.dirname(_PACKAGE)):
        path = os.path.join(parent, name)
        if os.path.isdir(path):
            return path
    raise FileNotFoundError(f"this installation of oci-conform has no {name}/")


def schema_path(name: str) -> str:
    """The file of the JSON Schema `name`, such as ``config``."""
    return os.path.join(directory("schemas"), f"{name}.schema.json")
