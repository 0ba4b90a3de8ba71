"""Windows: what its properties have to do with each other."""

from __future__ import annotations

from conformance.validation import platforms
from conformance.validation.fault import WARNING, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_LIMITS = ("count", "shares", "maximum")

_NAMESPACE = "networkNamespace"

_REPLACED = ("endpointList", "allowUnqualifiedDNSQuery", "DNSSearchList", "networkSharedContainerName")
"""What must not be given with a network namespace."""


@rule("windows.device_guid", "config_windows.devices.id.guid")
def classes_are_guids(config: Any) -> Iterator[Fault]:
    """A class of devices is given by its GUID, which may be in braces, as Windows writes it."""
    for path, device in each(config, "windows", "devices", ..., of=dict):
        identifier = device.get("id")
        if device.get("idType") == "class" and isinstance(identifier, str) and not _is_guid(identifier):
            problem = f"{shown(identifier)} is no GUID"
            yield Fault(f"{path}.id", problem, allowed=["a GUID, such as 24E552D7-6523-47F7-A647-D3465BF1F5CA"])


@rule("windows.cpu_limits", "config_windows.resources.cpu.exclusive")
def processors_are_limited_in_one_way(config: Any) -> Iterator[Fault]:
    """The ways to limit the use of processors exclude each other."""
    for path, cpu in each(config, "windows", "resources", "cpu", of=dict):
        given = _given(cpu, _LIMITS)
        if len(given) > 1:
            yield Fault(path, f"has {', '.join(given)}, of which only one may be given")


@rule("windows.cpu_affinity", "config_windows.resources.cpu.affinity.exclusive", severity=WARNING)
def affinity_is_alone(config: Any) -> Iterator[Fault]:
    """Affinity excludes the other ways by the letter of the text, and tools and runtimes have them together."""
    for path, cpu in each(config, "windows", "resources", "cpu", of=dict):
        given = _given(cpu, _LIMITS)
        if "affinity" in cpu and given:
            yield Fault(
                f"{path}.affinity",
                f"is given with {', '.join(given)}, and the specification has them as alternatives",
                at_name=True,
            )


@rule("windows.network_namespace", "config_windows.network.namespace.exclusive", severity=WARNING)
def network_namespace_is_alone(config: Any) -> Iterator[Fault]:
    """With a network namespace, nothing else of the network is given, but for the example of the text, which has all."""
    for path, network in each(config, "windows", "network", of=dict):
        given = _given(network, _REPLACED)
        if network.get(_NAMESPACE) and given:
            yield Fault(f"{path}.{_NAMESPACE}", f"excludes {', '.join(given)}, which should be left out", at_name=True)


def _given(properties: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name in properties]


def _is_guid(text: str) -> bool:
    inside = text[1:-1] if text.startswith("{") and text.endswith("}") else text
    return platforms.is_guid(inside)
