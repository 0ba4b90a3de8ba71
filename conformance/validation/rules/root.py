"""The root filesystem, on the platforms that have rules of their own for it."""

from __future__ import annotations

from conformance.validation import platforms
from conformance.validation.fault import WARNING, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_VOLUME = "\\\\?\\volume{"


@rule("root.conventional", "config.root.path.conventional", severity=WARNING)
def path_is_conventional(config: Any) -> Iterator[Fault]:
    """The root filesystem is called rootfs, in the bundle or elsewhere."""
    if "windows" not in platforms.listed(config):
        for path, root in each(config, "root", "path", of=str):
            if root.rstrip("/").rpartition("/")[2] != "rootfs":
                yield Fault(path, f"{shown(root)} is not the conventional rootfs")


@rule("root.hyperv", "config.root.windows.hyperv")
def hyperv_has_no_root(config: Any) -> Iterator[Fault]:
    """A Hyper-V container has no root filesystem in its config."""
    for _ in each(config, "windows", "hyperv", of=dict):
        if "root" in config:
            yield Fault("$.root", "must be left out for a Hyper-V container")


@rule("root.windows", "config.root.windows.server_containers")
def windows_has_a_root(config: Any) -> Iterator[Fault]:
    """A Windows Server Container has a root filesystem in its config."""
    if _is_server_container(config) and "root" not in config:
        yield Fault("$.root", "is required for a Windows Server Container")


@rule("root.volume", "config.root.path.windows")
def path_is_a_volume(config: Any) -> Iterator[Fault]:
    """On Windows the root filesystem is a volume."""
    if _is_server_container(config):
        for path, root in each(config, "root", "path", of=str):
            if root and not _is_volume(root):
                problem = f"{shown(root)} is no volume GUID path, such as \\\\?\\Volume{{GUID}}\\"
                yield Fault(path, problem)


@rule("root.windows_readonly", "config.root.readonly.windows")
def windows_is_writable(config: Any) -> Iterator[Fault]:
    """On Windows the root filesystem is not read-only."""
    if _is_server_container(config):
        for path, readonly in each(config, "root", "readonly", of=bool):
            if readonly:
                yield Fault(path, "must be false, or left out, on Windows")


def _is_server_container(config: Any) -> bool:
    if not platforms.is_windows(config) or not isinstance(config["windows"], dict):
        return False
    return "hyperv" not in config["windows"]


def _is_volume(path: str) -> bool:
    if not path.lower().startswith(_VOLUME):
        return False
    guid, brace, rest = path[len(_VOLUME) :].partition("}")
    return brace == "}" and rest in ("", "\\") and platforms.is_guid(guid)
