"""Documents on config-solaris.md."""

from __future__ import annotations

from typing import Any

from tests.validation.corpus.case import Invalid, Valid, Warned

Change = dict[str, Any]

SOLARIS: Change = {"linux": None, "mounts": None, "process": {"capabilities": None}}
"""What makes a config for Solaris of the base."""

NETWORK = {
    "allowedAddress": "172.17.0.2/16",
    "configureAllowedAddress": "true",
    "defrouter": "172.17.0.1/16",
    "linkProtection": "mac-nospoof, ip-nospoof",
    "linkname": "net0",
    "lowerLink": "net2",
    "macAddress": "02:42:f8:52:c7:16",
}


def valid(name: str, changes: Change, *conforms: str) -> Valid:
    """A valid `solaris`; the requirements are named without the document."""
    return Valid(name, {**SOLARIS, "solaris": changes}, conforms=_ids(conforms))


def invalid(name: str, changes: Change, rule: str, path: str, *breaks: str) -> Invalid:
    """A `solaris` with an error; the path is the one below it, too."""
    return Invalid(name, {**SOLARIS, "solaris": changes}, rule, f"$.solaris.{path}", _ids(breaks))


def warned(name: str, changes: Change, rule: str, path: str, *breaks: str) -> Warned:
    """A `solaris` with something doubtful."""
    return Warned(name, {**SOLARIS, "solaris": changes}, rule, f"$.solaris.{path}", _ids(breaks))


def _ids(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"config_solaris.{name}" for name in names)


def network(**changes: Any) -> Change:
    """An automatic network with these changes."""
    return {"anet": [{**NETWORK, **changes}]}


VALID = [
    valid(
        "solaris with everything",
        {
            "milestone": "svc:/milestone/container:default",
            "limitpriv": "default",
            "maxShmMemory": "512m",
            "cappedCPU": {"ncpus": "8"},
            "cappedMemory": {"physical": "512m", "swap": "512m"},
            **network(),
        },
        *(f"{one}.form" for one in ("milestone", "limitpriv", "max_shm_memory", "capped_cpu", "capped_memory", "anet")),
        *("limitpriv.specification", "max_shm_memory.scale", "capped_cpu.ncpus.number", "capped_memory.scale"),
        *("anet.configure_allowed_address.known", "anet.mac_address.unicast"),
    ),
    valid("solaris without anything", {"cappedCPU": {}, "cappedMemory": {}, "anet": [{}]}, "anet.form"),
    valid(
        "solaris with privileges that are taken away",
        {"limitpriv": "basic,!proc_info, -net_access"},
        "limitpriv.specification",
    ),
    *(
        valid(f"solaris with {one} processors", {"cappedCPU": {"ncpus": one}}, "capped_cpu.ncpus.number")
        for one in (".75", "1.25", "0.5", "1.")
    ),
    *(
        valid(f"solaris with shared memory of {one}", {"maxShmMemory": one}, "max_shm_memory.scale")
        for one in ("1M", "1.5g", "2 T", "1048576", ".5G", "64k")
    ),
    valid(
        "solaris with memory of two scales",
        {"cappedMemory": {"physical": "1G", "swap": "2048K"}},
        "capped_memory.scale",
    ),
    valid(
        "solaris with addresses that are not configured",
        network(configureAllowedAddress="false"),
        "anet.configure_allowed_address.known",
    ),
    *(
        valid(f"solaris with the MAC address {one}", network(macAddress=one), "anet.mac_address.unicast")
        for one in ("factory", "random", "default", "auto", "2:8:20:d:e:f", "02:08:20:AA:BB:CC")
    ),
]

