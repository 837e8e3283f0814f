"""Lists that a service gives in pages, read to their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer


def _id(item: Mapping[str, Any]) -> str:
    return wire.text(item.get("id"))


def pages(
    cloud: Cloud,
    service: str,
    path: str,
    key: str,
    *,
    size: int = 1000,
    most: int = 5000,
    microversion: str | None = None,
    marker_of: Callable[[Mapping[str, Any]], str] = _id,
    **params: Any,
) -> Iterator[list[dict[str, Any]]]:
    """The objects under ``key`` of each page, until ``most`` are read. Raises CloudError.

    An answer without ``key`` is a BadAnswer, never an empty list: what is missing from a
    list may be taken for deleted. A further page is told by ``next`` (Glance) or a link
    ``<key>_links`` with rel next (Nova, Neutron, Cinder), or ``links.next`` (Keystone); the address
    in it is not followed, as it may name another host or prefix than the catalog's.
    """
    marker: str | None = None
    seen = 0
    while seen < most:
        answer = cloud.get(service, path, microversion=microversion, limit=size, marker=marker, **params)
        if not isinstance(answer.get(key), list):
            raise BadAnswer(f"The answer has no list of {key}.", service=service)
        items = wire.objects(answer[key])
        seen += len(items)
        yield items
        links = wire.objects(answer.get(f"{key}_links"))
        has_next = bool(answer.get("next")) or any(link.get("rel") == "next" for link in links)
        has_next = has_next or bool(wire.mapping(answer.get("links")).get("next"))
        following = marker_of(items[-1]) if items else ""
        if not has_next or not following or following == marker:
            return
        marker = following


def inner(answer: Mapping[str, Any], key: str, service: str) -> dict[str, Any]:
    """The object under ``key`` of an answer. Raises BadAnswer if there is none."""
    found = answer.get(key)
    if not isinstance(found, dict):
        raise BadAnswer(f"The answer has no {key}.", service=service)
    return found
