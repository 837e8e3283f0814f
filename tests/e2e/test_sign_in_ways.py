"""Other ways in: a second factor that somebody enrolled themselves, and an identity provider behind Keystone."""

from __future__ import annotations

import html
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from dashboard.cloud import passcodes
from tests.harness.cloud import PASSWORD, Api
from tests.harness.domain import OwnDomain

pytestmark = pytest.mark.e2e


@pytest.fixture
def own(api: Api) -> Iterator[OwnDomain]:
    """A domain of the test's own."""
    domain = OwnDomain(api.admin)
    try:
        yield domain.make()
    finally:
        domain.remove()


def fill(page: Any, domain: str, name: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Domain").fill(domain)
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Any) -> None:
    page.locator("[popovertarget=person]").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("User name")).to_be_visible()


def fresh_passcode(secret: str) -> str:
    """What an authenticator shows now; Keystone takes the one of the half minute before as well, but none to come."""
    return passcodes.passcode(secret, time.time())


def test_an_authenticator_is_enrolled_and_then_asked_for(
    page: Any, own: OwnDomain, stack_log: Any, allowed_errors: list[str]
) -> None:
    user = own.add("twofold", on_project="member")
    fill(page, own.name, "twofold")
    page.locator("#scope").wait_for()
    page.locator("[popovertarget=person]").click()
    page.get_by_role("link", name="Two-factor sign-in").click()
    expect(page.locator("main")).to_contain_text("Keystone does not ask you for a passcode yet")
    page.get_by_role("button", name="Add an authenticator").click()
    expect(page.locator("svg.qr")).to_be_visible()
    secret = page.locator(".qr-secret").inner_text().replace(" ", "")
    page.get_by_label("Passcode").fill("000000" if fresh_passcode(secret) != "000000" else "111111")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("main")).to_contain_text("This is not the passcode that belongs to this QR code now.")
    page.get_by_label("Passcode").fill(fresh_passcode(secret))
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("main")).to_contain_text("Authenticator 1")
    sign_out(page)
    # An administrator has Keystone ask for it.
    rules = {"multi_factor_auth_enabled": True, "multi_factor_auth_rules": [["password", "totp"]]}
    own.admin.request("PATCH", "identity", f"/users/{user}", json={"user": {"options": rules}})
    fill(page, own.name, "twofold")
    expect(page.locator("main")).to_contain_text("Your account asks for a passcode as well")
    page.get_by_label("Passcode").fill(fresh_passcode(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#scope")).to_contain_text("garden")
    page.goto("/passcodes/")
    expect(page.locator("main")).to_contain_text("Keystone asks you for a passcode each time")
    page.get_by_role("button", name="Remove authenticator 1").click()
    expect(page.get_by_role("alert")).to_contain_text("could not sign in again")
    assert secret not in stack_log.read_text()


class Provider:
    """Keystone's WebSSO page, as it is after a provider said who it is: a form with a token that sends itself."""

    def __init__(self, own: OwnDomain, name: str) -> None:
        self.own, self.name = own, name
        self.origins: list[str] = []
        self.tokens: list[str] = []

    def page(self, path: str) -> str:
        parts = urlsplit(path)
        if not parts.path.endswith("/websso"):
            return ""
        assert parts.path == "/v3/auth/OS-FEDERATION/identity_providers/example/protocols/openid/websso"
        (origin,) = parse_qs(parts.query)["origin"]
        self.origins.append(origin)
        self.tokens.append(self.own.unscoped(self.name).token)
        return self.form(origin)

    def form(self, where: str) -> str:
        return (
            "<!doctype html><title>Keystone WebSSO redirect</title>"
            f'<form id="sso" action="{html.escape(where)}" method="post">'
            f'<input type="hidden" name="token" value="{self.tokens[-1]}"></form>'
            '<script>window.onload = function () { document.forms["sso"].submit(); }</script>'
        )


@contextmanager
def serving(port: int, page: Any) -> Iterator[int]:
    """A web server on this machine that gives what ``page(path)`` gives."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = page(self.path).encode()
            self.send_response(200 if text else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def test_an_identity_provider_leads_in_and_nobody_else_can(
    page: Any, own: OwnDomain, stack: str, stack_log: Any, provider_port: int, allowed_errors: list[str]
) -> None:
    allowed_errors.append(r"status of 403")
    own.add("outsider", on_project="member")
    provider = Provider(own, "outsider")
    with serving(provider_port, provider.page):
        page.goto("/sessions/")
        page.get_by_role("link", name="Sign in with Example Inc").click()
        expect(page.get_by_role("heading", name="Your sessions")).to_be_visible()
        assert provider.origins == [f"{stack}/sign-in/websso/"]
        page.goto("/")
        expect(page.locator("#scope")).to_contain_text("garden")
        page.locator("[popovertarget=person]").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.locator("main")).to_contain_text("Example Inc may still know you in this browser")
        with serving(0, lambda path: provider.form(f"{stack}/sign-in/websso/") if path == "/" else "") as elsewhere:
            # Another site sends a token that is good, to a browser that has even begun here.
            provider.tokens.append(own.unscoped("outsider").token)
            page.request.get(f"{stack}/sign-in/by/0/", max_redirects=0)
            page.goto(f"http://127.0.0.1:{elsewhere}/")
            page.wait_for_url(re.compile(re.escape(f"{stack}/sign-in/websso/")))
            expect(page.locator("main")).to_contain_text("It was sent from another site.")
    page.goto(f"{stack}/")
    expect(page.get_by_label("User name")).to_be_visible()
    assert not any(token in stack_log.read_text() for token in provider.tokens)
