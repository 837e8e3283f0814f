"""Every panel, by nothing but what it declares: a new one passes this file unmodified."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from dashboard.panels import PANELS
from dashboard.ui.listing import RESERVED
from dashboard.ui.panel import ADMIN, Panel, may, roles_in
from tests.harness.html import parsed
from tests.harness.panels import HTMX, LISTS, browser, each_panel, rows_of, shown, url_of
from tests.harness.services import Services, at_rest
from tests.harness.wire import PROJECT_ID, access_of, at, cloud_of, roles_for, signed_in

__all__ = ["browser"]


ACTING = [(panel, action) for panel in LISTS for action in panel.actions]
MAKING = [(panel, create) for panel in LISTS for create in (panel.create, *panel.also) if create is not None]
each_action = pytest.mark.parametrize(
    ("panel", "action"), ACTING, ids=[f"{panel.slug}-{action.slug}" for panel, action in ACTING]
)
each_create = pytest.mark.parametrize(
    ("panel", "create"), MAKING, ids=[f"{panel.slug}-{index}" for index, (panel, _create) in enumerate(MAKING)]
)


# What a list shows


@each_panel
def test_a_list_is_a_whole_page_and_for_htmx_the_list_alone(
    panel: Panel[Any], services: Services, browser: Client
) -> None:
    whole = browser.get(url_of(panel, "index"))
    assert whole.status_code == 200
    assert whole.content.decode().lstrip().startswith("<!doctype html>")
    assert parsed(whole.content.decode()).has("main")
    part = browser.get(url_of(panel, "index"), headers={**HTMX, "HX-Target": "list"}).content.decode()
    assert part.lstrip().startswith('<div id="list"')
    assert "<html" not in part
    rows = rows_of(panel)
    assert rows, "tests/harness/services.py has nothing of this kind"
    for page in (parsed(whole.content.decode()), parsed(part)):
        for row in rows:
            assert page.by_id(f"row-{row.id}"), f"{row.id} is not on the page"


@each_panel
def test_an_empty_list_says_what_the_thing_is_for_and_offers_to_make_one(panel: Panel[Any], services: Services) -> None:
    services.rows = {path: [] for path in services.rows}
    browser = signed_in(access_of(*roles_for(panel, panel.create)))
    answer = browser.get(url_of(panel, "index"))
    page = parsed(answer.content.decode())
    empty = page.text_of_class("empty")
    assert str(panel.about) in empty
    if panel.create is not None:
        assert str(panel.create.label) in empty
    found = shown(browser, f"{url_of(panel, 'index')}?q=nothing-is-called-so")
    assert str(panel.about) not in found.text_of_class("empty"), "a filter that finds nothing is no empty list"


@each_panel
def test_every_column_can_be_chosen_and_every_head_leads_to_its_order(
    panel: Panel[Any], services: Services, browser: Client
) -> None:
    query = urlencode([("col", column.key) for column in panel.columns])
    page = shown(browser, f"{url_of(panel, 'index')}?{query}")
    heads = [link for link in page.links if "sort" in link.get("class", "").split()]
    assert len(heads) == sum(bool(column.sort) for column in panel.columns)
    for column in panel.columns:
        assert page.all_of_class(f"col-{column.key}"), column.key
    for head in heads:
        sorted_page = shown(browser, head["href"])
        assert any(item.attrs.get("aria-sort") for item in sorted_page.elements if item.tag == "th")
        wanted = dict(parse_qsl(urlsplit(head["href"]).query))["sort"]
        for sign in ("", "-"):
            shown(browser, url_of(panel, "index") + f"?sort={sign}{wanted.lstrip('-')}")


@each_panel
@pytest.mark.parametrize("is_warm", [False, True], ids=["from the service", "from the snapshot"])
def test_every_filter_narrows_the_list(panel: Panel[Any], is_warm: bool, services: Services, browser: Client) -> None:
    if is_warm:
        shown(browser, url_of(panel, "index"))
    everything = {row.id for row in rows_of(panel)}
    for item in panel.filters:
        assert not (item.choices and item.key in RESERVED), f"chips for {item.key} can't work"
        if item.key in RESERVED:
            continue
        # What the panel would refuse narrows nothing; each of these is understood by some filter.
        typed = ["no-such-value", "yes", "1h", "192.0.2.1"]
        understood = next(value for value in typed if item.wrong is None or not item.wrong(value))
        for value in [choice for choice, _label in item.choices] or [understood]:
            wanted = f"{url_of(panel, 'index')}?{urlencode({item.key: value})}"
            page = shown(browser, wanted)
            found = {row_id for row_id in everything if page.by_id(f"row-{row_id}")}
            by_words = shown(browser, f"{url_of(panel, 'index')}?{urlencode({'q': f'{item.key}:{value}'})}")
            assert found == {row_id for row_id in everything if by_words.by_id(f"row-{row_id}")}, item.key
            turned = shown(browser, f"{url_of(panel, 'index')}?{urlencode({'q': f'-{item.key}:{value}'})}")
            left = {row_id for row_id in everything if turned.by_id(f"row-{row_id}")}
            if panel.lookup is not None and item.key in panel.lookup.values:
                assert found | left == everything, f"{item.key}:{value}"
                assert not found & left, f"{item.key}:{value}"


@each_panel
def test_what_the_panel_does_not_declare_is_ignored_and_never_sent_on(
    panel: Panel[Any], services: Services, browser: Client
) -> None:
    smuggled = {
        "all_tenants": "smuggled",
        "tenant_id": "other",
        "project_id": "other",
        "user_id": "root",
        "deleted": "1",
        "fields": "smuggled",
        "sort": "no_such_key;drop",
        "limit": "100000",
        "marker": "../../os-hypervisors?all_tenants=1",
        "x": "1",
    }
    shown(browser, url_of(panel, "index"))
    # What a panel asks for by itself, as that of all projects' servers does, nobody smuggled in.
    own = {key for call in services.calls for key, _value in parse_qsl(urlsplit(call.url).query)}
    shown(browser, f"{url_of(panel, 'index')}?{urlencode(smuggled)}")
    for row in rows_of(panel)[:1] if panel.row else ():
        shown(browser, f"{url_of(panel, 'detail', row.id)}?{urlencode(smuggled)}")
    for call in services.calls:
        asked = dict(parse_qsl(urlsplit(call.url).query))
        # Lists for administrators alone ask for every project by themselves.
        own = {"all_tenants"} if roles_in(panel.roles, "project") == ADMIN else set()
        assert not ({"all_tenants", "tenant_id", "user_id", "deleted", "x"} - own) & set(asked), call.url
        # Neutron's lists name the fields that they want themselves.
        assert not {"other", "smuggled"} & set(asked.values()), call.url
        assert "no_such_key" not in call.url
        assert "os-hypervisors" not in call.url or panel.slug == "hypervisors"
        assert int(asked.get("limit", 0)) <= 5000


@each_panel
def test_a_list_can_be_taken_along_as_csv_and_json(panel: Panel[Any], services: Services, browser: Client) -> None:
    ids = {row.id for row in rows_of(panel)}
    answer = browser.get(url_of(panel, "index") + "?format=csv")
    assert answer["Content-Disposition"].startswith("attachment")
    table = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert {row["id"].lstrip("'") for row in table} == ids
    plain = {column.key for column in panel.columns if not column.is_optional}
    assert plain <= set(table[0])
    as_json = json.loads(browser.get(url_of(panel, "index") + "?format=json").content)
    assert {row["id"] for row in as_json} == ids
    assert plain <= set(as_json[0])


@each_panel
def test_a_detail_page_has_every_tab(panel: Panel[Any], services: Services, browser: Client) -> None:
    if panel.row is None:
        pytest.skip("no detail pages")
    row = rows_of(panel)[0]
    here = url_of(panel, "detail", row.id)
    page = shown(browser, here)
    tabs = {
        dict(parse_qsl(urlsplit(link["href"]).query)).get("tab")
        for link in page.links
        if "tab" in link.get("class", "").split()
    }
    if panel.tabs or panel.raw:
        assert {tab.slug for tab in panel.tabs if is_offered(panel, tab, row)} <= tabs
    for slug in sorted(tab for tab in tabs if tab):
        shown(browser, f"{here}?tab={slug}")
        part = browser.get(f"{here}?tab={slug}", headers={**HTMX, "HX-Target": "tabs"}).content.decode()
        assert part.lstrip().startswith('<div id="tabs"')


def is_offered(panel: Panel[Any], tab: Any, row: Any) -> bool:
    """Whether those who may see the panel may see this part of it, and this row has it."""
    cloud = cloud_of(*roles_for(panel))
    other = next((item for item in LISTS if item.slug == tab.lists), None)
    return tab.is_offered(cloud, row) and (not tab.lists or (other is not None and may(cloud, other.roles)))


# Who may


@each_create
def test_a_reader_is_told_why_nothing_can_be_made(panel: Panel[Any], create: Any, services: Services) -> None:
    if "reader" in roles_in(create.roles, "project"):
        pytest.skip("readers, too, make what is their own")
    reader = signed_in(access_of("reader"))
    page = shown(reader, url_of(panel, "index"))
    label = str(create.label)
    if roles_in(create.roles, "project") == ADMIN:
        assert label not in page.text, "to others than administrators it would only be noise"
        assert reader.post(urls_of_create(panel, create), {"name": "x"}).status_code == 403
        return
    off = [item for item in page.elements if item.attrs.get("aria-disabled") == "true" and label in item.text]
    assert off, f"{label} is not greyed"
    assert roles_in(create.roles, "project")[0] in off[0].attrs.get("title", "")
    assert not [link for link in page.links if label in link.get("text", "")]
    url = urls_of_create(panel, create)
    for headers in ({}, HTMX):
        assert reader.post(url, {"name": "x"}, headers=headers).status_code == 403
    assert not services.changes


def urls_of_create(panel: Panel[Any], create: Any) -> str:
    forms = [item for item in (panel.create, *panel.also) if item is not None and item.form is not None]
    place = forms.index(create) if create in forms else 0
    name = create.url_name or f"{panel.slug}:create{f'-{place}' if place else ''}"
    return reverse(f"project:{name}", args=["RegionOne", PROJECT_ID])


@each_action
def test_a_reader_is_told_why_nothing_can_be_done(panel: Panel[Any], action: Any, services: Services) -> None:
    if "reader" in roles_in(action.roles, "project"):
        pytest.skip("readers, too, do so with what is their own")
    reader = signed_in(access_of("reader"))
    row = rows_of(panel)[0]
    url = f"{url_of(panel, 'act', action.slug)}?{urlencode({'id': row.id})}"
    page = shown(reader, url)
    assert roles_in(action.roles, "project")[0] in page.text
    menu = shown(reader, url_of(panel, "menu", row.id))
    is_listed = action.is_in_menu and roles_in(action.roles, "project") != ADMIN
    assert (str(action.label) in menu.text and roles_in(action.roles, "project")[0] in menu.text) if is_listed else True
    assert not [
        item
        for item in shown(reader, url).elements
        if item.tag == "button" and str(action.label) in item.text and "btn-primary" in item.attrs.get("class", "")
    ]
    for headers in ({}, HTMX):
        assert reader.post(url_of(panel, "act", action.slug), {"id": row.id}, headers=headers).status_code == 403
    assert not services.changes


def forms_of(panel: Panel[Any]) -> list[str]:
    """Every address of the panel that takes a form."""
    ours = [url_of(panel, "act", action.slug) for action in panel.actions]
    return ours + [urls_of_create(panel, create) for create in (panel.create, *panel.also) if create is not None]


@each_panel
def test_a_form_without_its_token_or_from_elsewhere_is_refused(panel: Panel[Any], services: Services) -> None:
    row = rows_of(panel)[0]
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in(access_of(*roles_for(panel))).cookies
    lenient = signed_in(access_of(*roles_for(panel)))
    services.calls.clear()
    for url in forms_of(panel):
        assert strict.post(url, {"id": row.id, "name": "x"}).status_code == 403
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil"}):
            assert lenient.post(url, {"id": row.id, "name": "x"}, headers=headers).status_code == 403
    assert not services.changes


@each_panel
def test_pages_that_only_show_take_no_form(panel: Panel[Any], services: Services, browser: Client) -> None:
    row = rows_of(panel)[0]
    for view, args in (("index", ()), ("live", ()), ("menu", (row.id,)), ("detail", (row.id,))):
        assert browser.post(url_of(panel, view, *args), {}).status_code == 405
    assert not services.changes


# Reading changes nothing


def test_reading_every_page_changes_nothing(services: Services, browser: Client) -> None:
    """Follows every link and fragment that a GET may fetch, from every panel's list."""
    seen: set[str] = set()
    names: set[str] = set()
    waiting = [(url, False) for entry in PANELS for url in [at(f"{entry.slug}/")]]
    for panel in LISTS:
        for row in rows_of(panel):
            for action in panel.actions:
                waiting.append((f"{url_of(panel, 'act', action.slug)}?{urlencode({'id': row.id})}", False))
    while waiting:
        url, is_part = waiting.pop(0)
        parts = urlsplit(url)
        shape = f"{parts.path}?{sorted({key for key, _ in parse_qsl(parts.query)})}{is_part}"
        if shape in seen or not parts.path.startswith(at("")):
            continue
        seen.add(shape)
        answer = browser.get(url, headers=HTMX if is_part else {})
        at_rest()
        assert answer.status_code < 500, url
        names.add(resolve(parts.path).view_name)
        if answer.status_code == 200 and "html" in answer["Content-Type"]:
            page = parsed(answer.content.decode())
            waiting += [(link["href"], False) for link in page.links if link.get("href", "").startswith("/")]
            waiting += [(item.attrs["hx-get"], True) for item in page.elements if item.attrs.get("hx-get")]
            waiting += [(item.attrs["formaction"], False) for item in page.elements if item.attrs.get("formaction")]
        # As a server does: what is under way for it elsewhere ends.
        answer.close()
    assert len(seen) > 100
    for pattern, name in patterns(get_resolver(), ()):
        # What a page links to only at times, when there is more of a log, say.
        if name.startswith("project:") and name not in names and name.split(":")[1] in {entry.slug for entry in PANELS}:
            answer = browser.get(filled(pattern, name))
            assert answer.status_code < 500, name
    at_rest()
    assert [f"{call.method} {call.url}" for call in services.changes] == []


