"""python-glanceclient on the shared session: each call of it sends the one request that it is for, and no other.

By itself it would take whatever has no JSON body for a download and read the answer without a limit or a deadline,
lose the request id of a refusal, and fetch a schema before it reads its first member or namespace.
"""

from __future__ import annotations

from typing import Any

import glanceclient.v2.client
import requests
from glanceclient.v2 import schemas
from keystoneauth1 import adapter

from dashboard.cloud import transport
from dashboard.cloud.errors import BadAnswer, translated

SERVICE = "image"


class Bounded(adapter.Adapter):
    """The shared session as glanceclient is to see it."""

    def request(self, url: str, method: str, **kwargs: Any) -> requests.Response:
        """Sends the request as ``Cloud.request`` would. Raises CloudError."""
        headers = {_text(name): _text(value) for name, value in (kwargs.get("headers") or {}).items()}
        if kwargs.get("data") is None:
            # "application/octet-stream", of nothing.
            headers.pop("Content-Type", None)
        kwargs |= {"headers": {"Accept": "application/json", **headers}, "stream": False, "raise_exc": True}
        with translated(SERVICE):
            return super().request(url, method, **kwargs)


class Schemas(schemas.Controller):  # type: ignore[misc]
    """Schemas that allow everything: ``wire.py`` reads what comes, whatever a schema says of it."""

    def get(self, schema_name: str) -> schemas.Schema:
        return schemas.Schema({"name": schema_name, "properties": {}})


def client(url: str, token: str) -> glanceclient.v2.client.Client:
    """A client for the Glance at ``url``; use it inside ``translated("image")``."""
    made = glanceclient.v2.client.Client(
        session=Bounded(transport.session()), auth=transport.HeldToken(token), endpoint_override=url
    )
    for part in (made.image_members, made.metadefs_namespace):
        part.schema_client = Schemas(made.http_client)
    return made


def object_in(answer: Any) -> dict[str, Any]:
    """The JSON object that an answer of the client is wrapped around. Raises BadAnswer for anything else."""
    body = answer.wrapped
    if not isinstance(body, dict):
        raise BadAnswer("The answer is not a JSON object.", service=SERVICE)
    return dict(body)


def _text(value: Any) -> str:
    """The client encodes its headers."""
    return value.decode() if isinstance(value, bytes) else str(value)
