"""Address groups: lists of addresses with a name, for the rules of security groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import neutron, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Lookup


@dataclass(frozen=True)
class AddressGroup:
    """Addresses with a name, by Neutron's API."""

    id: str
    name: str
    description: str = ""
    addresses: tuple[str, ...] = ()
    is_shared: bool = False
    project_id: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> AddressGroup:
        """From a group of ``GET /v2.0/address-groups``."""
        return cls(
            id=wire.text(json.get("id")),
            name=wire.text(json.get("name")),
            description=wire.text(json.get("description")),
            addresses=wire.texts(json.get("addresses")),
            is_shared=wire.flag(json.get("shared")),
            project_id=wire.text(json.get("project_id")),
        )


KIND: neutron.Kind[AddressGroup] = neutron.Kind(
    path="/v2.0/address-groups",
    many="address_groups",
    one="address_group",
    read=AddressGroup.from_json,
    filters={"shared": neutron.flag("shared")},
    choices={"shared": ("yes", "no")},
    lookup=Lookup(
        text=lambda group: (group.name, group.id, group.description, *group.addresses),
        values={"shared": lambda group: group.is_shared},
        sorts={"name": lambda group: group.name},
    ),
)


def list_all_address_groups(cloud: Cloud) -> tuple[AddressGroup, ...]:
    """Every group that the token sees, up to 1,000. Raises CloudError."""
    return KIND.all(cloud)


def set_addresses(cloud: Cloud, group: AddressGroup, addresses: Iterable[str]) -> None:
    """Gives the group these addresses, and no others. The new ones come first, so none is missing meanwhile."""
    wanted = tuple(addresses)
    added = [address for address in wanted if address not in group.addresses]
    removed = [address for address in group.addresses if address not in wanted]
    for name, changed in (("add_addresses", added), ("remove_addresses", removed)):
        if changed:
            cloud.put("network", f"{KIND.url(group.id)}/{name}", {"addresses": changed})
