"""*Show request*, of everything that can be done: what is shown is what is sent."""

from __future__ import annotations

import json
import shlex
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from dashboard.cloud import dry
from dashboard.cloud.types import Query
from dashboard.panels import PANELS
from dashboard.ui.panel import Panel
from tests.harness.filling import filled
from tests.harness.html import parsed
from tests.harness.services import Call, Services, at_rest
from tests.harness.wire import access_of, at, cloud_of, roles_for, signed_in

ACTING = [(panel, action) for panel in PANELS if isinstance(panel, Panel) for action in panel.actions]
HTMX = {"HX-Request": "true"}


def curls(markup: str) -> list[tuple[str, str, Any]]:
    """Method, URL and body of each curl command on a page."""
    page = parsed(markup)
    text = next(item.text for item in page.elements if item.tag == "code" and item.text.startswith("curl"))
    found = []
    for command in text.split("curl -X ")[1:]:
        words = shlex.split(command.replace("\\ ", " "))
        body = words[words.index("-d") + 1] if "-d" in words else None
        found.append((words[0], words[1], json.loads(body) if body else None))
    return found


def sent(calls: list[Call]) -> list[tuple[str, str, Any]]:
    return [(call.method, call.url, json.loads(call.body) if call.body else None) for call in calls]


def without_secrets(items: list[tuple[str, str, Any]]) -> str:
    """As text, for comparing; what is not shown to anybody is left out of both."""
    return json.dumps([(method, url, dry.without_secrets(body)) for method, url, body in items], indent=1)


@pytest.mark.parametrize(("panel", "action"), ACTING, ids=[f"{panel.slug}-{action.slug}" for panel, action in ACTING])
def test_the_request_shown_is_the_request_sent(panel: Panel[Any], action: Any, services: Services) -> None:
    roles = roles_for(panel, action)
    rows = panel.rows(cloud_of(*roles), Query(limit=100)).rows
    # A row by itself may know more of what stands in its way than one of a list.
    ask = cloud_of(*roles)
    found = (panel.row(ask, row.id) if panel.row else row for row in rows)
    row = next((row for row in found if not action.when(row)), None)
    if row is None:
        pytest.skip("nothing recorded that this can be done to")
    browser: Client = signed_in(access_of(*roles))
    url = at(f"{panel.slug}/act/{action.slug}/")
    dialog = browser.get(f"{url}?{urlencode({'id': row.id})}", headers=HTMX).content.decode()
    data = filled(dialog, panel.slug, action.slug)
    at_rest()
    services.calls.clear()
    shown = browser.post(url, {**data, "show": "1"}, headers={**HTMX, "HX-Target": "request"})
    assert shown.status_code == 200, parsed(shown.content.decode()).text_of_class("form-errors invalid-feedback")
    assert not services.changes, "showing it must not do it"
    assert "gAAAA" not in shown.content.decode(), "no token is shown"
    answer = browser.post(url, data, headers=HTMX)
    assert answer.status_code == 200, answer.content.decode()[:1000]
    really = sent(services.changes)
    assert really, "nothing was sent"
    assert without_secrets(curls(shown.content.decode())) == without_secrets(really)
    page = parsed(shown.content.decode())
    script = next(item for item in page.elements if item.tag == "code" and "import openstack" in item.text)
    compile("".join(script.parts), "shown", "exec")
