"""One's own servers in all projects and regions, on one page."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.everywhere import views
from dashboard.ui.panel import Place

PLACE = Place(
    slug="everywhere",
    title=gettext_lazy("Everywhere"),
    group="compute",
    icon="world",
    service="compute",
    urls=(
        path("", views.index, name="index"),
        path("open/", views.reach, name="open"),
    ),
)
