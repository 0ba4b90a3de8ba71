"""Before any check: can this runtime run anything here, what does it say of itself, and whose rules does it follow?"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance import versions
from conformance.errors import ProbeFault, RuntimeUnusable
from conformance.host.traces import cgroups_of
from conformance.runtime.invocation import readable
from conformance.verdict.findings import Crashed, Finding, Hung, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.bundle.config import Document
    from conformance.container import Container
    from conformance.runtime.driver import Runtime
    from conformance.runtime.invocation import Invocation

    MakeContainer = Callable[[Runtime, Document], Container]

NO_VERSION = "999.0.0"
"""A version that no runtime knows. One that takes it does not look at `ociVersion`."""

_HINT = """Every check would fail like this, so none was made. Often it is one of these:
- the runtime wants a global option: give it with --runtime-arg=...
- the runtime does not take this host's cgroup hierarchy
- the suite runs without the privileges that the runtime needs"""


@dataclasses.dataclass(frozen=True)
class Preflight:
    """What was learned. `version_source` says from what `spec_version` follows; `process_visible` whether the container
    process is a process of this host; `makes_cgroups` whether it has a cgroup of its name; `tells_features` whether the
    runtime has a features structure.
    """

    runtime: Runtime
    version: str
    spec_version: str
    version_source: str
    process_visible: bool = False
    makes_cgroups: bool = False
    tells_features: bool = False

    @property
    def needs(self) -> dict[str, bool]:
        """The needs that are about the runtime, and whether they are met."""
        return {
            "process.visible": self.process_visible,
            "cgroup.managed": self.makes_cgroups,
            "features": self.tells_features,
        }


def preflight(runtime: Runtime, root: Path, wanted: str | None, make: MakeContainer) -> Preflight:
    """Learn about a runtime, and have it run the simplest container.

    `root` is a state directory for it, which it gets if it takes `--root`; `wanted` is a version of the specification
    that the user chose. Raises `RuntimeUnusable` and `RuntimeNotFound`.
    """
    version = readable(_ended(runtime.version()).stdout, 300)
    # It may not know --root.
    candidates = [runtime] if runtime.has_own_root else [dataclasses.replace(runtime, root=str(root)), runtime]
    first: RuntimeUnusable | None = None
    for candidate in candidates:
        features = _ended(candidate.features())
        spec_version, source = (
            (wanted, "--spec-version") if wanted else _learn_version(candidate, features, version, make)
        )
        # One without that command may print its help, and call that a success.
        tells_features = features.ok and features.stdout.lstrip()[:1] in (b"{", b"[")
        known = Preflight(candidate, version, spec_version, source, tells_features=tells_features)
        try:
            return _run_simplest(known, make)
        except RuntimeUnusable as unusable:
            first = first or unusable
    assert first is not None
    raise first


def _ended(invocation: Invocation) -> Invocation:
    """The invocation, if it ended. A runtime that hangs once is not asked again, and again."""
    if invocation.status is None:
        raise RuntimeUnusable(f"it {invocation.outcome}", invocation.describe(), _HINT)
    return invocation


def _learn_version(runtime: Runtime, features: Invocation, version: str, make: MakeContainer) -> tuple[str, str]:
    of_features = _from_features(features)
    return (of_features, "its features") if of_features else _from_trials(runtime, version, make)


def _from_features(invocation: Invocation) -> str | None:
    document: Any = None
    # What is deeper than Python goes is no features structure either.
    with contextlib.suppress(ValueError, RecursionError):
        document = json.loads(invocation.stdout)
    if not invocation.ok or not isinstance(document, dict):
        return None
    newest = document.get("ociVersionMax")
    return versions.newest_known(newest) if isinstance(newest, str) else None


def _from_trials(runtime: Runtime, version: str, make: MakeContainer) -> tuple[str, str]:
    if _takes(runtime, NO_VERSION, make):
        # It takes any, so that a trial says nothing.
        for line in version.splitlines():
            name, _, value = line.partition(":")
            known = versions.newest_known(value.strip()) if name.strip() == "spec" else None
            if known:
                return known, "its --version, for it does not look at ociVersion"
        return "1.0.2", "nothing: it does not look at ociVersion, and has no features command"
    for candidate in reversed(versions.KNOWN):
        if _takes(runtime, candidate, make):
            return candidate, "trials: it takes no newer ociVersion"
    return versions.NEWEST, "nothing: it takes no version"


def _takes(runtime: Runtime, version: str, make: MakeContainer) -> bool:
    container = make(runtime, {"ociVersion": version})
    try:
        return container.attempt_create().ok
    except (Hung, Crashed) as error:
        raise _unusable(container, error) from error
    finally:
        container.destroy()


def _run_simplest(known: Preflight, make: MakeContainer) -> Preflight:
    container = make(known.runtime, {"ociVersion": known.spec_version, "process": {"args": ["/probe", "hold"]}})
    try:
        container.create()
        container.state()
        container.start().wait_until_ready()
        visible = False
        with contextlib.suppress(Finding, OSError):
            visible = Path(f"/proc/{container.pid}/cmdline").read_bytes().startswith(b"/probe\0hold")
        makes_cgroups = any(cgroups_of(container.identifier))
        signal_option = _wants_signal_option(container)
        container.wait()
        # That it refuses to is for the checks to say; that it hangs would be said too often.
        container.attempt("delete")
    except (Finding, ProbeFault) as error:
        raise _unusable(container, error) from error
    finally:
        container.destroy()
    runtime = dataclasses.replace(known.runtime, signal_option=signal_option)
    return dataclasses.replace(known, runtime=runtime, process_visible=visible, makes_cgroups=makes_cgroups)


def _wants_signal_option(container: Container) -> bool:
    if container.attempt_kill("KILL").ok:
        return False
    container.runtime = dataclasses.replace(container.runtime, signal_option=True)
    return container.attempt_kill("KILL").ok


def _unusable(container: Container, error: Finding | ProbeFault) -> RuntimeUnusable:
    problem = error.actual if isinstance(error, Refused) else str(error)
    commands = "\n".join(invocation.describe() for invocation in container.invocations)
    return RuntimeUnusable(problem, commands, _HINT)
