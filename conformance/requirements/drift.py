"""Drift: where a checkout of the specification says something else than the text that the register was made from.

`sections/` has, for each section of each document, a digest of its text; a section goes from one heading to the next.
Blanks, line breaks and links do not count.
"""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import BadFile, DamagedData

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.requirements.register import Register

RECORDED = Path(__file__).parent / "sections" / "v1.3.0.toml"

DOCUMENTS = (
    *("spec.md", "glossary.md", "bundle.md", "runtime.md", "runtime-linux.md", "config.md", "config-linux.md"),
    *("config-freebsd.md", "config-solaris.md", "config-vm.md", "config-windows.md", "config-zos.md"),
    *("features.md", "features-linux.md"),
)
"""The documents of the specification that have requirements."""

_HEADING = re.compile(r'^#+\s+(?:<a name="([^"]+)"\s*/?>)?(.*)$', re.MULTILINE)

_CODE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)

_LINK = re.compile(r"\]\([^)]*\)|\]\[[^\]]*\]|^\[[^\]]+\]:.*$", re.MULTILINE)

_NORMATIVE = re.compile(r"\b(?:MUST|REQUIRED|SHALL|SHOULD|RECOMMENDED|MAY|OPTIONAL)\b")

_SHORT = 16
"""Digits of a digest that are kept."""


@dataclasses.dataclass(frozen=True)
class Drift:
    """A section that has changed: `what` is `changed`, `new` or `gone`. `normative` is the number of key words of RFC 2119
    in it now, `requirements` are the IDs of those that are said to stand in it.
    """

    document: str
    anchor: str
    what: str
    normative: int
    requirements: tuple[str, ...]


def sections(directory: Path) -> dict[str, dict[str, str]]:
    """The sections in a checkout of the specification: their texts, by document and anchor. Raises `BadFile`."""
    found: dict[str, dict[str, str]] = {}
    for name in DOCUMENTS:
        try:
            text = (directory / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise BadFile(str(directory / name), str(error)) from error
        found[name] = dict(_split(text))
    if not found:
        raise BadFile(str(directory), "there is no document of the specification in it, such as config.md")
    return found


def _split(text: str) -> Iterator[tuple[str, str]]:
    # A comment of a shell looks like a heading.
    code = [match.span() for match in _CODE.finditer(text)]
    matches = [
        match for match in _HEADING.finditer(text) if not any(start <= match.start() < end for start, end in code)
    ]
    ends = [match.start() for match in matches[1:]] + [len(text)]
    repeated: collections.Counter[str] = collections.Counter()
    for match, end in zip(matches, ends, strict=True):
        slug = re.sub(r"[^\w\- ]", "", match[2].strip().lower()).replace(" ", "-")
        anchor = match[1] or (f"{slug}-{repeated[slug]}" if repeated[slug] else slug)
        # What GitHub does: a heading without an anchor of its own is found by its words.
        repeated[slug] += 1
        yield anchor, text[match.end() : end]


def digest(text: str) -> str:
    """What tells the words of one section from those of another."""
    words = " ".join(_LINK.sub("]", text).split())
    return hashlib.sha256(words.encode()).hexdigest()[:_SHORT]


def recorded() -> dict[str, dict[str, str]]:
    """The digests of the sections that the register was made from, by document and anchor. Raises `DamagedData`."""
    try:
        content: dict[str, dict[str, str]] = tomllib.loads(RECORDED.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DamagedData(str(RECORDED), str(error)) from error
    return content


def against(directory: Path, register: Register) -> list[Drift]:
    """What differs in a checkout, in the order of the documents. Raises `BadFile` and `DamagedData`."""
    now = sections(directory)
    drifts = []
    for document, digests in recorded().items():
        texts = now.get(document, {})
        for anchor in [*digests, *(anchor for anchor in texts if anchor not in digests)]:
            if anchor in texts and digests.get(anchor) == digest(texts[anchor]):
                continue
            what = "gone" if anchor not in texts else "changed" if anchor in digests else "new"
            normative = len(_NORMATIVE.findall(texts.get(anchor, "")))
            affected = tuple(
                requirement.id
                for requirement in register.requirements.values()
                if (requirement.document, requirement.anchor) == (document, anchor)
            )
            drifts.append(Drift(document, anchor, what, normative, affected))
    return drifts
