"""OAuth consumers: programs that may ask people for a part of their rights (Keystone's OS-OAUTH1, read only here)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.keystone_rows import SERVICE, every
from dashboard.cloud.types import Lookup, Page, Query


@dataclass(frozen=True)
class Consumer:
    """A program that is registered; Keystone tells its secret once, to who registered it."""

    id: str
    description: str = ""

    @property
    def name(self) -> str:
        return self.description or self.id

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Consumer:
        return cls(id=wire.text(json.get("id")), description=wire.text(json.get("description")))


LOOKUP: Lookup[Consumer] = Lookup(
    text=lambda row: (row.id, row.description), values={}, sorts={"name": lambda row: row.name}
)


def list_consumers(cloud: Cloud, query: Query) -> Page[Consumer]:
    """One page of the consumers. Raises CloudError."""
    return LOOKUP.page([Consumer.from_json(item) for item in every(cloud, "/OS-OAUTH1/consumers", "consumers")], query)


def get_consumer_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A consumer as Keystone gives it. Raises CloudError."""
    return paging.inner(cloud.get(SERVICE, f"/OS-OAUTH1/consumers/{wire.path_id(id)}"), "consumer", SERVICE)


def get_consumer(cloud: Cloud, id: str) -> Consumer:
    """One consumer. Raises CloudError."""
    return Consumer.from_json(get_consumer_json(cloud, id))
