"""Solaris: what the strings look like that zonecfg(1M) gets."""

from __future__ import annotations

from conformance.validation.fault import WARNING, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_HEXADECIMAL = set("0123456789abcdefABCDEF")


@rule("solaris.limitpriv", "config_solaris.limitpriv.specification", severity=WARNING)
def privileges_are_listed(config: Any) -> Iterator[Fault]:
    """Privileges and sets of them are names, with commas between them; ! and - take one away: priv_str_to_set(3C)."""
    for path, privileges in each(config, "solaris", "limitpriv", of=str):
        for entry in privileges.split(","):
            name = entry.strip().removeprefix("!").removeprefix("-")
            if not name.replace("_", "").isalnum():
                problem = f"{shown(privileges)} has {shown(entry)} where the name of a privilege should be"
                yield Fault(path, problem, allowed=["names with commas between them, such as default,!proc_info"])
                break


@rule("solaris.mac_address", "config_solaris.anet.mac_address.unicast")
def mac_addresses_are_unicast(config: Any) -> Iterator[Fault]:
    """What is no keyword is an address of six bytes, and no multicast address; keywords are letters."""
    for path, address in each(config, "solaris", "anet", ..., "macAddress", of=str):
        octets = address.split(":")
        if address.isalpha():
            continue
        if len(octets) != 6 or not all(1 <= len(octet) <= 2 and set(octet) <= _HEXADECIMAL for octet in octets):
            problem = f"{shown(address)} is neither a keyword nor a MAC address, such as 02:42:f8:52:c7:16"
            yield Fault(path, problem)
        elif int(octets[0], 16) & 1:
            yield Fault(path, f"{shown(address)} is a multicast address, and has to be a unicast one")
