"""What is in a container, as folders."""

from __future__ import annotations

from django.urls import URLPattern
from django.utils.translation import gettext_lazy

from dashboard.cloud.containers import Container
from dashboard.ui.panel import Tab

OBJECTS_TAB: Tab[Container] = Tab(slug="objects", label=gettext_lazy("Objects"), template="containers/objects.html")

object_urls: tuple[URLPattern, ...] = ()
