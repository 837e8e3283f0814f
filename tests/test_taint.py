"""What services send is text: no name, tag, message or log line of theirs becomes markup, an attribute or a request."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.panels import PANELS
from dashboard.ui.panel import Panel
from tests.harness.html import Page, parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import PROJECT_ID, access_of, at, signed_in

MARKUP = (
    "\"'><x-evil x-evil=1 hx-get=/evil hx-trigger=load data-hx-post=/evil onmouseover=evil()>"
    "<script>evil()</script><img src=x onerror=evil()><svg onload=evil()></svg><!-- </script></title></textarea>{{7*7}}"
)
VECTORS = (
    MARKUP,
    '" x-evil=1 onfocus=evil() autofocus hx-get="/evil',
    "' x-evil=1 onfocus=evil() autofocus hx-get='/evil",
    "x x-evil=1 onfocus=evil() hx-get=/evil",
    "</script><script>evil()</script>",
    "{{7*7}}${7*7}{$7*7$}{% evil %}<%= evil %>#{evil}",
    "&lt;x-evil&gt;&#60;x-evil&#62;&quot; x-evil=1",
)
QUOTES = VECTORS[1]
CORPUS = {
    # One after the other: whatever they stand in, the first that fits breaks out of it.
    "markup": "\n".join(VECTORS),
    "address": "javascript:evil()//" + QUOTES,
    "data address": "data:text/html,<script>evil()</script>" + QUOTES,
    "odd characters": "\x00\x1b[31m\u202ex-evil\u2028</p><x-evil>",
}
IDS = re.compile(r"[0-9a-f-]{32,36}|\d+|req-[0-9a-f-]+|\d{4}-\d\d-\d\d.*|https?://.*|/v2.*", re.DOTALL)
"""What stays as it is, so that there is anything to open: ids, times, and the services' own links."""
OPEN = {"metadata", "extra_specs", "addresses", "properties", "os_admin", "hints"}
"""Objects whose keys are chosen by people."""


def poisoned(value: Any, payload: str, *, are_keys_free: bool = False) -> Any:
    """The same JSON with the payload for every text, and for every key that somebody chose."""
    if isinstance(value, dict):
        found = {key: poisoned(item, payload, are_keys_free=key in OPEN) for key, item in value.items()}
        if are_keys_free:
            found = {f"{payload}{place}": item for place, item in enumerate(found.values())} or {payload: payload}
        return found
    if isinstance(value, list):
        return [poisoned(item, payload) for item in value]
    return payload if isinstance(value, str) and value and not IDS.fullmatch(value) else value


def assert_inert(page: Page, where: str) -> None:
    """Nothing on the page comes from a payload: no element, attribute, handler, or address."""
    for element in page.elements:
        told = f"{where}, line {element.line}: <{element.tag} {element.attrs}>"
        assert element.tag != "x-evil", told
        assert not [name for name in element.attrs if name.startswith("on") or "evil" in name], told
        for name, value in element.attrs.items():
            if name.startswith(("hx-", "data-hx-")) and name not in {"hx-vals"}:
                assert not value.startswith("/evil"), told
            if name in {"href", "src", "action", "formaction", "hx-get", "hx-post", "data-url", "style", "srcdoc"}:
                assert not re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE), told
                assert name not in {"style", "srcdoc"}, told
        if element.tag == "script":
            assert element.attrs.get("src") or element.attrs.get("type") == "application/json", told
            assert "evil" not in element.attrs.get("src", ""), told


def url_of(panel: Panel[Any], view: str, *args: str) -> str:
    return reverse(f"project:{panel.slug}:{view}", args=["RegionOne", PROJECT_ID, *args])


