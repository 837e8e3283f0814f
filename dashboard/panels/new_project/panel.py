"""A project in one go: with its members, its quotas and its network."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.new_project import progress, views
from dashboard.ui.panel import IDENTITY_MANAGER, Place

PLACE = Place(
    slug="new-project",
    title=gettext_lazy("New project"),
    group="identity",
    icon="wand",
    service="identity",
    roles=IDENTITY_MANAGER,
    scopes=("project", "domain", "system"),
    is_in_menu=False,
    urls=(
        path("", views.index, name="index"),
        path("names/", views.names, name="names"),
        path("<slug:id>/", progress.show, name="progress"),
        path("<slug:id>/again/", progress.again, name="again"),
    ),
)
