"""Nobody is sent to another site, whatever the address says."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client, RequestFactory

from dashboard.auth import safe_path

from .keystone import WEB, Keystone

TRICKS = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "http://evil.example",
    "HTTPS://evil.example",
    "http:///evil.example",
    "https://testserver@evil.example",
    "https://evil.example#testserver",
    "//testserver@evil.example/",
    "//evil.example:443/",
    "/%2f%2fevil.example",
    "/%2F/evil.example//x",
    "/%5cevil.example",
    "%2f%2fevil.example",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "\thttps://evil.example",
    "\nhttps://evil.example",
    " https://evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    "/x\x00y",
    "ftp://evil.example",
    "evil.example",
    "..//evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "/" + "a" * 3000,
    "/\u2028//evil.example",
    "https://[::1",
    "//[::1",
    "http://testserver.evil.example/",
    "@evil.example",
]


@pytest.mark.parametrize("value", TRICKS)
def test_an_address_of_another_site_leads_home(keystone: Keystone, browser: Client, sign_in: Any, value: str) -> None:
    for response in (
        sign_in(browser, next=value),
        browser.get("/sign-in/", {"next": value}),
        browser.post("/switch/", {"scope": f"project:{WEB}", "region": "RegionOne", "next": value}),
    ):
        assert response.status_code == 303
        parts = urlsplit(response["Location"])
        assert (parts.scheme, parts.netloc) == ("", "")
        assert "evil" not in response["Location"]


@pytest.mark.parametrize(
    "value", ["/", "/sessions/", "/r/RegionOne/p/3f/servers/?q=a//b&x=%5C#row", "/%C3%A9/?a=https://x"]
)
def test_an_address_of_this_site_is_kept_without_its_fragment(value: str) -> None:
    assert safe_path(RequestFactory().get("/"), value) == value.split("#")[0]


def test_no_address_is_no_error() -> None:
    assert safe_path(RequestFactory().get("/"), None) == ""
