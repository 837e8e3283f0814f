"""What administrators can do to servers: moving them between hosts."""

from __future__ import annotations

from dashboard.cloud.servers import Server
from dashboard.ui.panel import Action

ADMIN_ACTIONS: tuple[Action[Server], ...] = ()
