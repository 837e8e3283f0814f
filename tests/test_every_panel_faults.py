"""Every panel while a service fails, is missing, or sends what makes no sense."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from django.test import Client
from django.utils.functional import Promise

from dashboard.panels import PANELS
from dashboard.ui.panel import Panel, may
from tests.harness.panels import HTMX, browser, each_entry, each_panel, rows_of, shown, url_of
from tests.harness.services import COLLECTIONS, Services, at_rest
from tests.harness.wire import access_of, at, cloud_of, roles_for, signed_in

__all__ = ["browser"]


NAMED = r"\((Nova|Glance|Neutron|Cinder|Keystone|Heat|Swift)\)|Placement|role"
FAULTS: dict[str, dict[str, Any]] = {
    "refused": {"error": requests.exceptions.ConnectionError("NewConnectionError: refused")},
    "reset": {"error": requests.exceptions.ConnectionError("Connection reset by peer")},
    "TLS": {"error": requests.exceptions.SSLError("certificate verify failed")},
    "too late": {"error": requests.exceptions.ReadTimeout("read timed out")},
    "500": {"status": 500, "text": "Traceback (most recent call last)"},
    "502 HTML": {"status": 502, "text": "<html><h1>Bad Gateway</h1></html>"},
    "503": {"status": 503, "text": {"message": "busy"}, "Retry_After": "7"},
    "429 string": {"status": 429, "text": '"Slow down"', "Retry_After": "7"},
    "403": {"status": 403, "text": {"forbidden": {"message": "Policy doesn't allow it"}}},
    "404 HTML": {"status": 404, "text": "<html>no such page</html>"},
    "400": {"status": 400, "text": {"badRequest": {"message": "Bad"}}},
    "HTML with 200": {"status": 200, "text": "<html>Log in to the network</html>"},
    "empty": {"status": 200, "text": ""},
    "half": {"status": 200, "text": '{"servers": [{"id"'},
    "a list": {"status": 200, "text": []},
    "nothing in it": {"status": 200, "text": {}},
    "null": {"status": 200, "text": {collection.key: None for collection in COLLECTIONS}},
    "302": {"status": 302, "text": "", "Location": "http://169.254.169.254/"},
}


@each_panel
@pytest.mark.parametrize("fault", FAULTS)
def test_a_service_that_fails_costs_its_section_and_is_named(
    panel: Panel[Any], fault: str, services: Services, browser: Client
) -> None:
    row = rows_of(panel)[0]
    services.fail(panel.service, X_OpenStack_Request_ID="req-0123", **FAULTS[fault])
    for url in (url_of(panel, "index"), url_of(panel, "index") + "?sort=name"):
        page = shown(browser, url)
        assert page.has("main"), "the page is whole"
        (section,) = page.all_of_class("fault")
        assert section.attrs.get("role") == "alert"
        assert re.search(NAMED, section.text), section.text
        assert "Traceback" not in page.text
        assert "169.254" not in page.text
        if "status" in FAULTS[fault] and FAULTS[fault]["status"] >= 400:
            assert "req-0123" in section.text
        if fault not in {"403", "404 HTML", "400"}:
            assert "Try again" in section.text
    part = browser.get(url_of(panel, "index"), headers={**HTMX, "HX-Target": "list"})
    assert part.status_code == 200
    assert "fault" in part.content.decode()
    if panel.row is not None:
        for headers in ({}, HTMX):
            answer = browser.get(url_of(panel, "detail", row.id), headers=headers)
            assert answer.status_code in {200, 400, 403, 404, 503}
    for view in ("live", "detail-live", "menu"):
        args = () if view == "live" else (row.id,)
        assert browser.get(url_of(panel, view, *args), headers=HTMX).status_code in {200, 204, 400, 403, 404, 503}
    assert browser.get(url_of(panel, "index") + "?format=csv").status_code in {200, 400, 403, 404, 503}
    for action in panel.actions:
        answer = browser.get(f"{url_of(panel, 'act', action.slug)}?{urlencode({'id': row.id})}")
        assert answer.status_code in {200, 400, 403, 404, 503}
    assert not services.changes


@each_panel
def test_a_service_that_the_cloud_does_not_have_is_said_to_be_missing(panel: Panel[Any], services: Services) -> None:
    if panel.service == "identity":
        pytest.skip("whoever is signed in has a Keystone")
    row = rows_of(panel)[0]
    services.calls.clear()
    browser = signed_in(
        access_of(*roles_for(panel), without=(panel.service, "volumev3" if panel.service == "block-storage" else ""))
    )
    page = shown(browser, url_of(panel, "index"))
    (section,) = page.all_of_class("fault")
    assert "is not offered in this region" in section.text
    assert "Try again" not in section.text
    assert not services.calls
    for view in ("detail", "menu"):
        assert browser.get(url_of(panel, view, row.id)).status_code in {404, 200}


@pytest.mark.parametrize("role", ["member", "admin"])
@pytest.mark.parametrize(
    "service", ["compute", "image", "network", "block-storage", "placement", "orchestration", "object-store"]
)
def test_pages_stand_without_any_one_service(service: str, role: str, services: Services) -> None:
    access = access_of(role, without=(service, "volumev3" if service == "block-storage" else ""))
    browser, cloud = signed_in(access), cloud_of(role)
    for entry in PANELS:
        if may(cloud, entry.roles) and "project" in entry.scopes:
            shown(browser, at(f"{entry.slug}/"))
            at_rest()


ODD: tuple[Any, ...] = (None, 7, -1, 1e400, True, "", "x" * 5000, [], [None, 3, {}], {}, {"a": None}, [[]])
"""What may stand where something else was promised."""


@each_panel
@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
def test_wrong_types_cost_a_value_and_not_the_list(
    panel: Panel[Any], odd: Any, services: Services, browser: Client
) -> None:
    before = rows_of(panel)
    ids = {item.place: item.id for item in COLLECTIONS}
    for path, rows in services.rows.items():
        # The first row is odd everywhere, the others are as they were.
        rows[:1] = [{key: (value if key == ids[path] else odd) for key, value in rows[0].items()}] if rows else []
    query = urlencode([("col", column.key) for column in panel.columns])
    page = shown(browser, f"{url_of(panel, 'index')}?{query}")
    for row in before[1:]:
        assert page.by_id(f"row-{row.id}"), "one odd row cost another"
    shown(browser, f"{url_of(panel, 'index')}?{query}")  # from the snapshot, where there is one
    for column in panel.columns:
        if column.sort:
            shown(browser, f"{url_of(panel, 'index')}?sort={column.sort}")
    for view in ("?format=csv", "?format=json"):
        assert browser.get(url_of(panel, "index") + view).status_code == 200
    if panel.row is not None:
        here = url_of(panel, "detail", before[0].id)
        for tab in ("", *(tab.slug for tab in panel.tabs), "json"):
            assert browser.get(f"{here}?tab={tab}").status_code in {200, 404}
        shown(browser, url_of(panel, "menu", before[0].id))
    for action in panel.actions:
        shown(browser, f"{url_of(panel, 'act', action.slug)}?{urlencode({'id': before[0].id})}")


@each_panel
def test_rows_that_are_no_objects_or_have_no_id_are_left_out(
    panel: Panel[Any], services: Services, browser: Client
) -> None:
    before = rows_of(panel)

    def with_rubbish(body: Any) -> Any:
        if isinstance(body, dict):
            return {
                key: [None, 3, "x", [], {}, {"id": None}, {"id": {}}, *value] if isinstance(value, list) else value
                for key, value in body.items()
            }
        return body

    services.change = with_rubbish
    page = shown(browser, url_of(panel, "index"))
    for row in before:
        assert page.by_id(f"row-{row.id}")
    shown(browser, url_of(panel, "index"))


# Texts


@each_entry
def test_every_text_is_translated_when_it_is_shown(entry: Any) -> None:
    for where, text in texts_of(entry):
        if isinstance(text, Promise) or not text:
            continue
        # Names in capitals and what is typed as key:value are the same in every language.
        assert re.fullmatch(r"[A-Z0-9][A-Z0-9.-]*|\w+:[\w.:/]+", str(text)), f"{where}: {text!r} is fixed English"


def texts_of(entry: Any) -> Iterator[tuple[str, Any]]:
    for name in ("title", "noun", "nouns", "about"):
        if hasattr(entry, name):
            yield name, getattr(entry, name)
    if not isinstance(entry, Panel):
        return
    for column in (*entry.columns, *(fact for group in entry.groups for fact in group.facts)):
        yield f"column {column.key}", column.label
    for item in entry.filters:
        yield f"filter {item.key}", item.label
        yield f"filter {item.key}", item.hint
        for value, label in item.choices:
            yield f"filter {item.key}:{value}", label
    for action in entry.actions:
        yield f"action {action.slug}", action.label
        yield f"action {action.slug}", action.started
        for field in (action.form.base_fields if action.form else {}).values():
            yield f"action {action.slug}", field.label
            yield f"action {action.slug}", field.help_text
    for create in (entry.create, *entry.also):
        if create is not None:
            yield "create", create.label
            for field in (create.form.base_fields if create.form else {}).values():
                yield "create", field.label
                yield "create", field.help_text
    for part in (*entry.groups, *entry.tabs):
        yield "part", part.label
