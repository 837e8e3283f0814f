"""python-novaclient as it is used here: on the shared session, with our own errors, and no files of its own.

What it can't do with the one request that is meant is asked by hand, through ``Cloud.get`` and its like.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import novaclient.base
import novaclient.client
import requests

from dashboard.cloud import transport
from dashboard.cloud.errors import BadAnswer, from_response, translated

if TYPE_CHECKING:
    from dashboard.cloud.connection import Cloud

SERVICE = "compute"


class _Http(novaclient.client.SessionClient):  # type: ignore[misc]
    """What the client asks through. Refusals and odd answers are told as those of a request by hand.

    The client's own way drops when to try again after a 503 and the words of many a refusal, and takes
    an answer that is no JSON for an empty one.
    """

    def request(self, url: str, method: str, **kwargs: Any) -> tuple[requests.Response, Any]:
        response, body = super().request(url, method, **{**kwargs, "raise_exc": False})
        if response.status_code >= 400:
            raise from_response(response, service=SERVICE)
        is_read = method == "GET" or (method != "DELETE" and response.content)
        if is_read and not isinstance(body, dict):
            raise BadAnswer("The answer is not a JSON object.", service=SERVICE, status=response.status_code)
        return response, body


@contextlib.contextmanager
def _no_completion(*_args: Any, **_kwargs: Any) -> Iterator[None]:
    """In place of the files, for a shell's completion, that the client keeps in the home directory."""
    yield


def client_at(url: str, *, token: str, version: str) -> Any:
    """A client of the Nova at ``url``, at one microversion. Making it asks nothing."""
    client = novaclient.client.Client(version, session=transport.session())
    client.client = _Http(
        api_version=client.api_version,
        session=transport.session(),
        auth=transport.HeldToken(token),
        # A version that is given is taken at its word: the client asks for none itself.
        endpoint_override=url,
        service_type=SERVICE,
        user_agent="python-novaclient",
    )
    for manager in vars(client).values():
        if isinstance(manager, novaclient.base.Manager):
            manager.completion_cache = _no_completion
    return client


@contextlib.contextmanager
def asking(cloud: Cloud) -> Iterator[Any]:
    """The client of a cloud, for one call: ``with asking(cloud) as nova: nova.servers.start(...)``.

    Raises CloudError; Invalid for what came after the microversion that this Nova speaks. Ids have to go
    through ``wire.path_id``: the client puts them into its paths as they are.
    """
    with translated(SERVICE):
        yield cloud.nova
