"""Application credentials: what a program signs in with instead of a person's password, and what it may ask for.

Follows Keystone's Identity API v3, "Application Credentials". They belong to a person, and each to one project.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.keystone_rows import SERVICE, every
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Lookup, Page, Query

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
NAME_LENGTH = 255
PATH_LENGTH = 225


@dataclass(frozen=True)
class AccessRule:
    """A request that a program may send: to which service, by which method, at which path."""

    id: str
    service: str = ""
    method: str = ""
    path: str = ""
    users: tuple[tuple[str, str], ...] = ()
    """Ids and names of the application credentials that have it."""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> AccessRule:
        return cls(
            id=wire.text(json.get("id")),
            service=wire.text(json.get("service")),
            method=wire.text(json.get("method")),
            path=wire.text(json.get("path")),
        )


@dataclass(frozen=True)
class AppCredential:
    """An application credential. Its secret is told once, when it is made."""

    id: str
    name: str = ""
    description: str = ""
    project_id: str = ""
    project_name: str = ""
    """Known where the project is one that the person has a role in."""
    roles: tuple[str, ...] = ()
    expires: datetime | None = None
    is_unrestricted: bool = False
    rules: tuple[AccessRule, ...] | None = None
    """None: it may ask for everything that its roles allow."""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> AppCredential:
        rules = json.get("access_rules")
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            description=wire.text(json.get("description")),
            project_id=wire.text(json.get("project_id")),
            roles=tuple(wire.text(role.get("name")) for role in wire.objects(json.get("roles"))),
            expires=wire.moment(json.get("expires_at")),
            is_unrestricted=wire.flag(json.get("unrestricted")),
            rules=tuple(AccessRule.from_json(rule) for rule in wire.objects(rules)) if rules else None,
        )

    @property
    def is_expired(self) -> bool:
        return self.expires is not None and self.expires <= datetime.now(UTC)

    @property
    def state(self) -> str:
        return "expired" if self.is_expired else "valid"


@dataclass(frozen=True)
class NewAppCredential:
    """One that was just made. ``secret`` is kept nowhere: it has to be shown at once."""

    credential: AppCredential
    secret: str = field(repr=False)


LOOKUP: Lookup[AppCredential] = Lookup(
    text=lambda row: (row.name, row.description, row.id, row.project_name),
    values={
        "name": lambda row: row.name,
        "state": lambda row: row.state,
        "project": lambda row: (row.project_id, row.project_name),
        "role": lambda row: row.roles,
        "unrestricted": lambda row: "yes" if row.is_unrestricted else "no",
    },
    sorts={
        "name": lambda row: row.name,
        "project": lambda row: row.project_name or row.project_id,
        "expires": lambda row: row.expires.timestamp() if row.expires else float("inf"),
    },
)
RULE_LOOKUP: Lookup[AccessRule] = Lookup(
    text=lambda row: (row.service, row.method, row.path, row.id),
    values={
        "service": lambda row: row.service,
        "method": lambda row: row.method,
        "used": lambda row: "yes" if row.users else "no",
    },
    sorts={
        "path": lambda row: row.path,
        "service": lambda row: (row.service, row.path),
        "method": lambda row: row.method,
    },
)


def _own(cloud: Cloud, what: str, id: str = "") -> str:
    """The path of what is the person's own."""
    me = f"/users/{wire.path_id(cloud.access.person.id)}/{what}"
    return f"{me}/{wire.path_id(id)}" if id else me


def list_all(cloud: Cloud) -> list[AppCredential]:
    """Every application credential of the person, of whatever project. Raises CloudError."""
    found = every(cloud, _own(cloud, "application_credentials"), "application_credentials")
    return named([AppCredential.from_json(item) for item in found], _own_name(cloud))


def list_credentials(cloud: Cloud, query: Query) -> Page[AppCredential]:
    """One page of the person's application credentials. Raises CloudError."""
    return LOOKUP.page(list_all(cloud), query, count=("state", "unrestricted"))


def get_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """An application credential as Keystone gives it: without its secret. Raises CloudError."""
    answer = cloud.get(SERVICE, _own(cloud, "application_credentials", id))
    return paging.inner(answer, "application_credential", SERVICE)


