"""The workers that watch the cloud while somebody looks at it.

Settings follow two rules. A page never waits for the broker: publishing gives up within
a third of a second. And nothing is ever repeated by the broker: a poll that was lost is
healed by the next tick (Redis gives a killed worker's task back after ``visibility_timeout``
at the earliest, and ``expires`` drops it by then).
"""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
# Django's checks load every page; the web process runs them, and a worker has no pages.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

from django.conf import settings

app = Celery("dashboard")
app.conf.update(
    broker_url=settings.BROKER_URL.replace("valkeys://", "rediss://").replace("valkey://", "redis://"),
    result_backend=None,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_serializer="json",
    result_serializer="json",
    event_serializer="json",
    accept_content=["json"],
    task_default_queue="live",
    task_create_missing_queues=True,
    task_acks_late=False,
    task_soft_time_limit=15,
    task_time_limit=20,
    task_publish_retry=False,
    broker_connection_timeout=0.3,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        # For a process that only publishes. Workers wait for messages longer than this: below.
        "socket_connect_timeout": 0.25,
        "socket_timeout": 0.25,
        "max_retries": 0,
        "visibility_timeout": 120,
    },
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=1000,
    worker_soft_shutdown_timeout=10,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    # Each worker has a queue of its own besides, by which it finds out whether it still hears.
    worker_direct=True,
    imports=["dashboard.live.tasks"],
    timezone="UTC",
    enable_utc=True,
)


@celeryd_init.connect
def _as_worker(conf: Any = None, **kwargs: Any) -> None:
    """A worker waits for its messages; and it keeps trying when the broker is away."""
    conf.broker_transport_options = {"visibility_timeout": 120, "socket_keepalive": True, "health_check_interval": 10}
    conf.broker_connection_timeout = 2
    conf.broker_connection_max_retries = None


@setup_logging.connect
def _logs(**kwargs: Any) -> None:
    """Keeps Celery from setting up logging, which Django's settings did; a line per poll would drown the rest."""
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _setup() -> None:
    import django
    from django.apps import apps

    if not apps.ready and not apps.loading:
        django.setup()


@celeryd_init.connect
def _with_django(**kwargs: Any) -> None:
    _setup()
