"""Containers of Swift: the account's list, and one with everything that its headers say."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dashboard.cloud import swift, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.parallel import in_turn
from dashboard.cloud.swift import key_of, name_of, path_of
from dashboard.cloud.types import Lookup, Page, Query

WHOLE = 1000
"""Containers up to which a list is searched and sorted here; of more, Swift finds those whose names begin so."""
OWN = ("x-container-", "x-versions-", "x-history-")
META = "x-container-meta-"
KNOWN_META = (
    "quota-bytes",
    "quota-count",
    "access-control-allow-origin",
    "access-control-max-age",
    "access-control-expose-headers",
    "web-index",
    "web-error",
    "web-listings",
    "web-listings-css",
    "web-listings-label",
    "web-directory-type",
    "temp-url-key",
    "temp-url-key-2",
)
"""Metadata that mean something to Swift; everything else under ``META`` is a person's own."""


@dataclass(frozen=True)
class Account:
    """What Swift says of a project's account as a whole. Its count of containers has hidden ones for versions, too."""

    containers: int = 0
    objects: int = 0
    bytes: int = 0
    quota_bytes: int | None = None
    quota_count: int | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Account:
        def limit(*names: str) -> int | None:
            return next((found for name in names if (found := wire.optional(headers.get(name))) is not None), None)

        return cls(
            containers=wire.number(headers.get("x-account-container-count")),
            objects=wire.number(headers.get("x-account-object-count")),
            bytes=wire.number(headers.get("x-account-bytes-used")),
            quota_bytes=limit("x-account-quota-bytes", "x-account-meta-quota-bytes"),
            quota_count=limit("x-account-quota-count", "x-account-meta-quota-count"),
        )


@dataclass(frozen=True)
class Container:
    """A container. ``headers`` are there only where it was asked for by itself (``is_whole``)."""

    name: str
    objects: int = 0
    bytes: int = 0
    policy: str = ""
    changed: datetime | None = None
    created: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = False
    is_told: bool = True
    """Whether Swift tells who may read and write it, and the keys: only to those who may change that."""
    emptying: Any = None
    """How far its emptying is, where one was begun."""

    @property
    def id(self) -> str:
        """What stands for it in our own addresses."""
        return key_of(self.name)

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Container:
        """From one entry of the account's listing."""
        return cls(
            name=wire.text(json.get("name")) if isinstance(json.get("name"), str) else "",
            objects=wire.number(json.get("count")),
            bytes=wire.number(json.get("bytes")),
            policy=wire.text(json.get("storage_policy")),
            changed=swift.moment(json.get("last_modified")),
        )

    @classmethod
    def from_headers(cls, name: str, headers: Mapping[str, str]) -> Container:
        """From what Swift says of one container."""
        return cls(
            name=name,
            objects=wire.number(headers.get("x-container-object-count")),
            bytes=wire.number(headers.get("x-container-bytes-used")),
            policy=headers.get("x-storage-policy", ""),
            changed=swift.moment(headers.get("last-modified")),
            created=swift.moment(headers.get("x-timestamp")),
            headers={key: value for key, value in headers.items() if key.startswith(OWN)},
            is_whole=True,
        )

    def meta(self, key: str) -> str:
        """A header of its metadata, "" if it is not set."""
        return self.headers.get(META + key, "")

    @property
    def read(self) -> str:
        """Who may read, as Swift has it; it shows it to those alone who may change it."""
        return self.headers.get("x-container-read", "")

    @property
    def write(self) -> str:
        """Who may write."""
        return self.headers.get("x-container-write", "")

    @property
    def quota_bytes(self) -> int | None:
        return wire.optional(self.meta("quota-bytes") or None)

    @property
    def quota_count(self) -> int | None:
        return wire.optional(self.meta("quota-count") or None)

    @property
    def is_versioned(self) -> bool:
        """Whether Swift keeps the versions of objects itself."""
        return wire.flag(self.headers.get("x-versions-enabled", ""))

    @property
    def has_versions(self) -> bool:
        """Whether they were ever kept: some may be left."""
        return "x-versions-enabled" in self.headers

    @property
    def versions_location(self) -> str:
        """The older way: the container that versions go to."""
        return self.headers.get("x-versions-location", "") or self.headers.get("x-history-location", "")

    @property
    def is_history(self) -> bool:
        """Of the older way: whether a deletion is kept as a version as well."""
        return bool(self.headers.get("x-history-location"))

    @property
    def cors_origins(self) -> str:
        return self.meta("access-control-allow-origin")

    @property
    def cors_max_age(self) -> int | None:
        return wire.optional(self.meta("access-control-max-age") or None)

    @property
    def cors_headers(self) -> str:
        return self.meta("access-control-expose-headers")

    @property
    def web_index(self) -> str:
        return self.meta("web-index")

    @property
    def web_error(self) -> str:
        return self.meta("web-error")

    @property
    def is_web_listed(self) -> bool:
        return self.meta("web-listings").lower() in {"true", "yes", "on", "1", "t", "y"}

    @property
    def sync_to(self) -> str:
        """The container elsewhere that this one is copied to."""
        return self.headers.get("x-container-sync-to", "")

    @property
    def has_key(self) -> bool:
        """Whether a key for temporary URLs is set."""
        return bool(self.meta("temp-url-key") or self.meta("temp-url-key-2"))

    @property
    def metadata(self) -> dict[str, str]:
        """A person's own metadata."""
        found = {key.removeprefix(META): value for key, value in self.headers.items() if key.startswith(META)}
        return {key: value for key, value in sorted(found.items()) if key not in KNOWN_META}


