"""Answers that were recorded from the real cloud, and a Cloud that they can be given to."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from dashboard.cloud import wire
from dashboard.cloud.catalog import Catalog
from dashboard.cloud.connection import Access, Cloud, Person, Scope
from dashboard.ui.panel import roles_in

FOLDER = Path(__file__).resolve().parents[1] / "wire"
PROJECT_ID = "a" * 32
LAST = "2099-01-01T00:00:00"
NOVA = "http://127.0.0.1:8774/v2.1"
GLANCE = "http://127.0.0.1:9292"
NEUTRON = "http://127.0.0.1:9696"
CINDER = "http://127.0.0.1:8776/v3"
KEYSTONE = "http://127.0.0.1:5000/v3"


def recorded(name: str) -> Any:
    """``recorded("glance/images")`` is what Glance answered, scrubbed. Tokens last, however old the recording is."""
    found = json.loads((FOLDER / f"{name}.json").read_text())
    if isinstance(found, dict) and "expires_at" in found.get("token", ()):
        found["token"]["expires_at"] = f"{LAST}.000000Z"
    return found


def access_of(
    *roles: str,
    project_name: str = "web",
    user_name: str = "alice",
    kind: Any = "project",
    without: tuple[str, ...] = (),
) -> Access:
    """What Keystone said of a token; ``without`` leaves services out of its catalog."""
    token = recorded("keystone/token")["token"]
    catalog = [item for item in token["catalog"] if item["type"] not in without]
    expires = wire.moment(f"{LAST}Z")
    assert expires is not None
    return Access(
        token="gAAAA-not-a-token",
        expires_at=expires,
        person=Person("b" * 32, user_name, "default", "Default"),
        scope=Scope(kind, PROJECT_ID, project_name, "default", "Default"),
        roles=roles or ("member", "reader"),
        catalog=Catalog.from_json(catalog),
        keystone=KEYSTONE,
    )


def cloud_of(*roles: str, **details: Any) -> Cloud:
    """A cloud as a member of the project "web" sees it, or with other roles and details of ``access_of``."""
    return Cloud(access_of(*roles, **details), "RegionOne")


def roles_for(*things: Any) -> tuple[str, ...]:
    """The least roles that all of these (panels, actions) are for."""
    needed = [set(roles_in(thing.roles, "project")) for thing in things if thing is not None]
    return next((role,) for role in ("member", "manager", "admin") if all(role in roles for roles in needed))


def signed_in(access: Access | None = None) -> Client:
    """A browser whose session holds this token, in the test's own store."""
    from dashboard.auth import store

    access = access or access_of()
    unscoped = dataclasses.replace(access, scope=Scope("unscoped", "", ""), roles=(), catalog=Catalog())
    held = store.start(unscoped, scoped=access, scopes=(access.scope,), region="RegionOne", ip="127.0.0.1", agent="")
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = held.cookie
    return browser


def at(path: str, *, region: str = "RegionOne") -> str:
    """A page's address in the project of ``access_of``: ``at("images/")``."""
    return f"/r/{region}/p/{PROJECT_ID}/{path}"
