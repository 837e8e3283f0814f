"""What workers do: poll one class once. Messages carry a class's name; tokens come from the leases."""

from __future__ import annotations

from django.urls import get_resolver

from dashboard.celery import app
from dashboard.live import endpoint_checks, errands, heartbeat, jobs, keys, polling
from dashboard.live.kinds import KINDS
from dashboard.live.store import Away


@app.task(name="live.poll", ignore_result=True, soft_time_limit=15, time_limit=20)
def poll(class_id: str, kind: str) -> None:
    """Polls once, if a poll is due and somebody looks; then puts the next one in the queue."""
    if keys.is_class(class_id) and kind in KINDS:
        polling.run(class_id, kind, chain=True)


@app.task(name="live.whole", ignore_result=True, soft_time_limit=120, time_limit=130)
def whole(class_id: str, kind: str) -> None:
    """Reads a long list anew from its first page to its last, besides the polls."""
    if keys.is_class(class_id) and kind in KINDS:
        polling.run_whole(class_id, kind)


@app.task(name="live.health", ignore_result=True, soft_time_limit=60, time_limit=70)
def health() -> None:
    """Asks the endpoints that somebody looks at whether they answer, if that was not known a moment ago."""
    try:
        endpoint_checks.run(chain=True)
    except Away:
        return


@app.task(name="live.ping", ignore_result=True, soft_time_limit=5, time_limit=8)
def ping(name: str) -> None:
    """Says that this worker works."""
    try:
        heartbeat.pinged(name)
        errands.wake()
    except Away:
        return


@app.task(name="live.errand", ignore_result=True, soft_time_limit=40, time_limit=45)
def errand(id: str) -> None:
    """Does one step of what somebody left to be done; then puts the next one in the queue."""
    if errands.is_id(id) and errands.run(id):
        errands.soon(id)


@app.task(name="live.job", ignore_result=True, soft_time_limit=90, time_limit=100)
def job(job_id: str) -> None:
    """Goes on with a job for a while; then hands the rest on."""
    # Panels' actions come with the addresses, which a worker needs for nothing else.
    get_resolver().url_patterns  # noqa: B018
    try:
        jobs.run(job_id)
    except Away:
        return
