"""What of a stack needs what: a drawing in layers, from what is made first to what is made last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.cloud.stack_parts import Resource
from dashboard.panels.stacks.words import status_of
from dashboard.ui.values import Status

WIDTH, HEIGHT, GAP_X, GAP_Y, EDGE = 200, 48, 28, 56, 8
"""Pixels: of a box, between boxes, and around all."""
ROW = 5
"""Boxes beside each other at most: a layer that has more takes several rows."""
STEP = HEIGHT + GAP_Y // 2
"""Pixels between two rows of one layer."""
LONGEST = 26
MOST = 200
"""Resources that are drawn; more would be no drawing any more."""


@dataclass(frozen=True)
class Box:
    """A resource at its place, in pixels."""

    resource: Resource
    status: Status
    x: int
    y: int

    @property
    def label(self) -> str:
        name = self.resource.name
        return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"

    @property
    def kind(self) -> str:
        kind = self.resource.type.removeprefix("OS::")
        return kind if len(kind) <= LONGEST else f"{kind[: LONGEST - 1]}…"


@dataclass(frozen=True)
class Line:
    """From a resource to one that needs it."""

    path: str


@dataclass(frozen=True)
class Drawing:
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: int
    height: int


def drawing_of(resources: Sequence[Resource]) -> Drawing | None:
    """The boxes and lines; None where there is nothing to draw, or too much."""
    if not resources or len(resources) > MOST:
        return None
    by_name = {resource.name: resource for resource in resources}
    layers = _layers(by_name)
    rows = _rows(layers)
    widest = max(len(names) for names, _top in rows)
    width = widest * (WIDTH + GAP_X) - GAP_X + 2 * EDGE
    boxes: dict[str, Box] = {}
    for names, top in rows:
        left = EDGE + (width - 2 * EDGE - len(names) * (WIDTH + GAP_X) + GAP_X) // 2
        for place, name in enumerate(names):
            resource = by_name[name]
            boxes[name] = Box(
                resource,
                status_of(resource.status, resource.reason),
                left + place * (WIDTH + GAP_X),
                top,
            )
    lines = [
        Line(_path(boxes[resource.name], boxes[other]))
        for resource in resources
        for other in resource.required_by
        if other in boxes and other != resource.name
    ]
    return Drawing(tuple(boxes.values()), tuple(lines), width, rows[-1][1] + HEIGHT + EDGE)


def _rows(layers: dict[str, int]) -> list[tuple[list[str], int]]:
    """The names in each row of the drawing, and how far down it is."""
    found: list[tuple[list[str], int]] = []
    top = EDGE
    for layer in sorted(set(layers.values())):
        names = sorted(name for name in layers if layers[name] == layer)
        for start in range(0, len(names), ROW):
            found.append((names[start : start + ROW], top))
            top += STEP
        top += HEIGHT + GAP_Y - STEP
    return found


def _layers(by_name: dict[str, Resource]) -> dict[str, int]:
    """How many steps each is from what needs nothing; a circle, which Heat would refuse, does not hang it."""
    layers = dict.fromkeys(by_name, 0)
    for _round in range(len(by_name)):
        is_changed = False
        for resource in by_name.values():
            for other in resource.required_by:
                if other in layers and layers[other] < layers[resource.name] + 1 <= len(by_name):
                    layers[other] = layers[resource.name] + 1
                    is_changed = True
        if not is_changed:
            break
    used = {layer: place for place, layer in enumerate(sorted(set(layers.values())))}
    return {name: used[layer] for name, layer in layers.items()}


def _path(start: Box, end: Box) -> str:
    x1, y1 = start.x + WIDTH // 2, start.y + HEIGHT
    x2, y2 = end.x + WIDTH // 2, end.y
    bend = (y2 - y1) // 2
    return f"M{x1} {y1} C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}"
