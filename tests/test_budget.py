"""How often each page asks the cloud: exactly, in ``budgets.toml``. Both a rise and a fall have to be meant.

``UPDATE_BUDGETS=1 pytest tests/test_budget.py`` writes the file anew; say in the commit why it changed.
Calls that a poll makes are not a page's: one poll serves every viewer.
"""

from __future__ import annotations

import os
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.cloud import transport, versions
from dashboard.cloud.types import Query
from dashboard.live import publish
from dashboard.panels import PANELS
from dashboard.ui.panel import Panel
from tests.harness.filling import filled
from tests.harness.services import Services, at_rest
from tests.harness.wire import KEYSTONE, NOVA, PROJECT_ID, access_of, at, cloud_of, recorded, roles_for, signed_in

FILE = Path(__file__).with_name("budgets.toml")
HTMX = {"HX-Request": "true"}
Budgets = Callable[..., None]
ONCE = "0" * 32
HEAD = """# Upstream requests per page or event, exactly: cold (nothing known yet) and warm (seen a moment ago).
# "keystone" is how many of the cold ones go to Keystone; of the warm ones none may.
# What is done to a server, and a launch, is one request; the other reads the server, so that all see it at once.
# How new a service is, each process asks once an hour: that request is in none of these.
# Written by UPDATE_BUDGETS=1 pytest tests/test_budget.py
"""


@contextmanager
def counted() -> Iterator[list[str]]:
    """The requests upstream that are made in here, by whatever thread, except by polls.

    These wait until the page is there: one that was quicker would have asked for what both need, such as the names of
    projects, and the page would be counted as cheaper.
    """
    found: list[str] = []
    may_go = threading.Event()
    for _ in range(publish.INLINE):
        publish._pool.submit(may_go.wait)
    mark = transport.calls.set(found)
    try:
        yield found
    finally:
        transport.calls.reset(mark)
        may_go.set()
        at_rest()


@pytest.fixture(scope="module")
def budgets() -> Iterator[Budgets]:
    """Holds what was counted against the file, or writes it."""
    known: dict[str, dict[str, int]] = tomllib.loads(FILE.read_text()) if FILE.exists() else {}
    seen: dict[str, dict[str, int]] = {}
    is_update = bool(os.environ.get("UPDATE_BUDGETS"))

    def check(name: str, cold: list[str] | None, warm: list[str] | None = None) -> None:
        # Lists of what Keystone keeps are read from Keystone.
        is_of_keystone = any(name.split()[0].split(":")[0] == slug for slug in OF_KEYSTONE)
        found = {} if cold is None else {"cold": len(cold), "keystone": keystone(cold)}
        if warm is not None:
            found["warm"] = len(warm)
            assert is_of_keystone or not keystone(warm), f"{name} asks Keystone when warm: {warm}"
        seen[name] = found
        if not is_update:
            assert found == known.get(name), f"{name}\ncold: {shown(cold or [])}\nwarm: {shown(warm or [])}"

    yield check
    if is_update:
        lines = [
            f'"{name}" = {{ {", ".join(f"{k} = {v}" for k, v in each.items())} }}\n'
            for name, each in (known | seen).items()
        ]
        FILE.write_text(HEAD + "\n" + "".join(lines))


def keystone(calls: list[str]) -> int:
    return sum(KEYSTONE in call for call in calls)


def shown(calls: list[str]) -> str:
    return "".join(f"\n  {call.replace('http://127.0.0.1:', ':')}" for call in sorted(calls)) or "nothing"


OF_KEYSTONE = {entry.slug for entry in PANELS if entry.service == "identity"}
LIVE = [panel for panel in PANELS if isinstance(panel, Panel) and panel.live]


def create_names(panel: Panel[Any]) -> Iterator[str]:
    """The URL names of the panel's forms and wizards for something new."""
    forms = 0
    for create in (panel.create, *panel.also):
        if create is not None:
            yield create.url_name or f"{panel.slug}:create{f'-{forms}' if forms else ''}"
            forms += create.form is not None


