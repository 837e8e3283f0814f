"""What tests of images share."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.harness.html import Page, parsed
from tests.harness.services import Services, at_rest
from tests.harness.wire import PROJECT_ID, at, signed_in

OWN = "0000002d-0000-4000-8000-00000000002d"
WAITING = "0000002e-0000-4000-8000-00000000002e"
OTHERS = "0000001d-0000-4000-8000-00000000001d"
HTMX = {"HX-Request": "true"}
TYPED = {"name": "golden", "source": "empty", "visibility": "private", "disk_format": "qcow2", "min_disk": "3"}


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


@pytest.fixture
def made(services: Services) -> list[dict[str, Any]]:
    """What Glance was asked to write down."""
    found: list[dict[str, Any]] = []

    def answer(request: Any, context: Any) -> Any:
        if request.method == "POST" and request.url.endswith("/v2/images"):
            found.append(request.json())
            context.status_code = 201
            return {**found[-1], "id": "f" * 32, "status": "queued", "owner": PROJECT_ID}
        return None

    services.answers["image"] = answer
    return found


def refusing(services: Services, method: str, ending: str, status: int, text: str) -> None:
    """One request is refused, as Glance words it."""
    inner = services.answers.get("image")

    def answer(request: Any, context: Any) -> Any:
        if request.method == method and request.url.endswith(ending):
            context.status_code = status
            return {"message": f"{text}<br /><br />\n", "code": str(status), "title": "Refused"}
        return inner(request, context) if inner is not None else None

    services.answers["image"] = answer


def post(browser: Client, path: str, data: dict[str, Any], **headers: str) -> Any:
    answer = browser.post(at(path), data, headers=headers)
    at_rest()
    return answer


def show(browser: Client, path: str, status: int = 200) -> Page:
    answer = browser.get(at(path))
    at_rest()
    assert answer.status_code == status
    return parsed(answer.content.decode())


def value_of(page: Page, name: str) -> str:
    return next(item.attrs.get("value", "") for item in page.elements if item.attrs.get("name") == name)
