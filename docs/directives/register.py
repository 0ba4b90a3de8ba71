"""The register of requirements, as pages: each with the checks that observe it, or the reason why none does."""

from __future__ import annotations

import collections
import re
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

import conformance
from conformance import versions
from conformance.requirements.levels import LEVELS
from conformance.requirements.observation import checks
from conformance.requirements.register import Requirement, load
from directives.generated import Generated, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_PACKAGE = Path(conformance.__file__).parent

_DOCUMENTS = {"config": "config.json", "state": "state", "features": "features document"}


class FromRegister(Generated):
    """A directive that shows requirements."""

    def requirements(self) -> list[Requirement]:
        """All of them."""
        self.depend_on([*_PACKAGE.glob("requirements/*.toml"), *_PACKAGE.glob("checks/*/*.py")])
        return list(load().requirements.values())


class OfDocument(FromRegister):
    """Every requirement of one document of the specification, by section."""

    required_arguments = 1

    def markdown(self) -> str:
        """A heading for each section, an entry for each requirement."""
        sections: dict[str, list[Requirement]] = collections.defaultdict(list)
        for requirement in self.requirements():
            if requirement.document == self.arguments[0]:
                sections[requirement.anchor].append(requirement)
        if not sections:
            raise self.error(f"the register has nothing of {self.arguments[0]}")
        parts = []
        for anchor, found in sections.items():
            parts += [f"## {heading(self.arguments[0], anchor)}", *(entry(requirement) for requirement in found)]
        return "\n\n".join(parts)


class Counts(FromRegister):
    """How many requirements there are, and how many of them checks observe."""

    def markdown(self) -> str:
        """A table by document and level."""
        groups: dict[tuple[str, int], list[Requirement]] = collections.defaultdict(list)
        for requirement in self.requirements():
            groups[requirement.document, LEVELS.index(requirement.level)].append(requirement)
        rows = []
        for (document, level), found in sorted(groups.items()):
            tested = sum(requirement.id in checks() for requirement in found)
            untestable = sum(requirement.untestable is not None for requirement in found)
            missing = len(found) - tested - untestable
            validated = sum(requirement.broken_by is not None for requirement in found)
            numbers = (str(number or "") for number in (len(found), tested, untestable, missing, validated))
            rows.append((document, LEVELS[level], *numbers))
        head = ("document", "level", "requirements", "tested", "not testable", "no check yet", "validated")
        return table(head, *rows)


class NotTested(FromRegister):
    """The requirements that no check observes, and why."""

    def markdown(self) -> str:
        """A list for each reason."""
        reasons: dict[str, list[Requirement]] = collections.defaultdict(list)
        for requirement in self.requirements():
            if requirement.id not in checks():
                reasons[requirement.untestable or "there is no check yet"].append(requirement)
        parts = []
        for reason, found in reasons.items():
            parts.append(f"**{reason[0].upper()}{reason[1:]}**")
            parts.append("\n".join(f"- {{requirement}}`{r.id}`: {r.text}" for r in found))
        return "\n\n".join(parts)


class Noted(FromRegister):
    """The requirements whose text is contested or ambiguous."""

    def markdown(self) -> str:
        """A list of them."""
        noted = [requirement for requirement in self.requirements() if requirement.note]
        return "\n".join(f"- {{requirement}}`{r.id}` ({r.level}): {r.text} {capital(r.note or '')}." for r in noted)


def entry(requirement: Requirement) -> str:
    """The entry of one requirement."""
    lines = [f"```{{requirement}} {requirement.id}", requirement.text, "", " · ".join(standing(requirement))]
    if requirement.note:
        lines += ["", f"{capital(requirement.note)}."]
    observing = checks().get(requirement.id, {})
    if observing:
        shown = (f"`{name}`" + (f" ({count})" if count > 1 else "") for name, count in sorted(observing.items()))
        lines += ["", "Checks:", "", *(f"- {check}" for check in shown)]
    else:
        lines += ["", f"Not tested: {requirement.untestable or 'there is no check yet'}."]
    if requirement.broken_by:
        lines += ["", f"`oci-conform validate` finds what breaks it in a {_DOCUMENTS[requirement.broken_by]}."]
    return "\n".join([*lines, "```"])


def standing(requirement: Requirement) -> Iterable[str]:
    """Where it stands, and for whom and in which versions, as far as that is not the usual."""
    version = requirement.until or versions.NEWEST
    yield f"[{requirement.document}#{requirement.anchor}]({requirement.reference(version)})"
    if requirement.subject != "runtime":
        yield f"binds the {requirement.subject}"
    if requirement.platform != "common":
        yield f"platform {requirement.platform}"
    if requirement.since != versions.KNOWN[0]:
        yield f"since {requirement.since}"
    if requirement.until:
        yield f"until {requirement.until}"


def heading(document: str, anchor: str) -> str:
    """The words in the anchor of a section: `Masked paths` for configLinuxMaskedPaths."""
    prefix = document.removesuffix(".md").replace("-", "")
    name = (anchor[len(prefix) :] if anchor.lower().startswith(prefix) else anchor) or anchor
    words = re.findall(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]", name)
    return capital(" ".join(word if word.isupper() else word.lower() for word in words))


def capital(text: str) -> str:
    """The text, its first letter a capital."""
    return text[:1].upper() + text[1:]


def sign(_: BuildEnvironment, identifier: str, node: addnodes.desc_signature) -> str:
    """The line at the head of an entry: the ID, and the level. Raises `KeyError` for an ID that does not exist."""
    node += addnodes.desc_name(identifier, identifier)
    level = load()[identifier].level
    node += nodes.inline(level, level, classes=["requirement-level"])
    return identifier


def add_to(app: Sphinx) -> None:
    """Tell Sphinx of the requirements and the directives."""
    app.add_object_type("requirement", "requirement", indextemplate="single: %s", parse_node=sign)
    app.add_directive("requirements-of", OfDocument)
    app.add_directive("requirement-counts", Counts)
    app.add_directive("requirements-not-tested", NotTested)
    app.add_directive("requirements-noted", Noted)
