"""Signing in with Keystone: tokens for people and scopes, and the scopes that a person has.

Follows Keystone's Identity API v3, "Authentication and token management".
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from dashboard.cloud import transport, wire
from dashboard.cloud.catalog import Catalog
from dashboard.cloud.config import Keystone, config
from dashboard.cloud.connection import Access, Person, Scope, json_of
from dashboard.cloud.errors import BadAnswer, CloudError, Unauthorized, from_response, translated
from dashboard.cloud.parallel import Later, later

REVOKE_SECONDS = 2.0
"""How long a revocation may take: nobody waits longer to be signed out."""

BROUGHT = re.compile(r"[A-Za-z0-9_=.-]{16,8192}")
"""What a token may look like that was not got by asking for it: Fernet's, JWS's or a UUID."""
UNSCOPED = Scope(kind="unscoped", id="", name="")
SYSTEM = Scope(kind="system", id="all", name="")


class PasswordExpired(Unauthorized):
    """The password is right and has expired; Keystone takes a new one from whoever knows the old one."""

    def __init__(self, user_id: str) -> None:
        super().__init__("The password has expired.", service="identity", status=401)
        self.user_id = user_id


class MoreNeeded(Unauthorized):
    """The password is right and not enough: one of ``ways`` (sets of method names) has to be completed."""

    def __init__(self, receipt: str, user_id: str, ways: tuple[tuple[str, ...], ...]) -> None:
        super().__init__("Another factor is needed.", service="identity", status=401)
        self.receipt = receipt
        self.user_id = user_id
        self.ways = ways


def sign_in(keystone: Keystone, *, name: str, password: str, domain: str, original_ip: str = "") -> Access:
    """An unscoped token for a name, a password and the name of the user's domain.

    Raises Unauthorized for an unknown user, a wrong password, a disabled or a locked
    account alike; PasswordExpired; MoreNeeded; and the other CloudErrors.
    """
    user = {"name": name, "domain": {"name": domain}, "password": password}
    identity = {"methods": ["password"], "password": {"user": user}}
    # Without an explicit scope Keystone would use the user's default project, if there is one.
    return _authenticate(keystone.url, {"identity": identity, "scope": "unscoped"}, original_ip=original_ip)


def sign_in_with_passcode(
    keystone: Keystone, *, user_id: str, passcode: str, receipt: str, original_ip: str = ""
) -> Access:
    """An unscoped token for a time-based passcode, after MoreNeeded gave a receipt for the password."""
    identity = {"methods": ["totp"], "totp": {"user": {"id": user_id, "passcode": passcode}}}
    body = {"identity": identity, "scope": "unscoped"}
    return _authenticate(keystone.url, body, original_ip=original_ip, headers={"Openstack-Auth-Receipt": receipt})


def of_token(keystone: Keystone, token: str, *, original_ip: str = "") -> Access:
    """What Keystone says of an unscoped token that a browser brought. Raises Unauthorized and other CloudErrors.

    Nothing that came with the token is believed: whose it is and how long it lasts is Keystone's to say.
    """
    if not BROUGHT.fullmatch(token):
        raise Unauthorized("This is no token.", service="identity", status=401)
    response = _send(
        keystone.url + "/auth/tokens",
        "GET",
        token=token,
        headers={"X-Subject-Token": token},
        original_ip=original_ip,
        timeout=config().sign_in_timeout,
    )
    if response.status_code in {401, 403, 404}:
        raise Unauthorized("Keystone does not know this token.", service="identity", status=401)
    if response.status_code >= 400:
        raise from_response(response, service="identity")
    body = json_of(response, "identity").get("token")
    if not isinstance(body, dict):
        raise BadAnswer("Keystone said nothing of the token.", service="identity", status=response.status_code)
    access = _access(token, body, keystone.url)
    if access.scope.kind != "unscoped":
        raise Unauthorized("This token is for one scope alone.", service="identity", status=401)
    return access


def get_scoped(access: Access, scope: Scope) -> Access:
    """A token for another scope, from a token that is held. Raises Unauthorized, Forbidden and other CloudErrors."""
    wanted: dict[str, Any]
    wanted = {"system": {"all": True}} if scope.kind == "system" else {scope.kind: {"id": scope.id}}
    identity = {"methods": ["token"], "token": {"id": access.token}}
    return _authenticate(access.keystone, {"identity": identity, "scope": wanted})


def list_projects(access: Access) -> tuple[Scope, ...]:
    """The enabled projects that the person has a role in, by name; domains' names are not known here."""
    found = (
        Scope(
            kind="project",
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            domain_id=wire.text(item.get("domain_id")),
            domain_name=access.person.domain_name if item.get("domain_id") == access.person.domain_id else "",
        )
        for item in wire.objects(_get(access, "/auth/projects").get("projects"))
        if wire.flag(item.get("enabled", True)) and item.get("id")
    )
    return tuple(sorted(found, key=lambda scope: (scope.name.casefold(), scope.id)))


