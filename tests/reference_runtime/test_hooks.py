"""Hooks that fail, and what becomes of the container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.reference_runtime.hooks import hook, names_in

if TYPE_CHECKING:
    from tests.reference_runtime.conftest import Runtime

pytestmark = pytest.mark.usefixtures("root")

FAILING_HOOK = {"path": "/bin/false"}


@pytest.mark.parametrize("kind", ["prestart", "createRuntime", "createContainer"])
def test_hook_that_fails_undoes_the_create(runtime: Runtime, kind: str) -> None:
    log = runtime.directory / "log"
    runtime.make_bundle("hold", hooks={kind: [FAILING_HOOK], "poststop": [hook("poststop", log)]})
    done = runtime.create(succeed=False)
    assert done.returncode == 1
    assert f"hooks.run ($.hooks.{kind}[0]): {kind} hook /bin/false exited with status 1" in done.stderr
    assert runtime.left == []
    assert names_in(log) == ["poststop"]


@pytest.mark.parametrize("kind", ["startContainer", "poststart"])
@pytest.mark.parametrize("command", ["start", "run"])
def test_hook_that_fails_destroys_the_container_at_start(runtime: Runtime, kind: str, command: str) -> None:
    log = runtime.directory / "log"
    failing: dict[str, Any] = {"path": "/probe", "args": ["probe", "no-such-mode"]}
    if kind == "poststart":
        failing = FAILING_HOOK
    runtime.make_bundle("hold", hooks={kind: [failing], "poststop": [hook("poststop", log)]})
    if command == "start":
        runtime.create()
        done = runtime("start", runtime.identifier)
    else:
        done = runtime.run()
    assert done.returncode == 1
    assert f"hooks.run ($.hooks.{kind}[0]): {kind} hook {failing['path']} exited with status " in done.stderr
    assert runtime.left == []
    assert names_in(log) == ["poststop"]
