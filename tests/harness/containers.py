"""What tests of containers share: their pages and dialogs, and what Swift is sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dashboard.cloud.swift import key_of
from tests.harness import services_swift
from tests.harness.html import Page, parsed
from tests.harness.services import Services
from tests.harness.wire import at, signed_in

ODD = "Übung 🦉?<b>"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


@pytest.fixture
def sent(services: Services) -> list[tuple[str, str, dict[str, str]]]:
    """Each change: its method, its path below the account, and the headers that are Swift's."""
    found: list[tuple[str, str, dict[str, str]]] = []

    def note(request: Any, context: Any) -> None:
        if request.method not in {"GET", "HEAD"}:
            path = request.url.removeprefix(services_swift.SWIFT)
            own = {key: value for key, value in request.headers.items() if key.startswith(("X-C", "X-R", "X-V", "X-S"))}
            found.append((request.method, path, own))

    services.answers["object-store"] = note
    return found


def shown(browser: Client, path: str, status: int = 200) -> Page:
    answer = browser.get(at(path))
    assert answer.status_code == status, answer.content.decode()[:2000]
    return parsed(answer.content.decode())


def send(browser: Client, path: str, status: int = 200, **data: Any) -> Page:
    answer = browser.post(at(path), data, headers=HTMX)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return parsed(answer.content.decode())


def do(browser: Client, action: str, name: str, status: int = 200, **data: Any) -> Page:
    return send(browser, f"containers/act/{action}/", status, id=key_of(name), **data)
