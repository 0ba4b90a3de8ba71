"""The terminal of a container, as the caller gets it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.runtime.console import ConsoleSocket

if TYPE_CHECKING:
    from tests.reference_runtime.conftest import Runtime

pytestmark = pytest.mark.usefixtures("root")

PATIENCE = 20.0


def test_terminal_comes_through_the_console_socket(runtime: Runtime) -> None:
    size = {"height": 30, "width": 90}
    runtime.make_bundle("facts", process={"terminal": True, "consoleSize": size})
    with ConsoleSocket(runtime.directory) as console:
        runtime.create(f"--console-socket={console.path}")
        runtime.succeed("start", runtime.identifier)
        facts = json.loads(console.read_to_end(PATIENCE))
    terminal = facts["terminals"]["0"]
    assert (terminal["height"], terminal["width"], terminal["controlling"]) == (30, 90, True)


@pytest.mark.parametrize("options", [[], ["--console-socket=/does/not/exist"]], ids=["none", "missing"])
def test_terminal_without_a_socket_is_refused(runtime: Runtime, options: list[str]) -> None:
    runtime.make_bundle("hold", process={"terminal": True})
    done = runtime.create(*options, succeed=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "console" in done.stderr or "connect of /does/not/exist" in done.stderr
    assert runtime.left == []
