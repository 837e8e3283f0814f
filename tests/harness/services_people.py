"""What the recorded Keystone answers about users, groups, projects, domains, and who is a member of what."""

from __future__ import annotations

import urllib.parse
from typing import Any

from tests.harness.wire import recorded

COLLECTIONS: tuple[tuple[str, ...], ...] = (
    ("identity", "/projects", "keystone/people/projects", "projects", "project"),
    ("identity", "/users", "keystone/people/users", "users", "user"),
    ("identity", "/groups", "keystone/people/groups", "groups", "group"),
    ("identity", "/domains", "keystone/people/domains", "domains", "domain"),
)
"""As ``services.Collection`` takes them."""
SINGLES: tuple[tuple[str, str, str, Any], ...] = (
    ("GET", "identity", "/groups/[^/]+/users", "keystone/people/users"),
    ("GET", "identity", "/users/[^/]+/groups", "keystone/people/groups"),
    ("GET", "identity", "/roles", "keystone/people/roles"),
)
FILTERS = ("name", "domain_id", "enabled", "parent_id")


def as_keystone_lists(rows: list[dict[str, Any]], url: str) -> list[dict[str, Any]]:
    """The rows as Keystone narrows and cuts them: in the order of ids, after a marker."""
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
    for key in FILTERS:
        if key in query:
            rows = [row for row in rows if str(row.get(key)).casefold() == query[key].casefold()]
    if "name__icontains" in query:
        rows = [row for row in rows if query["name__icontains"].casefold() in str(row.get("name")).casefold()]
    if "tags" in query:
        rows = [row for row in rows if set(query["tags"].split(",")) <= set(row.get("tags") or ())]
    if "limit" in query or "marker" in query:
        rows = sorted(rows, key=lambda row: str(row["id"]))
    if "marker" in query:
        rows = [row for row in rows if str(row["id"]) > query["marker"]]
    return rows[: int(query["limit"])] if "limit" in query else rows


def assignments(url: str) -> dict[str, Any]:
    """Role assignments, as they were given or in effect, of one project, user or group."""
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, keep_blank_values=True))
    found: dict[str, Any] = recorded(f"keystone/people/{'effective' if 'effective' in query else 'given'}")
    rows = found["role_assignments"]
    for kind in ("user", "group"):
        if f"{kind}.id" in query:
            rows = [row for row in rows if row.get(kind, {}).get("id") == query[f"{kind}.id"]]
    if "user.id" in query or "group.id" in query:
        # What one has been given, one has been given in any place that is asked about.
        return {**found, "role_assignments": rows}
    if "scope.project.id" in query:
        rows = [row for row in rows if row["scope"].get("project", {}).get("id") == query["scope.project.id"]]
    if "scope.domain.id" in query:
        rows = [row for row in rows if "domain" in row["scope"]]
    return {**found, "role_assignments": rows}
