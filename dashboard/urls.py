"""Every address: signing in, and the panels below each scope."""

from __future__ import annotations

from django.urls import include, path

from dashboard.auth.scopes import scope_urls
from dashboard.panels import PANELS
from dashboard.ui import registry, roles_here, tray
from dashboard.ui.urls import urls_of_all

registry.register(PANELS)

urlpatterns = [
    path("", include("dashboard.auth.urls")),
    path("", include("dashboard.ui.own_urls")),
    *scope_urls(
        [
            *urls_of_all(PANELS),
            path("", include((tray.urlpatterns, tray.app_name))),
            path("", include((roles_here.urlpatterns, roles_here.app_name))),
        ]
    ),
]

handler400 = "dashboard.ui.errors.bad_request"
handler403 = "dashboard.ui.errors.forbidden"
handler404 = "dashboard.ui.errors.not_found"
handler500 = "dashboard.ui.errors.server_error"
