"""A Swift that keeps what it is sent: for tests of bytes that go there and come back."""

from __future__ import annotations

import hashlib
import json
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from requests.structures import CaseInsensitiveDict

from tests.harness.services_swift import ACCOUNT
from tests.harness.wire import recorded


@dataclass
class Kept:
    """Containers and their objects. An instance is an answer of ``Services.answers``."""

    containers: dict[str, dict[str, bytes]] = field(default_factory=lambda: {"photos": {}})
    headers: dict[tuple[str, str], Any] = field(default_factory=dict)
    """What objects were put with."""
    on_piece: Callable[[bytes], None] = lambda piece: None
    """Told of each piece of a body that comes in, before the next is asked for."""
    refuse: Callable[[Any, Any], str | None] = lambda request, context: None
    """What is said in place of everything else."""

    def __call__(self, request: Any, context: Any) -> str | None:
        url = urllib.parse.urlsplit(request.url)
        if url.path == "/info":
            return json.dumps(recorded("swift/info"))
        said = self.refuse(request, context)
        if said is not None:
            return said
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        parts = url.path.removeprefix(ACCOUNT).split("/", 2)
        # Whoever sends a "/" or ".." of a name as it is, asks for another object.
        assert len(parts) <= 3
        assert len(parts) < 3 or "/" not in parts[2]
        container, name = (urllib.parse.unquote(part) for part in (*parts[1:], "", "")[:2])
        if "bulk-delete" in query:
            return self._bulk_delete(request)
        if not name:
            return self._container(request, context, container, query)
        if container not in self.containers:
            context.status_code = 404
            return ""
        return self._object(request, context, container, name, query)

    def _container(self, request: Any, context: Any, container: str, query: dict[str, str]) -> str:
        if request.method == "PUT":
            self.containers.setdefault(container, {})
            self.headers[container, ""] = CaseInsensitiveDict(request.headers)
            context.status_code = 201
            return ""
        if container not in self.containers:
            context.status_code = 404
            return ""
        context.headers |= {"X-Storage-Policy": "gold", "X-Container-Read": ".r:*"}
        if request.method == "HEAD":
            context.status_code = 204
            return ""
        names = sorted(self.containers[container], key=str.encode)
        names = [name for name in names if name.startswith(query.get("prefix", "")) and name > query.get("marker", "")]
        rows = [self._row(name, self.containers[container][name]) for name in names[: int(query["limit"])]]
        return json.dumps(rows)

    @staticmethod
    def _row(name: str, data: bytes) -> dict[str, Any]:
        return {
            "name": name,
            "bytes": len(data),
            "hash": hashlib.md5(data).hexdigest(),
            "last_modified": "2026-11-22T01:16:37.770310",
        }

    def _object(self, request: Any, context: Any, container: str, name: str, query: dict[str, str]) -> str:
        objects = self.containers[container]
        if request.method == "PUT":
            if name in objects and request.headers.get("If-None-Match") == "*":
                context.status_code = 412
                return ""
            return self._put(request, context, container, name, query)
        if name not in objects:
            context.status_code = 404
            return ""
        if request.method == "DELETE":
            del objects[name]
            context.status_code = 204
            return ""
        return self._get(request, context, objects[name])

    def _put(self, request: Any, context: Any, container: str, name: str, query: dict[str, str]) -> str:
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        if not isinstance(body, bytes):
            pieces = []
            for piece in body:
                pieces.append(piece)
                self.on_piece(piece)
            body = b"".join(pieces)
        etag = hashlib.md5(body).hexdigest()
        if query.get("multipart-manifest") == "put":
            parts = [part["path"].split("/", 2) for part in json.loads(body)]
            found = [self.containers[place][part] for _nothing, place, part in parts]
            body = b"".join(found)
            etag = f'"{hashlib.md5("".join(hashlib.md5(part).hexdigest() for part in found).encode()).hexdigest()}"'
        self.containers[container][name] = body
        self.headers[container, name] = CaseInsensitiveDict(request.headers)
        context.status_code = 201
        context.headers["Etag"] = etag
        return ""

    @staticmethod
    def _get(request: Any, context: Any, data: bytes) -> str:
        etag = hashlib.md5(data).hexdigest()
        context.headers |= {
            "Content-Length": str(len(data)),
            "Etag": etag,
            "Last-Modified": "Sun, 22 Nov 2026 01:16:39 GMT",
            "Accept-Ranges": "bytes",
            "Content-Type": "text/html",
            "X-Object-Meta-Secret": "not to be passed on",
        }
        if request.headers.get("If-None-Match") == etag:
            context.status_code = 304
            return ""
        asked = request.headers.get("Range", "").removeprefix("bytes=")
        if asked:
            first, _, last = asked.partition("-")
            if int(first) >= len(data):
                context.status_code = 416
                return ""
            part = data[int(first) : int(last) + 1 if last else len(data)]
            context.status_code = 206
            context.headers["Content-Range"] = f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}"
            context.headers["Content-Length"] = str(len(part))
            return part.decode()
        return "" if request.method == "HEAD" else data.decode()

    def _bulk_delete(self, request: Any) -> str:
        body = request.body if isinstance(request.body, str) else request.body.decode()
        for line in body.splitlines():
            container, name = (urllib.parse.unquote(part) for part in line.strip("/").split("/", 1))
            self.containers[container].pop(name, None)
        return json.dumps({"Number Deleted": len(body.splitlines()), "Errors": []})
