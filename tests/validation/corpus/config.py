"""Documents on config.md, but for mounts and the process, which have modules of their own."""

from __future__ import annotations

from typing import Any, Literal

from conformance.bundle.config import namespaces_without
from tests.validation.corpus.case import Invalid, Valid, Warned

Change = dict[str, Any]

VOLUME = "\\\\?\\Volume{ec84d99e-3f02-11e7-ac6c-00155d7682cf}\\"
LAYERS = {"layerFolders": ["C:\\Layers\\base", "C:\\scratch"]}
NOT_LINUX: Change = {"linux": None, "hostname": None, "mounts": None}
WINDOWS: Change = {
    **NOT_LINUX,
    "windows": LAYERS,
    "root": {"path": VOLUME},
    "process": {
        "user": {"uid": None, "gid": None, "username": "ContainerUser"},
        "args": ["cmd"],
        "cwd": "C:\\",
        "env": ["A=b"],
        "capabilities": None,
    },
}
"""What makes the base a config of a Windows Server Container."""

HYPERV: Change = {**WINDOWS, "root": None, "windows": {**LAYERS, "hyperv": {}}}

HOOKS = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")
CURRENT_HOOKS = HOOKS[1:]
BEFORE_THE_DEPRECATION = {"ociVersion": "1.0.1"}
"""prestart hooks have a note of their own later on."""

HOOK = {"path": "/usr/bin/hook", "args": ["hook", "-v"], "env": ["A=b", "C="], "timeout": 5}
IMAGE = "org.opencontainers.image"


def valid(name: str, changes: Change, *conforms: str) -> Valid:
    """A valid config; the requirements are named without the document, here and below."""
    return Valid(name, changes, conforms=ids(conforms))


def invalid(name: str, changes: Change, rule: str, path: str, *breaks: str) -> Invalid:
    """A config with an error."""
    return Invalid(name, changes, rule, path, ids(breaks))


def warned(
    name: str, changes: Change, rule: str, path: str, *breaks: str, severity: Literal["warning", "note"] = "warning"
) -> Warned:
    """A config with something that should not be there."""
    return Warned(name, changes, rule, path, ids(breaks), severity)


def noted(name: str, changes: Change, rule: str, path: str, *breaks: str) -> Warned:
    """A config with something that people should know."""
    return warned(name, changes, rule, path, *breaks, severity="note")


def newer(name: str, version: str, changes: Change, path: str) -> Warned:
    """A config with something that came after its version."""
    return warned(name, {"ociVersion": version, **changes}, "version.newer", path)


def ids(names: tuple[str, ...]) -> tuple[str, ...]:
    """The requirements by their full names."""
    return tuple(f"config.{name}" for name in names)


def on(platform: str, content: Any = None) -> Change:
    """The base as a config of a platform that is neither Linux nor Windows."""
    mounts = [{"destination": "/dev", "type": "devfs", "options": ["ruleset=4"]}] if platform == "freebsd" else None
    process = {"capabilities": None}
    return {**NOT_LINUX, "mounts": mounts, "process": process, platform: {} if content is None else content}


def windows(**changes: Any) -> Change:
    """A config of a Windows Server Container with these changes."""
    return {**WINDOWS, **changes}


def hook(kind: str, **changes: Any) -> Change:
    """A hook with these changes; None removes."""
    return {"hooks": {kind: [{name: value for name, value in {**HOOK, **changes}.items() if value is not None}]}}


def annotated(key: str, value: Any = "one") -> Change:
    """A config with one annotation."""
    return {"annotations": {key: value}}


def image(**values: str) -> Change:
    """A config with annotations of an image."""
    return {"annotations": {f"{IMAGE}.{name.replace('_', '.')}": value for name, value in values.items()}}


