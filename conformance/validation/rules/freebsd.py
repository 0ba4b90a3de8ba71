"""FreeBSD: devices, and what the parameters of a jail have to do with each other."""

from __future__ import annotations

from conformance.validation.fault import NOTE, WARNING, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_DEV = "/dev/"

_PROTOCOLS = ("ip4", "ip6")


@rule("freebsd.device_path", "config_freebsd.devices.path.relative")
def paths_of_devices_are_relative(config: Any) -> Iterator[Fault]:
    """The path of a device is relative to /dev."""
    for path, name in each(config, "freebsd", "devices", ..., "path", of=str):
        if name.startswith("/"):
            problem = f"{shown(name)} is no path relative to /dev"
            yield Fault(path, problem, suggestion=name.removeprefix(_DEV) if name.startswith(_DEV) else None)


@rule(
    "freebsd.addresses",
    "config_freebsd.jail.ip4_addr.numeric",
    "config_freebsd.jail.ip6_addr.numeric",
    severity=WARNING,
)
def addresses_are_numeric(config: Any) -> Iterator[Fault]:
    """Addresses are in numeric form, without a prefix length."""
    for protocol, version in zip(_PROTOCOLS, (4, 6), strict=True):
        for path, address in each(config, "freebsd", "jail", f"{protocol}Addr", ..., of=str):
            if not _is_address(address, version):
                problem = f"{shown(address)} is no IPv{version} address in numeric form"
                yield Fault(path, problem, requirements=[f"config_freebsd.jail.{protocol}_addr.numeric"])


@rule("freebsd.new_addresses", "config_freebsd.jail.ip4.known", "config_freebsd.jail.ip6.known", severity=WARNING)
def addresses_are_inherited_or_disabled(config: Any) -> Iterator[Fault]:
    """The values are those that the text has; jail(8), to which they go, has another one."""
    for path, jail in each(config, "freebsd", "jail", of=dict):
        for name in _PROTOCOLS:
            if jail.get(name) == "new" and jail.get("vnet") != "new":
                problem = "is new, which jail(8) has, and the specification does not"
                broken = [f"config_freebsd.jail.{name}.known"]
                yield Fault(f"{path}.{name}", problem, allowed=["inherit", "disable"], requirements=broken)


@rule("freebsd.own_network", "config_freebsd.jail.vnet.own", severity=WARNING)
def own_network_is_given_by_vnet(config: Any) -> Iterator[Fault]:
    """A jail with a network of its own has nothing to say of the addresses of its parent."""
    for path, jail in each(config, "freebsd", "jail", of=dict):
        given = [name for name in _PROTOCOLS if name in jail]
        if jail.get("vnet") == "new" and given:
            problem = "should be left out, like all of ip4 and ip6, where vnet is new"
            yield Fault(f"{path}.{given[0]}", problem, at_name=True)


@rule("freebsd.shared_network", "config_freebsd.jail.vnet.shared", severity=WARNING)
def shared_network_is_given_by_protocols(config: Any) -> Iterator[Fault]:
    """A jail with the network of its parent says so for both protocols, and does not mention vnet."""
    for path, jail in each(config, "freebsd", "jail", of=dict):
        if jail.get("vnet") == "inherit":
            problem = "should be left out, and ip4 and ip6 be inherit, to share the network of the parent"
            yield Fault(f"{path}.vnet", problem, at_name=True)
        elif "vnet" not in jail:
            for name, other in (_PROTOCOLS, _PROTOCOLS[::-1]):
                if jail.get(name) == "inherit" and other not in jail and f"{other}Addr" not in jail:
                    yield Fault(f"{path}.{other}", f"should be inherit, as {name} is, or disable")


@rule("freebsd.no_vnet", severity=NOTE)
def interfaces_have_a_vnet(config: Any) -> Iterator[Fault]:
    """There is a network stack that the interfaces can be added to."""
    for path, jail in each(config, "freebsd", "jail", of=dict):
        if jail.get("vnetInterfaces") and jail.get("vnet") != "new":
            yield Fault(f"{path}.vnetInterfaces", "is for a container with a vnet of its own, and vnet is not new")


@rule("freebsd.no_addresses", severity=NOTE)
def interface_has_addresses(config: Any) -> Iterator[Fault]:
    """There are addresses that the interface can get."""
    for path, jail in each(config, "freebsd", "jail", of=dict):
        if jail.get("interface") and not any(jail.get(f"{name}Addr") for name in _PROTOCOLS):
            yield Fault(f"{path}.interface", "is for the addresses of ip4Addr and ip6Addr, and there are none")


@rule("freebsd.disabled_addresses", severity=NOTE)
def addresses_are_enabled(config: Any) -> Iterator[Fault]:
    """There are no addresses of a protocol that the container does not have."""
    for path, jail in each(config, "freebsd", "jail", of=dict):
        for name in _PROTOCOLS:
            if jail.get(f"{name}Addr") and jail.get(name) == "disable":
                yield Fault(f"{path}.{name}Addr", f"is of no use, for {name} is disable")


@rule("freebsd.hostname", severity=NOTE)
def names_are_new(config: Any) -> Iterator[Fault]:
    """The container has the names that are given, and not those of its parent."""
    for _ in each(config, "freebsd", "jail", "host", of=str):
        for name in ("hostname", "domainname"):
            if name in config and config["freebsd"]["jail"]["host"] == "inherit":
                yield Fault(f"$.{name}", "is of no use, for freebsd.jail.host is inherit")


def _is_address(text: str, version: int) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False
