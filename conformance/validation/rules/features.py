"""The features structure of a runtime."""

from __future__ import annotations

from conformance.validation.annotation_keys import no_reverse_domain_names
from conformance.validation.fault import NOTE, WARNING, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Precedence = tuple[list[tuple[int, str]], bool, list[tuple[int, int, str]]]

_KIND = ("features",)

_UNSAFE = "potentiallyUnsafeConfigAnnotations"

_LISTS = (
    *(("hooks",), ("mountOptions",), (_UNSAFE,), ("linux", "namespaces"), ("linux", "capabilities")),
    *(("linux", "seccomp", name) for name in ("actions", "operators", "archs", "knownFlags", "supportedFlags")),
    *(("linux", "memoryPolicy", name) for name in ("modes", "flags")),
)

_LOOKED_AT = 100
"""Unknown names of a list that are compared with those that are known, at the most."""


@rule("features.order", "features.oci_version_max.order", kinds=_KIND)
def highest_version_is_not_below_the_lowest(features: Any) -> Iterator[Fault]:
    """The highest version is not less than the lowest one, in the order of Semantic Versioning."""
    for _, lowest in each(features, "ociVersionMin", of=str):
        for path, highest in each(features, "ociVersionMax", of=str):
            low, high = _precedence(lowest), _precedence(highest)
            if low is not None and high is not None and high < low:
                yield Fault(path, f"{shown(highest)} is less than ociVersionMin, {shown(lowest)}")


@rule("features.newer", kinds=_KIND, severity=NOTE)
def highest_version_is_known(features: Any) -> Iterator[Fault]:
    """The highest version is one whose properties are known."""
    from conformance import versions

    for path, highest in each(features, "ociVersionMax", of=str):
        try:
            newer = versions.key(highest) > versions.key(versions.NEWEST)
        except ValueError:
            continue
        if newer:
            yield Fault(path, f"{shown(highest)} is newer than {versions.NEWEST}, by whose rules this is judged")


@rule("features.mount_options", "features.mount_options.generic", kinds=_KIND, severity=WARNING)
def mount_options_are_not_those_of_filesystems(features: Any) -> Iterator[Fault]:
    """No mount option is one that a filesystem gets."""
    from conformance.validation.recognized import OF_FILESYSTEMS

    for path, option in each(features, "mountOptions", ..., of=str):
        if "=" in option or option in OF_FILESYSTEMS:
            yield Fault(path, f"{shown(option)} is an option of filesystems, and these should not be listed")


@rule("features.reverse_domain", "features.annotations.reverse_domain", kinds=_KIND, severity=WARNING)
def keys_are_reverse_domain_names(features: Any) -> Iterator[Fault]:
    """The key of an annotation begins with a domain name, the other way round."""
    for path, noted in each(features, "annotations", of=dict):
        yield from no_reverse_domain_names(path, noted)


@rule("features.unsafe_annotations", kinds=_KIND, severity=NOTE)
def unsafe_annotations_are_keys_or_prefixes(features: Any) -> Iterator[Fault]:
    """What is listed as unsafe are keys, or prefixes that end with a dot; there are no other patterns."""
    for path, key in each(features, _UNSAFE, ..., of=str):
        if key == "":
            yield Fault(path, "is empty, and no annotation has an empty key")
        elif key.endswith(".*"):
            yield Fault(path, f"{shown(key)} is no prefix, which ends with a dot", suggestion=key[:-1])


@rule("features.supported_flags", "features_linux.seccomp.supported_flags.known", kinds=_KIND)
def supported_flags_are_known(features: Any) -> Iterator[Fault]:
    """A flag of seccomp that is supported is known."""
    for _, known in each(features, "linux", "seccomp", "knownFlags", of=list):
        for path, flag in each(features, "linux", "seccomp", "supportedFlags", ..., of=str):
            if flag not in known:
                yield Fault(path, f"{shown(flag)} is not in knownFlags, though what is supported has to be known")


@rule("features.known", kinds=_KIND, severity=NOTE)
def names_are_known(features: Any) -> Iterator[Fault]:
    """What is recognized is something that a config can have; a runtime may have more."""
    from conformance.validation.recognized import names
    from conformance.validation.spelling import nearest

    for steps, known in names().items():
        unknown = ((path, name) for path, name in each(features, *steps, ..., of=str) if name not in known)
        for _, (path, name) in zip(range(_LOOKED_AT), unknown, strict=False):
            problem = f"{shown(name)} is nothing that the specification or Linux has"
            yield Fault(path, problem, suggestion=nearest(name, known))


@rule("features.duplicate", kinds=_KIND, severity=NOTE)
def names_are_listed_once(features: Any) -> Iterator[Fault]:
    """No name is listed twice."""
    for steps in _LISTS:
        first: dict[str, str] = {}
        for path, name in each(features, *steps, ..., of=str):
            earlier = first.setdefault(name, path)
            if earlier != path:
                yield Fault(path, f"{shown(name)} is there twice", related=[("the first one", earlier)])


def _precedence(version: str) -> Precedence | None:
    """What versions are ordered by, as Semantic Versioning has it; None for what is no version.

    The specification's own development versions, such as 1.0.2-dev, come after the version that they begin with.
    """
    release, _, identifiers = version.partition("+")[0].partition("-")
    numbers = release.split(".")
    if len(numbers) != 3 or not all(map(_is_number, numbers)):
        return None
    if identifiers == "dev":
        identifiers = ""
    parts = identifiers.split(".") if identifiers else []
    order = [(0, len(part), part) if _is_number(part) else (1, 0, part) for part in parts]
    # Compared by their length first, for a number may have more digits than Python makes a number of.
    return [(len(number), number) for number in numbers], not parts, order


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and (text == "0" or not text.startswith("0"))
