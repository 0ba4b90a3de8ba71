"""Signals by name and number."""

from __future__ import annotations

import signal

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
