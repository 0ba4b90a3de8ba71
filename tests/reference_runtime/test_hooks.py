"""Hooks that fail, and what becomes of the container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.facts.probe import compiled
from conformance.facts.reports import lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reference_runtime.conftest import Runtime

pytestmark = pytest.mark.usefixtures("root")

FAILING_HOOK = {"path": "/bin/false"}


def hook(name: str, log: Path, **options: str) -> dict[str, Any]:
    words = [f"--{option}={value}" for option, value in options.items()]
    return {"path": str(compiled()), "args": ["probe", "hook", f"--log={log}", f"--name={name}", *words]}


def names_in(log: Path) -> list[str]:
    reports = lines(log.read_bytes()) if log.exists() else []
    # Each hook also reports its end.
    return [report["name"] for report in reports if report["probe"] == "hook"]


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
