"""Documents on config-freebsd.md."""

from __future__ import annotations

from typing import Any, Literal

from tests.validation.corpus.case import Invalid, Valid, Warned

Change = dict[str, Any]

DEVFS = {"destination": "/dev", "type": "devfs", "source": "devfs", "options": ["ruleset=4"]}
FREEBSD: Change = {"linux": None, "mounts": [DEVFS], "process": {"capabilities": None}}
"""What makes a config for FreeBSD of the base."""

PF = {"path": "pf", "mode": 448}
FLAGS = ("setHostname", "rawSockets", "chflags", "quotas", "socketAf", "mlock", "reservedPorts", "suser")
SYSTEM_V = ("sysvmsg", "sysvsem", "sysvshm")
BOTH = {"ip4": "inherit", "ip6": "inherit"}


def valid(name: str, changes: Change, *conforms: str, top: Change | None = None) -> Valid:
    """A valid `freebsd`; the requirements are named without the document."""
    return Valid(name, {**FREEBSD, "freebsd": changes, **(top or {})}, conforms=_ids(conforms))


def invalid(name: str, changes: Change, rule: str, path: str, *breaks: str) -> Invalid:
    """A `freebsd` with an error; the path is the one below it, too."""
    return Invalid(name, {**FREEBSD, "freebsd": changes}, rule, f"$.freebsd.{path}", _ids(breaks))


def warned(
    name: str,
    changes: Change,
    rule: str,
    path: str,
    *breaks: str,
    severity: Literal["warning", "note"] = "warning",
    top: Change | None = None,
) -> Warned:
    """A `freebsd` with something doubtful."""
    whole = path if path.startswith("$") else f"$.freebsd.{path}"
    return Warned(name, {**FREEBSD, "freebsd": changes, **(top or {})}, rule, whole, _ids(breaks), severity)


def noted(name: str, changes: Change, rule: str, path: str, *breaks: str, top: Change | None = None) -> Warned:
    """A `freebsd` with something that people should know."""
    return warned(name, changes, rule, path, *breaks, severity="note", top=top)


def _ids(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"config_freebsd.{name}" for name in names)


def devices(*listed: Any) -> Change:
    """These devices."""
    return {"devices": [*listed]}


def jail(**parameters: Any) -> Change:
    """A jail with these parameters."""
    return {"jail": parameters}


def allow(**flags: Any) -> Change:
    """A jail that allows this."""
    return jail(allow=flags)


VALID = [
    valid("freebsd without anything", {}),
    valid(
        "freebsd with devices",
        devices(PF, {"path": "pts/0"}),
        *(f"devices.{one}" for one in ("form", "path.required", "path.relative", "mode.decimal")),
    ),
    valid("freebsd without devices", devices(), "devices.form"),
    valid(
        "freebsd with a network of its own",
        jail(host="new", vnet="new", vnetInterfaces=["epair0b"], enforceStatfs=1),
        *(f"jail.{one}" for one in ("form", "host.known", "vnet.known", "vnet.own", "enforce_statfs.known")),
    ),
    valid(
        "freebsd with the network of its parent", jail(**BOTH), "jail.vnet.shared", "jail.ip4.known", "jail.ip6.known"
    ),
    valid("freebsd with IPv4 of its parent", jail(ip4="inherit", ip6="disable"), "jail.vnet.shared", "jail.ip6.known"),
    valid(
        "freebsd with addresses on a loopback interface",
        jail(interface="lo1", ip4Addr=["10.11.12.13"], ip6Addr=["fd10::11:12:13"]),
        *("jail.ip4_addr.numeric", "jail.ip6_addr.numeric"),
    ),
    valid("freebsd with IPv4 of its parent and its own IPv6", jail(ip4="inherit", ip6Addr=["::1"]), "jail.vnet.shared"),
    valid("freebsd without IPv4 and IPv6", jail(ip4="disable", ip6="disable"), "jail.ip4.known"),
    valid("freebsd in another jail", jail(parent="pod", host="inherit"), "jail.host.known", top={"hostname": None}),
    *(
        valid(f"freebsd with System V IPC that is {one}", jail(**dict.fromkeys(SYSTEM_V, one)), "jail.sysv.known")
        for one in ("inherit", "new", "disable")
    ),
    *(
        valid(f"freebsd that sees mounts by {one}", jail(enforceStatfs=one), "jail.enforce_statfs.known")
        for one in (0, 1, 2)
    ),
    valid(
        "freebsd that allows everything",
        allow(mount=["tmpfs", "nullfs"], **dict.fromkeys(FLAGS, True)),
        "jail.allow.form",
    ),
    valid("freebsd that allows nothing", allow(mount=[], **dict.fromkeys(FLAGS, False)), "jail.allow.form"),
    valid("freebsd with a flag that only the table of the text has", allow(sysvipc=True), "jail.allow.form"),
]

