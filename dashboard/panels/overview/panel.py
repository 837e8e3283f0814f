"""The page that a project starts with."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.overview import views
from dashboard.ui.panel import Place

PLACE = Place(
    slug="overview",
    title=gettext_lazy("Overview"),
    group="overview",
    icon="layout-dashboard",
    urls=(
        path("", views.index, name="index"),
        path("live/", views.live, name="live"),
        path("<slug:slug>/", views.section, name="section"),
    ),
)
