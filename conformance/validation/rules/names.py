"""The host name and the domain name."""

from __future__ import annotations

from conformance.validation import namespaces, platforms
from conformance.validation.fault import NOTE, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_NAMES = ("hostname", "domainname")

_LONGEST = 64
"""Bytes that sethostname(2) and setdomainname(2) take."""

_LONGEST_LABEL = 63


@rule("names.length", "config.hostname.length", "config.domainname.length")
def name_is_short_enough(config: Any) -> Iterator[Fault]:
    """A name is no longer than the kernel takes."""
    if platforms.is_linux(config):
        for name in _NAMES:
            for path, value in each(config, name, of=str):
                length = _length(value)
                if length > _LONGEST:
                    problem = f"has {length} bytes, and Linux takes {_LONGEST}"
                    yield Fault(path, problem, requirements=[f"config.{name}.length"])


@rule("names.namespace", severity=NOTE)
def name_is_not_that_of_the_host(config: Any) -> Iterator[Fault]:
    """There is a uts namespace, if there are names for it."""
    if any(True for _ in each(config, "linux", of=dict)) and namespaces.is_inherited(config, "uts"):
        for name in _NAMES:
            for path, value in each(config, name, of=str):
                if value:
                    problem = "would be that of the runtime's own namespace, for linux.namespaces has no uts"
                    yield Fault(path, problem, at_name=True)


@rule("names.form", severity=NOTE)
def host_name_is_one(config: Any) -> Iterator[Fault]:
    """A host name has the form that hostname(7) gives it."""
    for path, name in each(config, "hostname", of=str):
        if name and _length(name) <= _LONGEST and not all(map(_is_label, name.split("."))):
            yield Fault(
                path, f"{shown(name)} is no host name of hostname(7): letters, digits, hyphens, and dots between them"
            )


def _length(name: str) -> int:
    """Bytes, with those of half characters, of which another rule tells."""
    return len(name.encode("utf-8", "surrogatepass"))


def _is_label(label: str) -> bool:
    plain = label.replace("-", "a")
    return plain.isascii() and plain.isalnum() and not label.startswith("-") and len(label) <= _LONGEST_LABEL