VALID = [
    valid("base", {}, "form", "oci_version.required", "oci_version.semver", "root.required"),
    *(valid(f"version {version}", {"ociVersion": version}, "oci_version.semver") for version in ("1.0.0", "1.0.2-dev")),
    valid("candidate of a release", {"ociVersion": "1.2.0-rc.1"}, "oci_version.semver"),
    valid("version with build metadata", {"ociVersion": "1.3.0+build.5"}, "oci_version.semver"),
    valid("unknown properties everywhere", {"x": 1, "root": {"y": []}, "process": {"z": {"deep": [None]}}}, "form"),
    valid("vendor's property in process", {"process": {"com.example.extension": True}}, "process.form"),
    valid(
        "read-only root filesystem",
        {"root": {"path": "rootfs", "readonly": True}},
        *("root.form", "root.path.required", "root.path.conventional"),
    ),
    valid("absolute path of the root filesystem", {"root": {"path": "/to/bundle/rootfs"}}, "root.path.conventional"),
    valid("root filesystem with a slash", {"root": {"path": "./rootfs/"}}, "root.path.conventional"),
    valid(
        "Windows Server Container",
        windows(),
        *("platform.windows", "root.path.windows", "root.windows.server_containers", "root.readonly.windows"),
        *("process.user.username.form", "process.args.form"),
    ),
    valid(
        "root of a Windows Server Container that is not read-only",
        windows(root={"path": VOLUME.rstrip("\\"), "readonly": False}),
        *("root.path.windows", "root.readonly.windows"),
    ),
    valid("Hyper-V container", HYPERV, "root.windows.hyperv"),
    valid(
        "Linux on Windows",
        {"windows": {**LAYERS, "hyperv": {}}, "root": None},
        *("platform.windows", "platform.linux", "root.windows.hyperv"),
    ),
    valid("FreeBSD", on("freebsd"), "platform.freebsd"),
    valid("Solaris", on("solaris", {"milestone": "svc:/milestone/container:default"}), "platform.solaris"),
    valid("z/OS", on("zos"), "platform.zos"),
    valid("virtual machine", {"vm": {"kernel": {"path": "/boot/vmlinuz"}}}, "platform.vm", "platform.linux"),
    valid("no object of a platform", {"linux": None, "hostname": None}, "platform.linux"),
    valid(
        "longest names", {"hostname": "a.b" + "c" * 61, "domainname": "d" * 64}, "hostname.length", "domainname.length"
    ),
    valid("names", {"hostname": "web-1.example.com", "domainname": "example"}, "hostname.form", "domainname.form"),
    valid("empty names", {"hostname": "", "domainname": ""}, "hostname.form", "domainname.form"),
    valid(
        "hostname of FreeBSD that is long", {**on("freebsd"), "hostname": "-".join(["a" * 60] * 3)}, "hostname.length"
    ),
    valid(
        "hooks of all kinds",
        {"hooks": {kind: [HOOK, {"path": "/bin/true"}] for kind in CURRENT_HOOKS}},
        *("hooks.form", "hooks.env.variables"),
        *(f"hooks.{kind}.path.required" for kind in CURRENT_HOOKS),
        *(f"hooks.{kind}.path.absolute" for kind in CURRENT_HOOKS),
        *(f"hooks.{kind}.timeout.positive" for kind in CURRENT_HOOKS),
    ),
    valid(
        "prestart hooks before the deprecation",
        {**BEFORE_THE_DEPRECATION, **hook("prestart")},
        *("hooks.prestart.path.required", "hooks.prestart.path.absolute", "hooks.prestart.timeout.positive"),
        "hooks.prestart.deprecated",
    ),
    valid("no hooks of two kinds", {"hooks": {"poststart": [], "poststop": []}}, "hooks.form"),
    valid("hooks that are empty", {"hooks": {}}, "hooks.form"),
    valid("hook with the shortest timeout", hook("poststop", timeout=1), "hooks.poststop.timeout.positive"),
    valid("no annotations", {"annotations": {}}, "annotations.map"),
    valid(
        "annotations of vendors",
        {"annotations": {"com.example.myKey": "", "io.kubernetes.cri-o.TTY": "false", "run.oci.handler/x_y": "{}"}},
        *(
            "annotations.map",
            "annotations.keys.not_empty",
            "annotations.keys.reverse_domain",
            "annotations.values.strings",
        ),
        "annotations.reserved",
    ),
    valid(
        "annotations of an image",
        image(
            os="linux",
            os_version="10.0.14393",
            os_features="win32k",
            architecture="amd64",
            variant="v2",
            author="A. Hacker <a@example.com>",
            created="2015-10-31T22:22:56.015925234Z",
            stopSignal="SIGRTMIN+3",
        ),
        *(f"annotations.image.{one}" for one in ("os", "architecture", "created", "stop_signal")),
        "annotations.reserved",
    ),
    *(
        valid(f"creation at {text}", image(created=text), "annotations.image.created")
        for text in ("2024-02-29T23:59:60+05:30", "0001-01-01t00:00:00z")
    ),
    *(
        valid(f"image that is stopped by {signal}", image(stopSignal=signal), "annotations.image.stop_signal")
        for signal in ("SIGTERM", "15", "64", "SIGRTMAX-1", "QUIT")
    ),
    valid("reserved key before the reservation", {"ociVersion": "1.1.0", **annotated(f"{IMAGE}.title")}),
]

