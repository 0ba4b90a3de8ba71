"""A bundle, read and validated: the only form in which the rest of the runtime sees config.json."""

from __future__ import annotations

import os

from reference_runtime import documents
from reference_runtime.errors import InvalidConfig, UnsupportedConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

OLDEST_VERSION = "1.0.0"
NEWEST_VERSION = "1.3.0"

HOOKS = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")

UNSUPPORTED = (("linux", "mountLabel"),)
"""Properties of the specification that this runtime refuses (config.md, Valid values)."""

_LARGEST_CONSOLE = 0xFFFF
"""What TIOCSWINSZ has room for (ioctl_tty(2))."""

_EXPLAINED = 10
"""Errors of a config that one message tells of at the most."""

_IPC = ("msgmax", "msgmnb", "msgmni", "sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced")

NAMESPACED_SYSCTLS: dict[str, Callable[[list[str]], bool]] = {
    "network": lambda parts: parts[0] == "net",
    "ipc": lambda parts: parts[:2] == ["fs", "mqueue"] or (parts[0] == "kernel" and parts[1:2] in [[n] for n in _IPC]),
    "uts": lambda parts: parts in (["kernel", "hostname"], ["kernel", "domainname"]),
}
"""The kernel parameters that belong to a namespace, by its type."""


class Config:
    """config.json of one container, with the bundle that it lies in.

    `document` is the validated JSON object, `bundle` an absolute path.
    """

    def __init__(self, document: dict[str, Any], bundle: str, identifier: str) -> None:
        self.document = document
        self.bundle = bundle
        self.identifier = identifier

    @property
    def version(self) -> tuple[int, int]:
        """Major and minor of `ociVersion`."""
        major, minor = self.document["ociVersion"].split(".")[:2]
        return int(major), int(minor)

    @property
    def rootfs(self) -> str:
        """Absolute path of the root filesystem; `root.path` is relative to the bundle (config.md, Root)."""
        return os.path.join(self.bundle, self.document["root"]["path"])

    @property
    def process(self) -> dict[str, Any]:
        """The `process` object; empty when it is not set."""
        return self.document.get("process") or {}

    @property
    def linux(self) -> dict[str, Any]:
        """The `linux` object; empty when it is not set."""
        return self.document.get("linux") or {}

    @property
    def annotations(self) -> dict[str, str]:
        """The annotations; empty when there are none."""
        return self.document.get("annotations") or {}

    @property
    def terminal(self) -> bool:
        """Whether the process gets a terminal."""
        return bool(self.process.get("terminal"))

    def namespace(self, type_: str) -> dict[str, Any] | None:
        """The entry for a namespace type, or None if the container inherits it."""
        return next((entry for entry in self.linux.get("namespaces", ()) if entry["type"] == type_), None)

    def creates(self, type_: str) -> bool:
        """Whether the container gets a new namespace of this type."""
        entry = self.namespace(type_)
        return entry is not None and "path" not in entry

    def hooks(self, kind: str) -> list[dict[str, Any]]:
        """The hooks of a kind, in the listed order."""
        return list(self.document.get("hooks", {}).get(kind, ()))


def load(bundle: str, identifier: str) -> tuple[Config, bytes]:
    """Read, validate and return the config of a bundle, with the bytes of its file.

    Raises `InvalidConfig`, and `SyscallFailed` if there is no config.json that can be read.
    """
    bundle = os.path.realpath(bundle)
    content = documents.read(os.path.join(bundle, "config.json"))
    config = from_bytes(content, bundle, identifier)
    if not os.path.isdir(config.rootfs):
        raise InvalidConfig("$.root.path", f"there is no directory at {config.rootfs}")
    return config, content


def from_bytes(content: bytes, bundle: str, identifier: str) -> Config:
    """The validated config in the bytes of a config.json. Raises `InvalidConfig`."""
    config = Config(_validated(content), bundle, identifier)
    for rule in (_version, _mappings, _sysctls, _support, _mapped_mounts, _combinations):
        for place, problem in rule(config):
            raise UnsupportedConfig(place, problem)
    return config


def _validated(content: bytes) -> Any:
    from conformance.validation.acceptance import is_faultless

    try:
        document = documents.decode(content, "config.json")
    except InvalidConfig:
        _explain(content)
        raise
    if not is_faultless("config", document):
        _explain(content)
        # Valid by the rules of its version, it has something that later ones know, and that is wrong by their rules.
        _explain(content, NEWEST_VERSION)
    return document


