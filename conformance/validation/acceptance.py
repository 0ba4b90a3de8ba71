"""Is there nothing to find? The good path of the reference runtime, which imports no more for it than it must."""

from __future__ import annotations

from conformance.validation import rules  # noqa: F401 - it makes the rules known
from conformance.validation.fault import ERROR
from conformance.validation.rule import RULES
from conformance.validation.schemas import referred, schema
from reference_runtime.errors import InvalidConfig
from reference_runtime.validation import Validator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def is_faultless(kind: str, document: Any) -> bool:
    """Whether neither the schema nor a rule of that kind of document finds an error.

    If not, it may still be valid: rules have versions, and which of them are in force only `validate` knows.
    """
    try:
        Validator(schema(kind), load=referred)(document)
    except InvalidConfig:
        return False
    applied = (rule for rule in RULES.values() if kind in rule.kinds and rule.severity == ERROR and not rule.of_bundle)
    return not any(True for rule in applied for _ in rule.function(document))
