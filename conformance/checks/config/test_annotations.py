"""Annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance import requirement
from conformance.bundle.programs import holding
from conformance.verdict.findings import Finding, Unsupported

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer

STOP_SIGNAL = "org.opencontainers.image.stopSignal"


@requirement("config.annotations.map", "config.annotations.values.strings")
@pytest.mark.parametrize("annotations", [{}, {"com.example.empty": ""}], ids=["map", "value"])
def test_annotations_and_their_values_may_be_empty(container: MakeContainer, annotations: dict[str, str]) -> None:
    assert container(annotations=annotations).facts().argv == ["/probe", "facts"]


@requirement("config.annotations.unknown_keys")
@pytest.mark.parametrize(
    "key",
    ["com.example.myKey", "key", "with space", "org.opencontainers.image.nothing", "io.example/path_to.it", "\u00fc"],
)
def test_unknown_key_is_no_error(container: MakeContainer, key: str) -> None:
    assert container(annotations={key: "\u00e9: {[1]}"}).facts().argv == ["/probe", "facts"]


@requirement("config.annotations.image.stop_signal.sent")
def test_container_is_killed_with_its_stop_signal(container: MakeContainer) -> None:
    # Without a trap for it, SIGUSR1 would end the program as SIGTERM does, and no one could tell them apart.
    one = container(program=holding(exit_on=10), annotations={STOP_SIGNAL: "SIGUSR1"}).hold()
    invocation = one.attempt("kill")
    if not invocation.ok:
        raise Unsupported("`kill` without a signal", invocation)
    signals = [report["signal"] for report in one.wait_for_report("signal")]
    if signals != [10]:
        raise Finding("the signal of the annotation is sent", f"it is {signals[0]} (signal(7))")
