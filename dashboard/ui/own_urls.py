"""Addresses outside of any scope that are neither signing in nor a panel."""

from __future__ import annotations

from django.conf import settings
from django.urls import path

from dashboard.ui import design, preferences

app_name = "ui"
urlpatterns = [
    path("theme/", preferences.theme, name="theme"),
    path("language/", preferences.language, name="language"),
]
if settings.DEBUG:
    urlpatterns += [
        path("design/", design.design, name="design"),
        path("design/<slug:part>/", design.part, name="design-part"),
    ]
