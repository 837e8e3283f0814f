"""What tests of objects' data share: what is sent, where, and what Swift was asked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.test import Client

from tests.harness.services import Services
from tests.harness.wire import at

DATA = b"0123456789" * 100
HOSTILE = (
    "../../etc/passwd",
    "a//b/",
    "100%25 & %2F?x=1#y",
    "\"quotes\" 'and' <script>alert(1)</script>",
    "😀/🦉.txt",
    ".hidden",
    " leading and trailing ",
    "line\nbreak\ttab",
    "back\\slash",
    "é" * 512,
)
TIME = 1_700_000_000_123


def sent(services: Services) -> list[str]:
    """What Swift was asked since, but for what it can do."""
    found = [f"{call.method} {call.url.partition('AUTH_')[2][32:]}" for call in services.to("object-store")]
    services.calls.clear()
    return [line for line in found if line != "GET "]


def url(what: str, key: str = "photos") -> str:
    return at(f"containers/{key}/{what}/")


def put(browser: Client, name: str, data: bytes = DATA, what: str = "upload/object", **query: Any) -> Any:
    kind = query.pop("content_type", "image/jpeg")
    headers = query.pop("headers", {})
    extra = query.pop("extra", {})
    query = {"name": name, **query}
    return browser.generic("PUT", f"{url(what)}?{urlencode(query)}", data, kind, headers=headers, **extra)


def ask(browser: Client, what: str, name: str, data: bytes = DATA, **more: Any) -> Any:
    return browser.post(
        url(f"upload/{what}"),
        {"name": name, "size": len(data), "time": TIME, **more},
        headers={"Accept": "application/json"},
    )
