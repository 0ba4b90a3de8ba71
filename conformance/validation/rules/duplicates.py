"""What must not be there twice."""

from __future__ import annotations

from conformance.validation.fault import Fault
from conformance.validation.rule import each, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any


@rule("namespaces.duplicate", "config_linux.namespaces.duplicate")
def namespaces(config: Any) -> Iterator[Fault]:
    """A type of namespace is listed once."""
    yield from _repeated(each(config, "linux", "namespaces", ..., "type", of=str))


@rule("zos.duplicate_namespaces", "config_zos.namespaces.duplicate")
def namespaces_of_zos(config: Any) -> Iterator[Fault]:
    """A type of namespace is listed once on z/OS, too."""
    yield from _repeated(each(config, "zos", "namespaces", ..., "type", of=str))


@rule("rlimits.duplicate", "config.process.rlimits.duplicate")
def rlimits(config: Any) -> Iterator[Fault]:
    """A type of resource limit is listed once."""
    yield from _repeated(each(config, "process", "rlimits", ..., "type", of=str))


def _repeated(values: Iterable[tuple[str, str]]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for path, value in values:
        if value in first:
            yield Fault(path, f"{value} is there twice", related=[("the first one", first[value])])
        else:
            first[value] = path
