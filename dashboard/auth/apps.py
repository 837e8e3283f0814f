"""Registers the checks that refuse an unsafe start."""

from django.apps import AppConfig


class AuthConfig(AppConfig):
    name = "dashboard.auth"
    label = "belvedere_auth"

    def ready(self) -> None:
        from dashboard.auth import checks  # noqa: F401