def list_scopes(access: Access) -> tuple[Scope, ...]:
    """Everything the person has a role in: projects, domains, the system. Three requests side by side."""
    projects = later(lambda: list_projects(access))
    domains = later(lambda: _list_domains(access))
    system = later(lambda: _has_system(access))
    found = [*projects.value, *domains.or_else(())]
    return tuple([*found, SYSTEM] if system.or_else(False) else found)


def _list_domains(access: Access) -> tuple[Scope, ...]:
    found = (
        Scope(kind="domain", id=wire.text(item.get("id")), name=wire.text(item.get("name")))
        for item in wire.objects(_get(access, "/auth/domains").get("domains"))
        if wire.flag(item.get("enabled", True)) and item.get("id")
    )
    return tuple(sorted(found, key=lambda scope: (scope.name.casefold(), scope.id)))


def domain_names(accesses: Sequence[Access], wanted: Collection[str]) -> dict[str, str]:
    """Names of domains by id, from an administrator's or the system's token if one is among those; one request."""
    able = next((a for a in accesses if "admin" in a.roles or a.scope.kind == "system"), None)
    if able is None or not wanted:
        return {}
    try:
        items = wire.objects(_get(able, "/domains").get("domains"))
    except CloudError:
        return {}
    return {wire.text(item.get("id")): wire.text(item.get("name")) for item in items if item.get("id") in wanted}


def _has_system(access: Access) -> bool:
    return any(item.get("all") for item in wire.objects(_get(access, "/auth/system").get("system")))


def is_valid(access: Access) -> bool:
    """Whether Keystone still accepts the token; True where Keystone can't be asked."""
    try:
        _request(
            access.keystone + "/auth/tokens",
            "HEAD",
            token=access.token,
            headers={"X-Subject-Token": access.token},
            timeout=REVOKE_SECONDS,
        )
    except CloudError as error:
        return error.status not in {401, 404}
    return True


def roles_now(access: Access) -> tuple[str, ...] | None:
    """The roles that a token stands for by now; None if there are none left, or Keystone takes it no longer.

    Raises CloudError where Keystone can't be asked.
    Keystone looks them up each time: roles that were given or taken since the token was made are told here, while
    services go by what they asked for within the last minutes.
    """
    try:
        response = _request(
            access.keystone + "/auth/tokens?nocatalog",
            "GET",
            token=access.token,
            headers={"X-Subject-Token": access.token},
            timeout=REVOKE_SECONDS,
        )
    except CloudError as error:
        if error.status in {401, 404}:
            return None
        raise
    body = wire.mapping(json_of(response, "identity").get("token"))
    return tuple(sorted(wire.text(role.get("name")) for role in wire.objects(body.get("roles")))) or None


def revoke(access: Access) -> None:
    """Ends one token, but not the one it was made from.

    Those made from it end too where Keystone follows the audit ids, which is not said of every release: end each.
    """
    try:
        _request(
            access.keystone + "/auth/tokens",
            "DELETE",
            token=access.token,
            headers={"X-Subject-Token": access.token},
            timeout=REVOKE_SECONDS,
        )
    except CloudError as error:
        # Keystone forgot it already.
        if error.status not in {401, 404}:
            raise


def revoke_all(accesses: tuple[Access, ...]) -> datetime | None:
    """Ends tokens side by side, within two seconds. Gives when the last of those that are left ends, or None."""
    left = []
    for access, outcome in zip(accesses, revoke_behind(accesses), strict=True):
        outcome.or_else(None)
        if outcome.error is not None:
            left.append(access.expires_at)
    return max(left, default=None)


def revoke_behind(accesses: Sequence[Access]) -> list[Later[None]]:
    """As ``revoke_all``, without waiting."""
    return [later(functools.partial(revoke, access), seconds=REVOKE_SECONDS) for access in accesses]


def change_password(keystone_url: str, *, user_id: str, current: str, new: str, original_ip: str = "") -> None:
    """Gives a person another password; works without a token, so with an expired password too.

    Raises Unauthorized for a wrong current password, Invalid where Keystone refuses the
    new one (its message says why), and other CloudErrors. Keystone then ends all of the
    person's tokens.
    """
    body = {"user": {"original_password": current, "password": new}}
    path = f"/users/{wire.path_id(user_id)}/password"
    _request(keystone_url + path, "POST", json=body, original_ip=original_ip, timeout=config().sign_in_timeout)


