"""Bars over time as a drawing that the server makes: each stands for a stretch, and may be cut into parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

WIDTH, HEIGHT = 720, 160
"""Of the drawing, in its own units."""
GAP = 0.2


@dataclass(frozen=True)
class Piece:
    """A part of a bar. ``part`` is which, from 1; ``y`` and ``height`` are in the drawing's units."""

    part: int
    value: float
    y: str
    height: str


@dataclass(frozen=True)
class Bar:
    """One stretch: its name, all of its parts together, and where it is drawn."""

    label: str
    value: float
    values: tuple[float, ...]
    x: str
    width: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Bars:
    """``top`` is the value at the upper edge."""

    bars: tuple[Bar, ...]
    top: float
    width: int = WIDTH
    height: int = HEIGHT


def stacked(stretches: Sequence[tuple[str, Sequence[float]]]) -> Bars:
    """A bar for each stretch, of its values one upon the other, the first at the bottom."""
    top = round_up(max((sum(values) for _label, values in stretches), default=0.0))
    step = WIDTH / max(1, len(stretches))
    bars = []
    for place, (label, values) in enumerate(stretches):
        below, pieces = 0.0, []
        for part, value in enumerate(values, 1):
            if value > 0:
                size = HEIGHT * value / top
                pieces.append(Piece(part, value, f"{HEIGHT - below - size:.1f}", f"{size:.1f}"))
                below += size
        x, width = f"{place * step + step * GAP / 2:.1f}", f"{step * (1 - GAP):.1f}"
        bars.append(Bar(label, sum(values), tuple(values), x, width, tuple(pieces)))
    return Bars(tuple(bars), top)


def round_up(value: float) -> float:
    """The next number that is easy to read: 1, 2, 5, 10, 20 ...; 1 for nothing."""
    if value <= 0:
        return 1.0
    power: float = 10.0 ** floor(log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value))
