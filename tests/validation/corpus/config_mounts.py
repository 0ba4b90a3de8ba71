"""Documents on the mounts of config.md."""

from __future__ import annotations

from typing import Any

from conformance.bundle.config import mounts_with, namespaces_with
from tests.validation.corpus.config import NOT_LINUX, Change, invalid, newer, noted, on, valid, warned, windows

MAPPING = {"containerID": 0, "hostID": 100000, "size": 65536}
MAPPINGS: Change = {"uidMappings": [MAPPING], "gidMappings": [MAPPING]}
WITH_USERS: Change = {"linux": {"namespaces": namespaces_with({"type": "user"}), **MAPPINGS}}
DATA: Change = {"destination": "/data", "source": "/srv/data", "type": "none", "options": ["rbind", "ro"]}
FOLDER: Change = {"destination": "C:\\data", "source": "D:\\srv\\data", "options": ["ro"]}
PAIR = ("mounts.uid_mappings", "mounts.gid_mappings")


def mount(**changes: Any) -> Change:
    """The base with one more mount; None removes."""
    return {"mounts": mounts_with({name: value for name, value in {**DATA, **changes}.items() if value is not None})}


def options(*given: Any) -> Change:
    """The base with one more mount that has these options."""
    return mount(options=[*given])


def tmpfs(*given: str) -> Change:
    """The base with a tmpfs that has these options."""
    return mount(type="tmpfs", source="tmpfs", options=[*given])


def folders(*mounts: Change) -> Change:
    """A config for Windows with these mounts."""
    return windows(mounts=[*mounts])


VALID = [
    valid("no mounts", {"mounts": []}, "mounts.form"),
    valid("mounts that are not there", {"mounts": None}, "mounts.form"),
    valid(
        "bind mount",
        mount(),
        *("mounts.form", "mounts.source.form", "mounts.options.form", "mounts.type.form"),
        *("mounts.destination.required", "mounts.destination.linux.absolute"),
        "mounts.destination.linux.must_be_absolute",
    ),
    valid("bind mount whose type is bind", mount(type="bind", options=["bind", "rprivate", "nosuid"])),
    valid("bind mount without a type", mount(type=None)),
    valid("bind mount of a directory of the bundle", mount(source="data")),
    valid("tmpfs without a source", mount(source=None, type="tmpfs", options=["size=64k", "nosuid"])),
    valid("tmpfs without options", mount(source="tmpfs", type="tmpfs", options=None)),
    valid("tmpfs with no options", tmpfs()),
    valid("mount that is remounted", {"mounts": mounts_with(DATA, {**DATA, "options": ["remount", "bind", "ro"]})}),
    valid(
        "mount whose propagation is changed",
        {"mounts": mounts_with(DATA, {"destination": "/data", "options": ["rslave"]})},
    ),
    valid(
        "options of filesystems",
        {
            "mounts": mounts_with(
                {"destination": "/a", "type": "xfs", "source": "/dev/sdb", "options": ["nouuid", "noquota", "inode64"]},
                {"destination": "/b", "type": "nfs", "source": "a:/b", "options": ["hard", "intr", "tcp", "vers=4"]},
                {"destination": "/c", "type": "overlay", "source": "c", "options": ["lowerdir=/a", "index=off"]},
                {
                    "destination": "/d",
                    "type": "ext4",
                    "source": "/dev/sdc",
                    "options": ["acl", "data=journal", "i_version"],
                },
            )
        },
        "mounts.options.form",
    ),
    valid("recursive options", options("rbind", "rro", "rnosuid", "rnoexec", "rnosymfollow", "rnodev")),
    valid("several kinds of propagation", options("rbind", "rslave", "rshared")),
    valid(
        "mapped mount",
        mount(options=["rbind", "ridmap"], **MAPPINGS),
        *(f"{one}.{part}" for one in PAIR for part in ("form", "pair", "option")),
        "mounts.options.ridmap.no_namespace",
    ),
    valid(
        "mount mapped like the user namespace",
        {**options("bind", "idmap"), **WITH_USERS},
        "mounts.options.idmap.no_namespace",
    ),
    valid("mounts with empty mappings", mount(uidMappings=[], gidMappings=[]), *(f"{one}.option" for one in PAIR)),
    valid("mappings alone before they had to be a pair", {"ociVersion": "1.1.0", **mount(uidMappings=[MAPPING])}),
    valid(
        "mount on FreeBSD",
        {
            **on("freebsd"),
            "mounts": [{"destination": "/dev", "type": "devfs"}, {"destination": "/data", "type": "tmpfs"}],
        },
        "mounts.destination.absolute",
    ),
    valid(
        "mounts on Solaris",
        {
            **on("solaris"),
            "mounts": [
                {"destination": "/opt/local", "type": "lofs", "source": "/usr/local", "options": ["ro", "nodevices"]}
            ],
        },
        "mounts.destination.absolute",
    ),
    valid(
        "mounts on Windows",
        folders(
            FOLDER,
            {**FOLDER, "destination": "C:\\data2"},
            {**FOLDER, "destination": "d:/logs", "source": "\\\\.\\pipe\\a"},
        ),
        *("mounts.destination.windows.absolute", "mounts.destination.windows.nested", "mounts.source.windows"),
    ),
]

