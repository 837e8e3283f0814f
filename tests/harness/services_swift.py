"""What the recorded cloud answers about containers and objects: a Swift of the answers in tests/wire/swift."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Mapping
from typing import Any

from tests.harness.wire import PROJECT_ID, recorded

ROOT = "http://127.0.0.1:8090"
ACCOUNT = f"/v1/AUTH_{PROJECT_ID}"
SWIFT = ROOT + ACCOUNT
PLACE = "/"
"""Where ``Services.rows`` has the containers: each as the account lists it, with the headers of its own."""
COLLECTIONS: tuple[tuple[str, ...], ...] = (("object-store", PLACE, "swift/containers", "containers", "", "name"),)
"""As ``services.Collection`` takes them."""
TEXT = b"The first line of it.\nAnd the second one.\n"
"""What every object holds."""

Row = dict[str, Any]


def answer(rows: list[Row], request: Any, context: Any, change: Any) -> str | bytes:
    """What Swift says to a request: it lists, tells and gives what is recorded, and takes every change."""
    url = urllib.parse.urlsplit(request.url)
    context.headers |= {"X-Trans-Id": "tx0123-0123", "X-Openstack-Request-Id": "tx0123-0123"}
    if url.path == "/info":
        return json.dumps(recorded("swift/info"))
    query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
    _, container, name = (*url.path.removeprefix(ACCOUNT).split("/", 2), "", "")[:3]
    container, name = urllib.parse.unquote(container), urllib.parse.unquote(name)
    if request.method not in {"GET", "HEAD"}:
        return _changed(request, context, container, name, query)
    if not container:
        context.headers |= _totals(rows)
        return _listed(_public(rows), request, context, query, change)
    row = next((row for row in rows if row.get("name") == container), None)
    if row is None:
        return _missing(request, context)
    objects = recorded("swift/objects").get(container, [])
    if name:
        found = next((item for item in objects if item["name"] == name), None)
        return _missing(request, context) if found is None else _object(found, request, context)
    context.headers |= container_headers(row)
    return _listed(objects, request, context, query, change)


def container_headers(row: Row) -> dict[str, str]:
    """What Swift says of a container in headers."""
    own = row.get("headers")
    return {
        "X-Container-Object-Count": str(row.get("count")),
        "X-Container-Bytes-Used": str(row.get("bytes")),
        "X-Storage-Policy": str(row.get("storage_policy")),
        "Last-Modified": "Sun, 22 Nov 2026 01:16:38 GMT",
        **{key: _latin(str(value)) for key, value in (own if isinstance(own, dict) else {}).items()},
    }


def _latin(text: str) -> str:
    return text.encode().decode("latin-1")


def _public(rows: list[Row]) -> list[Row]:
    return [{key: value for key, value in row.items() if key != "headers"} for row in rows]


def _totals(rows: list[Row]) -> dict[str, str]:
    def total(key: str) -> str:
        return str(sum(row[key] for row in rows if type(row.get(key)) is int))

    return {
        "X-Account-Container-Count": str(len(rows)),
        "X-Account-Object-Count": total("count"),
        "X-Account-Bytes-Used": total("bytes"),
        "X-Account-Meta-Quota-Bytes": "10737418240",
    }


def _listed(rows: list[Row], request: Any, context: Any, query: Mapping[str, str], change: Any) -> str:
    if request.method == "HEAD":
        context.status_code = 204
        return ""
    return json.dumps(change(as_swift_lists(rows, query)))


def as_swift_lists(rows: list[Row], query: Mapping[str, str]) -> list[Row]:
    """The rows as Swift narrows, folds and cuts them."""
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    found: list[Row] = []
    folders: set[str] = set()
    for row in sorted(rows, key=lambda row: str(row.get("name")).encode()):
        name = str(row.get("name"))
        if not name.startswith(prefix):
            continue
        rest = name[len(prefix) :]
        if delimiter and delimiter in rest:
            folder = prefix + rest[: rest.index(delimiter) + len(delimiter)]
            if folder not in folders:
                folders.add(folder)
                found.append({"subdir": folder})
            continue
        found.append(row)

    def key(row: Row) -> bytes:
        return str(row.get("subdir") or row.get("name")).encode()

    if "reverse" in query:
        found.reverse()
    marker, end = query.get("marker", "").encode(), query.get("end_marker", "").encode()
    is_back = "reverse" in query
    if marker:
        found = [row for row in found if (key(row) < marker if is_back else key(row) > marker)]
    if end:
        found = [row for row in found if (key(row) > end if is_back else key(row) < end)]
    return found[: int(query.get("limit", "10000"))]


def _object(row: Row, request: Any, context: Any) -> str:
    context.headers |= {
        "Content-Type": row["content_type"],
        "Etag": row["hash"],
        "Last-Modified": "Sun, 22 Nov 2026 01:16:39 GMT",
        "X-Timestamp": "1795310198.02217",
        "Accept-Ranges": "bytes",
        "X-Object-Meta-Color": "red",
        **row.get("headers", {}),
    }
    if request.method == "HEAD":
        context.headers["Content-Length"] = str(row["bytes"])
        return ""
    return (TEXT * (row["bytes"] // len(TEXT) + 1))[: row["bytes"]].decode()


def _missing(request: Any, context: Any) -> str:
    context.status_code = 404
    said = "<html><h1>Not Found</h1><p>The resource could not be found.</p></html>"
    return "" if request.method == "HEAD" else said


def _changed(request: Any, context: Any, container: str, name: str, query: Mapping[str, str]) -> str:
    if "bulk-delete" in query:
        count = len((request.body or b"").splitlines())
        context.status_code = 200
        said = {"Number Deleted": count, "Number Not Found": 0, "Errors": [], "Response Status": "200 OK"}
        return json.dumps(said | {"Response Body": ""})
    context.status_code = {"PUT": 201, "COPY": 201, "DELETE": 204, "POST": 202 if name else 204}[request.method]
    if request.method == "PUT":
        context.headers |= {
            "Etag": "a48a4bd4b06c578b7a4f13c23c3d4150",
            "Last-Modified": "Sun, 22 Nov 2026 01:16:39 GMT",
        }
    return ""
