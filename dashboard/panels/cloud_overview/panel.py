"""The cloud's overview: the page that those who run the cloud start with."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.panels.cloud_overview import views
from dashboard.ui.panel import ADMIN, Place

PLACE = Place(
    slug="cloud-overview",
    title=gettext_lazy("Cloud overview"),
    group="admin",
    icon="activity",
    service="compute",
    roles=ADMIN,
    urls=(
        path("", views.index, name="index"),
        path("live/", views.live, name="live"),
        path("<slug:slug>/", views.box, name="box"),
    ),
)
