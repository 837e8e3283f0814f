"""Topology: how a project's networks hang together."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.topology import views
from dashboard.ui.panel import Place

PLACE = Place(
    slug="topology",
    title=gettext_lazy("Topology"),
    group="network",
    icon="topology-star-3",
    service="network",
    urls=(path("", views.index, name="index"), path("live/", views.live, name="live")),
)
