"""What became of a launch whose answer was lost: found by its tag, not found, or still unknown."""

from __future__ import annotations

import re
import time

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.cloud.errors import CloudError
from dashboard.cloud.launch import find_launched
from dashboard.live import errands
from dashboard.panels.servers.launch_address import address_words
from dashboard.ui.errors import fault_of

ONCE = re.compile(r"[0-9a-f]{32}")
GIVE_UP_SECONDS = 60
"""When nothing has carried the tag for so long, nothing was made."""


@never_cache
@require_GET
def outcome(request: Request, sent: str) -> HttpResponse:
    """What became of a launch: found, not found, or still unknown."""
    if not ONCE.fullmatch(sent):
        raise Http404
    context = _outcome(request, sent)
    return render(request, f"servers/launch/outcome{'_part' if request.htmx else ''}.html", context)


def _outcome(request: Request, sent: str) -> dict[str, object]:
    began = request.GET.get("at", "")
    age = time.time() - int(began) if began.isdecimal() and len(began) < 12 else 0.0
    context: dict[str, object] = {"sent": sent, "at": began or str(int(time.time())), "is_over": age > GIVE_UP_SECONDS}
    context["in_form"] = bool(request.GET.get("in_form"))
    context["address"] = address_words(errands.get(sent))
    try:
        context["found"] = find_launched(cloud_of(request), sent)
        context["state"] = "found" if context["found"] else "none"
    except CloudError as error:
        context["state"] = "unknown"
        context["fault"] = fault_of(error, cloud_of(request))
    return context
