"""Documents on the devices and the network devices of config-linux.md."""

from __future__ import annotations

from typing import Any

from conformance.bundle.config import namespaces_without
from tests.validation.corpus.config_linux import Change, invalid, newer, noted, valid, warned

FUSE = {"type": "c", "path": "/dev/fuse", "major": 10, "minor": 229}


def devices(*listed: Any) -> Change:
    """These devices."""
    return {"devices": [*listed]}


def fuse(**changes: Any) -> Change:
    """A character device with these changes; None removes."""
    return devices({name: value for name, value in {**FUSE, **changes}.items() if value is not None})


VALID = [
    valid(
        "devices of all types",
        devices(
            {**FUSE, "fileMode": 438, "uid": 0, "gid": 4294967294},
            {"type": "b", "path": "/dev/sda", "major": 8, "minor": 0, "fileMode": 432},
            {"type": "u", "path": "/opt/serial", "major": 4, "minor": 64},
            {"type": "p", "path": "/run/pipe", "fileMode": 420},
            {"type": "p", "path": "/run/other", "major": 0, "minor": 0},
        ),
        *(f"devices.{one}" for one in ("form", "uid", "gid", "file_mode", "file_mode.decimal", "unique")),
        *(f"devices.{one}" for one in ("type.required", "type.known", "path.required", "path.full", "path.occupied")),
        *("devices.major_minor", "devices.major_minor.required"),
    ),
    valid("block and character device of the same numbers", devices(FUSE, {**FUSE, "type": "b", "path": "/dev/other"})),
    valid("mode of a device with its format", fuse(fileMode=0o20666), "devices.file_mode"),
    valid("mode of a device with a sticky bit", fuse(fileMode=0o1666), "devices.file_mode.decimal"),
    valid("mode of a device of octal digits", fuse(fileMode=432), "devices.file_mode.decimal"),
    valid("default device that is listed", fuse(path="/dev/null", major=1, minor=3)),
    valid("devices that are none", devices(), "devices.form"),
    valid(
        "network devices with and without another name",
        {"netDevices": {"eth0": {"name": "container_eth0"}, "eth1": {}, "eth2": {"name": "net%d"}}},
        *(f"net_devices.{one}" for one in ("form", "name.valid", "movable", "name.taken")),
    ),
    valid(
        "network devices that change names",
        {"netDevices": {"eth0": {"name": "eth1"}, "eth1": {"name": "eth0"}}},
        "net_devices.name.taken",
    ),
    valid(
        "network devices of one template",
        {"netDevices": {"eth0": {"name": "net%d"}, "eth1": {"name": "net%d"}}},
        "net_devices.name.taken",
    ),
    valid("network device with the longest name", {"netDevices": {"fifteen-letters": {}}}, "net_devices.name.valid"),
    valid(
        "no network devices, and no network namespace", {"netDevices": {}, "namespaces": namespaces_without("network")}
    ),
]

