"""The devices that a cgroup allows and denies."""

from __future__ import annotations

from conformance.validation.fault import NOTE, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_LETTERS = "rwm"

_NUMBERS = ("major", "minor")

_ENTRIES = ("linux", "resources", "devices", ...)


@rule("cgroup_devices.access", "config_linux.resources.devices.access.known")
def accesses_are_known(config: Any) -> Iterator[Fault]:
    """An access is made of the letters for reading, for writing, and for making a device."""
    for path, access in each(config, *_ENTRIES, "access", of=str):
        if not set(access) <= set(_LETTERS):
            meant = "".join(letter for letter in _LETTERS if letter in access.lower())
            problem = f"{shown(access)} has more in it than r (read), w (write) and m (mknod)"
            yield Fault(path, problem, suggestion=meant or None)


@rule("cgroup_devices.no_access", severity=NOTE)
def accesses_are_given(config: Any) -> Iterator[Fault]:
    """It is said which accesses an entry is about, for the text does not say what it means if it is not."""
    for path, entry in each(config, *_ENTRIES, of=dict):
        if entry.get("access", "") == "":
            yield Fault(f"{path}.access", "is not given, and the specification does not say what that means")


@rule("cgroup_devices.all_types", severity=NOTE)
def numbers_are_of_one_type(config: Any) -> Iterator[Fault]:
    """Numbers are those of character devices or of block devices, for cgroup v1 ignores them in an entry for all."""
    for path, entry in each(config, *_ENTRIES, of=dict):
        given = [name for name in _NUMBERS for _, number in each(entry, name, of=int) if number >= 0]
        if given and entry.get("type", "a") == "a":
            by_default = "" if "type" in entry else " by default"
            problem = f"is a{by_default}, which is all devices, and cgroup v1 then ignores {' and '.join(given)}"
            yield Fault(f"{path}.type", problem, allowed=["c", "b"])


@rule("cgroup_devices.minus_one", severity=NOTE)
def numbers_are_not_negative(config: Any) -> Iterator[Fault]:
    """A number that is meant to be any is left out."""
    for name in _NUMBERS:
        for path, number in each(config, *_ENTRIES, name, of=int):
            if number == -1:
                yield Fault(path, "-1 is no number of a device; left out, it would be all of them")
