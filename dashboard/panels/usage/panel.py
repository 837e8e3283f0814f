"""Usage: how much of the cloud the project's servers used in a time span."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.usage import views
from dashboard.panels.usage.projects import projects
from dashboard.ui.panel import Place

PLACE = Place(
    slug="usage",
    title=gettext_lazy("Usage"),
    group="compute",
    icon="chart-bar",
    urls=(path("", views.index, name="index"), path("projects/", projects, name="projects")),
    service="compute",
)
