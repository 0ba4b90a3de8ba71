"""The state of a container: what its form does not say."""

from __future__ import annotations

from conformance.validation import platforms
from conformance.validation.fault import NOTE, WARNING, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_STATE = ("state",)

_STATUSES = ("creating", "created", "running", "stopped")

_WITH_A_PROCESS = ("created", "running")


@rule("state.version", "runtime.state.oci_version.complies", kinds=_STATE)
def version_is_one(state: Any) -> Iterator[Fault]:
    """`ociVersion` is a version of the specification."""
    for path, version in each(state, "ociVersion", of=str):
        if len(_numbers(version)) not in (2, 3):
            yield Fault(path, f"{shown(version)} is no version of the specification", allowed=["such as 1.3.0"])


@rule("state.release", "runtime.state.oci_version.complies", kinds=_STATE, severity=WARNING)
def version_is_of_a_release(state: Any) -> Iterator[Fault]:
    """The version of a state names a release; the text says 1.1 for all of that minor version, so it is no error."""
    for path, version in each(state, "ociVersion", of=str):
        if len(_numbers(version)) == 2:
            yield Fault(path, f"{shown(version)} names no release, such as {version}.0")


def _numbers(version: str) -> list[str]:
    """The numbers of a version, or nothing."""
    numbers = version.partition("+")[0].partition("-")[0].split(".")
    return numbers if all(number.isascii() and number.isdigit() for number in numbers) else []


# A warning, for a state does not tell whether it is of Linux.
@rule("state.pid", "runtime.state.pid.present", kinds=_STATE, severity=WARNING)
def process_has_an_id(state: Any) -> Iterator[Fault]:
    """There is a process ID, if there is a process."""
    for _, status in each(state, "status", of=str):
        if status in _WITH_A_PROCESS and "pid" not in state:
            yield Fault("$.pid", f"is required on Linux where the status is {status}")


@rule("state.pid_of_process", "runtime.state.pid.container_process", kinds=_STATE)
def process_id_is_one(state: Any) -> Iterator[Fault]:
    """The process ID is that of a process."""
    for path, pid in each(state, "pid", of=int):
        if pid == 0 and state.get("status") in _WITH_A_PROCESS:
            yield Fault(path, f"0 is the ID of no process, and the status is {state['status']}")


@rule("state.bundle", "runtime.state.bundle.absolute", kinds=_STATE)
def bundle_is_absolute(state: Any) -> Iterator[Fault]:
    """The path of the bundle is absolute."""
    for path, bundle in each(state, "bundle", of=str):
        if not bundle.startswith("/") and not platforms.is_absolute_on_windows(bundle):
            yield Fault(path, f"{shown(bundle)} is no absolute path")


@rule("state.status", kinds=_STATE, severity=NOTE)
def status_is_spelt_well(state: Any) -> Iterator[Fault]:
    """A status is not a standard one but for a slip; runtimes may have others."""
    for path, status in each(state, "status", of=str):
        if status not in _STATUSES:
            from conformance.validation.spelling import typo_of

            meant = typo_of(status, _STATUSES)
            if meant is not None:
                yield Fault(path, f"{shown(status)} is none of the four standard values", suggestion=meant)
