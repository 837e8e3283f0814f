"""The page that a domain and the system start with: what may be done there."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.start import views
from dashboard.ui.panel import Place

PLACE = Place(
    slug="start",
    title=gettext_lazy("Start"),
    group="overview",
    icon="home",
    urls=(path("", views.index, name="index"),),
    scopes=("domain", "system"),
)
