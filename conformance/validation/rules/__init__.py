"""The rules that a schema cannot say, in modules that are named for what they are about.

Importing this makes them known to `conformance.validation.rule`.
"""

from __future__ import annotations

from conformance.validation.rules import bundle, duplicates, pairs, version

__all__ = ["bundle", "duplicates", "pairs", "version"]