def pages() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, address and headers of every page that a GET shows; ids are filled in by ``{id}``."""
    for entry in PANELS:
        yield f"{entry.slug} list" if isinstance(entry, Panel) else entry.slug, at(f"{entry.slug}/"), {}
        if not isinstance(entry, Panel):
            continue
        yield f"{entry.slug} list, filtered and sorted", at(f"{entry.slug}/?q=a&sort=-name"), {}
        yield f"{entry.slug} csv", at(f"{entry.slug}/?{urlencode({'format': 'csv'})}"), {}
        if entry.row is not None:
            yield f"{entry.slug} detail", at(f"{entry.slug}/{{id}}/"), {}
            for tab in entry.tabs:
                yield f"{entry.slug} detail, {tab.slug}", at(f"{entry.slug}/{{id}}/?tab={tab.slug}"), {}
        if entry.actions:
            yield f"{entry.slug} menu", at(f"{entry.slug}/{{id}}/menu/"), HTMX
            yield f"{entry.slug} dialog", at(f"{entry.slug}/act/{entry.actions[0].slug}/?id={{id}}"), HTMX
        for name in create_names(entry):
            yield f"{name} form", reverse(f"project:{name}", args=["RegionOne", PROJECT_ID]), {}
    yield "operations", at("operations/"), HTMX
    yield "search", at("search/?q=web"), {}
    yield "sessions", "/sessions/", {}
    yield "projects to switch to", "/scopes/", HTMX


@pytest.mark.parametrize(("name", "url", "headers"), list(pages()), ids=[name for name, _u, _h in pages()])
def test_a_page_asks_no_more_and_no_less_than_agreed(
    name: str, url: str, headers: dict[str, str], services: Services, budgets: Budgets
) -> None:
    panel = next((item for item in PANELS if url.startswith(at(f"{item.slug}/"))), None)
    if "{id}" in url and isinstance(panel, Panel):
        rows = panel.rows(cloud_of(*roles_for(panel)), Query()).rows
        url = url.replace("{id}", rows[0].id.replace(" ", "%20"))
    browser = signed_in(access_of(*roles_for(*([panel] if panel is not None else []))))
    found = []
    for _time in ("cold", "warm"):
        with counted() as calls:
            answer = browser.get(url, headers=headers)
        assert answer.status_code in {200, 204}, answer.content.decode()[:500]
        found.append(calls)
    budgets(name, *found)


@pytest.mark.parametrize("panel", LIVE, ids=lambda panel: panel.slug)
def test_a_fragment_asks_the_cloud_nothing(panel: Panel[Any], services: Services, budgets: Budgets) -> None:
    browser = signed_in()
    browser.get(at(f"{panel.slug}/"))
    at_rest()
    browser.get(at(f"{panel.slug}/live/?since=0"), headers=HTMX)
    with counted() as changed:
        assert browser.get(at(f"{panel.slug}/live/?since=0"), headers=HTMX).status_code == 200
    with counted() as unchanged:
        for _ in range(3):
            browser.get(at(f"{panel.slug}/live/?since=1"), headers=HTMX)
    assert not changed, shown(changed)
    assert not unchanged
    budgets(f"{panel.slug} live, rows changed", changed, unchanged)


@pytest.mark.parametrize(
    ("panel", "action"),
    [(panel, action) for panel in PANELS if isinstance(panel, Panel) for action in panel.actions],
    ids=lambda item: getattr(item, "slug", ""),
)
def test_doing_something_asks_as_agreed(panel: Panel[Any], action: Any, services: Services, budgets: Budgets) -> None:
    roles = roles_for(panel, action)
    rows = panel.rows(cloud_of(*roles), Query(limit=100)).rows
    # A row by itself may know more of what stands in its way than one of a list.
    ask = cloud_of(*roles)
    found = (panel.row(ask, row.id) if panel.row else row for row in rows)
    row = next((row for row in found if not action.when(row)), None)
    if row is None:
        pytest.skip("nothing recorded that this can be done to")
    browser = signed_in(access_of(*roles))
    dialog = browser.get(at(f"{panel.slug}/act/{action.slug}/?id={row.id.replace(' ', '%20')}"), headers=HTMX)
    data = filled(dialog.content.decode(), panel.slug, action.slug)
    for _ in range(2):
        # Somebody who does something has seen the list.
        browser.get(at(f"{panel.slug}/"))
        at_rest()
    with counted() as calls:
        answer = browser.post(at(f"{panel.slug}/act/{action.slug}/"), data, headers=HTMX)
    assert answer.status_code == 200, answer.content.decode()[:500]
    assert any(not call.startswith("GET") or transport.CHANGING.search(call) for call in calls), shown(calls)
    budgets(f"{panel.slug} {action.slug}", None, calls)


def typed() -> dict[str, str]:
    """The smallest launch."""
    return {
        "once": ONCE,
        "name": "web-1",
        "count": "1",
        "source": "image",
        "image": recorded("glance/images")["images"][0]["id"],
        "flavor": recorded("nova/flavors")["flavors"][-1]["id"],
        "networking": "chosen",
        "network": next(item["id"] for item in recorded("neutron/networks")["networks"] if item["name"] == "web-net"),
    }


def test_launching_asks_as_agreed(services: Services, budgets: Budgets) -> None:
    browser = signed_in()
    url = at("servers/launch/")
    with counted() as cold:
        answer = browser.post(url, typed())
    assert answer.status_code == 303, answer.content.decode()[:2000]
    browser = signed_in()
    browser.get(url)
    with counted() as warm:
        answer = browser.post(url, typed() | {"once": "1" * 32})
    assert answer.status_code == 303
    budgets("launch", cold, warm)
    with counted() as again:
        assert browser.post(url, typed() | {"once": "1" * 32}).status_code == 303
    budgets("launch, sent again", again)


def test_the_launch_summary_asks_as_agreed(services: Services, budgets: Budgets) -> None:
    browser = signed_in()
    found = []
    for _time in ("cold", "warm"):
        with counted() as calls:
            assert browser.post(at("servers/launch/summary/"), typed(), headers=HTMX).status_code == 200
        found.append(calls)
    budgets("launch summary", *found)


def keystone_answers(services: Services) -> None:
    """Keystone as it signs alice in, and gives tokens for her projects."""

    def answer(request: Any, context: Any) -> Any:
        path = urlsplit(request.url).path
        if path.endswith("/auth/tokens") and request.method == "POST":
            context.status_code = 201
            context.headers["X-Subject-Token"] = "gAAAA-another"
            scope = request.json()["auth"].get("scope")
            if not isinstance(scope, dict):
                return recorded("keystone/unscoped")
            both = [recorded(f"keystone/scoped-{name}") for name in ("web", "data")]
            return next(item for item in both if item["token"]["project"]["id"] == scope["project"]["id"])
        if path.endswith("/auth/tokens"):
            context.status_code = 204
            return " "
        name = {"projects": "projects", "domains": "domains", "system": "system"}.get(path.rpartition("/")[2])
        return recorded(f"keystone/{name}") if name else None

    services.answers["identity"] = answer


def test_signing_in_switching_and_signing_out_ask_as_agreed(services: Services, budgets: Budgets) -> None:
    keystone_answers(services)
    browser = Client()
    with counted() as calls:
        answer = browser.post("/sign-in/", {"name": "alice", "password": "secret", "domain": "Default"})
    assert answer.status_code in {302, 303}, answer.content.decode()[:3000]
    budgets("sign in", calls)
    projects = [item["id"] for item in recorded("keystone/projects")["projects"]]
    other = next(item for item in projects if item not in answer["Location"])
    found = []
    for _time in ("cold", "warm"):
        with counted() as calls:
            answer = browser.post("/switch/", {"scope": f"project:{other}", "region": "RegionOne"})
        assert answer.status_code in {302, 303}, answer.content.decode()[:3000]
        found.append(calls)
    budgets("switch", *found)
    with counted() as calls:
        browser.post("/sign-out/")
    assert all(call.startswith("DELETE") for call in calls)
    budgets("sign out, three tokens held", calls)


def test_an_image_name_is_read_once_for_everybody(services: Services) -> None:
    with counted() as first:
        signed_in().get(at("servers/?sort=name"))
    with counted() as second:
        signed_in(access_of(user_name="bob")).get(at("servers/?sort=status"))
    assert sum("/v2/images" in call for call in (*first, *second)) == 1


def test_how_new_nova_is_costs_a_process_one_question_an_hour(services: Services) -> None:
    versions.forget_all()
    browser = signed_in()
    with counted() as calls:
        for _ in range(2):
            browser.get(at("flavors/"))
            browser.get(at("servers/"))
    assert sum(call == f"GET {NOVA}/" for call in calls) == 1, shown(calls)


def test_the_file_has_no_budget_that_nothing_is_held_to(request: pytest.FixtureRequest) -> None:
    known = tomllib.loads(FILE.read_text())
    own = {name for name, _url, _headers in pages()}
    own |= {f"{panel.slug} {action.slug}" for panel in PANELS if isinstance(panel, Panel) for action in panel.actions}
    own |= {f"{panel.slug} live, rows changed" for panel in LIVE}
    own |= {"launch", "launch, sent again", "launch summary", "sign in", "switch"}
    own |= {"sign out, three tokens held"}
    assert set(known) <= own