INVALID = [
    # Devices
    invalid("devices that are an object", {"devices": {"/dev/fuse": FUSE}}, "schema.type", "devices", "devices.form"),
    invalid("device that is a path", devices("/dev/fuse"), "schema.type", "devices[0]", "devices.form"),
    invalid("device without a type", fuse(type=None), "schema.required", "devices[0].type", "devices.type.required"),
    *(
        invalid(
            f"device of the type {type_!r}", fuse(type=type_), "schema.enum", "devices[0].type", "devices.type.known"
        )
        for type_ in ("C", "char", "a", "d", "", "s")
    ),
    invalid("device whose type is a number", fuse(type=8192), "schema.type", "devices[0].type", "devices.form"),
    invalid("device without a path", fuse(path=None), "schema.required", "devices[0].path", "devices.path.required"),
    invalid("device whose path is a list", fuse(path=["/dev/fuse"]), "schema.type", "devices[0].path", "devices.form"),
    *(
        invalid(
            f"device with the path {path!r}", fuse(path=path), "schema.pattern", "devices[0].path", "devices.path.full"
        )
        for path in ("fuse", "dev/fuse", "./fuse", "")
    ),
    *(
        invalid(
            f"device of the type {type_} without {what}",
            devices(
                {name: value for name, value in {**FUSE, "type": type_}.items() if name not in what.split(" and ")}
            ),
            *("devices.numbers", "devices[0]", "devices.major_minor.required"),
        )
        for type_, what in (("c", "major and minor"), ("b", "major"), ("u", "minor"))
    ),
    *(
        invalid(
            f"device with the {name} {value!r}",
            fuse(**{name: value}),
            *(f"schema.{keyword}", f"devices[0].{name}", f"devices.{one}"),
        )
        for name, value, keyword, one in (
            ("major", -1, "minimum", "major_minor"),
            ("major", "10", "type", "major_minor"),
            ("minor", 2**63, "maximum", "major_minor"),
            ("minor", 229.5, "type", "major_minor"),
            ("fileMode", "0666", "type", "file_mode"),
            ("fileMode", "rw-rw-rw-", "type", "file_mode"),
            ("fileMode", -438, "minimum", "file_mode"),
            ("fileMode", 2**32, "maximum", "file_mode"),
            ("uid", "root", "type", "uid"),
            ("uid", -1, "minimum", "uid"),
            ("uid", 4294967295, "maximum", "uid"),
            ("gid", [0], "type", "gid"),
            ("gid", 4294967296, "maximum", "gid"),
        )
    ),
    invalid(
        "two devices at one path",
        devices(FUSE, {**FUSE, "minor": 200}),
        *("devices.path_taken", "devices[1].path", "devices.path.occupied"),
    ),
    invalid(
        "two devices at one path, written in another way",
        devices(FUSE, {"type": "p", "path": "/dev/./fuse"}),
        *("devices.path_taken", "devices[1].path", "devices.path.occupied"),
    ),
    invalid(
        "block and character device at one path",
        devices({"type": "b", "path": "//dev//one/", "major": 8, "minor": 0}, {**FUSE, "path": "/dev/one"}),
        *("devices.path_taken", "devices[1].path", "devices.path.occupied"),
    ),
    # Network devices
    invalid(
        "network devices that are a list", {"netDevices": ["eth0"]}, "schema.type", "netDevices", "net_devices.form"
    ),
    invalid(
        "network device that is a name",
        {"netDevices": {"eth0": "eth1"}},
        "schema.type",
        "netDevices.eth0",
        "net_devices.form",
    ),
    invalid(
        "network device whose name is a number",
        {"netDevices": {"eth0": {"name": 1}}},
        *("schema.type", "netDevices.eth0.name", "net_devices.form"),
    ),
    *(
        invalid(
            f"network device with the new name {name!r}",
            {"netDevices": {"eth0": {"name": name}}},
            *("net_devices.names", "netDevices.eth0.name", "net_devices.name.valid"),
        )
        for name in (
            "",
            ".",
            "..",
            "a/b",
            "eth0:1",
            "my net",
            "sixteen-letters!",
            "nettwerk-für-uns",
            "eth%s",
            "e%d%d",
            "5%",
            "eth0\0",
        )
    ),
    *(
        invalid(
            f"network device of the host with the name {name!r}",
            {"netDevices": {name: {"name": "eth0"}}},
            *("net_devices.names", f"netDevices['{name}']", "net_devices.name.valid"),
        )
        for name in ("", "..", "/sys/class/net/eth0", "sixteen-letters!", "eth 0")
    ),
    invalid(
        "network devices without a network namespace",
        {"netDevices": {"eth0": {}}, "namespaces": namespaces_without("network")},
        *("net_devices.namespace", "netDevices", "net_devices.movable"),
    ),
    invalid(
        "loopback device of the host",
        {"netDevices": {"lo": {"name": "one"}}},
        "net_devices.loopback",
        "netDevices.lo",
        "net_devices.movable",
    ),
    invalid(
        "network device with the name of the loopback device",
        {"netDevices": {"eth0": {"name": "lo"}}},
        *("net_devices.loopback", "netDevices.eth0.name", "net_devices.name.taken"),
    ),
    invalid(
        "network devices with one new name",
        {"netDevices": {"eth0": {"name": "net"}, "eth1": {"name": "net"}}},
        *("net_devices.duplicate", "netDevices.eth1.name", "net_devices.name.taken"),
    ),
    invalid(
        "network device with the new name of another",
        {"netDevices": {"eth0": {"name": "eth1"}, "eth1": {}}},
        *("net_devices.duplicate", "netDevices.eth1", "net_devices.name.taken"),
    ),
]

WARNED = [
    warned(
        "device twice",
        devices(FUSE, {**FUSE, "path": "/dev/other"}),
        *("devices.duplicate", "devices[1]", "devices.unique"),
    ),
    warned("device twice at one path", devices(FUSE, FUSE), "devices.duplicate", "devices[1]", "devices.unique"),
    warned(
        "character device twice, once unbuffered",
        devices({**FUSE, "type": "u"}, FUSE),
        *("devices.duplicate", "devices[1]", "devices.unique"),
    ),
    newer("network devices before 1.3.0", "1.2.1", {"netDevices": {"eth0": {"name": "a"}}}, "netDevices"),
    warned("misspelt property of a device", fuse(filemode=438), "names.spelling", "devices[0].filemode"),
    noted(
        "mode in octal digits", fuse(fileMode=666), "devices.octal", "devices[0].fileMode", "devices.file_mode.decimal"
    ),
    noted(
        "mode of everybody in octal digits",
        fuse(fileMode=777),
        "devices.octal",
        "devices[0].fileMode",
        "devices.file_mode.decimal",
    ),
    noted("mode with another format", fuse(fileMode=0o60660), "devices.mode", "devices[0].fileMode"),
    noted("mode as Go has it", fuse(fileMode=69206454), "devices.mode", "devices[0].fileMode"),
    noted(
        "other device at the path of a default device",
        fuse(path="/dev/random", major=1, minor=9),
        "devices.default",
        "devices[0].path",
    ),
]
