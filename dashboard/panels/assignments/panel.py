"""Role assignments: who can do what where, and why; and the matrix in which that is changed."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.assignments import matrix_views, views
from dashboard.ui.panel import IDENTITY_READER, Place

PLACE = Place(
    slug="assignments",
    title=gettext_lazy("Role assignments"),
    about=gettext_lazy("Who can do what where"),
    group="identity",
    icon="shield-lock",
    service="identity",
    urls=(
        path("", views.index, name="index"),
        path("matrix/", matrix_views.edit, name="matrix"),
        path("suggest/<slug:kind>/", views.suggest, name="suggest"),
    ),
    roles=IDENTITY_READER,
    scopes=("project", "domain", "system"),
)
