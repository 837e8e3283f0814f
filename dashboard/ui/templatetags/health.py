"""The asking again for endpoints' health, on pages that list endpoints or what has some."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template.context import Context

from dashboard.ui import health
from dashboard.ui.templatetags.ui import scoped

register = template.Library()


@register.inclusion_tag("ui/health/again.html", takes_context=True)
def health_again(context: Context, name: str, rows: Iterable[Any]) -> dict[str, Any]:
    """``{% health_again "endpoints:health" rows %}``: rows with ``marks``, or views of such rows."""
    found = [getattr(item, "row", item) for item in rows or ()]
    several = [endpoint for row in found for endpoint in getattr(row, "endpoints", (row,))]
    marks = [mark for endpoint in several for mark in endpoint.marks]
    return {"again": health.again(scoped(context, name), marks, (endpoint.health for endpoint in several))}
