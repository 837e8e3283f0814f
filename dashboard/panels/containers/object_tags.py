"""What templates ask about one object: the way to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from dashboard.cloud.objects import Object
from dashboard.panels.containers.object_views import header_context

register = template.Library()


@register.simple_tag(takes_context=True)
def object_place(context: template.Context, row: Object) -> Mapping[str, Any]:
    """The way to an object, and where it is downloaded."""
    return header_context(context["request"], row)
