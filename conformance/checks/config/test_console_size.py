"""Process: consoleSize."""

from __future__ import annotations

import os
import pty
import termios
from typing import TYPE_CHECKING, Any

import pytest

from conformance import requirement
from conformance.runtime.console import ConsoleSocket

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer


@requirement("config.process.console_size.applied")
@pytest.mark.parametrize(("height", "width"), [(33, 77), (1, 1000)])
def test_terminal_has_the_size(container: MakeContainer, height: int, width: int) -> None:
    one = container(process={"terminal": True, "consoleSize": {"height": height, "width": width}})
    with ConsoleSocket(one.directory) as socket:
        one.create("--console-socket", socket.path).start()
        facts = one.facts_in(socket.read_to_end(one.runtime.deadline))
    assert {(terminal.height, terminal.width) for terminal in facts.terminals.values()} == {(height, width)}


@requirement("config.process.console_size.ignored")
@pytest.mark.parametrize("terminal", [{"terminal": False}, {}], ids=["false", "unset"])
def test_size_without_a_terminal_is_ignored(container: MakeContainer, terminal: dict[str, Any]) -> None:
    """The caller's terminal, which the program has then, keeps its own size."""
    one = container(process={"consoleSize": {"height": 33, "width": 77}, **terminal})
    master, slave = pty.openpty()
    try:
        termios.tcsetwinsize(slave, (11, 22))
        facts = one.create(stdin=slave).start().facts()
        assert termios.tcgetwinsize(master) == (11, 22)
    finally:
        os.close(slave)
        os.close(master)
    assert 1 not in facts.terminals