def _explain(content: bytes, version: str | None = None) -> None:
    """Raise the first error that the validator finds, with all that it has to say; it finds none in a valid document.

    By the rules of the document's version, or of the given one, which makes it a value that is not supported.
    """
    from conformance.validation import validate

    errors = validate(content, "config", version).errors
    if errors:
        explained = "; also ".join(finding.explained for finding in errors[:_EXPLAINED])
        more = f"; and {len(errors) - _EXPLAINED} more" if len(errors) > _EXPLAINED else ""
        explained = explained.removeprefix(f"{errors[0].path}: ") + more
        if version is None:
            raise InvalidConfig(errors[0].path, explained)
        raise UnsupportedConfig(errors[0].path, f"{explained} (by version {version} of the specification)")


def _version(config: Config) -> Iterator[tuple[str, str]]:
    version = config.document["ociVersion"]
    newest = tuple(int(part) for part in NEWEST_VERSION.split(".")[:2])
    try:
        supported = (1, 0) <= config.version <= newest
    except ValueError:
        # More digits than Python makes a number of.
        supported = False
    if not supported:
        yield "$.ociVersion", f"{version} is not supported: {OLDEST_VERSION} to {NEWEST_VERSION} are"


def _mappings(config: Config) -> Iterator[tuple[str, str]]:
    if ("uidMappings" in config.linux) != ("gidMappings" in config.linux):
        yield "$.linux", "uidMappings and gidMappings must be given together"
    if config.creates("user") and not config.linux.get("uidMappings"):
        yield "$.linux.uidMappings", "a new user namespace needs mappings"


def _sysctls(config: Config) -> Iterator[tuple[str, str]]:
    for name in config.linux.get("sysctl", {}):
        parts = name.split(".")
        owner = next((type_ for type_, rule in NAMESPACED_SYSCTLS.items() if rule(parts)), None)
        place = f"$.linux.sysctl['{name}']"
        if owner is None or "/" in name or "" in parts:
            yield place, "belongs to no namespace: it would be changed for the whole host"
        elif config.namespace(owner) is None:
            yield place, f"would be the host's without a {owner} namespace"


def _support(config: Config) -> Iterator[tuple[str, str]]:
    for name in ("hostname", "domainname"):
        if name in config.document and config.namespace("uts") is None:
            yield f"$.{name}", "would be the host's without a uts namespace, and this runtime does not change that"
    for name in ("height", "width"):
        if config.terminal and config.process.get("consoleSize", {}).get(name, 0) > _LARGEST_CONSOLE:
            yield f"$.process.consoleSize.{name}", f"a terminal of Linux has {_LARGEST_CONSOLE} at the most"
    for section, name in UNSUPPORTED:
        if config.document.get(section, {}).get(name):
            yield f"$.{section}.{name}", "is not supported by this runtime"
    if config.linux.get("seccomp"):
        from reference_runtime import seccomp

        yield from seccomp.unsupported(config)


def _mapped_mounts(config: Config) -> Iterator[tuple[str, str]]:
    for index, mount in enumerate(config.document.get("mounts", ())):
        options = mount.get("options", ())
        if not ("uidMappings" in mount or "idmap" in options or "ridmap" in options) or "bind" in options:
            continue
        if "rbind" not in options and (config.namespace("user") or mount.get("type") == "cgroup"):
            problem = "only the IDs of bind mounts can be mapped with a user namespace, and never those of cgroups"
            yield f"$.mounts[{index}]", problem


def _combinations(config: Config) -> Iterator[tuple[str, str]]:
    """Values that this runtime supports, but not together with others, or not as an old version has them."""
    scheduler = config.process.get("scheduler", {})
    resets = "SCHED_FLAG_RESET_ON_FORK" in scheduler.get("flags", ())
    if scheduler.get("policy") == "SCHED_DEADLINE" and config.hooks("startContainer") and not resets:
        problem = "does not let the process fork, as the startContainer hooks need it, without SCHED_FLAG_RESET_ON_FORK"
        yield "$.process.scheduler.policy", problem
    for name in ("enableCMT", "enableMBM"):
        if config.version < (1, 3) and config.linux.get("intelRdt", {}).get(name):
            yield f"$.linux.intelRdt.{name}", "is not supported by this runtime; enableMonitoring of version 1.3.0 is"