INVALID = [
    # The document
    Invalid("config that is an array", {}, "schema.type", "$", ("config.form",), text="[]"),
    Invalid("config that is null", {}, "schema.type", "$", ("config.form",), text="null"),
    Invalid("config that is a string", {}, "schema.type", "$", ("config.form",), text='"config.json"'),
    # The version
    invalid("no version", {"ociVersion": None}, "schema.required", "$.ociVersion", "oci_version.required"),
    invalid("version that is a number", {"ociVersion": 1.2}, "schema.type", "$.ociVersion", "oci_version.semver"),
    invalid("version that is an object", {"ociVersion": {"v": 1}}, "schema.type", "$.ociVersion", "oci_version.semver"),
    *(
        invalid(f"version {version!r}", {"ociVersion": version}, "schema.pattern", "$.ociVersion", "oci_version.semver")
        for version in (
            *("", "1", "1.0", "v1.0.2", "1.0.02", "01.0.0", "1.0.0.0", "1.0.0-", "1.0.0-rc.01", "1.0.0+", "1.0.0 "),
            *("1.0.0-dev_1", "1,0,0", "latest"),
        )
    ),
    # The root filesystem
    invalid("no root filesystem", {"root": None}, "schema.required", "$.root", "root.required"),
    invalid("root that is a path", {"root": "rootfs"}, "schema.type", "$.root", "root.form"),
    invalid("root without a path", {"root": {"path": None}}, "schema.required", "$.root.path", "root.path.required"),
    invalid("root whose path is a list", {"root": {"path": ["rootfs"]}}, "schema.type", "$.root.path", "root.form"),
    invalid("root whose path is empty", {"root": {"path": ""}}, "schema.minLength", "$.root.path", "root.form"),
    invalid("root whose path has a NUL", {"root": {"path": "a\0/rootfs"}}, "strings.end", "$.root.path", "strings.end"),
    invalid(
        "root that is read-only by a string",
        {"root": {"readonly": "true"}},
        "schema.type",
        "$.root.readonly",
        "root.form",
    ),
    invalid(
        "root that is read-only by a number", {"root": {"readonly": 1}}, "schema.type", "$.root.readonly", "root.form"
    ),
    invalid("no root on FreeBSD", {**on("freebsd"), "root": None}, "schema.required", "$.root", "root.required"),
    invalid("no root on Solaris", {**on("solaris"), "root": None}, "schema.required", "$.root", "root.required"),
    invalid(
        "Hyper-V container with a root",
        {**HYPERV, "root": {"path": VOLUME}},
        "root.hyperv",
        "$.root",
        "root.windows.hyperv",
    ),
    invalid(
        "Windows Server Container without a root",
        windows(root=None),
        *("root.windows", "$.root", "root.windows.server_containers"),
    ),
    *(
        invalid(f"volume {path!r}", windows(root={"path": path}), "root.volume", "$.root.path", "root.path.windows")
        for path in (
            "C:\\containers\\rootfs",
            "rootfs",
            "\\\\?\\Volume{ec84d99e-3f02-11e7-ac6c-00155d7682cf",
            "\\\\?\\Volume{ec84d99e-3f02-11e7-ac6c-00155d7682cg}\\",
            "\\\\?\\Volume{ec84d99e3f0211e7ac6c00155d7682cf}\\",
            VOLUME + "rootfs",
        )
    ),
    invalid(
        "root that is read-only on Windows",
        windows(root={"path": VOLUME, "readonly": True}),
        *("root.windows_readonly", "$.root.readonly", "root.readonly.windows"),
    ),
    # Platforms
    *(
        invalid(f"{name} that is {what}", {name: value}, "schema.type", f"$.{name}", f"platform.{name}")
        for name, what, value in (
            *(("linux", "an array", []), ("linux", "a boolean", True)),
            *(("vm", "a path", "/vm"), ("vm", "a number", 1)),
        )
    ),
    *(
        invalid(
            f"{name} that is an array", {**NOT_LINUX, **more, name: []}, "schema.type", f"$.{name}", f"platform.{name}"
        )
        for name, more in (("freebsd", {}), ("solaris", {}), ("zos", {}), ("windows", WINDOWS))
    ),
    # Names
    *(
        invalid(f"{name} that is {what}", {name: value}, "schema.type", f"$.{name}", f"{name}.form")
        for name in ("hostname", "domainname")
        for what, value in (("a number", 7), ("an array", ["a"]))
    ),
    *(
        invalid(f"{name} of {what}", {name: value}, "names.length", f"$.{name}", f"{name}.length")
        for name in ("hostname", "domainname")
        for what, value in (("65 letters", "a" * 65), ("33 letters of two bytes", "\u00e4" * 33))
    ),
    invalid(
        "hostname with a NUL", {"hostname": None, "domainname": "a\0b"}, "strings.end", "$.domainname", "strings.end"
    ),
    # Hooks
    invalid("hooks that are an array", {"hooks": [HOOK]}, "schema.type", "$.hooks", "hooks.form"),
    invalid(
        "hooks of a kind that are an object",
        {"hooks": {"poststop": HOOK}},
        "schema.type",
        "$.hooks.poststop",
        "hooks.form",
    ),
    invalid(
        "hook that is a path", {"hooks": {"poststop": ["/bin/a"]}}, "schema.type", "$.hooks.poststop[0]", "hooks.form"
    ),
    *(
        invalid(
            f"hook whose {name} is {what}",
            hook("createRuntime", **{name: value}),
            *("schema.type", f"$.hooks.createRuntime[0].{name}", "hooks.form"),
        )
        for name, what, value in (
            ("path", "an array", ["/bin/a"]),
            ("args", "a string", "hook -v"),
            ("env", "an object", {"A": "b"}),
            ("timeout", "a string", "5"),
            ("timeout", "half a second", 0.5),
        )
    ),
    invalid(
        "hook with a number among its arguments",
        hook("poststart", args=["hook", 1]),
        *("schema.type", "$.hooks.poststart[0].args[1]", "hooks.form"),
    ),
    invalid(
        "hook with null in its environment",
        hook("poststart", env=[None]),
        *("schema.type", "$.hooks.poststart[0].env[0]", "hooks.form"),
    ),
    *(
        invalid(
            f"hook with the variable {variable!r}",
            hook("startContainer", env=["A=b", variable]),
            *("hooks.env", "$.hooks.startContainer[0].env[1]", "hooks.env.variables"),
        )
        for variable in ("DEBUG", "=x", "")
    ),
    *(
        invalid(
            f"{kind} hook without a path",
            hook(kind, path=None),
            *("schema.required", f"$.hooks.{kind}[0].path", f"hooks.{kind}.path.required"),
        )
        for kind in CURRENT_HOOKS
    ),
    *(
        invalid(
            f"{kind} hook with the path {path!r}",
            hook(kind, path=path),
            *("schema.pattern", f"$.hooks.{kind}[0].path", f"hooks.{kind}.path.absolute"),
        )
        for kind, path in zip(CURRENT_HOOKS, ("hook", "./hook", "../hook", "", "~/hook"), strict=True)
    ),
    *(
        invalid(
            f"{kind} hook with a timeout of {timeout}",
            hook(kind, timeout=timeout),
            *("schema.minimum", f"$.hooks.{kind}[0].timeout", f"hooks.{kind}.timeout.positive"),
        )
        for kind, timeout in zip(CURRENT_HOOKS, (0, -1, 0, -5, 0), strict=True)
    ),
    *(
        invalid(
            f"prestart hook {what}",
            {**BEFORE_THE_DEPRECATION, **hook("prestart", **change)},
            *(rule, f"$.hooks.prestart[0].{place}", f"hooks.prestart.{broken}"),
        )
        for what, change, rule, place, broken in (
            ("without a path", {"path": None}, "schema.required", "path", "path.required"),
            ("with a relative path", {"path": "usr/bin/hook"}, "schema.pattern", "path", "path.absolute"),
            ("without patience", {"timeout": 0}, "schema.minimum", "timeout", "timeout.positive"),
        )
    ),
    invalid(
        "hook whose path has a NUL",
        hook("poststop", path="/bin/a\0"),
        *("strings.end", "$.hooks.poststop[0].path", "strings.end"),
    ),
    # Annotations
    invalid(
        "annotations that are an array", {"annotations": ["a=b"]}, "schema.type", "$.annotations", "annotations.map"
    ),
    invalid("annotations that are a string", {"annotations": "a=b"}, "schema.type", "$.annotations", "annotations.map"),
    invalid(
        "annotation without a key", annotated(""), "schema.minLength", "$.annotations['']", "annotations.keys.not_empty"
    ),
    *(
        invalid(
            f"annotation that is {what}",
            annotated("com.example.key", value),
            *("schema.type", "$.annotations['com.example.key']", "annotations.values.strings"),
        )
        for what, value in (("a number", 2), ("a boolean", True), ("an object", {"a": "b"}), ("a list", ["a"]))
    ),
    Invalid(
        "annotation that is null",
        {},
        "schema.type",
        "$.annotations['com.example.key']",
        ("config.annotations.values.strings",),
        text='{"ociVersion": "1.3.0", "root": {"path": "rootfs"}, "annotations": {"com.example.key": null}}',
    ),
    *(
        invalid(
            f"creation at {text!r}",
            image(created=text),
            *("annotations.created", f"$.annotations['{IMAGE}.created']", "annotations.image.created"),
        )
        for text in (
            *("2015-10-31", "2015-10-31 22:22:56Z", "2015-10-31T22:22:56", "2015-13-01T00:00:00Z", "1446330176", ""),
            *("2023-02-29T00:00:00Z", "2015-10-31T24:00:00Z", "2015-10-31T22:22:56.Z", "2015-10-31T22:22:56+0100"),
        )
    ),
    *(
        invalid(
            f"image that is stopped by {signal!r}",
            image(stopSignal=signal),
            *("annotations.stop_signal", f"$.annotations['{IMAGE}.stopSignal']", "annotations.image.stop_signal"),
        )
        for signal in ("SIGTRM", "0", "65", "-15", "", "SIGRTMIN+", "SIGTERM ")
    ),
]

