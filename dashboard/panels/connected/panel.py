"""A network that reaches the internet, in one step."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.connected import views
from dashboard.ui.panel import Place

PLACE = Place(
    slug="connected-network",
    title=gettext_lazy("Network with internet"),
    group="network",
    icon="world",
    service="network",
    urls=(path("", views.index, name="index"),),
    is_in_menu=False,
)
