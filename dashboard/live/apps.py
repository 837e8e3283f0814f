"""Ties the leases to the sessions: whoever signs out is not polled for any more."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig

from dashboard.store import session_ended


def _forget(id_hash: str, **kwargs: Any) -> None:
    from dashboard.live import jobs, watch

    watch.forget(id_hash)
    jobs.forget(id_hash)


class LiveConfig(AppConfig):
    """Connected once, when Django starts."""

    name = "dashboard.live"
    label = "live"

    def ready(self) -> None:
        """Listens for sessions that end."""
        session_ended.connect(_forget, dispatch_uid="live.forget")