def crawl(browser: Client, services: Services, where: str) -> int:
    """Opens every list with every column, every thing on it with every tab, and the dialogs of all actions."""
    count = 0

    def look(url: str, **headers: str) -> str:
        nonlocal count
        answer = browser.get(url, headers=headers)
        at_rest()
        assert answer.status_code < 500, f"{where} {url}"
        text: str = answer.content.decode()
        if "html" in answer["Content-Type"]:
            assert_inert(parsed(text), f"{where} {url}")
            count += 1
        return text

    for entry in PANELS:
        look(at(f"{entry.slug}/"))
        if not isinstance(entry, Panel):
            continue
        columns = urlencode([("col", column.key) for column in entry.columns])
        text = look(f"{url_of(entry, 'index')}?{columns}")
        ids = [
            item.attrs["id"].removeprefix("row-")
            for item in parsed(text).elements
            if item.tag == "tr" and "id" in item.attrs
        ]
        look(f"{url_of(entry, 'index')}?{urlencode({'q': where, 'sort': where, 'col': where})}")
        look(f"{url_of(entry, 'live')}?since=0&{columns}", **{"HX-Request": "true"})
        for row_id in ids[:2]:
            try:
                here = url_of(entry, "detail", row_id)
            except Exception:  # An id that no address of ours can hold is not opened.
                continue
            for tab in ("", "json", *(tab.slug for tab in entry.tabs)):
                look(f"{here}?tab={tab}")
            look(f"{here}menu/", **{"HX-Request": "true"})
            for action in entry.actions:
                look(f"{url_of(entry, 'act', action.slug)}?{urlencode({'id': row_id})}")
        for create in (entry.create, *entry.also):
            if create is not None:
                look(reverse(f"project:{create.url_name or entry.slug + ':create'}", args=["RegionOne", PROJECT_ID]))
    look(at("operations/"))
    browser.get(f"{at('search/')}?q=evil")
    return count


@pytest.mark.parametrize(
    ("role", "payload"),
    [*(("member", payload) for payload in CORPUS.values()), ("admin", MARKUP)],
    ids=[*CORPUS, "markup for an administrator"],
)
def test_nothing_that_services_send_becomes_markup(payload: str, role: str, services: Services) -> None:
    services.change = lambda body: poisoned(body, payload)
    browser = signed_in(access_of(role, project_name=payload, user_name=payload))
    assert crawl(browser, services, payload) > 40
    assert not services.changes
    assert not [call.url for call in services.calls if call.url.rpartition("/")[2] == "evil"]


def test_templates_of_others_stay_text(services: Services) -> None:
    services.change = lambda body: poisoned(body, "{{7*7}}")
    page = parsed(signed_in().get(at("servers/")).content.decode())
    assert "{{7*7}}" in page.text
    assert "49" not in [item.text for item in page.elements if item.tag == "a"]


@pytest.mark.parametrize("payload", [MARKUP, QUOTES], ids=["markup", "double quotes"])
def test_ids_that_are_markup_stay_text(payload: str, services: Services) -> None:
    def change(body: Any) -> Any:
        if isinstance(body, dict):
            return {
                key: payload if key.endswith("id") and isinstance(item, str) else change(item)
                for key, item in body.items()
            }
        return [change(item) for item in body] if isinstance(body, list) else body

    services.change = change
    crawl(signed_in(), services, payload)
    assert not services.changes


WRAPPED = '{{"badRequest": {{"message": {}}}}}'
"""A message as the services send it; others come as text or as HTML, whatever the status."""


@pytest.mark.parametrize(
    ("status", "wrapped"),
    [
        *((status, WRAPPED) for status in (400, 403, 404, 409, 413, 429, 500)),
        (400, "{}"),
        (500, "<html><body>{}</body></html>"),
    ],
)
def test_what_services_say_of_errors_stays_text(status: int, wrapped: str, services: Services) -> None:
    text = (
        wrapped.replace("{{", "{")
        .replace("}}", "}")
        .replace("{}", json.dumps(MARKUP) if "message" in wrapped else MARKUP)
    )
    for service in ("compute", "image", "network", "block-storage", "orchestration", "object-store"):
        services.fail(service, status=status, text=text, X_OpenStack_Request_ID=f"req-{MARKUP}".replace("\n", " "))
    crawl(signed_in(), services, "errors")
    if wrapped != WRAPPED or status not in {400, 409, 500}:
        return
    browser = signed_in()
    for entry in PANELS:
        if not isinstance(entry, Panel):
            continue
        for action in entry.actions:
            answer = browser.post(url_of(entry, "act", action.slug), {"id": "0" * 32})
            # 503 is a page of ours that says which service failed.
            assert answer.status_code < 500 or answer.status_code == 503, f"{entry.slug} {action.slug}"
            assert_inert(parsed(answer.content.decode()), "an action")
        assert_inert(parsed(browser.get(at("api-access/")).content.decode()), "the messages on the next page")
