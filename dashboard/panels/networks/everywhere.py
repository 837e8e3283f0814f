"""All networks: those of every project, for administrators, with whose they are."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from dashboard.panels.networks.panel import PANEL as OWN
from dashboard.ui.all_projects import of_all
from dashboard.ui.panel import Panel

PANEL: Panel[Any] = of_all(
    OWN,
    slug="all-networks",
    title=gettext_lazy("All networks"),
    about=gettext_lazy("The networks of every project in this region, for those who run the cloud."),
)
