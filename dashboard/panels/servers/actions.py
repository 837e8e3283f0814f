"""What can be done to servers from the list and from their pages, in the order of the menu."""

from __future__ import annotations

from dashboard.cloud.servers import Server
from dashboard.panels.servers.actions_delete import DELETE_ACTIONS
from dashboard.panels.servers.actions_disk import DISK_ACTIONS
from dashboard.panels.servers.actions_place import PLACE_ACTIONS
from dashboard.panels.servers.actions_power import POWER_ACTIONS
from dashboard.panels.servers.actions_state import HELP_ACTIONS, STATE_ACTIONS
from dashboard.panels.servers.admin_actions import ADMIN_ACTIONS
from dashboard.panels.servers.part_actions import PART_ACTIONS
from dashboard.ui.panel import Action

LIFECYCLE: tuple[Action[Server], ...] = (
    *POWER_ACTIONS,
    *PLACE_ACTIONS,
    *DISK_ACTIONS,
    *STATE_ACTIONS,
    *HELP_ACTIONS,
    *DELETE_ACTIONS,
)
"""What is done to a server as a whole."""

ACTIONS: tuple[Action[Server], ...] = (
    *POWER_ACTIONS,
    *PLACE_ACTIONS,
    *DISK_ACTIONS,
    *PART_ACTIONS,
    *STATE_ACTIONS,
    *ADMIN_ACTIONS,
    *HELP_ACTIONS,
    *DELETE_ACTIONS,
)
