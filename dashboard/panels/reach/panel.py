"""Reach: whether one thing gets through to another, and what stops it."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.reach import views
from dashboard.ui.panel import Place

PLACE = Place(
    slug="reach",
    title=gettext_lazy("Reach"),
    group="network",
    icon="route",
    service="network",
    urls=(path("", views.index, name="index"), path("allow/", views.allow, name="allow")),
)
