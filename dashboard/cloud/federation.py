"""Federation: who vouches for people of elsewhere, by which protocols, and which rules make them users of this cloud.

Follows Keystone's Identity API v3, "OS-FEDERATION". The names of these things are their ids.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.keystone_rows import SERVICE, every
from dashboard.cloud.parallel import in_turn
from dashboard.cloud.types import Lookup, Page, Query

ROOT = "/OS-FEDERATION"
PROVIDERS, MAPPINGS, SERVICES = f"{ROOT}/identity_providers", f"{ROOT}/mappings", f"{ROOT}/service_providers"


@dataclass(frozen=True)
class IdentityProvider:
    """A system that knows people of its own, and vouches for them here."""

    id: str
    description: str = ""
    is_enabled: bool = True
    remote_ids: tuple[str, ...] = ()
    """What it calls itself in what it says of people."""
    domain_id: str = ""
    ttl: int | None = None
    """Minutes that memberships which it told of last after a sign-in; None: as Keystone is set up."""

    @property
    def name(self) -> str:
        return self.id

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> IdentityProvider:
        return cls(
            id=wire.text(json.get("id")),
            description=wire.text(json.get("description")),
            is_enabled=wire.flag(json.get("enabled")),
            remote_ids=wire.texts(json.get("remote_ids")),
            domain_id=wire.text(json.get("domain_id")),
            ttl=wire.optional(json.get("authorization_ttl")),
        )


@dataclass(frozen=True)
class Protocol:
    """A way to sign in by an identity provider, and the mapping that is used for it."""

    id: str
    mapping_id: str = ""
    remote_id_attribute: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Protocol:
        return cls(
            id=wire.text(json.get("id")),
            mapping_id=wire.text(json.get("mapping_id")),
            remote_id_attribute=wire.text(json.get("remote_id_attribute")),
        )


@dataclass(frozen=True)
class Rulebook:
    """Rules that make a user of this cloud of what an identity provider says of somebody."""

    id: str
    rules: tuple[Any, ...] = ()
    schema_version: str = ""

    @property
    def name(self) -> str:
        return self.id

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Rulebook:
        return cls(
            id=wire.text(json.get("id")),
            rules=tuple(wire.listing(json.get("rules"))),
            schema_version=wire.text(json.get("schema_version")),
        )


@dataclass(frozen=True)
class ServiceProvider:
    """Another cloud that lets this one's people in (Keystone to Keystone)."""

    id: str
    description: str = ""
    is_enabled: bool = True
    auth_url: str = ""
    sp_url: str = ""
    relay_state_prefix: str = ""

    @property
    def name(self) -> str:
        return self.id

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> ServiceProvider:
        return cls(
            id=wire.text(json.get("id")),
            description=wire.text(json.get("description")),
            is_enabled=wire.flag(json.get("enabled")),
            auth_url=wire.text(json.get("auth_url")),
            sp_url=wire.text(json.get("sp_url")),
            relay_state_prefix=wire.text(json.get("relay_state_prefix")),
        )


PROVIDER_LOOKUP: Lookup[IdentityProvider] = Lookup(
    text=lambda row: (row.id, row.description, row.domain_id, *row.remote_ids),
    values={"enabled": lambda row: "yes" if row.is_enabled else "no", "domain": lambda row: row.domain_id},
    sorts={"name": lambda row: row.id},
)
MAPPING_LOOKUP: Lookup[Rulebook] = Lookup(
    text=lambda row: (row.id,),
    values={"version": lambda row: row.schema_version},
    sorts={"name": lambda row: row.id, "rules": lambda row: len(row.rules)},
)
SERVICE_LOOKUP: Lookup[ServiceProvider] = Lookup(
    text=lambda row: (row.id, row.description, row.auth_url, row.sp_url),
    values={"enabled": lambda row: "yes" if row.is_enabled else "no"},
    sorts={"name": lambda row: row.id},
)


# Identity providers


def list_all_providers(cloud: Cloud) -> list[IdentityProvider]:
    """Every identity provider. Raises CloudError."""
    return [IdentityProvider.from_json(item) for item in every(cloud, PROVIDERS, "identity_providers")]


