"""What tests of a server's dialogs share: the server, its dialogs, and what they send on."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest

from tests.harness.services import Services, at_rest
from tests.harness.wire import access_of, at, recorded, signed_in

HTMX = {"HX-Request": "true"}
ID = "4050affc-7981-4cd3-9d10-e56f0dc1cb3c"
VOLUME = "6b996c8d-7beb-430f-8c57-899c07d5c562"
PORT = "57bf57da-5b28-4586-831f-b3777fc6ff20"
FLOATING = "0f1e2d3c-0000-4000-8000-000000000001"
OTHER_FLOATING = "0f1e2d3c-0000-4000-8000-000000000002"
SMALL = "00000022-0000-4000-8000-000000000022"
TINY = "00000025-0000-4000-8000-000000000025"
CIRROS = "0000001e-0000-4000-8000-00000000001e"


@pytest.fixture(autouse=True)
def own_floating(services: Services) -> None:
    """One floating IP leads to the server's port, another nowhere."""
    services.rows["/v2.0/floatingips"] = recorded("neutron/server/floatingips")["floatingips"]


def be(services: Services, **fields: Any) -> None:
    """The server as Nova has it from now on."""
    services.rows["/servers"] = [{**row, **fields} if row["id"] == ID else row for row in services.rows["/servers"]]


def now(services: Services) -> dict[str, Any]:
    return next(row for row in services.rows["/servers"] if row["id"] == ID)


def name_port(services: Services) -> None:
    services.rows["/v2.0/ports"] = [{**row, "name": "my-port"} for row in services.rows["/v2.0/ports"]]


def dialog(slug: str, *ids: str, roles: tuple[str, ...] = ()) -> str:
    query = "&".join(f"id={id}" for id in ids or (ID,))
    answer = signed_in(access_of(*roles)).get(at(f"servers/act/{slug}/?{query}"), headers=HTMX)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def sent(services: Services, slug: str, status: int = 200, ids: tuple[str, ...] = (ID,), **data: Any) -> str:
    """Sends the dialog, and gives the answer; what was sent on is in ``services.changes`` then."""
    browser = signed_in(access_of("admin"))
    services.calls.clear()
    answer = browser.post(at(f"servers/act/{slug}/"), {"id": list(ids), "once": "a" * 32, **data}, headers=HTMX)
    at_rest()
    assert answer.status_code == status, answer.content.decode()[:2000]
    return html.unescape(answer.content.decode())


def changes(services: Services) -> list[tuple[str, str, Any]]:
    return [
        (call.method, call.url.partition("/v2")[2].partition("?")[0] or call.url, json.loads(call.body or b"null"))
        for call in services.changes
    ]


def bodies(services: Services) -> list[Any]:
    return [body for _method, _url, body in changes(services)]
