"""What an image's page says besides its facts: why it has no data, and where a volume is made of it."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.template.context import Context
from django.urls import NoReverseMatch

from dashboard.auth.scopes import urls_for
from dashboard.cloud.images import Image
from dashboard.panels.images.words import broken_words

register = template.Library()


@register.simple_tag
def broken(image: Image) -> str:
    """``{% broken row as why %}``: what became of an upload that did not end well."""
    return str(broken_words(image))


@register.simple_tag(takes_context=True)
def volume_url(context: Context, image: Image) -> str:
    """``{% volume_url row as url %}``: where a volume is made of the image; "" in a cloud without volumes."""
    request = context["request"]
    if request.cloud is None or not request.cloud.offers("block-storage"):
        return ""
    try:
        return f"{urls_for(request, 'volumes:create')}?{urlencode({'image': image.id})}"
    except NoReverseMatch:
        return ""
