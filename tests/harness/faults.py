"""What tests of faults share."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.test import Client

from dashboard.cloud.config import config, configure
from dashboard.panels.servers import launch_views
from tests.harness.html import Page, parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import at, recorded, signed_in

HTMX = {"HX-Request": "true"}
SERVERS = recorded("nova/server/list")["servers"]
ACTIVE = next(item for item in SERVERS if item["status"] == "ACTIVE")["id"]
LATE = requests.exceptions.ReadTimeout("read timed out")
RESET = requests.exceptions.ConnectionError("('Connection aborted.', ConnectionResetError(104))")
REFUSED = requests.exceptions.ConnectionError("NewConnectionError: Connection refused")
_names = itertools.count()


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


@pytest.fixture
def quick() -> Iterator[None]:
    """A cloud that is given up on soon."""
    before = config()
    launch_views_seconds = launch_views.LOOK_SECONDS
    launch_views.LOOK_SECONDS = 0.1
    yield
    launch_views.LOOK_SECONDS = launch_views_seconds
    configure(before)


def once() -> str:
    return f"{next(_names):032x}"


def shown(browser: Client, path: str, status: int = 200, **headers: str) -> Page:
    answer = browser.get(at(path), headers=headers)
    at_rest()
    assert answer.status_code == status, answer.content.decode()[:1500]
    return parsed(answer.content.decode())


def stop(browser: Client, *ids: str, sent: str = "", **headers: str) -> Any:
    """Sends the dialog's form, as htmx does."""
    data = {"id": ids or [ACTIVE], "once": sent or once()}
    answer = browser.post(at("servers/act/stop/"), data, headers={**HTMX, **headers})
    at_rest()
    return answer


def on_post(services: Services, answer: Any, service: str = "compute") -> None:
    """Only what changes something meets this answer: an error, or status and JSON."""

    def respond(request: Any, context: Any) -> Any:
        if request.method in {"GET", "HEAD"}:
            return None
        if isinstance(answer, Exception):
            raise answer
        context.status_code, body = answer
        return json.dumps(body) if not isinstance(body, str) else body

    services.answers[service] = respond


KEY = recorded("nova/keypair")["keypair"]["public_key"]


def import_key(browser: Client, sent: str, name: str = "typed", **headers: str) -> Any:
    return browser.post(at("keypairs/create/"), {"name": name, "public_key": KEY, "once": sent}, headers=headers)