INVALID = [
    *(
        invalid(f"mounts that are {what}", {"mounts": value}, "schema.type", "$.mounts", "mounts.form")
        for what, value in (("an object", {"/data": DATA}), ("a string", "/data"))
    ),
    *(
        invalid(
            f"mount that is {what}", {"mounts": [*mounts_with(), value]}, "schema.type", "$.mounts[5]", "mounts.form"
        )
        for what, value in (("a path", "/data"), ("an array", []), ("null", None))
    ),
    invalid(
        "mount without a destination",
        mount(destination=None),
        *("schema.required", "$.mounts[5].destination", "mounts.destination.required"),
    ),
    invalid("mount at nothing", mount(destination=""), "schema.minLength", "$.mounts[5].destination", "mounts.form"),
    *(
        invalid(f"mount whose {name} is {what}", mount(**{name: value}), "schema.type", f"$.mounts[5].{name}", broken)
        for name, what, value, broken in (
            ("destination", "an array", ["/data"], "mounts.form"),
            ("source", "a number", 1, "mounts.source.form"),
            ("source", "an array", ["/srv"], "mounts.source.form"),
            ("type", "a boolean", False, "mounts.type.form"),
            ("type", "an array", ["none"], "mounts.type.form"),
            ("options", "a string", "rbind,ro", "mounts.options.form"),
            ("options", "an object", {"rbind": True}, "mounts.options.form"),
        )
    ),
    *(
        invalid(
            f"mount with {what} among its options",
            options("rbind", value),
            *("schema.type", "$.mounts[5].options[1]", "mounts.options.form"),
        )
        for what, value in (("a number", 1), ("null", None), ("an array", ["ro"]))
    ),
    *(
        invalid(
            f"mount with a NUL in its {name}",
            mount(**{name: "/a\0b"}),
            "strings.end",
            f"$.mounts[5].{name}",
            "strings.end",
        )
        for name in ("destination", "source", "type")
    ),
    invalid(
        "mount with a NUL in an option", tmpfs("mode=755\0"), "strings.end", "$.mounts[5].options[0]", "strings.end"
    ),
    # Destinations
    *(
        invalid(
            f"mount at {path!r} in {version}",
            {"ociVersion": version, **mount(destination=path)},
            *("mounts.destination_before", "$.mounts[5].destination", "mounts.destination.linux.must_be_absolute"),
        )
        for version, path in (("1.0.0", "data"), ("1.0.2-dev", "./data"), ("1.1.0", "../data"))
    ),
    *(
        invalid(
            f"mount at a relative path on {platform}",
            {**on(platform), "mounts": [*first, {"destination": "data", "type": "tmpfs"}]},
            *("mounts.destination", f"$.mounts[{len(first)}].destination", "mounts.destination.absolute"),
        )
        for platform, first in (("solaris", []), ("zos", [{"destination": "/proc", "type": "proc"}]))
    ),
    invalid(
        "mount at a relative path on FreeBSD",
        {
            **on("freebsd"),
            "mounts": [{"destination": "/dev", "type": "devfs"}, {"destination": "a/b", "type": "tmpfs"}],
        },
        *("mounts.destination", "$.mounts[1].destination", "mounts.destination.absolute"),
    ),
    *(
        invalid(
            f"mount at {path!r} on Windows",
            folders({**FOLDER, "destination": path}),
            *("mounts.windows_destination", "$.mounts[0].destination", "mounts.destination.windows.absolute"),
        )
        for path in ("data", "C:data", ".\\data", "C:")
    ),
    *(
        invalid(
            f"mount at {inner!r} with another one at {outer!r} on Windows",
            folders({**FOLDER, "destination": outer}, {**FOLDER, "destination": inner}),
            *("mounts.nested", "$.mounts[1].destination", "mounts.destination.windows.nested"),
        )
        for outer, inner in (
            ("C:\\foo", "C:\\foo\\bar"),
            ("C:\\foo\\bar", "c:\\FOO"),
            ("C:\\foo\\", "C:/foo/a/b"),
            ("C:\\", "C:\\foo"),
        )
    ),
    *(
        invalid(
            f"source {source!r} on Windows",
            folders({**FOLDER, "source": source}),
            *("mounts.windows_source", "$.mounts[0].source", "mounts.source.windows"),
        )
        for source in ("\\\\server\\share", "//server/share/data")
    ),
    # Mappings
    *(
        invalid(
            f"mount whose {name} is {what}",
            mount(**{**MAPPINGS, "options": ["rbind", "idmap"], name: value}),
            *("schema.type", f"$.mounts[5].{name}", f"mounts.{name[:3]}_mappings.form"),
        )
        for name in ("uidMappings", "gidMappings")
        for what, value in (("an object", MAPPING), ("a string", "0:100000:65536"))
    ),
    invalid(
        "mount whose mappings are of users only",
        mount(options=["bind", "idmap"], uidMappings=[MAPPING]),
        *("mounts.mappings", "$.mounts[5]", "mounts.uid_mappings.pair"),
    ),
    invalid(
        "mount whose mappings are of groups only",
        mount(options=["bind", "ridmap"], gidMappings=[MAPPING]),
        *("mounts.mappings", "$.mounts[5]", "mounts.gid_mappings.pair"),
    ),
    *(
        invalid(
            f"mount with {option} and no mappings",
            options("rbind", option),
            *("mounts.idmap", "$.mounts[5].options[1]", f"mounts.options.{option}.no_namespace"),
        )
        for option in ("idmap", "ridmap")
    ),
    invalid(
        "mount with idmap and empty mappings",
        mount(options=["idmap", "bind"], uidMappings=[], gidMappings=[]),
        *("mounts.idmap", "$.mounts[5].options[0]", "mounts.options.idmap.no_namespace"),
    ),
]

