"""What each rule is about, by its name, whether it is of the text, of a schema, or a function."""

from __future__ import annotations

from conformance.validation import rules  # noqa: F401 - it makes the rules known
from conformance.validation.fault import ERROR, NOTE, WARNING
from conformance.validation.rule import RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from conformance.validation.fault import Severity

_BUILT_IN = {
    "file.readable": "The document can be read.",
    "file.size": "The document is not too large.",
    "json.encoding": "The text is in UTF-8.",
    "json.syntax": "The text is JSON.",
    "json.unique_names": "No object has a name twice.",
    "json.number": "Numbers are not more than programs can hold.",
    "json.depth": "Objects and arrays are not nested too deep.",
    "json.surrogate": "No character is written as a half.",
    "bundle.config": "A bundle has a config.json.",
    "names.spelling": "No name is a slip of one that the specification has.",
    "version.newer": "Properties and values are not newer than the version of the document.",
    "schema.type": "A value is of its type.",
    "schema.enum": "A value is one of those that are allowed.",
    "schema.required": "What is required is there.",
    "schema.minItems": "An array has as many entries as it needs.",
    "schema.minLength": "A text is as long as it needs to be.",
    "schema.minimum": "A number is not too small.",
    "schema.maximum": "A number is not too large.",
    "schema.pattern": "A text has its form.",
    "schema.deprecated": "What is deprecated is not there.",
}

_OTHER_THAN_ERRORS: dict[str, Severity] = {
    "json.surrogate": WARNING,
    "names.spelling": WARNING,
    "version.newer": WARNING,
    "schema.deprecated": NOTE,
}


def severity(name: str) -> Severity:
    """The severity of the findings of a rule."""
    return RULES[name].severity if name in RULES else _OTHER_THAN_ERRORS.get(name, ERROR)


def descriptions() -> dict[str, str]:
    """What holds where each rule finds nothing, in one sentence."""
    of_functions = {
        name: " ".join((rule.function.__doc__ or "").partition("\n\n")[0].split()) for name, rule in RULES.items()
    }
    return {**_BUILT_IN, **of_functions}
