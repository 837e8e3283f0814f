"""Roles: what people may be given in a project, a domain or the system, and which role implies which others."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, Forbidden, NotFound
from dashboard.cloud.parallel import in_turn
from dashboard.cloud.types import Lookup

SERVICE = "identity"
USUAL = ("reader", "member", "manager", "admin", "service")
"""Keystone's own roles, the weakest first."""
DOMAIN_MANAGED = ("reader", "member", "manager")
"""What a domain's manager may grant, by Keystone's defaults."""
MOST_DOMAINS = 20
"""Domains whose own roles are asked for without a word which domain is meant."""

Inferences = Mapping[str, Sequence[str]]
"""Which roles a role implies at once, by ids."""


@dataclass(frozen=True)
class Role:
    """A role; without a domain it is for the whole cloud. ``implies`` has names."""

    id: str
    name: str
    description: str = ""
    domain_id: str = ""
    domain_name: str = ""
    is_immutable: bool = False
    implies: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Role:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            description=wire.text(item.get("description")),
            domain_id=wire.text(item.get("domain_id")),
            is_immutable=wire.flag(wire.mapping(item.get("options")).get("immutable")),
        )

    @property
    def kind(self) -> str:
        """Whether it is for the whole cloud or one domain's: "global" or "domain"."""
        return "domain" if self.domain_id else "global"


LOOKUP: Lookup[Role] = Lookup(
    text=lambda role: (role.name, role.id, role.description, role.domain_name),
    values={
        "kind": lambda role: role.kind,
        "domain": lambda role: (role.domain_id, role.domain_name) if role.domain_id else (),
        "immutable": lambda role: role.is_immutable,
        "name": lambda role: role.name,
    },
    sorts={"name": lambda role: role.name, "domain": lambda role: role.domain_name},
)


def order(role: Role) -> tuple[int, str]:
    """Keystone's own roles by what they allow, then the others by name."""
    place = USUAL.index(role.name) if role.name in USUAL and not role.domain_id else len(USUAL)
    return place, role.name.casefold()


def list_global(cloud: Cloud) -> list[Role]:
    """The roles of the whole cloud. Raises CloudError."""
    return [Role.from_json(item) for item in _items(cloud)]


def list_of_domain(cloud: Cloud, domain_id: str) -> list[Role]:
    """One domain's own roles. Raises CloudError."""
    return [Role.from_json(item) for item in _items(cloud, domain_id=domain_id)]


def _items(cloud: Cloud, **params: str) -> list[dict[str, Any]]:
    # Asked for with a limit, Keystone 30 leaves the roles' options out.
    answer = cloud.get(SERVICE, "/roles", **params)
    if not isinstance(answer.get("roles"), list):
        raise BadAnswer("The answer has no list of roles.", service=SERVICE)
    return wire.objects(answer["roles"])


def list_domains(cloud: Cloud, *, most: int = MOST_DOMAINS) -> list[tuple[str, str]]:
    """The first domains, as ids and names. Raises CloudError."""
    items = wire.objects(cloud.get(SERVICE, "/domains", limit=most).get("domains"))[:most]
    return [(wire.text(item.get("id")), wire.text(item.get("name"))) for item in items]


def list_roles(cloud: Cloud, domains: Sequence[tuple[str, str]]) -> list[Role]:
    """The cloud's roles and these domains' own, where one may see them. Raises CloudError."""
    found = list_global(cloud)
    calls = [functools.partial(list_of_domain, cloud, id) for id, _name in domains]
    for (_id, name), outcome in zip(domains, in_turn(calls), strict=True):
        # A domain's manager may see the cloud's roles, and not the own domain's.
        found += [replace(role, domain_name=name) for role in outcome.or_else([])]
    return found


def get_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A role as Keystone gives it. Raises CloudError."""
    try:
        return paging.inner(cloud.get(SERVICE, f"/roles/{wire.path_id(id)}"), "role", SERVICE)
    except Forbidden:
        # A domain's manager may list every role, but look at those alone that may be granted.
        found = next((item for item in _items(cloud) if item.get("id") == id), None)
        if found is None:
            raise
        return found


def get_role(cloud: Cloud, id: str) -> Role:
    """One role. Raises CloudError."""
    return Role.from_json(get_json(cloud, id))


def create_role(
    cloud: Cloud, *, name: str, description: str = "", domain_id: str = "", is_immutable: bool = False
) -> Role:
    """Makes a role. Raises CloudError."""
    body: dict[str, Any] = {"name": name, "description": description, "options": {"immutable": is_immutable}}
    if domain_id:
        body["domain_id"] = domain_id
    return Role.from_json(paging.inner(cloud.post(SERVICE, "/roles", {"role": body}), "role", SERVICE))


def update_role(cloud: Cloud, role: Role, *, name: str, description: str, is_immutable: bool) -> None:
    """Changes what differs. An immutable role has to be made changeable first, by itself. Raises CloudError."""
    changes: dict[str, Any] = {}
    if name != role.name:
        changes["name"] = name
    if description != role.description:
        changes["description"] = description
    if role.is_immutable and not is_immutable:
        _patch(cloud, role.id, {"options": {"immutable": False}})
    elif is_immutable and not role.is_immutable:
        changes["options"] = {"immutable": True}
    if changes:
        _patch(cloud, role.id, changes)


def _patch(cloud: Cloud, id: str, changes: Mapping[str, Any]) -> None:
    cloud.request(SERVICE, "PATCH", f"/roles/{wire.path_id(id)}", json={"role": changes})


def delete_role(cloud: Cloud, id: str) -> None:
    """Deletes a role, and every assignment of it. Raises CloudError."""
    cloud.delete(SERVICE, f"/roles/{wire.path_id(id)}")


def list_inferences(cloud: Cloud) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Which roles imply which, in the whole cloud, and the names of all these by id. Raises CloudError: not everybody
    may know."""
    found: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for item in wire.objects(cloud.get(SERVICE, "/role_inferences").get("role_inferences")):
        prior, implied = wire.mapping(item.get("prior_role")), wire.objects(item.get("implies"))
        found[wire.text(prior.get("id"))] = [wire.text(role.get("id")) for role in implied]
        names |= {wire.text(role.get("id")): wire.text(role.get("name")) for role in (prior, *implied)}
    return found, names


def all_implied(inferences: Inferences, id: str) -> set[str]:
    """Everything that a role implies, step by step."""
    found: set[str] = set()
    waiting = [id]
    while waiting:
        for implied in inferences.get(waiting.pop(), ()):
            if implied not in found:
                found.add(implied)
                waiting.append(implied)
    return found


def is_circle(inferences: Inferences, prior: str, implied: str) -> bool:
    """Whether a role would come to imply itself."""
    return prior == implied or prior in all_implied(inferences, implied)


def add_implied(cloud: Cloud, *, prior: str, implied: str) -> None:
    """Whoever has ``prior`` has ``implied`` too, from now on. Raises CloudError."""
    cloud.put(SERVICE, _implied_path(prior, implied), None)


def remove_implied(cloud: Cloud, *, prior: str, implied: str) -> None:
    """Gone already is as good. Raises CloudError."""
    with contextlib.suppress(NotFound):
        cloud.delete(SERVICE, _implied_path(prior, implied))


def _implied_path(prior: str, implied: str) -> str:
    return f"/roles/{wire.path_id(prior)}/implies/{wire.path_id(implied)}"
