"""The options of mounts on Linux."""

from __future__ import annotations

from conformance.validation import mount_options, platforms
from conformance.validation.fault import NOTE, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_NO_SLIPS = ("i_version", "nouuid", "rnodev")
"""Options of filesystems and of runtimes that look like slips."""

_LONGEST = 20
"""Letters of an option that is compared; the longest of the specification has 14."""

_SHORT = 3

_LOOKED_AT = 1000
"""Options whose spelling is looked at, at the most."""


@rule("options.opposite", severity=NOTE)
def options_go_together(config: Any) -> Iterator[Fault]:
    """No option undoes another one."""
    for path, options in each(config, "mounts", ..., "options", of=list):
        for one, other in mount_options.OPPOSITES:
            if one in options and other in options:
                first, later = sorted((options.index(one), options.index(other)))
                problem = f"{options[later]} undoes {options[first]}, which is there, too"
                yield Fault(f"{path}[{later}]", problem, related=[("the other one", f"{path}[{first}]")])


@rule("options.spelling", severity=NOTE)
def options_are_spelt_well(config: Any) -> Iterator[Fault]:
    """No option is a known one but for a letter; what is unknown is for the filesystem to understand."""
    if not platforms.is_linux(config):
        return
    options = each(config, "mounts", ..., "options", ..., of=str)
    unknown = ((path, option) for path, option in options if option not in mount_options.KNOWN)
    for _, (path, option) in zip(range(_LOOKED_AT), unknown, strict=False):
        if "=" not in option and option not in _NO_SLIPS and 1 < len(option) < _LONGEST:
            meant = next((known for known in mount_options.KNOWN if _is_slip(option.lower(), known)), None)
            if meant is not None:
                problem = f"{shown(option)} is no option of the specification: the filesystem gets it"
                yield Fault(path, problem, suggestion=meant)


def _is_slip(given: str, known: str) -> bool:
    """Whether one letter is wrong, missing, too much, or swapped with the next; in a short word, none may be."""
    if given == known:
        return True
    longer, shorter = max(len(given), len(known)), min(len(given), len(known))
    if len(known) <= _SHORT or longer - shorter > 1:
        return False
    start = next((i for i in range(shorter) if given[i] != known[i]), shorter)
    rest = shorter - start
    end = next((i for i in range(rest) if given[-1 - i] != known[-1 - i]), rest)
    one, other = given[start : len(given) - end], known[start : len(known) - end]
    return max(len(one), len(other)) == 1 or (len(one) == 2 and one == other[::-1])
