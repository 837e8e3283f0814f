"""Where snapshots are kept: the one store, under the name that the live parts use."""

from __future__ import annotations

from dashboard.store import Away, client, guarded

__all__ = ["Away", "client", "guarded"]
