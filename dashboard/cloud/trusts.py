"""Trusts: one person lets another act with some of their roles in one project (Keystone's OS-TRUST)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.keystone_rows import SERVICE, every
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Lookup, Page, Query

PATH = "/OS-TRUST/trusts"


@dataclass(frozen=True)
class Trust:
    """A trust. ``roles`` are told of a single one only."""

    id: str
    trustor_id: str = ""
    trustee_id: str = ""
    trustor_name: str = ""
    trustee_name: str = ""
    project_id: str = ""
    project_name: str = ""
    is_impersonation: bool = False
    expires: datetime | None = None
    remaining_uses: int | None = None
    """None: any number."""
    redelegation_count: int = 0
    redelegated_from: str = ""
    roles: tuple[str, ...] = ()
    direction: str = ""
    """As the person sees it: given, received, or other."""

    @property
    def name(self) -> str:
        return f"{self.trustor_name or self.trustor_id[:8]} → {self.trustee_name or self.trustee_id[:8]}"

    @classmethod
    def from_json(cls, json: Mapping[str, Any], me: str = "") -> Trust:
        trustor, trustee = wire.text(json.get("trustor_user_id")), wire.text(json.get("trustee_user_id"))
        return cls(
            id=wire.text(json.get("id")),
            trustor_id=trustor,
            trustee_id=trustee,
            project_id=wire.text(json.get("project_id")),
            is_impersonation=wire.flag(json.get("impersonation")),
            expires=wire.moment(json.get("expires_at")),
            remaining_uses=wire.optional(json.get("remaining_uses")),
            redelegation_count=wire.number(json.get("redelegation_count")),
            redelegated_from=wire.text(json.get("redelegated_trust_id")),
            roles=tuple(wire.text(role.get("name")) for role in wire.objects(json.get("roles"))),
            direction="given" if trustor == me else "received" if trustee == me else "other",
        )

    @property
    def is_expired(self) -> bool:
        return self.expires is not None and self.expires <= datetime.now(UTC)

    @property
    def state(self) -> str:
        return "expired" if self.is_expired else "used" if self.remaining_uses == 0 else "valid"


LOOKUP: Lookup[Trust] = Lookup(
    text=lambda row: (
        *(row.id, row.trustor_id, row.trustee_id, row.trustor_name, row.trustee_name),
        *(row.project_id, row.project_name),
    ),
    values={
        "direction": lambda row: row.direction,
        "state": lambda row: row.state,
        "impersonation": lambda row: "yes" if row.is_impersonation else "no",
        "trustor": lambda row: (row.trustor_id, row.trustor_name),
        "trustee": lambda row: (row.trustee_id, row.trustee_name),
        "project": lambda row: (row.project_id, row.project_name),
    },
    sorts={
        "name": lambda row: row.name,
        "expires": lambda row: row.expires.timestamp() if row.expires else float("inf"),
        "direction": lambda row: row.direction,
    },
)


def list_trusts(cloud: Cloud, query: Query, *, is_everybodys: bool) -> Page[Trust]:
    """One page of the trusts that the person gave and received, or of everybody's. Raises CloudError."""
    me = cloud.access.person.id
    if is_everybodys:
        found = every(cloud, PATH, "trusts")
    else:
        received = later(lambda: every(cloud, PATH, "trusts", trustee_user_id=me))
        found = [*every(cloud, PATH, "trusts", trustor_user_id=me), *received.value]
    once = {wire.text(item.get("id")): item for item in found}
    rows = [_own_names(cloud, Trust.from_json(item, me)) for item in once.values()]
    return LOOKUP.page(rows, query, count=("direction", "state"))


def get_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A trust as Keystone gives it. Raises CloudError."""
    return paging.inner(cloud.get(SERVICE, f"{PATH}/{wire.path_id(id)}"), "trust", SERVICE)


def get_trust(cloud: Cloud, id: str) -> Trust:
    """One trust, with its roles. Raises CloudError."""
    return _own_names(cloud, Trust.from_json(get_json(cloud, id), cloud.access.person.id))


def create_trust(
    cloud: Cloud,
    *,
    trustee_id: str,
    roles: Sequence[str],
    expires: datetime | None = None,
    is_impersonation: bool = False,
    remaining_uses: int | None = None,
    redelegations: int = 0,
) -> Trust:
    """Lets somebody act with these roles in the project in scope. Raises CloudError."""
    body: dict[str, Any] = {
        "trustor_user_id": cloud.access.person.id,
        "trustee_user_id": trustee_id,
        "project_id": cloud.project_id,
        "impersonation": is_impersonation,
        "roles": [{"name": role} for role in roles],
    }
    if expires is not None:
        body["expires_at"] = expires.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if remaining_uses is not None:
        body["remaining_uses"] = remaining_uses
    if redelegations:
        body |= {"allow_redelegation": True, "redelegation_count": redelegations}
    answer = cloud.post(SERVICE, PATH, {"trust": body})
    return Trust.from_json(paging.inner(answer, "trust", SERVICE), cloud.access.person.id)


def delete_trust(cloud: Cloud, id: str) -> None:
    """Ends a trust, and the tokens that were got by it. Raises CloudError."""
    cloud.delete(SERVICE, f"{PATH}/{wire.path_id(id)}")


def find_user(cloud: Cloud, name: str, domain_id: str) -> str:
    """The id of somebody by name; "" if there is nobody of that name. Raises Forbidden for who may not ask."""
    found = every(cloud, "/users", "users", name=name, domain_id=domain_id)
    return wire.text(found[0].get("id")) if found else ""


def _own_names(cloud: Cloud, trust: Trust) -> Trust:
    """With the names that are known without asking anybody."""
    me, scope = cloud.access.person, cloud.access.scope
    return replace(
        trust,
        trustor_name=me.name if trust.trustor_id == me.id else trust.trustor_name,
        trustee_name=me.name if trust.trustee_id == me.id else trust.trustee_name,
        project_name=scope.name if trust.project_id and trust.project_id == cloud.project_id else trust.project_name,
    )