LOOKUP: Lookup[Container] = Lookup(
    text=lambda item: (item.name,),
    values={
        "name": lambda item: item.name,
        "empty": lambda item: item.objects == 0,
        "policy": lambda item: item.policy,
    },
    sorts={
        "name": lambda item: item.name,
        "objects": lambda item: item.objects,
        "bytes": lambda item: item.bytes,
        "changed": lambda item: item.changed,
    },
)


def list_containers(cloud: Cloud, query: Query) -> Page[Container]:
    """One page of the account's containers. Raises CloudError.

    By name, Swift gives just that page, however many there are. For anything else up to ``WHOLE`` are read; where
    there are more, text means the beginning of the name, and the order is Swift's.
    """
    is_by_name = query.sort in {"name", ""}
    if is_by_name and not query.is_filtered:
        return _page(cloud, query)
    found, account = _listed(cloud, limit=WHOLE)
    if len(found) < WHOLE:
        return replace(LOOKUP.page(found, query), about=account)
    rest = replace(query, text="")
    if query.text:
        found, _ = _listed(cloud, limit=WHOLE, prefix=query.text)
        if len(found) < WHOLE:
            return replace(LOOKUP.page(found, rest), about=account)
    if query.terms:
        return replace(LOOKUP.page(found, rest), about=account, is_partial=True)
    return replace(_page(cloud, query, prefix=query.text), is_unsorted=not is_by_name)


def _page(cloud: Cloud, query: Query, *, prefix: str = "") -> Page[Container]:
    """One page in the order of names, which Swift cuts."""
    is_back = bool(query.before and not query.marker)
    is_reverse = (query.is_descending and query.sort in {"name", ""}) != is_back
    anchor = query.marker or query.before
    found, account = _listed(
        cloud,
        limit=query.limit + 1,
        prefix=prefix or None,
        marker=name_of(anchor) if anchor else None,
        reverse="true" if is_reverse else None,
    )
    has_more = len(found) > query.limit
    rows = found[: query.limit]
    if is_back:
        rows.reverse()
    has_next, has_previous = (True, has_more) if is_back else (has_more, bool(anchor))
    return Page(
        tuple(rows),
        has_next=has_next,
        has_previous=has_previous,
        total=None if has_next or has_previous else len(rows),
        about=account,
    )


def _listed(cloud: Cloud, *, limit: int, **params: Any) -> tuple[list[Container], Account]:
    found, headers = swift.listing(cloud, "", limit=limit, **params)
    rows = [Container.from_json(item) for item in found]
    return [row for row in rows if row.name], Account.from_headers(headers)


def get_container(cloud: Cloud, id: str) -> Container:
    """One container with what its headers say, by its key. Raises CloudError."""
    return read_container(cloud, name_of(id))


def read_container(cloud: Cloud, name: str) -> Container:
    """One container with what its headers say, by its name. Raises CloudError."""
    found = Container.from_headers(name, swift.headers_of(swift.send(cloud, "HEAD", path_of(name))))
    return replace(found, is_told=is_told_to(cloud))


def keeps_versions(cloud: Cloud, name: str) -> bool:
    """Whether what is deleted there stays as a version; where that can't be had, it may be. Raises Unauthorized."""
    try:
        found = read_container(cloud, name)
    except Unauthorized:
        raise
    except CloudError:
        return True
    return found.is_versioned or bool(found.versions_location)


def is_told_to(cloud: Cloud) -> bool:
    """Whether Swift tells this person who may read and write; by its usual roles."""
    return cloud.has_role("member", "manager", "swiftoperator", "ResellerAdmin")


def with_access(cloud: Cloud, rows: Sequence[Container]) -> Sequence[Container]:
    """The containers of a page with what their headers say, asked for side by side; one that fails stays as it was.

    Those whom Swift does not tell it cost nothing.
    """
    if not is_told_to(cloud):
        return [replace(row, is_told=False) for row in rows]
    bare = [row for row in rows if not row.is_whole]
    calls = [functools.partial(read_container, cloud, row.name) for row in bare]
    found: dict[str, Container] = {}
    for row, outcome in zip(bare, in_turn(calls, seconds=4), strict=True):
        whole = outcome.or_else(None)
        if whole is not None:
            found[row.name] = replace(row, headers=whole.headers, created=whole.created, is_whole=True)
    return [found.get(row.name, row) for row in rows]


def get_headers(cloud: Cloud, id: str) -> dict[str, Any]:
    """A container's headers as Swift sends them; keys of temporary URLs and of syncing are left out."""
    headers = swift.headers_of(swift.send(cloud, "HEAD", path_of(name_of(id))))
    return {key: "…" if is_secret(key) else value for key, value in headers.items()}


def is_secret(header: str) -> bool:
    """Whether a header holds what nobody is to see unasked."""
    return header.endswith(("-temp-url-key", "-temp-url-key-2", "-sync-key"))


def public_url(cloud: Cloud, container: str, name: str = "") -> str:
    """Where a container, or an object in it, is for everybody. Raises CloudError."""
    return cloud.url(swift.SERVICE).rstrip("/") + path_of(container, name)
