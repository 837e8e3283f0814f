"""What tests of objects share: a container of their own, its pages, and what Swift was asked."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from django.test import Client

from tests.harness.html import Page, parsed
from tests.harness.services import Services, at_rest
from tests.harness.services_swift import SWIFT, as_swift_lists
from tests.harness.wire import at, signed_in

HTMX = {"HX-Request": "true"}
HOSTILE = "../<img src=x onerror=alert(1)>%2F\"'🦆 .json"


@pytest.fixture
def browser(services: Services) -> Client:
    return signed_in()


def holds(
    services: Services,
    *names: str,
    types: dict[str, str] | None = None,
    data: bytes = b"hello",
    large: Collection[str] = (),
    links: Mapping[str, str] | None = None,
    is_versioned: bool = False,
) -> list[Any]:
    """The container "photos" has these objects alone. Gives the headers of what is changed.

    ``large`` are made of segments; ``links`` lead to another of the container.
    """
    targets = {name: f"{urlsplit(SWIFT).path}/photos/{target}" for name, target in (links or {}).items()}
    sent: list[Any] = []
    rows = [
        {
            "name": name,
            "bytes": len(data),
            "hash": "5d41402abc4b2a76b9719d911017c592",
            "content_type": (types or {}).get(name, "text/plain"),
            "last_modified": "2026-11-22T01:20:11.824470",
            **({"slo_etag": "0cc175b9c0f1b6a831c399e269772661"} if name in large else {}),
            **({"symlink_path": targets[name]} if name in targets else {}),
        }
        for name in names
    ]

    def answer(request: Any, context: Any) -> Any:
        url = urlsplit(request.url)
        path = url.path.removeprefix(urlsplit(SWIFT).path)
        if request.method not in {"GET", "HEAD"}:
            sent.append(request.headers)
            return None
        if not path.startswith("/photos"):
            return None
        query = dict(parse_qsl(url.query))
        if path == "/photos" and request.method == "GET":
            context.headers["X-Container-Object-Count"] = str(len(rows))
            return json.dumps(as_swift_lists(rows, query))
        if path == "/photos" and is_versioned:
            context.headers["X-Versions-Enabled"] = "True"
            return ""
        name = unquote(path.removeprefix("/photos/"))
        found = next((row for row in rows if row["name"] == name), None)
        if path == "/photos" or found is None:
            return None
        context.headers |= {
            "Content-Type": str(found["content_type"]),
            "Content-Length": str(len(data)),
            "Etag": str(found["hash"]),
            "Content-Disposition": "inline",
            "Content-Encoding": "identity",
            "X-Delete-At": "4102444800",
            "X-Object-Meta-Colour": "red",
            **({"X-Static-Large-Object": "True"} if name in large else {}),
            **({"Content-Location": targets[name]} if name in targets else {}),
        }
        return "" if request.method == "HEAD" else data.decode()

    services.answers["object-store"] = answer
    return sent


def place(browser: Client, query: str = "", container: str = "photos") -> Page:
    answer = browser.get(at(f"containers/{container}/?tab=objects{query}"))
    at_rest()
    assert answer.status_code == 200, answer.content.decode()[:800]
    return parsed(answer.content.decode())


def shown(page: Page) -> list[str]:
    return [item.text.strip() for item in page.all_of_class("row-name")]


def asked(services: Services, path: str) -> list[dict[str, str]]:
    return [
        dict(parse_qsl(urlsplit(call.url).query))
        for call in services.calls
        if urlsplit(call.url).path == urlsplit(SWIFT).path + path and call.method == "GET"
    ]
