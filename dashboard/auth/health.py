"""Is this process fit to serve? For balancers and alarms: no session needed, no secret told."""

from __future__ import annotations

import time

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from dashboard.auth.http import public
from dashboard.store import Away, guarded

WORKER_KEY = "live:worker:alive"


@public
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while people can be served, 503 while not. Without a worker the pages poll by themselves, so that is 200."""
    started = time.monotonic()
    try:
        with guarded() as redis:
            has_worker = bool(redis.exists(WORKER_KEY))
    except Away:
        return JsonResponse({"status": "unavailable", "store": "away"}, status=503, headers={"Retry-After": "5"})
    return JsonResponse(
        {
            "status": "ok",
            "store": "ok",
            "store_ms": round((time.monotonic() - started) * 1000, 1),
            "worker": "ok" if has_worker else "away",
        }
    )