WARNED = [
    noted("prestart hook", hook("prestart"), "schema.deprecated", "$.hooks.prestart", "hooks.prestart.deprecated"),
    noted(
        "no prestart hooks",
        {"hooks": {"prestart": []}},
        *("schema.deprecated", "$.hooks.prestart", "hooks.prestart.deprecated"),
    ),
    noted("version that is older than all", {"ociVersion": "0.5.0"}, "version.unknown", "$.ociVersion"),
    noted("version that is newer than all", {"ociVersion": "1.99.0"}, "version.unknown", "$.ociVersion"),
    noted("version of the next major version", {"ociVersion": "2.0.0"}, "version.unknown", "$.ociVersion"),
    noted("version that was never released", {"ociVersion": "1.1.7"}, "version.unknown", "$.ociVersion"),
    *(
        warned(
            f"root filesystem {path!r}",
            {"root": {"path": path}},
            *("root.conventional", "$.root.path", "root.path.conventional"),
        )
        for path in ("root", "Rootfs", "/var/lib/containers/merged", ".", "/")
    ),
    noted("two platforms", {"solaris": {}}, "platform.several", "$.solaris"),
    noted("two platforms without Linux", {**on("freebsd"), "zos": {}}, "platform.several", "$.zos"),
    noted("hooks on Windows", windows(**hook("poststop")), "platform.hooks", "$.hooks"),
    *(
        noted(
            f"{name} without a uts namespace",
            {"hostname": None, name: "a", "linux": {"namespaces": namespaces_without("uts")}},
            *("names.namespace", f"$.{name}"),
        )
        for name in ("hostname", "domainname")
    ),
    *(
        noted(f"hostname {name!r}", {"hostname": name}, "names.form", "$.hostname")
        for name in ("my_host", "-web", "a..b", "two words", "h\u00f6st")
    ),
    newer("domainname in 1.0.2", "1.0.2", {"domainname": "a"}, "$.domainname"),
    newer("createRuntime hooks in 1.0.1", "1.0.1", hook("createRuntime"), "$.hooks.createRuntime"),
    newer("vm in 1.0.0", "1.0.0", {"vm": {"kernel": {"path": "/boot/vmlinuz"}}}, "$.vm"),
    newer("freebsd in 1.2.1", "1.2.1", on("freebsd"), "$.freebsd"),
    newer("zos in 1.0.2", "1.0.2", on("zos"), "$.zos"),
    *(
        warned(
            f"annotation {key!r}",
            annotated(key),
            "annotations.reverse_domain",
            f"$.annotations{place}",
            "annotations.keys.reverse_domain",
        )
        for key, place in (
            ("key", ".key"),
            ("my key.a", "['my key.a']"),
            (".example.key", "['.example.key']"),
            ("com.example.", "['com.example.']"),
            ("key/com.example", "['key/com.example']"),
        )
    ),
    *(
        warned(
            f"reserved annotation {key!r}",
            annotated(key),
            *("annotations.reserved", f"$.annotations['{key}']", "annotations.reserved"),
        )
        for key in (f"{IMAGE}.title", "org.opencontainers.key", f"{IMAGE}.stopsignal", f"{IMAGE}.os.Version")
    ),
    *(
        warned(
            f"image for the {name} {value!r}",
            image(**{name: value}),
            *("annotations.platform", f"$.annotations['{IMAGE}.{name}']", f"annotations.image.{name}"),
        )
        for name, value in (
            *(("architecture", "x86_64"), ("architecture", "aarch64"), ("architecture", "AMD64"), ("architecture", "")),
            *(("os", "Linux"), ("os", "ubuntu"), ("os", "win")),
        )
    ),
    *(
        warned(f"name {wrong}", change, "names.spelling", path)
        for wrong, change, path in (
            ("Hostname", {"hostname": None, "Hostname": "a"}, "$.Hostname"),
            ("annotation", {"annotation": {}}, "$.annotation"),
            ("hook", {"hook": {}}, "$.hook"),
            ("root.readOnly", {"root": {"readOnly": True}}, "$.root.readOnly"),
            ("hooks.postStop", {"hooks": {"postStop": []}}, "$.hooks.postStop"),
            ("hooks.createruntime", {"hooks": {"createruntime": []}}, "$.hooks.createruntime"),
        )
    ),
]
