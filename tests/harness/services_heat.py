"""What the recorded cloud answers about stacks."""

from __future__ import annotations

import urllib.parse
from typing import Any

from tests.harness.wire import recorded

HEAT = "http://127.0.0.1:8004/v1/" + "a" * 32
COLLECTIONS: tuple[tuple[str, ...], ...] = (("orchestration", "/stacks", "heat/stacks", "stacks", ""),)
"""As ``services.Collection`` takes them."""
STACK = "/stacks/[^/]+/[^/]+"
SINGLES: tuple[tuple[str, str, str, Any], ...] = (
    ("GET", "orchestration", "/stacks/rec-doomed/[^/]+/resources", "heat/resources_doomed"),
    ("GET", "orchestration", "/stacks/rec-doomed/[^/]+/events", "heat/events_doomed"),
    ("GET", "orchestration", f"{STACK}/resources", "heat/resources"),
    ("GET", "orchestration", f"{STACK}/events", "heat/events"),
    ("GET", "orchestration", f"{STACK}/resources/[^/]+", "heat/resource_handle"),
    ("GET", "orchestration", f"{STACK}/resources/[^/]+/events", "heat/resource_events"),
    ("GET", "orchestration", f"{STACK}/template", "heat/template"),
    ("GET", "orchestration", f"{STACK}/environment", "heat/environment"),
    ("GET", "orchestration", f"{STACK}/files", {}),
    ("GET", "orchestration", f"{STACK}/snapshots", "heat/snapshots"),
    ("GET", "orchestration", f"{STACK}/export", "heat/export"),
    ("GET", "orchestration", "/services", "heat/services"),
    ("GET", "orchestration", "/resource_types/OS::[^/]+", "heat/resource_type"),
    ("GET", "orchestration", "/resource_types/OS::[^/]+/template", "heat/resource_type_template"),
    ("GET", "orchestration", "/template_versions/[^0][^/]+/functions", "heat/functions"),
)


def one(rows: list[dict[str, Any]], path: str) -> dict[str, Any] | None:
    """A stack by name and id, as Heat gives it; and what templates may be written with."""
    if path in ("/resource_types", "/template_versions"):
        key = path.strip("/")
        # Where a test empties every list, these are empty, too.
        return recorded("heat/resource_types" if key == "resource_types" else "heat/versions") if rows else {key: []}
    parts = path.split("/")
    if len(parts) != 4 or parts[1] != "stacks":
        return None
    row = next((row for row in rows if [row["stack_name"], row["id"]] == parts[2:]), None)
    return {"stack": row} if row is not None else None


def as_heat_lists(rows: list[dict[str, Any]], url: str) -> list[dict[str, Any]]:
    """The rows as Heat narrows and cuts them."""
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
    if "id" in query:
        rows = [row for row in rows if row["id"] == query["id"]]
    if "marker" in query:
        ids = [row["id"] for row in rows]
        rows = rows[ids.index(query["marker"]) + 1 :] if query["marker"] in ids else []
    return rows[: int(query.get("limit", "1000"))]


def changed(method: str, path: str) -> Any:
    """What Heat answers to a change; None for what it answers nothing to."""
    if path == "/validate":
        return recorded("heat/validated")
    if path == "/stacks/preview":
        return recorded("heat/preview")
    if path.endswith("/preview"):
        return recorded("heat/update_preview")
    if path == "/stacks" and method == "POST":
        return {"stack": {"id": "00000701-0000-4000-8000-000000000701", "links": []}}
    return None