WARNED = [
    *(
        warned(
            f"mount at {path!r}",
            mount(destination=path),
            *("mounts.relative", "$.mounts[5].destination", "mounts.destination.linux.absolute"),
        )
        for path in ("data", "./data", "../data", "~/data")
    ),
    warned(
        "mount at a relative path on no known platform",
        {**NOT_LINUX, "mounts": [{"destination": "data", "type": "tmpfs"}]},
        *("mounts.relative", "$.mounts[0].destination", "mounts.destination.linux.absolute"),
    ),
    warned(
        "mount with mappings and without idmap",
        mount(**MAPPINGS),
        *("mounts.mapped", "$.mounts[5]", *(f"{one}.option" for one in PAIR)),
    ),
    warned(
        "mount of the type bind without the option",
        mount(type="bind", options=["ro"]),
        "mounts.bind",
        "$.mounts[5].type",
    ),
    warned(
        "mount of the type rbind without options", mount(type="rbind", options=None), "mounts.bind", "$.mounts[5].type"
    ),
    warned("bind mount without a source", mount(source=None), "mounts.bind_source", "$.mounts[5].source"),
    warned("bind mount of an empty source", mount(source=""), "mounts.bind_source", "$.mounts[5].source"),
    noted("mount without a type", mount(type=None, options=["nosuid"]), "mounts.type", "$.mounts[5].type"),
    noted("mount of an empty type", mount(type="", options=None), "mounts.type", "$.mounts[5].type"),
    noted("two mounts at one place", {"mounts": mounts_with(DATA, DATA)}, "mounts.hidden", "$.mounts[6].destination"),
    noted(
        "two mounts at one place in other words",
        {"mounts": mounts_with(DATA, {**DATA, "destination": "//data/./"})},
        *("mounts.hidden", "$.mounts[6].destination"),
    ),
    noted(
        "mount before the one that it is in",
        {"mounts": [{**DATA, "destination": "/a/b"}, {**DATA, "destination": "/a"}]},
        *("mounts.hidden", "$.mounts[1].destination"),
    ),
    noted("mount at the root after others", mount(destination="/"), "mounts.hidden", "$.mounts[5].destination"),
    *(
        noted(f"options {one} and {other}", tmpfs(one, other), "options.opposite", "$.mounts[5].options[1]")
        for one, other in (("ro", "rw"), ("noexec", "exec"), ("nodev", "dev"), ("rrw", "rro"), ("async", "sync"))
    ),
    *(
        noted(f"option {option!r}", tmpfs(option), "options.spelling", "$.mounts[5].options[0]")
        for option in ("nosiud", "no_exec", "noexecs", "NODEV", "rprivat")
    ),
    newer("idmap in 1.1.0", "1.1.0", {**options("bind", "idmap"), **WITH_USERS}, "$.mounts[5].options[1]"),
    newer("rro in 1.0.2", "1.0.2", options("rbind", "rro"), "$.mounts[5].options[1]"),
    warned(
        "name mount.Source",
        mount(source=None, Source="a", options=None, type="tmpfs"),
        "names.spelling",
        "$.mounts[5].Source",
    ),
    warned(
        "name mount.option", mount(option=["ro"], options=None, type="tmpfs"), "names.spelling", "$.mounts[5].option"
    ),
]
