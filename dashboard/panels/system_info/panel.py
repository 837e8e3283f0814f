"""System information: the processes of all services, the versions of their APIs, and how this dashboard itself is."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.system_info import views
from dashboard.ui import health
from dashboard.ui.panel import ADMIN, Place

PLACE = Place(
    slug="system-info",
    title=gettext_lazy("System information"),
    group="admin",
    icon="info-circle",
    roles=ADMIN,
    urls=(path("", views.index, name="index"), path("health/", health.live, name="health")),
)
