"""Annotations: their keys, and the values of those that the specification describes."""

from __future__ import annotations

from conformance.validation.annotation_keys import no_reverse_domain_names
from conformance.validation.fault import WARNING, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import member, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_RESERVED = "org.opencontainers"

_IMAGE = f"{_RESERVED}.image"

_DESCRIBED = tuple(
    f"{_IMAGE}.{name}"
    for name in ("os", "os.version", "os.features", "architecture", "variant", "author", "created", "stopSignal")
)

_SYSTEMS = (
    *("aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl", "netbsd"),
    *("openbsd", "plan9", "solaris", "wasip1", "windows", "zos"),
)
_ARCHITECTURES = (
    *("386", "amd64", "amd64p32", "arm", "arm64", "arm64be", "armbe", "loong64", "mips", "mips64", "mips64le"),
    *("mips64p32", "mips64p32le", "mipsle", "ppc", "ppc64", "ppc64le", "riscv", "riscv64", "s390", "s390x", "sparc"),
    *("sparc64", "wasm"),
)
"""What Go knows as GOOS and GOARCH, which is what the image specification refers to."""

_OTHERWISE_CALLED = {
    "aarch64": "arm64",
    "armhf": "arm",
    "armv7l": "arm",
    "i386": "386",
    "i686": "386",
    "loongarch64": "loong64",
    "ppc64el": "ppc64le",
    "x86": "386",
    "x86_64": "amd64",
}

_SIGNALS = (
    *("HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "IOT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM"),
    *("TERM", "STKFLT", "CHLD", "CLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM"),
    *("PROF", "WINCH", "IO", "POLL", "PWR", "SYS", "UNUSED", "EMT", "INFO", "LOST", "RTMIN", "RTMAX"),
)

_LAST_SIGNAL = 64

_TIME = r"(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"


@rule("annotations.reverse_domain", "config.annotations.keys.reverse_domain", severity=WARNING)
def keys_are_reverse_domain_names(config: Any) -> Iterator[Fault]:
    """A key begins with a domain name, the other way round."""
    for path, noted in each(config, "annotations", of=dict):
        yield from no_reverse_domain_names(path, noted)


# A warning, for a runtime has to treat such a key like any other unknown one, and must not refuse it.
@rule("annotations.reserved", "config.annotations.reserved", severity=WARNING)
def reserved_keys_are_described(config: Any) -> Iterator[Fault]:
    """A key of the specification's own is one of those that it describes."""
    for path, noted in each(config, "annotations", of=dict):
        for key in noted:
            if (key == _RESERVED or key.startswith(f"{_RESERVED}.")) and key not in _DESCRIBED:
                from conformance.validation.spelling import typo_of

                problem = f"is reserved: the specification describes no such key in {_RESERVED}"
                meant = typo_of(key, _DESCRIBED)
                yield Fault(member(path, key), problem, suggestion=meant, allowed=_DESCRIBED, at_name=True)


# Warnings, for the image specification says SHOULD of these values.
@rule(
    "annotations.platform",
    "config.annotations.image.os",
    "config.annotations.image.architecture",
    severity=WARNING,
)
def platform_is_called_as_go_calls_it(config: Any) -> Iterator[Fault]:
    """The operating system and the architecture have the names that Go gives them."""
    for name, known in (("os", _SYSTEMS), ("architecture", _ARCHITECTURES)):
        for path, value in each(config, "annotations", f"{_IMAGE}.{name}", of=str):
            if value not in known:
                from conformance.validation.spelling import nearest

                yield Fault(
                    path,
                    f"{shown(value)} is no {'operating system' if name == 'os' else name} by that name",
                    allowed=known,
                    suggestion=_OTHERWISE_CALLED.get(value) or nearest(value, known),
                    requirements=[f"config.annotations.image.{name}"],
                )


@rule("annotations.created", "config.annotations.image.created")
def creation_is_a_time(config: Any) -> Iterator[Fault]:
    """The time at which the image was created has the form of RFC 3339."""
    for path, value in each(config, "annotations", f"{_IMAGE}.created", of=str):
        if not _is_time(value):
            problem = f"{shown(value)} is no date and time of RFC 3339"
            yield Fault(path, problem, allowed=["such as 2015-10-31T22:22:56Z"])


@rule("annotations.stop_signal", "config.annotations.image.stop_signal")
def stop_signal_is_one(config: Any) -> Iterator[Fault]:
    """The signal is a name or a number, for the image specification only says that it can be a name."""
    for path, value in each(config, "annotations", f"{_IMAGE}.stopSignal", of=str):
        if not _is_signal(value):
            yield Fault(path, f"{shown(value)} is no signal", allowed=["such as SIGKILL or SIGRTMIN+3"])


def _is_time(text: str) -> bool:
    import re
    from datetime import date

    found = re.fullmatch(_TIME, text, re.ASCII)
    try:
        return found is not None and date(*map(int, found.group(1, 2, 3))) is not None
    except ValueError:
        # There is no such day.
        return False


def _is_signal(text: str) -> bool:
    if not text.isascii():
        return False
    if text.isdigit():
        return len(text) <= 2 and 0 < int(text) <= _LAST_SIGNAL
    name = text.upper().removeprefix("SIG")
    for base, sign in (("RTMIN", "+"), ("RTMAX", "-")):
        if name.startswith(base + sign):
            return name[len(base) + 1 :].isdigit() and len(name) <= len(base) + 3
    return name in _SIGNALS
