"""Users: who may sign in, how, and until when their password holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.cloud import keystone_lists, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.keystone_lists import Kind
from dashboard.cloud.types import Lookup, Page, Query

FLAGS = (
    "lock_password",
    "ignore_change_password_upon_first_use",
    "ignore_password_expiry",
    "ignore_lockout_failure_attempts",
    "ignore_user_inactivity",
    "multi_factor_auth_enabled",
)
"""Keystone's options that are yes or no."""
RULES = "multi_factor_auth_rules"


@dataclass(frozen=True)
class Federated:
    """Who somebody is at an identity provider."""

    provider: str
    protocol: str
    unique_id: str


@dataclass(frozen=True)
class User:
    """A user. ``options`` are Keystone's flags that are set; ``rules`` the ways to sign in, each a set of methods."""

    id: str
    name: str
    domain_id: str = ""
    email: str = ""
    description: str = ""
    is_enabled: bool = True
    default_project_id: str = ""
    password_expires_at: datetime | None = None
    options: Mapping[str, bool] = field(default_factory=dict)
    rules: tuple[tuple[str, ...], ...] = ()
    federated: tuple[Federated, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    domain_name: str = ""
    """These two are joined."""
    default_project_name: str = ""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> User:
        options = wire.mapping(item.get("options"))
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            domain_id=wire.text(item.get("domain_id")),
            email=wire.text(item.get("email")),
            description=wire.text(item.get("description")),
            is_enabled=wire.flag(item.get("enabled", True)),
            default_project_id=wire.text(item.get("default_project_id")),
            password_expires_at=wire.moment(item.get("password_expires_at")),
            options={name: True for name in FLAGS if wire.flag(options.get(name))},
            rules=tuple(rule for rule in map(wire.texts, wire.listing(options.get(RULES))) if rule),
            federated=tuple(_federated(item)),
            extra=keystone_lists.extras(item, KNOWN),
        )


KNOWN = (
    *("name", "domain_id", "email", "description", "enabled", "default_project_id", "password_expires_at"),
    *("options", "federated"),
)


def _federated(item: Mapping[str, Any]) -> list[Federated]:
    return [
        Federated(
            wire.text(provider.get("idp_id")), wire.text(each.get("protocol_id")), wire.text(each.get("unique_id"))
        )
        for provider in wire.objects(item.get("federated"))
        for each in wire.objects(provider.get("protocols"))
    ]


LOOKUP: Lookup[User] = Lookup(
    text=lambda user: (user.name, user.id, user.email, user.description),
    values={
        "enabled": lambda user: user.is_enabled,
        "domain": lambda user: user.domain_id,
        "email": lambda user: user.email,
        "project": lambda user: user.default_project_id,
        "locked": lambda user: bool(user.options.get("lock_password")),
        "mfa": lambda user: bool(user.options.get("multi_factor_auth_enabled")),
    },
    sorts={
        "name": lambda user: user.name,
        "email": lambda user: user.email,
        "enabled": lambda user: user.is_enabled,
        "expires": lambda user: user.password_expires_at.isoformat() if user.password_expires_at else "",
    },
)
USERS: Kind[User] = Kind(
    path="/users",
    key="users",
    one="user",
    load=User.from_json,
    lookup=LOOKUP,
    params={
        "domain": lambda value: {"domain_id": value},
        "enabled": lambda value: {"enabled": "true" if value.casefold() == "yes" else "false"},
    },
    counts=("enabled",),
)


def list_users(cloud: Cloud, query: Query) -> Page[User]:
    """One page of the users; ``group:<id>`` gives a group's members, which Keystone sends all at once.

    Raises CloudError.
    """
    group = next(iter(query.values("group")), "")
    path = f"/groups/{wire.path_id(group)}/users" if group else ""
    return keystone_lists.list_rows(cloud, USERS, query, path=path)


def get_user_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A user as Keystone gives them. Raises CloudError."""
    return keystone_lists.get_json(cloud, USERS, id)


def get_user(cloud: Cloud, id: str) -> User:
    """One user. Raises CloudError."""
    return keystone_lists.get(cloud, USERS, id)


def find_users(cloud: Cloud, text: str, *, limit: int = 10) -> list[User]:
    """The first few whose names have this text. Raises CloudError."""
    return keystone_lists.find(cloud, USERS, text, limit=limit)


def create_user(cloud: Cloud, body: Mapping[str, Any]) -> User:
    """Makes a user. Raises CloudError; Conflict if the name is taken in the domain."""
    return keystone_lists.create(cloud, USERS, body)


def update_user(cloud: Cloud, id: str, body: Mapping[str, Any]) -> None:
    """Changes what is named. Raises CloudError."""
    keystone_lists.update(cloud, USERS, id, body)


def delete_user(cloud: Cloud, id: str) -> None:
    """Deletes a user, their roles, application credentials and the like. Raises CloudError."""
    keystone_lists.delete(cloud, USERS, id)


def options_of(flags: Mapping[str, bool], rules: Sequence[Sequence[str]], before: User | None = None) -> dict[str, Any]:
    """The options that are to change. A flag is taken away by null, so that it is as if it had never been set."""
    changed: dict[str, Any] = {}
    for name, is_on in flags.items():
        if name in FLAGS and bool(is_on) != bool(before and before.options.get(name)):
            changed[name] = True if is_on else None
    wanted = [list(rule) for rule in rules]
    if wanted != [list(rule) for rule in (before.rules if before else ())]:
        changed[RULES] = wanted
    return changed
