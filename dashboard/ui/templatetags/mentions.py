"""Links to what a refusal names."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from dashboard.ui.neutron_words import mentions
from dashboard.ui.templatetags.ui import scoped

register = template.Library()


@register.inclusion_tag("ui/mentions.html", takes_context=True)
def mentioned(context: Context, text: Any) -> dict[str, Any]:
    """``{% mentioned form.non_field_errors %}``: where to find what stands in the way."""
    if "request" not in context:
        return {"found": []}
    texts = [str(part) for part in text] if isinstance(text, list | tuple) else [str(text or "")]
    found = [(item, scoped(context, item.url_name, item.id)) for item in mentions(" ".join(texts))]
    return {"found": [(item, url) for item, url in found if url]}
