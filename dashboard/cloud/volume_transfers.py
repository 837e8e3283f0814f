"""Transfers: volumes that are handed over to another project, by an id and a key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.cloud import cinder, paging, wire
from dashboard.cloud.cinder import SERVICE
from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Lookup, Page, Query


@dataclass(frozen=True)
class Transfer:
    """A volume that waits for another project to take it."""

    id: str
    name: str
    volume_id: str = ""
    created: datetime | None = None
    has_snapshots: bool = True
    """Whether the volume's snapshots go with it (3.55)."""
    volume_name: str = ""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Transfer:
        return cls(
            id=wire.text(item.get("id")),
            name=wire.text(item.get("name")),
            volume_id=wire.text(item.get("volume_id")),
            created=wire.moment(item.get("created_at")),
            has_snapshots=not wire.flag(item.get("no_snapshots")),
        )


@dataclass(frozen=True)
class NewTransfer:
    """A transfer with its key, which Cinder tells once."""

    transfer: Transfer
    key: str = field(repr=False)


LOOKUP: Lookup[Transfer] = Lookup(
    text=lambda item: (item.name, item.id, item.volume_id, item.volume_name),
    values={"volume": lambda item: item.volume_id, "name": lambda item: item.name},
    sorts={"name": lambda item: item.name, "created": lambda item: item.created},
)


def _path(cloud: Cloud) -> str:
    """Where transfers are: only since 3.55 do they say whether snapshots come along."""
    return "/volume-transfers" if cinder.speaks(cloud, "3.55") else "/os-volume-transfer"


def list_transfers(cloud: Cloud, query: Query) -> Page[Transfer]:
    """One page of what waits to be taken. Raises CloudError."""
    path = f"{_path(cloud)}/detail"
    found = [
        Transfer.from_json(item)
        for items in paging.pages(cloud, SERVICE, path, "transfers", microversion=cinder.version(cloud))
        for item in cinder.with_id(items)
    ]
    return LOOKUP.page(found, query)


def get_transfer_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A transfer as Cinder gives it, which never has the key. Raises CloudError."""
    return cinder.one(cloud, f"{_path(cloud)}/{wire.path_id(id)}", "transfer")


def get_transfer(cloud: Cloud, id: str) -> Transfer:
    """One transfer. Raises CloudError."""
    return Transfer.from_json(get_transfer_json(cloud, id))


def create_transfer(cloud: Cloud, *, volume_id: str, name: str = "", with_snapshots: bool = True) -> NewTransfer:
    """Offers a volume to whoever has the key. Raises CloudError."""
    body: dict[str, Any] = {"volume_id": volume_id, "name": name or None}
    if cinder.speaks(cloud, "3.55"):
        body["no_snapshots"] = not with_snapshots
    answer = wire.mapping(cinder.post(cloud, _path(cloud), {"transfer": body}).get("transfer"))
    return NewTransfer(Transfer.from_json(answer), wire.text(answer.get("auth_key")))


def accept_transfer(cloud: Cloud, *, id: str, key: str) -> str:
    """Takes a volume into this project; gives its id. Raises CloudError, QuotaExceeded among them."""
    path = f"{_path(cloud)}/{wire.path_id(id)}/accept"
    answer = cinder.post(cloud, path, {"accept": {"auth_key": key}})
    return wire.text(wire.mapping(answer.get("transfer")).get("volume_id"))


def cancel_transfer(cloud: Cloud, *, id: str) -> None:
    """Takes the offer back; the volume stays here. Raises CloudError."""
    cinder.delete(cloud, f"{_path(cloud)}/{wire.path_id(id)}")
