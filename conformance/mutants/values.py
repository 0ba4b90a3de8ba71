"""Mutants that take configurations that they should refuse, or refuse such as they should take."""

from __future__ import annotations

from conformance.mutants.mutant import mutant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

DEFAULTS: dict[str, Any] = {
    "ociVersion": "1.3.0",
    "root": {"path": "rootfs"},
    "process": {},
    "args": ["/probe", "facts"],
    "cwd": "/",
    "user": {"uid": 0, "gid": 0},
    "uid": 0,
    "gid": 0,
    "soft": 1024,
    "hard": 1024,
    "priority": 1,
    "height": 0,
    "width": 0,
    "containerID": 0,
    "hostID": 0,
}
"""What a runtime may think of for a property that is not there."""

MAPPINGS = [{"containerID": 0, "hostID": 0, "size": 1000}]


@mutant(
    *("config.oci_version.semver", "config.root.form", "config.mounts.form", "config.hooks.form"),
    *("config.process.rlimits.duplicate", "config.process.user.uid.required", "config.annotations.map"),
    *("config_linux.namespaces.duplicate", "config_linux.id_mappings.disjoint", "config_linux.seccomp.action.known"),
    *("config_linux.resources.memory.form", "config_linux.resources.devices.allow.required"),
)
def invalid_values_are_dropped() -> None:
    """What is invalid is left out, and what is missing has a default, or makes its object be left out."""
    from reference_runtime import config, documents

    def validated(content: bytes) -> Any:
        from conformance.validation import validate
        from conformance.validation.positions import steps

        document = documents.decode(content, "config.json")
        if not isinstance(document, dict):
            document = {"root": {"path": "rootfs"}, "process": {}}
        while errors := validate(documents.encode(document).encode(), "config").errors:
            _mend(document, steps(errors[0].path))
        return document

    config._validated = validated
    config.UNSUPPORTED = ()  # type: ignore[assignment]


def _mend(document: Any, steps: tuple[Any, ...]) -> None:
    *way, name = steps
    if way[:1] == ["linux"] and way[1:2] not in (["namespaces"], ["uidMappings"], ["gidMappings"]):
        # What would be left of it may be nothing that this runtime, or this host, has.
        way, name = way[:1], steps[1]
    inside = [document]
    for step in way:
        inside.append(inside[-1][step])
    last = inside[-1]
    default = MAPPINGS if way[:1] == ["linux"] and name in ("uidMappings", "gidMappings") else DEFAULTS.get(name)
    there = isinstance(last, list) or name in last
    if default is not None and not (there and last[name] == default):
        last[name] = default
    elif there:
        del last[name]
    else:
        del inside[-2][way[-1]]


@mutant("glossary.json.utf8")
def other_encodings_are_taken() -> None:
    """A configuration may be in UTF-16, in UTF-32, and, if nothing else fits, in Latin-1."""
    from reference_runtime import documents

    decode = documents.decode

    def decode_somehow(content: bytes, file: str) -> Any:
        for encoding in ("utf-8", "utf-16", "utf-32"):
            try:
                return decode(content.decode(encoding).encode(), file)
            except ValueError:
                continue
        return decode(content.decode("latin-1").encode(), file)

    documents.decode = decode_somehow


@mutant("glossary.json.utf8")
def bytes_are_characters() -> None:
    """Each byte of a configuration is a character."""
    from reference_runtime import documents

    decode = documents.decode
    documents.decode = lambda content, file: decode(content.decode("latin-1").encode(), file)


@mutant("glossary.json.unique_names")
def last_of_two_names_counts() -> None:
    """Of two entries of one name, the last one counts."""
    from reference_runtime import documents

    documents._Scanning.object_pairs_hook = staticmethod(dict)  # type: ignore[arg-type]


@mutant("glossary.json.order")
def hostname_has_to_follow_the_root() -> None:
    """A hostname before the root filesystem is overlooked."""
    _look_at_documents(lambda document: _overlook_early(document, "hostname", "root"))


@mutant("config.unknown_properties.ignored")
def properties_of_vendors_are_refused() -> None:
    """A property that has the name of its vendor is an error."""
    from reference_runtime.errors import InvalidConfig

    def refuse(value: Any) -> None:
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if isinstance(value, dict) and any(name.startswith("com.example") for name in value):
            raise InvalidConfig("$", "is not known")
        for member in inside:
            refuse(member)

    _look_at_documents(refuse)


@mutant("config.annotations.unknown_keys")
def unknown_annotations_are_refused() -> None:
    """An annotation that this specification does not describe is an error."""
    _refuse(lambda document: any(not key.endswith(".stopSignal") for key in document.get("annotations", ())))


@mutant("config.annotations.map", "config.annotations.values.strings")
def empty_annotations_are_refused() -> None:
    """Annotations, and their values, must not be empty."""
    _refuse(lambda document: "annotations" in document and not all((document["annotations"] or {"": ""}).values()))


@mutant("config.oci_version.accepted")
def older_versions_are_refused() -> None:
    """A configuration must be of the version that this runtime was made for."""
    _refuse(lambda document: document["ociVersion"] != "1.3.0")


@mutant("config.annotations.image.stop_signal.sent")
def stop_signal_is_ignored() -> None:
    """Without a signal, kill sends TERM, whatever the image says."""
    from reference_runtime import lifecycle, signals

    lifecycle.stop_signal = lambda root, identifier: signals.TERM


@mutant("config.process.capabilities.known")
def a_capability_is_not_known() -> None:
    """CAP_SETPCAP is dropped from the bounding set, though it is listed."""
    from reference_runtime import capabilities

    limit = capabilities.limit_bounding

    def limit_further(context: Any, wanted: dict[str, list[str]]) -> None:
        limit(context, {name: [one for one in listed if one != "CAP_SETPCAP"] for name, listed in wanted.items()})

    capabilities.limit_bounding = limit_further


def _look_at_documents(look: Callable[[Any], None]) -> None:
    from reference_runtime import config

    validated = config._validated

    def look_at_validated(content: bytes) -> Any:
        document = validated(content)
        look(document)
        return document

    config._validated = look_at_validated


def _refuse(refused: Callable[[Any], bool]) -> None:
    from reference_runtime.errors import UnsupportedConfig

    def refuse(document: Any) -> None:
        if refused(document):
            raise UnsupportedConfig("$", "is not supported")

    _look_at_documents(refuse)


def _overlook_early(document: Any, name: str, other: str) -> None:
    names = list(document)
    if name in names and names.index(name) < names.index(other):
        del document[name]
