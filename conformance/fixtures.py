"""The fixtures of the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from conformance.session import KEY
from conformance.verdict.judge import CONTAINERS, NOT_PASSED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.bundle.programs import Hook
    from conformance.container import Container
    from conformance.host.mounting import HostMounts
    from conformance.session import Session


class MakeContainer(Protocol):
    """What the fixture `container` is: called, it makes a container that is not created yet.

    `program` are the words for the probe, such as ``["hold"]``; `hooks` are hooks by kind; `files` has files of the root
    filesystem by path, None for a directory; everything else is merged into the base configuration.
    """

    def __call__(
        self,
        *,
        program: Sequence[str] | None = None,
        hooks: Mapping[str, Sequence[Hook]] | None = None,
        files: Mapping[str, str | None] | None = None,
        **changes: Any,
    ) -> Container:
        """Make a container."""


@pytest.fixture
def conformance_session(pytestconfig: pytest.Config) -> Session:
    """The run of the suite."""
    return pytestconfig.stash[KEY]


@pytest.fixture
def container(request: pytest.FixtureRequest, conformance_session: Session) -> Iterator[MakeContainer]:
    """Make containers, and remove them with everything that they made when the check has ended."""
    made: list[Container] = []
    request.node.stash[CONTAINERS] = made

    def make(
        *,
        program: Sequence[str] | None = None,
        hooks: Mapping[str, Sequence[Hook]] | None = None,
        files: Mapping[str, str | None] | None = None,
        **changes: Any,
    ) -> Container:
        if program is not None:
            process = changes.get("process") or {}
            changes["process"] = {**process, "args": ["/probe", *program]}
        new = conformance_session.container(changes, files=files)
        made.append(new)
        if hooks is not None:
            entries = {
                kind: [hook.entry(kind, new.bundle, conformance_session.probe) for hook in listed]
                for kind, listed in hooks.items()
            }
            new.configure(hooks=entries)
        return new

    yield make
    keep = conformance_session.options.keep_bundles and request.node.stash.get(NOT_PASSED, False)
    # The last one first, for it may be in a namespace of another.
    for one in reversed(made):
        one.destroy(keep=keep)


@pytest.fixture
def host_mounts(container: MakeContainer) -> Iterator[HostMounts]:  # noqa: ARG001
    """Mount something on the host, below the directory of a container: unmounted before the container is removed."""
    from conformance.host.mounting import HostMounts

    mounts = HostMounts()
    yield mounts
    mounts.undo()
