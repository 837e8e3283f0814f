"""A Keystone on a faked wire: its answers were recorded from the real one; its memory of tokens is what tests ask."""

from __future__ import annotations

import copy
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from requests_mock import Mocker

from tests.harness.wire import KEYSTONE, recorded

WEB = "0b66310f5bb34145bd8e7b41a5841ae2"
DATA = "d38162645fd0436dbb5a612621aa816d"
ALICE = "0e6931c4c7834dcbbe416048c5829549"
PASSWORD = "s3cret-Pa55-of-alice"


class Keystone:
    """``down`` makes every request raise; ``slow`` seconds pass before each answer; ``answer`` stands in for all."""

    def __init__(self, wire: Mocker) -> None:
        self.wire = wire
        self.passwords = {"alice": PASSWORD, "nobody": PASSWORD, "paula": PASSWORD}
        self.refusals: dict[str, tuple[int, Any, dict[str, str]]] = {}
        self.tokens: dict[str, Any] = {}
        self.revoked: list[str] = []
        self.down: Exception | None = None
        self.slow = 0.0
        self.answer: tuple[int, str] | None = None
        self.life = timedelta(hours=4)
        self.regions: tuple[str, ...] = ("RegionOne",)
        wire.post(f"{KEYSTONE}/auth/tokens", text=self._answered(self._sign_in))
        wire.delete(f"{KEYSTONE}/auth/tokens", text=self._answered(self._revoke))
        wire.head(f"{KEYSTONE}/auth/tokens", text=self._answered(self._check))
        for path, name in (("projects", "projects"), ("domains", "domains"), ("system", "system")):
            wire.get(f"{KEYSTONE}/auth/{path}", text=self._answered(self._list(name)))
        wire.post(re.compile(rf"{KEYSTONE}/users/[0-9a-f]+/password"), text=self._answered(self._password))

    @property
    def calls(self) -> list[str]:
        """What was asked, "POST /v3/auth/tokens"."""
        return [f"{request.method} {request.path}" for request in self.wire.request_history]

    @property
    def bodies(self) -> list[Any]:
        """The bodies that were sent to get tokens."""
        return [r.json() for r in self.wire.request_history if r.method == "POST" and r.path == "/v3/auth/tokens"]

    def expired(self, name: str) -> None:
        """Makes a person's password an expired one, as Keystone 30 says it."""
        text = f"The password is expired and needs to be changed for user: {ALICE}."
        self.refusals[name] = (401, {"error": {"code": 401, "message": text, "title": "Unauthorized"}}, {})

    def locked(self, name: str) -> None:
        """Locks an account; Keystone then says so, with the user's id."""
        text = f"The account is locked for user: {ALICE}."
        self.refusals[name] = (401, {"error": {"code": 401, "message": text, "title": "Unauthorized"}}, {})

    def wants_totp(self, name: str) -> None:
        """Asks for a passcode after the password."""
        body = {
            "receipt": {"methods": ["password"], "user": {"id": ALICE, "name": name, "domain": {"id": "default"}}},
            "required_auth_methods": [["password", "totp"]],
        }
        self.refusals[name] = (401, body, {"Openstack-Auth-Receipt": "gAAAAA-receipt"})

    def forget(self) -> None:
        """Revokes every token from outside."""
        self.revoked.extend(self.tokens)

    def _answered(self, handle: Callable[[Any, Any], Any]) -> Callable[[Any, Any], str]:
        def answer(request: Any, context: Any) -> str:
            import json

            time.sleep(self.slow)
            if self.down is not None:
                raise self.down
            if self.answer is not None:
                context.status_code, text = self.answer
                return text
            body = handle(request, context)
            return "" if body is None else json.dumps(body)

        return answer

    def _refuse(self, context: Any, status: int = 401, name: str = "unauthorized") -> Any:
        context.status_code = status
        return recorded(f"keystone/{name}")

    def _issue(self, context: Any, body: Any) -> Any:
        token = f"gAAAAA-token-{len(self.tokens)}-of-fake-keystone"
        body = copy.deepcopy(body)
        body["token"]["expires_at"] = (datetime.now(UTC) + self.life).isoformat()
        for service in body["token"].get("catalog", ()):
            found = service["endpoints"]
            service["endpoints"] = [{**e, "region": r, "region_id": r} for r in self.regions for e in found]
        self.tokens[token] = body["token"]
        context.status_code = 201
        context.headers["X-Subject-Token"] = token
        return body

    def _sign_in(self, request: Any, context: Any) -> Any:
        auth = request.json()["auth"]
        identity, scope = auth["identity"], auth["scope"]
        if "totp" in identity:
            is_right = (
                request.headers.get("Openstack-Auth-Receipt") and identity["totp"]["user"]["passcode"] == "123456"
            )
            return self._issue(context, recorded("keystone/unscoped")) if is_right else self._refuse(context)
        if "password" in identity:
            user = identity["password"]["user"]
            name = user["name"]
            if self.passwords.get(name) != user["password"]:
                return self._refuse(context)
            if name in self.refusals:
                context.status_code, body, headers = self.refusals[name]
                context.headers.update(headers)
                return body
            assert scope == "unscoped"
            file = "unscoped" if name == "alice" else f"unscoped-{name}"
            return self._issue(context, recorded(f"keystone/{file}"))
        if not self._is_known(identity["token"]["id"]):
            return self._refuse(context)
        files = {WEB: "scoped-web", DATA: "scoped-data"}
        file = files.get(scope.get("project", {}).get("id"), "")
        return self._issue(context, recorded(f"keystone/{file}")) if file else self._refuse(context, 401, "no-role")

    def _list(self, name: str) -> Callable[[Any, Any], Any]:
        def handle(request: Any, context: Any) -> Any:
            token = request.headers.get("X-Auth-Token", "")
            if not self._is_known(token):
                return self._refuse(context)
            if name == "projects" and self.tokens[token]["user"]["name"] == "nobody":
                return recorded("keystone/no-projects")
            return recorded(f"keystone/{name}")

        return handle

    def _is_known(self, token: str) -> bool:
        return token in self.tokens and token not in self.revoked

    def _revoke(self, request: Any, context: Any) -> Any:
        token = request.headers["X-Subject-Token"]
        if not self._is_known(token):
            return self._refuse(context, 404)
        self.revoked.append(token)
        context.status_code = 204
        return None

    def _check(self, request: Any, context: Any) -> Any:
        context.status_code = 200 if self._is_known(request.headers["X-Subject-Token"]) else 404

    def _password(self, request: Any, context: Any) -> Any:
        user = request.json()["user"]
        if user["original_password"] != self.passwords["alice"]:
            return self._refuse(context)
        if len(user["password"]) < 8:
            context.status_code = 400
            text = "The password does not match the requirements: at least 8 characters."
            return {"error": {"code": 400, "message": text, "title": "Bad Request"}}
        self.passwords["alice"] = user["password"]
        self.refusals.pop("alice", None)
        self.forget()
        context.status_code = 204
        return None
