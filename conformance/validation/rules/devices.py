"""The devices of a container, one by one and with each other."""

from __future__ import annotations

import stat

from conformance.validation.fault import NOTE, WARNING, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Device = tuple[str, int, int]

_DEFAULT: dict[str, Device] = {
    "/dev/null": ("c", 1, 3),
    "/dev/zero": ("c", 1, 5),
    "/dev/full": ("c", 1, 7),
    "/dev/random": ("c", 1, 8),
    "/dev/urandom": ("c", 1, 9),
    "/dev/tty": ("c", 5, 0),
    "/dev/ptmx": ("c", 5, 2),
}
"""The default devices, and what they are: null(4), full(4), random(4), tty(4), pts(4)."""

_DECIMAL = (
    ("linux", "fileMode", "config_linux.devices.file_mode.decimal"),
    ("freebsd", "mode", "config_freebsd.devices.mode.decimal"),
)
"""Where modes are, and what says that they are decimal."""

_FORMATS = {"c": stat.S_IFCHR, "u": stat.S_IFCHR, "b": stat.S_IFBLK, "p": stat.S_IFIFO}

_MODES = 0o7777
"""The bits of a mode that chmod(2) sets."""


@rule("devices.path_taken", "config_linux.devices.path.occupied")
def paths_are_free(config: Any) -> Iterator[Fault]:
    """No two devices that differ have one path."""
    first: dict[str, tuple[str, Device]] = {}
    for path, name, device in _devices(config):
        place, found = first.setdefault(_plain(name), (path, device))
        if found != device:
            related = [("the other one", f"{place}.path")]
            yield Fault(f"{path}.path", f"{shown(name)} is another device already", related=related)


@rule("devices.duplicate", "config_linux.devices.unique", severity=WARNING)
def devices_are_unique(config: Any) -> Iterator[Fault]:
    """No device is there twice."""
    first: dict[Device, str] = {}
    for path, _, device in _devices(config):
        if device[0] == "p":
            continue
        if device in first:
            type_, major, minor = device
            yield Fault(path, f"{type_} {major}:{minor} is there twice", related=[("the first one", first[device])])
        first.setdefault(device, path)


@rule("devices.octal", *(requirement for _, _, requirement in _DECIMAL), severity=NOTE)
def mode_is_decimal(config: Any) -> Iterator[Fault]:
    """The mode does not look as if its digits were octal: 666 would be 01232."""
    for platform, name, requirement in _DECIMAL:
        for path, mode in each(config, platform, "devices", ..., name, of=int):
            digits = str(mode)
            if 0o777 < mode <= 777 and not set(digits) & {"8", "9"}:
                meant = str(int(digits, 8))
                problem = f"{mode} is octal {mode:o}; octal {mode} is {meant}"
                yield Fault(path, problem, suggestion=meant, requirements=[requirement])


@rule("devices.mode", severity=NOTE)
def mode_is_of_a_device(config: Any) -> Iterator[Fault]:
    """The mode has permissions, and no other format than that of the device, which some tools put in."""
    for path, device in each(config, "linux", "devices", ..., of=dict):
        mode, type_ = device.get("fileMode"), device.get("type")
        format_ = _FORMATS.get(type_) if isinstance(type_, str) else None
        if isinstance(mode, int) and format_ is not None and mode >= 0 and mode & ~_MODES not in (0, format_):
            problem = f"{mode} is octal {mode:o}, which has more than permissions"
            yield Fault(f"{path}.fileMode", problem, suggestion=str(mode & _MODES))


@rule("devices.default", severity=NOTE)
def default_devices_are_themselves(config: Any) -> Iterator[Fault]:
    """No other device is where a default device has to be."""
    for path, name, device in _devices(config):
        default = _DEFAULT.get(_plain(name), device)
        if default != device:
            type_, major, minor = default
            problem = f"{shown(name)} is by default {type_} {major}:{minor}, and here it is another device"
            yield Fault(f"{path}.path", problem)


def _devices(config: Any) -> Iterator[tuple[str, str, Device]]:
    """The JSON path, the path and the identity of each device that has all of them."""
    for path, device in each(config, "linux", "devices", ..., of=dict):
        name, type_ = device.get("path"), device.get("type")
        numbers: tuple[Any, Any] = (0, 0) if type_ == "p" else (device.get("major"), device.get("minor"))
        if isinstance(name, str) and isinstance(type_, str) and type_ in _FORMATS and all(map(_is_number, numbers)):
            # An unbuffered device is a character device.
            yield path, name, ("c" if type_ == "u" else type_, *numbers)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _plain(path: str) -> str:
    """A path in one notation; ``..`` stays, for what it leads to depends on links."""
    return "/" + "/".join(part for part in path.split("/") if part not in ("", "."))
