"""Left-overs: what of a project's networking nobody uses any more."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.left_overs import views
from dashboard.ui.panel import Place

PLACE = Place(
    slug="left-overs",
    title=gettext_lazy("Left-overs"),
    group="network",
    icon="archive",
    service="network",
    urls=(path("", views.index, name="index"), path("delete/", views.delete, name="delete")),
)
