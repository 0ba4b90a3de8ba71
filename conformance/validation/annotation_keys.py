"""The keys of annotations, of a container and of a runtime."""

from __future__ import annotations

from conformance.validation.fault import Fault
from reference_runtime.validation import member, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def no_reverse_domain_names(path: str, annotations: dict[str, Any]) -> Iterator[Fault]:
    """A fault for each key that does not begin with a domain name, the other way round. `path` is theirs."""
    for key in annotations:
        labels = key.partition("/")[0].split(".")
        if key and (len(labels) < 2 or not all(map(_is_label, labels))):
            problem = f"{shown(key)} is no reverse domain name, such as com.example.myKey"
            yield Fault(member(path, key), problem, at_name=True)


def _is_label(label: str) -> bool:
    plain = label.replace("-", "a").replace("_", "a")
    return plain.isascii() and plain.isalnum()