def get_credential(cloud: Cloud, id: str) -> AppCredential:
    """One application credential of the person's. Raises CloudError."""
    return named([AppCredential.from_json(get_json(cloud, id))], _own_name(cloud))[0]


def create_credential(
    cloud: Cloud,
    *,
    name: str,
    description: str = "",
    roles: Sequence[str] = (),
    expires: datetime | None = None,
    secret: str = "",
    rules: Sequence[Mapping[str, str]] = (),
    is_unrestricted: bool = False,
) -> NewAppCredential:
    """Makes one for the project in scope; without ``roles`` it has all that the person has there.

    ``rules`` have service, method and path, or the id of one that there is. Raises Conflict if the name is taken,
    Invalid, Forbidden.
    """
    body: dict[str, Any] = {"name": name}
    if description:
        body["description"] = description
    if roles:
        body["roles"] = [{"name": role} for role in roles]
    if expires is not None:
        body["expires_at"] = expires.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if secret:
        body["secret"] = secret
    if rules:
        body["access_rules"] = [dict(rule) for rule in rules]
    if is_unrestricted:
        body["unrestricted"] = True
    answer = cloud.post(SERVICE, _own(cloud, "application_credentials"), {"application_credential": body})
    made = paging.inner(answer, "application_credential", SERVICE)
    credential = named([AppCredential.from_json(made)], _own_name(cloud))[0]
    return NewAppCredential(credential, wire.text(made.get("secret")) or secret)


def delete_credential(cloud: Cloud, id: str) -> None:
    """Deletes one; its tokens end with it. Raises CloudError."""
    cloud.delete(SERVICE, _own(cloud, "application_credentials", id))


def list_all_rules(cloud: Cloud) -> list[AccessRule]:
    """Every access rule that the person ever made and did not delete. Raises CloudError."""
    return [AccessRule.from_json(item) for item in every(cloud, _own(cloud, "access_rules"), "access_rules")]


def list_rules(cloud: Cloud, query: Query) -> Page[AccessRule]:
    """One page of the person's access rules. Raises CloudError."""
    waiting = later(lambda: list_all(cloud))
    rules = list_all_rules(cloud)
    return RULE_LOOKUP.page(_used(rules, waiting.value), query, count=("method", "used"), default_sort="path")


def get_rule_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """An access rule as Keystone gives it. Raises CloudError."""
    return paging.inner(cloud.get(SERVICE, _own(cloud, "access_rules", id)), "access_rule", SERVICE)


def get_rule(cloud: Cloud, id: str) -> AccessRule:
    """One access rule, with the application credentials that have it. Raises CloudError."""
    waiting = later(lambda: list_all(cloud))
    return _used([AccessRule.from_json(get_rule_json(cloud, id))], waiting.value)[0]


def _used(rules: Sequence[AccessRule], credentials: Sequence[AppCredential]) -> list[AccessRule]:
    users: dict[str, list[tuple[str, str]]] = {}
    for credential in credentials:
        for rule in credential.rules or ():
            users.setdefault(rule.id, []).append((credential.id, credential.name))
    return [replace(rule, users=tuple(users.get(rule.id, ()))) for rule in rules]


def delete_rule(cloud: Cloud, id: str) -> None:
    """Deletes an access rule. Raises CloudError; Forbidden while an application credential has it."""
    cloud.delete(SERVICE, _own(cloud, "access_rules", id))


def own_project_names(cloud: Cloud) -> dict[str, str]:
    """Names by id of the projects that the person has a role in. Raises CloudError."""
    return {
        wire.text(item.get("id")): wire.text(item.get("name")) for item in every(cloud, "/auth/projects", "projects")
    }


def named(rows: Sequence[AppCredential], names: Mapping[str, str]) -> list[AppCredential]:
    """The same, with the names of their projects where they are known."""
    return [replace(row, project_name=names.get(row.project_id, row.project_name)) for row in rows]


def _own_name(cloud: Cloud) -> dict[str, str]:
    return {cloud.project_id: cloud.access.scope.name} if cloud.project_id else {}
