"""Limits and quotas: what a project may have of servers, networks and volumes, and has."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.quotas import changing, views
from dashboard.ui.panel import Place

PLACE = Place(
    slug="quotas",
    title=gettext_lazy("Quotas"),
    group="overview",
    icon="adjustments-horizontal",
    service="compute",
    urls=(
        path("", views.index, name="index"),
        path("projects/", views.projects, name="projects"),
        path("edit/", changing.edit, name="edit"),
        path("reset/", changing.reset, name="reset"),
        path("defaults/", changing.defaults, name="defaults"),
    ),
)
