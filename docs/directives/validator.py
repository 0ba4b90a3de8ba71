"""The validator's rules, and the format of its output, from the code and its schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance import resources
from conformance.validation.catalogue import descriptions, severity
from conformance.validation.rule import RULES
from directives.generated import Generated, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx


class Rules(Generated):
    """What each rule is about."""

    def markdown(self) -> str:
        """A table of the rules."""
        rows = []
        for name, description in sorted(descriptions().items()):
            rule = RULES.get(name)
            requirements = (f"{{requirement}}`{one}`" for one in rule.requirements) if rule else ()
            rows.append((f"`{name}`", description, severity(name), ", ".join(requirements)))
        return table(("rule", "what holds if it finds nothing", "finds", "requirements"), *rows)


class Fields(Generated):
    """The fields of an object in the output of `validate --format=json`."""

    optional_arguments = 1

    def markdown(self) -> str:
        """A table of the fields."""
        path = resources.schema_path("validation")
        self.depend_on([path])
        schema = json.loads(Path(path).read_text(encoding="utf-8"))
        part = schema["$defs"][self.arguments[0]] if self.arguments else schema
        return table(("field", "type", "meaning"), *_fields(part["properties"], schema["$defs"]))


def _fields(properties: dict[str, Any], definitions: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, field in properties.items():
        referred = definitions[field["$ref"].removeprefix("#/$defs/")] if "$ref" in field else {}
        whole = {**referred, **field}
        yield f"`{name}`", _type(whole), whole.get("description", "")


def _type(field: dict[str, Any]) -> str:
    if "enum" in field:
        return ", ".join(f"`{json.dumps(value)}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    types = field["type"] if isinstance(field["type"], list) else [field["type"]]
    if types == ["array"]:
        items = field["items"]
        return f"array of {items.get('type') or items['$ref'].removeprefix('#/$defs/')}s"
    return " or ".join(types)


def add_to(app: Sphinx) -> None:
    """Tell Sphinx of the directives."""
    app.add_directive("rules", Rules)
    app.add_directive("validation-fields", Fields)