def list_providers(cloud: Cloud, query: Query) -> Page[IdentityProvider]:
    """One page of the identity providers. Raises CloudError."""
    return PROVIDER_LOOKUP.page(list_all_providers(cloud), query, count=("enabled",))


def get_provider_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """An identity provider as Keystone gives it. Raises CloudError."""
    return paging.inner(cloud.get(SERVICE, PROVIDERS + "/" + wire.path_id(id)), "identity_provider", SERVICE)


def get_provider(cloud: Cloud, id: str) -> IdentityProvider:
    """One identity provider. Raises CloudError."""
    return IdentityProvider.from_json(get_provider_json(cloud, id))


def create_provider(
    cloud: Cloud,
    id: str,
    *,
    description: str,
    is_enabled: bool,
    remote_ids: Sequence[str],
    domain_id: str = "",
    ttl: int | None = None,
) -> IdentityProvider:
    """Registers an identity provider; without a domain Keystone makes one for it. Raises Conflict, Invalid."""
    body = _provider(description, is_enabled, remote_ids, ttl)
    if domain_id:
        body["domain_id"] = domain_id
    answer = cloud.put(SERVICE, PROVIDERS + "/" + wire.path_id(id), {"identity_provider": body})
    return IdentityProvider.from_json({"id": id, **body, **wire.mapping(answer.get("identity_provider"))})


def update_provider(
    cloud: Cloud, id: str, *, description: str, is_enabled: bool, remote_ids: Sequence[str], ttl: int | None = None
) -> None:
    """Changes an identity provider. Its domain can't be changed. Raises CloudError."""
    body = _provider(description, is_enabled, remote_ids, ttl)
    cloud.patch(SERVICE, PROVIDERS + "/" + wire.path_id(id), {"identity_provider": {"authorization_ttl": ttl, **body}})


def enable_provider(cloud: Cloud, id: str, is_enabled: bool) -> None:
    """Lets its people in, or not. Raises CloudError."""
    cloud.patch(SERVICE, PROVIDERS + "/" + wire.path_id(id), {"identity_provider": {"enabled": is_enabled}})


def delete_provider(cloud: Cloud, id: str) -> None:
    """Deletes an identity provider with its protocols; its domain stays. Raises CloudError."""
    cloud.delete(SERVICE, PROVIDERS + "/" + wire.path_id(id))


def _provider(description: str, is_enabled: bool, remote_ids: Sequence[str], ttl: int | None) -> dict[str, Any]:
    body: dict[str, Any] = {"description": description, "enabled": is_enabled, "remote_ids": list(remote_ids)}
    return body | ({"authorization_ttl": ttl} if ttl is not None else {})


# Protocols


def _protocols(provider: str) -> str:
    return PROVIDERS + "/" + wire.path_id(provider) + "/protocols"


def list_protocols(cloud: Cloud, provider: str) -> list[Protocol]:
    """The protocols of an identity provider. Raises CloudError."""
    return [Protocol.from_json(item) for item in every(cloud, _protocols(provider), "protocols")]


def create_protocol(cloud: Cloud, provider: str, id: str, *, mapping: str, attribute: str = "") -> None:
    """Lets people in by this protocol. Raises CloudError, Conflict if there is one of that name."""
    body: dict[str, Any] = {"mapping_id": mapping}
    if attribute:
        body["remote_id_attribute"] = attribute
    cloud.put(SERVICE, _protocols(provider) + "/" + wire.path_id(id), {"protocol": body})


def update_protocol(cloud: Cloud, provider: str, id: str, *, mapping: str, attribute: str = "") -> None:
    """Gives a protocol another mapping. Raises CloudError."""
    body: dict[str, Any] = {"mapping_id": mapping}
    if attribute:
        body["remote_id_attribute"] = attribute
    cloud.patch(SERVICE, _protocols(provider) + "/" + wire.path_id(id), {"protocol": body})


def delete_protocol(cloud: Cloud, provider: str, id: str) -> None:
    """Lets nobody in by this protocol any more. Raises CloudError."""
    cloud.delete(SERVICE, _protocols(provider) + "/" + wire.path_id(id))


# Mappings


def list_all_mappings(cloud: Cloud) -> list[Rulebook]:
    """Every mapping. Raises CloudError."""
    return [Rulebook.from_json(item) for item in every(cloud, MAPPINGS, "mappings")]


