"""What tests of sessions share."""

from __future__ import annotations

from django.conf import settings as django_settings
from django.test import Client

from .keystone import DATA

SID = django_settings.SESSION_COOKIE_NAME
PAGE = f"/r/RegionOne/p/{DATA}/things/"
HTMX = {"HX-Request": "true"}


def is_in(browser: Client) -> bool:
    return browser.get(PAGE).status_code == 200