def _get(access: Access, path: str) -> dict[str, Any]:
    return json_of(_request(access.keystone + path, "GET", token=access.token), "identity")


def _request(
    url: str,
    method: str,
    *,
    token: str = "",
    json: Any = None,
    headers: dict[str, str] | None = None,
    original_ip: str = "",
    timeout: float | None = None,
) -> requests.Response:
    response = _send(url, method, token=token, json=json, headers=headers, original_ip=original_ip, timeout=timeout)
    if response.status_code >= 400:
        raise from_response(response, service="identity")
    return response


def _send(
    url: str,
    method: str,
    *,
    token: str = "",
    json: Any = None,
    headers: dict[str, str] | None = None,
    original_ip: str = "",
    timeout: float | None = None,
) -> requests.Response:
    with translated("identity"):
        return transport.session().request(
            url,
            method,
            auth=transport.HeldToken(token) if token else None,
            authenticated=bool(token),
            json=json,
            headers={"Accept": "application/json", **_forwarded(original_ip), **(headers or {})},
            timeout=timeout,
            raise_exc=False,
            log=False,
        )


def _forwarded(ip: str) -> dict[str, str]:
    """Tells Keystone's log who asked (RFC 7239); keystoneauth 5.18 takes ``original_ip`` and does nothing with it."""
    if not ip:
        return {}
    return {"Forwarded": f'for="[{ip}]"' if ":" in ip else f"for={ip}"}


def _authenticate(
    keystone_url: str, auth: dict[str, Any], *, original_ip: str = "", headers: dict[str, str] | None = None
) -> Access:
    response = _send(
        keystone_url + "/auth/tokens",
        "POST",
        json={"auth": auth},
        headers=headers,
        original_ip=original_ip,
        timeout=config().sign_in_timeout,
    )
    if response.status_code >= 400:
        raise _refusal(response)
    body = json_of(response, "identity").get("token")
    token = response.headers.get("X-Subject-Token", "")
    if not token or not isinstance(body, dict):
        raise BadAnswer("Keystone gave no token.", service="identity", status=response.status_code)
    return _access(token, body, keystone_url)


def _refusal(response: requests.Response) -> CloudError:
    error = from_response(response, service="identity")
    if response.status_code != 401:
        return error
    receipt = response.headers.get("Openstack-Auth-Receipt", "")
    if receipt:
        try:
            body = response.json()
        except ValueError:
            return error
        body = wire.mapping(body)
        user = wire.mapping(wire.mapping(body.get("receipt")).get("user"))
        ways = tuple(wire.texts(way) for way in wire.listing(body.get("required_auth_methods")))
        return MoreNeeded(receipt, wire.text(user.get("id")), ways)
    expired = re.search(r"password is expired.*?user:\s*([0-9A-Za-z_-]+)", error.message)
    return PasswordExpired(expired[1]) if expired else error


def _access(token: str, body: dict[str, Any], keystone_url: str) -> Access:
    expires_at = wire.moment(body.get("expires_at"))
    user = wire.mapping(body.get("user"))
    domain = wire.mapping(user.get("domain"))
    if expires_at is None or not user.get("id"):
        raise BadAnswer("Keystone's token names no user or no end.", service="identity")
    if expires_at < datetime.now(UTC) - timedelta(minutes=1):
        raise BadAnswer("Keystone gave a token that has ended already; a clock is wrong.", service="identity")
    return Access(
        token=token,
        expires_at=expires_at,
        person=Person(
            id=wire.text(user.get("id")),
            name=wire.text(user.get("name")),
            domain_id=wire.text(domain.get("id")),
            domain_name=wire.text(domain.get("name")),
            password_expires_at=wire.moment(user.get("password_expires_at")),
        ),
        scope=_scope(body),
        roles=tuple(sorted(wire.text(role.get("name")) for role in wire.objects(body.get("roles")))),
        catalog=Catalog.from_json(body.get("catalog")),
        keystone=keystone_url,
    )


def _scope(body: dict[str, Any]) -> Scope:
    if isinstance(body.get("project"), dict):
        project = body["project"]
        domain = wire.mapping(project.get("domain"))
        return Scope(
            kind="project",
            id=wire.text(project.get("id")),
            name=wire.text(project.get("name")),
            domain_id=wire.text(domain.get("id")),
            domain_name=wire.text(domain.get("name")),
        )
    if isinstance(body.get("domain"), dict):
        return Scope(kind="domain", id=wire.text(body["domain"].get("id")), name=wire.text(body["domain"].get("name")))
    return SYSTEM if isinstance(body.get("system"), dict) else UNSCOPED