def list_mappings(cloud: Cloud, query: Query) -> Page[Rulebook]:
    """One page of the mappings. Raises CloudError."""
    return MAPPING_LOOKUP.page(list_all_mappings(cloud), query, count=("version",))


def get_mapping_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A mapping as Keystone gives it. Raises CloudError."""
    return paging.inner(cloud.get(SERVICE, MAPPINGS + "/" + wire.path_id(id)), "mapping", SERVICE)


def get_mapping(cloud: Cloud, id: str) -> Rulebook:
    """One mapping. Raises CloudError."""
    return Rulebook.from_json(get_mapping_json(cloud, id))


def create_mapping(cloud: Cloud, id: str, *, rules: Sequence[Any], schema_version: str) -> Rulebook:
    """Makes a mapping. Raises CloudError, Conflict if there is one of that name."""
    body = {"rules": list(rules), "schema_version": schema_version}
    answer = cloud.put(SERVICE, MAPPINGS + "/" + wire.path_id(id), {"mapping": body})
    return Rulebook.from_json({"id": id, **body, **wire.mapping(answer.get("mapping"))})


def update_mapping(cloud: Cloud, id: str, *, rules: Sequence[Any], schema_version: str) -> None:
    """Puts other rules in place of those it has; they hold from the next sign-in on. Raises CloudError."""
    body = {"rules": list(rules), "schema_version": schema_version}
    cloud.patch(SERVICE, MAPPINGS + "/" + wire.path_id(id), {"mapping": body})


def delete_mapping(cloud: Cloud, id: str) -> None:
    """Deletes a mapping. Keystone does so even while a protocol uses it. Raises CloudError."""
    cloud.delete(SERVICE, MAPPINGS + "/" + wire.path_id(id))


def users_of_mapping(cloud: Cloud, id: str) -> list[tuple[str, str]]:
    """The protocols that use a mapping: provider and protocol. One request for each provider. Raises CloudError."""
    providers = [provider.id for provider in list_all_providers(cloud)]
    waiting = in_turn([functools.partial(list_protocols, cloud, provider) for provider in providers])
    return [
        (provider, protocol.id)
        for provider, found in zip(providers, waiting, strict=True)
        for protocol in found.value
        if protocol.mapping_id == id
    ]


# Service providers


def list_service_providers(cloud: Cloud, query: Query) -> Page[ServiceProvider]:
    """One page of the service providers. Raises CloudError."""
    found = [ServiceProvider.from_json(item) for item in every(cloud, SERVICES, "service_providers")]
    return SERVICE_LOOKUP.page(found, query, count=("enabled",))


def get_service_provider_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A service provider as Keystone gives it. Raises CloudError."""
    return paging.inner(cloud.get(SERVICE, SERVICES + "/" + wire.path_id(id)), "service_provider", SERVICE)


def get_service_provider(cloud: Cloud, id: str) -> ServiceProvider:
    """One service provider. Raises CloudError."""
    return ServiceProvider.from_json(get_service_provider_json(cloud, id))


def create_service_provider(cloud: Cloud, id: str, body: Mapping[str, Any]) -> ServiceProvider:
    """Registers another cloud. Raises CloudError."""
    answer = cloud.put(SERVICE, SERVICES + "/" + wire.path_id(id), {"service_provider": dict(body)})
    return ServiceProvider.from_json({"id": id, **body, **wire.mapping(answer.get("service_provider"))})


def update_service_provider(cloud: Cloud, id: str, body: Mapping[str, Any]) -> None:
    """Changes what is known of another cloud. Raises CloudError."""
    cloud.patch(SERVICE, SERVICES + "/" + wire.path_id(id), {"service_provider": dict(body)})


def delete_service_provider(cloud: Cloud, id: str) -> None:
    """Forgets another cloud. Raises CloudError."""
    cloud.delete(SERVICE, SERVICES + "/" + wire.path_id(id))


def list_domains(cloud: Cloud) -> list[tuple[str, str]]:
    """Ids and names of the domains that people of elsewhere can be put into. Raises CloudError."""
    return [(wire.text(item.get("id")), wire.text(item.get("name"))) for item in every(cloud, "/domains", "domains")]
