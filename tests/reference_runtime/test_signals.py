"""Signals by name and number."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from reference_runtime import signals


@pytest.mark.parametrize("one", list(signal.Signals), ids=lambda one: one.name)
def test_every_signal_has_its_names_and_its_number(one: signal.Signals) -> None:
    short = one.name.removeprefix("SIG")
    for name in (one.name, short, one.name.lower(), short.lower(), str(one.value)):
        assert signals.number(name) == one.value


@pytest.mark.parametrize(
    "name",
    [
        "",
        "0",
        "65",
        "-1",
        "²",
        "1.0",
        "SIG",
        "NOSUCH",
        "_DFL",
        "SIG_IGN",
        "SIGSIGKILL",
        "9 ",
        "RTMIN+",
        "RTMIN+99",
        "RTMAX+1",
    ],
)
def test_what_is_no_signal(name: str) -> None:
    assert signals.number(name) is None


def test_real_time_signals_have_numbers_and_distances() -> None:
    assert signals.number("40") == 40
    assert signals.number("SIGRTMIN+3") == signal.SIGRTMIN + 3
    assert signals.number("RTMAX-1") == signal.SIGRTMAX - 1


def test_signals_are_handled_while_a_process_is_waited_for() -> None:
    """In a process of its own, for a handler stays. The program sends a signal, and ends when it is handled."""
    program = (
        "import os, subprocess\n"
        "from reference_runtime import signals\n"
        "words = ['sh', '-c', 'read line; kill -USR1 $PPID; read line']\n"
        "with subprocess.Popen(words, stdin=subprocess.PIPE) as command:\n"
        "    signals.handle(10, lambda number: command.stdin.close())\n"
        "    os.write(command.stdin.fileno(), b'go\\n')\n"
        "    process = os.pidfd_open(command.pid)\n"
        "    signals.wait_while_handling(process)\n"
        "    print(command.poll())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "1\n"
