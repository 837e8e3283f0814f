"""Metadata as rows of keys and values, with what the cloud knows of its keys."""

from __future__ import annotations

from dataclasses import asdict

from dashboard.cloud import server_labels
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.server_labels import Definition
from dashboard.cloud.servers import Server
from dashboard.live import cache
from dashboard.ui.pairs import Pairs

KNOWN_SECONDS = 600


def definitions(cloud: Cloud) -> tuple[Definition, ...]:
    """The keys that mean something in this cloud; none where Glance has none to tell, or fails."""
    if not cloud.offers("image"):
        return ()
    try:
        found = cache.cached(
            cloud,
            "server-definitions",
            KNOWN_SECONDS,
            lambda: [asdict(item) for item in server_labels.list_definitions(cloud)],
        )
    except CloudError:
        return ()
    return tuple(Definition(**{**item, "choices": tuple(item["choices"])}) for item in found)


def own_tags(server: Server) -> tuple[str, ...]:
    """The tags that people gave it, without those that the dashboard finds a launch by."""
    return tuple(tag for tag in server.tags if not tag.startswith("belvedere-"))


__all__ = ["Pairs", "definitions", "own_tags"]
