"""The values of `linux.resources` that have something to do with each other.

The reference runtime imports this for every container, so it imports next to nothing.
"""

from __future__ import annotations

from conformance.validation.rule import each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_BITS = 64
"""What is larger is no value of any property, and the schema says so."""


def integers(config: Any, section: str, *names: str) -> Iterator[tuple[str, list[int]]]:
    """The JSON path of a section, and its values by these names: nothing if one is missing, or no integer of 64 bits."""
    for path, values in each(config, "linux", "resources", section, of=dict):
        found = [values.get(name) for name in names]
        numbers = [value for value in found if isinstance(value, int) and not isinstance(value, bool)]
        if len(numbers) == len(names) and all(number.bit_length() <= _BITS for number in numbers):
            yield path, numbers
