"""API access: how programs reach this cloud."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.api_access import views
from dashboard.ui import health
from dashboard.ui.panel import Place

PLACE = Place(
    slug="api-access",
    title=gettext_lazy("API access"),
    group="overview",
    icon="api",
    urls=(
        path("", views.index, name="index"),
        path("openrc.sh", views.openrc, name="openrc"),
        path("clouds.yaml", views.clouds_yaml, name="clouds-yaml"),
        path("health/", health.live, name="health"),
    ),
)
