"""The virtual machine of a container."""

from __future__ import annotations

from conformance.validation.fault import NOTE, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_FORMATS = ("raw", "qcow2", "vdi", "vmdk", "vhd")


@rule("vm.image_format", severity=NOTE)
def format_is_common(config: Any) -> Iterator[Fault]:
    """The format of the image is one of those that the text has; it has them as the common ones, not as all."""
    for path, format_ in each(config, "vm", "image", "format", of=str):
        # Tools that do not set it write an empty string, and then it is raw.
        if format_ and format_ not in _FORMATS:
            meant = format_.lower()
            problem = f"{shown(format_)} is no format that is commonly supported"
            yield Fault(path, problem, allowed=_FORMATS, suggestion=meant if meant in _FORMATS else None)