INVALID = [
    invalid(
        "solaris with several milestones", {"milestone": ["svc:/one"]}, "schema.type", "milestone", "milestone.form"
    ),
    invalid(
        "solaris with a list of privileges", {"limitpriv": ["default"]}, "schema.type", "limitpriv", "limitpriv.form"
    ),
    invalid(
        "solaris with shared memory as a number",
        {"maxShmMemory": 536870912},
        "schema.type",
        "maxShmMemory",
        "max_shm_memory.form",
    ),
    *(
        invalid(
            f"solaris with shared memory of {one or 'nothing'}",
            {"maxShmMemory": one},
            *("schema.pattern", "maxShmMemory", "max_shm_memory.scale"),
        )
        for one in ("512MB", "512Mi", "1P", "m", "-1M", "1,5G", "512m\n", "unlimited", "")
    ),
    invalid("solaris with processors alone", {"cappedCPU": "8"}, "schema.type", "cappedCPU", "capped_cpu.form"),
    invalid(
        "solaris with processors as a number",
        {"cappedCPU": {"ncpus": 8}},
        "schema.type",
        "cappedCPU.ncpus",
        "capped_cpu.form",
    ),
    *(
        invalid(
            f"solaris with {one or 'empty'} processors",
            {"cappedCPU": {"ncpus": one}},
            *("schema.pattern", "cappedCPU.ncpus", "capped_cpu.ncpus.number"),
        )
        for one in ("75%", "3/4", "1-4", "-1", ".", "1,25", "two", "")
    ),
    invalid("solaris with memory alone", {"cappedMemory": "512m"}, "schema.type", "cappedMemory", "capped_memory.form"),
    invalid(
        "solaris with physical memory as a number",
        {"cappedMemory": {"physical": 536870912}},
        *("schema.type", "cappedMemory.physical", "capped_memory.form"),
    ),
    invalid(
        "solaris with swap as a number",
        {"cappedMemory": {"swap": -1}},
        *("schema.type", "cappedMemory.swap", "capped_memory.form"),
    ),
    invalid(
        "solaris with physical memory in another unit",
        {"cappedMemory": {"physical": "512MB", "swap": "512m"}},
        *("schema.pattern", "cappedMemory.physical", "capped_memory.scale"),
    ),
    invalid(
        "solaris with swap without a number",
        {"cappedMemory": {"physical": "512m", "swap": "G"}},
        *("schema.pattern", "cappedMemory.swap", "capped_memory.scale"),
    ),
    invalid("solaris with a network alone", {"anet": NETWORK}, "schema.type", "anet", "anet.form"),
    invalid("solaris with a network as a string", {"anet": ["net0"]}, "schema.type", "anet[0]", "anet.form"),
    *(
        invalid(
            f"solaris with {name} that is a list",
            network(**{name: ["one"]}),
            "schema.type",
            f"anet[0].{name}",
            "anet.form",
        )
        for name in ("linkname", "lowerLink", "allowedAddress", "defrouter", "macAddress", "linkProtection")
    ),
    invalid(
        "solaris with a boolean that has to be a string",
        network(configureAllowedAddress=True),
        *("schema.type", "anet[0].configureAllowedAddress", "anet.form"),
    ),
    *(
        invalid(
            f"solaris with addresses that are configured by {one}",
            network(configureAllowedAddress=one),
            *("schema.enum", "anet[0].configureAllowedAddress", "anet.configure_allowed_address.known"),
        )
        for one in ("True", "yes", "1")
    ),
    *(
        invalid(
            f"solaris with the MAC address {one}",
            network(macAddress=one),
            *("solaris.mac_address", "anet[0].macAddress", "anet.mac_address.unicast"),
        )
        for one in (
            *("02:42:f8:52:c7", "02:42:f8:52:c7:16:00", "02-42-f8-52-c7-16", "0242.f852.c716", "0242f852c716"),
            *("02:42:f8:52:c7:1g", "02::f8:52:c7:16", "01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "3:8:20:d:e:f"),
        )
    ),
    invalid(
        "solaris with an empty MAC address",
        {"anet": [NETWORK, {"macAddress": ""}]},
        *("solaris.mac_address", "anet[1].macAddress", "anet.mac_address.unicast"),
    ),
]

WARNED = [
    *(
        warned(
            f"solaris with the privileges {one}",
            {"limitpriv": one},
            "solaris.limitpriv",
            "limitpriv",
            "limitpriv.specification",
        )
        for one in ("basic,,proc_info", "basic proc_info", "default,", "basic;proc_info")
    ),
    warned(
        "solaris with no privilege at all",
        {"limitpriv": ""},
        "solaris.limitpriv",
        "limitpriv",
        "limitpriv.specification",
    ),
    warned("solaris with a misspelt milestone", {"mileStone": "svc:/one"}, "names.spelling", "mileStone"),
    warned("solaris with capped processors in another case", {"cappedCpu": {}}, "names.spelling", "cappedCpu"),
    warned(
        "solaris with a link as zonecfg calls it",
        {"anet": [{"lower-link": "net2"}]},
        "names.spelling",
        "anet[0]['lower-link']",
    ),
]