INVALID = [
    invalid("freebsd with a device alone", {"devices": PF}, "schema.type", "devices", "devices.form"),
    invalid("freebsd with a device as a string", devices("pf"), "schema.type", "devices[0]", "devices.form"),
    invalid(
        "freebsd with a device without a path",
        devices({"mode": 448}),
        "schema.required",
        "devices[0].path",
        "devices.path.required",
    ),
    invalid(
        "freebsd with a device by a number", devices({"path": 7}), "schema.type", "devices[0].path", "devices.form"
    ),
    invalid(
        "freebsd with a device below /dev",
        devices(PF, {"path": "/dev/pf"}),
        *("freebsd.device_path", "devices[1].path", "devices.path.relative"),
    ),
    invalid(
        "freebsd with an absolute device elsewhere",
        devices({"path": "/pf"}),
        *("freebsd.device_path", "devices[0].path", "devices.path.relative"),
    ),
    invalid(
        "freebsd with a mode as a string",
        devices({"path": "pf", "mode": "0700"}),
        "schema.type",
        "devices[0].mode",
        "devices.form",
    ),
    invalid(
        "freebsd with a negative mode",
        devices({"path": "pf", "mode": -1}),
        "schema.minimum",
        "devices[0].mode",
        "devices.form",
    ),
    invalid(
        "freebsd with a mode of more than 32 bits",
        devices({"path": "pf", "mode": 2**32}),
        "schema.maximum",
        "devices[0].mode",
        "devices.form",
    ),
    invalid("freebsd with jails", {"jail": [{}]}, "schema.type", "jail", "jail.form"),
    invalid("freebsd with the name of a jail", {"jail": "pod"}, "schema.type", "jail", "jail.form"),
    invalid("freebsd with a parent by its ID", jail(parent=7), "schema.type", "jail.parent", "jail.form"),
    *(
        invalid(f"freebsd with {name} as a boolean", jail(**{name: True}), "schema.type", f"jail.{name}", "jail.form")
        for name in ("host", "ip4", "ip6", "vnet", "interface", "enforceStatfs", *SYSTEM_V)
    ),
    *(
        invalid(f"freebsd with the host {one}", jail(host=one), "schema.enum", "jail.host", "jail.host.known")
        for one in ("disable", "New", "")
    ),
    *(
        invalid(f"freebsd with the vnet {one}", jail(vnet=one), "schema.enum", "jail.vnet", "jail.vnet.known")
        for one in ("disable", "none", "NEW")
    ),
    *(
        invalid(
            f"freebsd with {name} that is {one}",
            jail(**{name: one}),
            "schema.enum",
            f"jail.{name}",
            f"jail.{name}.known",
        )
        for name in ("ip4", "ip6")
        for one in ("enable", "disabled", "Inherit")
    ),
    *(
        invalid(
            f"freebsd with {name} that is {one}", jail(**{name: one}), "schema.enum", f"jail.{name}", "jail.sysv.known"
        )
        for name, one in zip(SYSTEM_V, ("private", "host", "off"), strict=True)
    ),
    invalid("freebsd with an address alone", jail(ip4Addr="10.11.12.13"), "schema.type", "jail.ip4Addr", "jail.form"),
    invalid(
        "freebsd with an address as a number", jail(ip4Addr=[168496141]), "schema.type", "jail.ip4Addr[0]", "jail.form"
    ),
    invalid("freebsd with an IPv6 address alone", jail(ip6Addr="fd10::1"), "schema.type", "jail.ip6Addr", "jail.form"),
    invalid(
        "freebsd with an interface alone",
        jail(vnet="new", vnetInterfaces="epair0b"),
        "schema.type",
        "jail.vnetInterfaces",
        "jail.form",
    ),
    invalid(
        "freebsd with interfaces for its addresses",
        jail(interface=["lo1"]),
        "schema.type",
        "jail.interface",
        "jail.form",
    ),
    *(
        invalid(
            f"freebsd that sees mounts by {one}",
            jail(enforceStatfs=one),
            *("schema.enum", "jail.enforceStatfs", "jail.enforce_statfs.known"),
        )
        for one in (-1, 3)
    ),
    invalid(
        "freebsd that sees mounts by a string",
        jail(enforceStatfs="2"),
        "schema.type",
        "jail.enforceStatfs",
        "jail.form",
    ),
    invalid(
        "freebsd that allows a list",
        jail(allow=["rawSockets", "chflags"]),
        *("schema.type", "jail.allow", "jail.allow.form"),
    ),
    *(
        invalid(
            f"freebsd that allows {name} by a number",
            allow(**{name: 1}),
            "schema.type",
            f"jail.allow.{name}",
            "jail.allow.form",
        )
        for name in FLAGS
    ),
    invalid("freebsd that allows mounts", allow(mount=True), "schema.type", "jail.allow.mount", "jail.allow.form"),
    invalid(
        "freebsd that allows mounts as jail.conf has it",
        allow(mount=[{"tmpfs": True}]),
        *("schema.type", "jail.allow.mount[0]", "jail.allow.form"),
    ),
]

