"""Template tags of the storage pages: a broken volume in words."""

from __future__ import annotations

from dataclasses import dataclass

from django import template

from dashboard.cloud.volumes import Volume
from dashboard.panels.storage.words import BROKEN

register = template.Library()


@dataclass(frozen=True)
class Told:
    """What a state means, and what to do."""

    meaning: str
    advice: str


@register.simple_tag
def broken_volume(volume: Volume) -> Told | None:
    """``{% broken_volume row as told %}``: what its state means, and what to do; None if it is well."""
    found = BROKEN.get(volume.status)
    return Told(str(found[0]), str(found[1])) if found else None
