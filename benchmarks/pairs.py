"""Measure two things in turn, A B A B ..., so that what the machine does besides falls on both alike."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Measure = Callable[[], Mapping[str, float]]
    Samples = list[Mapping[str, float]]


def alternate(first: Measure, second: Measure, pairs: int) -> tuple[Samples, Samples]:
    """Call both in turn, `pairs` times; each returns seconds by the name of what was measured."""
    samples: tuple[Samples, Samples] = ([], [])
    for _ in range(pairs):
        samples[0].append(first())
        samples[1].append(second())
    return samples


def table(names: tuple[str, str], samples: tuple[Samples, Samples], unit: str = "s") -> str:
    """A line for each thing that was measured: the median of each side, the ratio of the medians, and their spread.

    The spread is given as quartiles; that of the ratio is over the pairs.
    """
    scale = {"s": 1, "ms": 1000}[unit]
    lines = [f"{unit:10}{names[0]:>28}{names[1]:>28}{'ratio':>22}"]
    for what in samples[0][0]:
        sides = [[sample[what] * scale for sample in side] for side in samples]
        medians = [statistics.median(side) for side in sides]
        ratios = [first / second for first, second in zip(*sides, strict=True)]
        cells = [f"{median:.1f} {_spread(side, 1)}" for median, side in zip(medians, sides, strict=True)]
        ratio = f"{medians[0] / medians[1]:.2f} {_spread(ratios, 2)}"
        lines.append(f"{what:10}{cells[0]:>28}{cells[1]:>28}{ratio:>22}")
    return "\n".join(lines)


def _spread(values: Sequence[float], digits: int) -> str:
    if len(values) < 2:
        return "(once)"
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"({low:.{digits}f}..{high:.{digits}f})"