WARNED = [
    noted(
        "freebsd with a mode in octal digits",
        devices({"path": "pf", "mode": 700}),
        "devices.octal",
        "devices[0].mode",
        "devices.mode.decimal",
    ),
    *(
        warned(
            f"freebsd with the address {one}",
            jail(ip4Addr=[one]),
            "freebsd.addresses",
            "jail.ip4Addr[0]",
            "jail.ip4_addr.numeric",
        )
        for one in ("localhost", "10.0.0.1/24", "10.0.0", "10.0.0.256", "fd10::1", "")
    ),
    *(
        warned(
            f"freebsd with the IPv6 address {one}",
            jail(ip6Addr=["::1", one]),
            *("freebsd.addresses", "jail.ip6Addr[1]", "jail.ip6_addr.numeric"),
        )
        for one in ("10.11.12.13", "[fd10::1]", "fd10::1/64")
    ),
    *(
        warned(
            f"freebsd with {name} that is new, as in jail.conf",
            jail(**{**BOTH, name: "new"}),
            *("freebsd.new_addresses", f"jail.{name}", f"jail.{name}.known"),
        )
        for name in ("ip4", "ip6")
    ),
    warned(
        "freebsd with a network of its own and those of its parent",
        jail(vnet="new", **BOTH),
        "freebsd.own_network",
        "jail.ip4",
        "jail.vnet.own",
    ),
    warned(
        "freebsd with a network of its own without IPv6",
        jail(vnet="new", ip6="disable"),
        "freebsd.own_network",
        "jail.ip6",
        "jail.vnet.own",
    ),
    warned(
        "freebsd with a network of its own and new addresses",
        jail(vnet="new", ip4="new"),
        "freebsd.own_network",
        "jail.ip4",
        "jail.vnet.own",
    ),
    warned(
        "freebsd with the network of its parent by vnet",
        jail(vnet="inherit"),
        "freebsd.shared_network",
        "jail.vnet",
        "jail.vnet.shared",
    ),
    warned(
        "freebsd with the network of its parent in all ways",
        jail(vnet="inherit", **BOTH),
        "freebsd.shared_network",
        "jail.vnet",
        "jail.vnet.shared",
    ),
    warned(
        "freebsd with IPv4 of its parent only",
        jail(ip4="inherit"),
        "freebsd.shared_network",
        "jail.ip6",
        "jail.vnet.shared",
    ),
    warned(
        "freebsd with IPv6 of its parent only",
        jail(ip6="inherit"),
        "freebsd.shared_network",
        "jail.ip4",
        "jail.vnet.shared",
    ),
    noted(
        "freebsd with interfaces and no vnet",
        jail(vnetInterfaces=["epair0b"]),
        "freebsd.no_vnet",
        "jail.vnetInterfaces",
    ),
    noted(
        "freebsd with an interface and no addresses", jail(interface="lo1"), "freebsd.no_addresses", "jail.interface"
    ),
    noted(
        "freebsd with addresses and without IPv4",
        jail(ip4="disable", ip4Addr=["10.11.12.13"]),
        *("freebsd.disabled_addresses", "jail.ip4Addr"),
    ),
    noted("freebsd with a host name that is inherited", jail(host="inherit"), "freebsd.hostname", "$.hostname"),
    noted(
        "freebsd with a domain name that is inherited",
        jail(host="inherit"),
        *("freebsd.hostname", "$.domainname"),
        top={"hostname": None, "domainname": "example.org"},
    ),
    warned("freebsd with a misspelt jail", {"Jail": {}}, "names.spelling", "Jail"),
    warned("freebsd with a parameter of jail.conf", jail(enforce_statfs=1), "names.spelling", "jail.enforce_statfs"),
]
