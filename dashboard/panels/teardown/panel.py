"""Taking a project down: what it holds, in which order it goes, and how far it is."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.teardown import views
from dashboard.ui.panel import ADMIN, Place

PLACE = Place(
    slug="teardown",
    title=gettext_lazy("Teardown"),
    group="identity",
    icon="trash",
    service="identity",
    roles=ADMIN,
    is_in_menu=False,
    urls=(
        path("", views.index, name="index"),
        path("projects/", views.projects, name="projects"),
        path("<slug:id>/", views.progress, name="progress"),
        path("<slug:id>/again/", views.again, name="again"),
    ),
)
