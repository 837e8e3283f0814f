"""The register of panels, and what other packages may add to it."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard import panels
from dashboard.ui.panel import GROUPS, Place

EXTRA = Place(slug="extra", title="Extra", group="compute", icon="box", urls=())
SEVERAL = (EXTRA, Place(slug="more", title="More", group="compute", icon="box", urls=()))
NOTHING = object()


def found(monkeypatch: pytest.MonkeyPatch, value: str) -> tuple[Any, ...]:
    entry = EntryPoint("acme", value, panels.ENTRY_POINTS)
    monkeypatch.setattr(panels, "entry_points", lambda group: [entry] if group == panels.ENTRY_POINTS else [])
    return panels.others()


def test_every_panel_is_in_a_group_of_the_menu_and_has_a_slug_of_its_own() -> None:
    assert {entry.group for entry in panels.PANELS} <= {key for key, _label in GROUPS}
    assert len({entry.slug for entry in panels.PANELS}) == len(panels.PANELS)


def test_a_project_starts_with_its_overview() -> None:
    assert panels.PANELS[0].slug == "overview"


@pytest.mark.parametrize(("name", "slugs"), [("EXTRA", ["extra"]), ("SEVERAL", ["extra", "more"])])
def test_another_package_adds_one_panel_or_several(
    monkeypatch: pytest.MonkeyPatch, name: str, slugs: list[str]
) -> None:
    assert [entry.slug for entry in found(monkeypatch, f"{__name__}:{name}")] == slugs


@pytest.mark.parametrize("value", ["no.such.package:PANEL", f"{__name__}:NOTHING", f"{__name__}:MISSING"])
def test_one_that_can_not_be_used_stops_the_start_and_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="acme"):
        found(monkeypatch, value)


def test_two_panels_of_one_slug_stop_the_start() -> None:
    with pytest.raises(ImproperlyConfigured, match="extra"):
        panels.checked((EXTRA, EXTRA))
