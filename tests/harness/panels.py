"""What tests over every panel share."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.cloud.types import Query
from dashboard.panels import PANELS
from dashboard.ui.panel import Panel
from tests.harness.html import Page, parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import PROJECT_ID, access_of, cloud_of, roles_for, signed_in

LISTS = [panel for panel in PANELS if isinstance(panel, Panel)]
each_panel = pytest.mark.parametrize("panel", LISTS, ids=lambda panel: panel.slug)
each_entry = pytest.mark.parametrize("entry", PANELS, ids=lambda entry: entry.slug)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(services: Services, request: pytest.FixtureRequest) -> Client:
    """Somebody who may see the panel and do what the test is about."""
    given = getattr(request.node, "callspec", None)
    params = given.params if given else {}
    about = [params[name] for name in ("panel", "entry", "action", "create") if name in params]
    return signed_in(access_of(*roles_for(*(thing for thing in about if hasattr(thing, "roles")))))


def rows_of(panel: Panel[Any]) -> tuple[Any, ...]:
    """What the recorded cloud has of this panel's kind."""
    return tuple(panel.rows(cloud_of(*roles_for(panel)), Query()).rows)


def url_of(panel: Panel[Any], view: str, *args: str) -> str:
    return reverse(f"project:{panel.slug}:{view}", args=["RegionOne", PROJECT_ID, *args])


def shown(browser: Client, url: str, status: int = 200, **headers: str) -> Page:
    answer = browser.get(url, headers=headers)
    at_rest()
    assert answer.status_code == status, f"{url}: {answer.status_code}\n{answer.content.decode()[:2000]}"
    return parsed(answer.content.decode())
