"""Strings that the kernel gets."""

from __future__ import annotations

from conformance.validation.fault import Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import member

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_FOR_THE_KERNEL: tuple[tuple[tuple[Any, ...], tuple[str, ...]], ...] = (
    ((), ("hostname", "domainname")),
    (("root",), ("path",)),
    (("process",), ("cwd", "args", "env", "apparmorProfile", "selinuxLabel")),
    (("mounts", ...), ("destination", "source", "type", "options")),
    (("hooks", ..., ...), ("path", "args", "env")),
    (("linux",), ("cgroupsPath", "maskedPaths", "readonlyPaths", "mountLabel", "sysctl")),
    (("linux", "namespaces", ...), ("path",)),
    (("linux", "devices", ...), ("path",)),
    (("linux", "intelRdt"), ("closID",)),
)
"""Where objects are, and the names of what the kernel gets of them: strings, and arrays and objects of strings."""


@rule("strings.end", "config.strings.end")
def strings_have_no_end_inside(config: Any) -> Iterator[Fault]:
    """There is no NUL in a string, for the kernel takes that for its end."""
    for steps, names in _FOR_THE_KERNEL:
        for path, holder in each(config, *steps, of=dict):
            for name in names:
                if name in holder:
                    yield from _ended(f"{path}.{name}", holder[name])


def _ended(path: str, value: Any) -> Iterator[Fault]:
    if isinstance(value, str):
        if "\0" in value:
            yield Fault(path, f"has a NUL, as character {value.index(chr(0)) + 1}: there, it would end")
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            if isinstance(entry, str) and "\0" in entry:
                yield from _ended(f"{path}[{index}]", entry)
    elif isinstance(value, dict):
        for name, entry in value.items():
            if isinstance(entry, str) and "\0" in entry:
                yield from _ended(member(path, name), entry)