def filled(pattern: URLPattern, name: str) -> str:
    """An address of this pattern, with the id of a row that there is."""
    panel = next((panel for panel in LISTS if panel.slug == name.split(":")[1]), None)
    given = {"row_id": rows_of(panel)[0].id if panel else "", "request_id": "req-0123", "slug": "compute"}
    kwargs = {key: given.get(key, "0" * 32) for key in pattern.pattern.regex.groupindex}
    return reverse(name, kwargs={"region": "RegionOne", "project_id": PROJECT_ID, **kwargs})


def patterns(resolver: URLResolver, names: tuple[str, ...]) -> Iterator[tuple[URLPattern, str]]:
    for item in resolver.url_patterns:
        if isinstance(item, URLResolver):
            yield from patterns(item, (*names, item.namespace) if item.namespace else names)
        elif item.name:
            yield item, ":".join((*names, item.name))


# When things are missing or broken


@each_panel
def test_an_id_that_is_nothing_is_a_page_in_words(panel: Panel[Any], services: Services, browser: Client) -> None:
    if panel.row is None:
        pytest.skip("no detail pages")
    unknown = "00000000-0000-4000-8000-000000000000"
    page = shown(browser, url_of(panel, "detail", unknown), status=404)
    assert str(panel.noun) in page.text
    for tricky in ("..%2f..%2fos-hypervisors", "a?all_tenants=1", "a/b", "%2e%2e", "."):
        answer = browser.get(f"{url_of(panel, 'index')}{tricky}/")
        assert answer.status_code in {200, 301, 302, 400, 404}
    base = {urlsplit(call.url).path.rpartition("/")[0] for call in services.calls}
    assert panel.slug == "hypervisors" or not any("os-hypervisors" in path for path in base)
    assert not any("all_tenants" in urlsplit(call.url).query for call in services.calls)
