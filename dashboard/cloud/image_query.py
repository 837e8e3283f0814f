"""What a list of images is asked for, in Glance's own words: it narrows, sorts and pages by itself where it can."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Query

SORTS: Mapping[str, str] = {
    "name": "name",
    "status": "status",
    "size": "size",
    "format": "disk_format",
    "created": "created_at",
    "updated": "updated_at",
}
"""Glance sorts by these; its ``visibility`` and properties it does not sort by."""
FILTERS: Mapping[str, str] = {
    "status": "status",
    "name": "name",
    "format": "disk_format",
    "os": "os_distro",
    "tag": "tag",
    "protected": "protected",
    "visibility": "visibility",
    "type": "image_type",
}
LISTS = frozenset({"status", "name", "disk_format"})
"""Filters that take several values, as ``in:a,b``; a tag may be repeated, but then it has to have all of them."""
SCOPES: Mapping[str, Mapping[str, str]] = {
    "public": {"visibility": "public"},
    "community": {"visibility": "community"},
    "pending": {"visibility": "shared", "member_status": "pending"},
    "rejected": {"visibility": "shared", "member_status": "rejected"},
    "hidden": {"visibility": "all", "os_hidden": "true"},
}
PLAIN = re.compile(r"[\w .@+/-]+")
"""Values that mean themselves: "in:", "gt:" and commas have a meaning in Glance's filters."""


def params(cloud: Cloud, query: Query) -> dict[str, Any] | None:
    """The parameters of ``GET /v2/images`` for this page; None where Glance can't tell what is meant."""
    sort = SORTS.get(query.sort or "name")
    if query.text or sort is None or any(term.is_negated for term in query.terms):
        return None
    found: dict[str, Any] = {"visibility": "all"}
    for key in dict.fromkeys(term.key for term in query.terms):
        narrowed = _filter(cloud, key, query.values(key))
        if narrowed is None:
            return None
        # Two conditions on who may see it are more than one parameter can say.
        if "visibility" in narrowed and found["visibility"] != "all":
            return None
        found |= narrowed
    is_back = bool(query.before and not query.marker)
    direction = "desc" if query.is_descending != is_back else "asc"
    # Equal rows in one order, by which pages can follow each other.
    found["sort"] = f"{sort}:{direction},id:{direction}"
    found["limit"] = query.limit + 1
    if query.marker or query.before:
        found["marker"] = query.marker or query.before
    return found


def _filter(cloud: Cloud, key: str, values: tuple[str, ...]) -> dict[str, str] | None:
    if key == "scope":
        if len(values) != 1:
            return None
        if values[0] == "mine" and cloud.project_id:
            return {"owner": cloud.project_id}
        return dict(SCOPES[values[0]]) if values[0] in SCOPES else None
    if key == "owner" and len(values) == 1 and re.fullmatch(r"[0-9a-f]{32}", values[0]):
        return {"owner": values[0]}
    name = FILTERS.get(key, "")
    if not name or not all(PLAIN.fullmatch(value) for value in values):
        return None
    if len(values) > 1:
        return {name: "in:" + ",".join(values)} if name in LISTS else None
    value = values[0]
    if key == "protected":
        return {name: "true" if value.casefold() == "yes" else "false"} if value in {"yes", "no"} else None
    if key == "type":
        # That something is no snapshot, Glance can't be asked.
        return {name: value} if value == "snapshot" else None
    if key == "visibility":
        return {name: value} if value in {"public", "community", "private"} else None
    return {name: value}
