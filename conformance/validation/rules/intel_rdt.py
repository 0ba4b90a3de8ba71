"""Resource Director Technology: what its strings look like."""

from __future__ import annotations

from conformance.validation.fault import WARNING, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_NEWLINE = "has a newline in it, and has to be one line"


@rule("intel_rdt.clos_id", "config_linux.intel_rdt.clos_id")
def class_is_a_name(config: Any) -> Iterator[Fault]:
    """The class of service is the name of a directory, or the root of them all."""
    for path, name in each(config, "linux", "intelRdt", "closID", of=str):
        if name in ("", ".", "..") or ("/" in name and name != "/"):
            yield Fault(path, f"{shown(name)} is no name of a directory", allowed=["a name without slashes", "/"])


@rule("intel_rdt.l3_cache_prefix", "config_linux.intel_rdt.l3_cache_schema.prefix", severity=WARNING)
def schema_of_caches_begins_well(config: Any) -> Iterator[Fault]:
    """The schema of the caches begins with L3, which says so."""
    for path, schema in each(config, "linux", "intelRdt", "l3CacheSchema", of=str):
        if not schema.startswith("L3:"):
            yield Fault(path, f"{shown(schema)} should begin with L3:")


@rule("intel_rdt.l3_cache_newlines", "config_linux.intel_rdt.l3_cache_schema.newlines", severity=WARNING)
def schema_of_caches_is_one_line(config: Any) -> Iterator[Fault]:
    """The schema of the caches is one line."""
    for path, schema in each(config, "linux", "intelRdt", "l3CacheSchema", of=str):
        if "\n" in schema:
            yield Fault(path, "has a newline in it, and should be one line")


@rule("intel_rdt.mem_bw_newlines", "config_linux.intel_rdt.mem_bw_schema.newlines")
def schema_of_bandwidth_is_one_line(config: Any) -> Iterator[Fault]:
    """The schema of the memory bandwidth is one line."""
    for path, schema in each(config, "linux", "intelRdt", "memBwSchema", of=str):
        if "\n" in schema:
            yield Fault(path, _NEWLINE)


@rule("intel_rdt.schemata_newlines", "config_linux.intel_rdt.schemata.newlines")
def schemata_are_lines(config: Any) -> Iterator[Fault]:
    """Each of the schemata is one line."""
    for path, schema in each(config, "linux", "intelRdt", "schemata", ..., of=str):
        if "\n" in schema:
            yield Fault(path, _NEWLINE)
