"""What can be done to a server's parts: its volumes, interfaces, addresses, metadata and tags."""

from __future__ import annotations

from dashboard.cloud.servers import Server
from dashboard.panels.servers.part_actions_labels import LABEL_ACTIONS
from dashboard.panels.servers.part_actions_network import NETWORK_ACTIONS
from dashboard.panels.servers.part_actions_volumes import VOLUME_ACTIONS
from dashboard.ui.panel import Action

PART_ACTIONS: tuple[Action[Server], ...] = (*VOLUME_ACTIONS, *NETWORK_ACTIONS, *LABEL_ACTIONS)
