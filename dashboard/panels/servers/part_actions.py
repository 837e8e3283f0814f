"""What can be done to a server's parts: its volumes, interfaces, addresses, metadata and tags."""

from __future__ import annotations

from dashboard.cloud.servers import Server
from dashboard.ui.panel import Action

PART_ACTIONS: tuple[Action[Server], ...] = ()
