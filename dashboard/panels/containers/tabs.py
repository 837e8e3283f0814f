"""What a container's page shows besides its objects: who may get at it, and what Swift does with what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from dashboard.cloud import swift
from dashboard.cloud.connection import Cloud
from dashboard.cloud.container_access import public_of
from dashboard.cloud.containers import Container, public_url
from dashboard.panels.containers.words import PUBLIC, shown_rules
from dashboard.ui.panel import MEMBER, Tab, may


def load_access(cloud: Cloud, container: Container) -> Mapping[str, Any]:
    """Everything about who may get at it; names are asked for only where a rule has an id."""
    public = public_of(container.read)
    read, write = shown_rules(cloud, container)
    return {
        "container": container,
        "public": public,
        "public_words": PUBLIC[public],
        "public_url": public_url(cloud, container.name),
        "rules": (*read, *write),
        "may_change": may(cloud, MEMBER),
    }


def load_settings(cloud: Cloud, container: Container) -> Mapping[str, Any]:
    """Facts, and what can be set. Nothing is asked for it beyond what this Swift can do."""
    info = swift.info(cloud)

    def has(part: str) -> bool:
        return not info.is_known or info.has(part)

    return {
        "container": container,
        "may_change": may(cloud, MEMBER),
        "has_quota": has("container_quotas"),
        "has_versions": has("object_versioning") or container.has_versions or container.versions_location,
        "has_website": has("staticweb"),
        "has_keys": has("tempurl"),
        "has_sync": info.has("container_sync") or container.sync_to,
        "website_url": public_url(cloud, container.name) + "/",
    }


TABS: tuple[Tab[Container], ...] = (
    Tab(slug="access", label=gettext_lazy("Access"), template="containers/access.html", load=load_access),
    Tab(slug="settings", label=gettext_lazy("Settings"), template="containers/settings.html", load=load_settings),
)
