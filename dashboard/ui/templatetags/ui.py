"""Small things that pages show everywhere: icons, ages, sizes, meters, links within the scope."""

from __future__ import annotations

import functools
import logging
import math
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from django import template
from django.conf import settings
from django.template.context import Context
from django.urls import NoReverseMatch
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.auth import urls_for
from dashboard.ui.offers import Offer
from dashboard.ui.values import Link

log = logging.getLogger(__name__)
register = template.Library()

SVG = "{http://www.w3.org/2000/svg}"


@functools.cache
def _shapes(name: str) -> SafeString:
    """The shapes of a vendored icon, built anew from its parsed attributes, so nothing else gets into a page."""
    path = settings.BASE_DIR / "static" / "vendor" / "icons" / f"{name}.svg"
    if not name.replace("-", "").isalnum() or not path.is_file():
        # A missing picture costs nobody a page; a test looks for it.
        log.error("There is no icon %r; static/vendor/vendor.toml names those there are.", name)
        return SafeString("")
    shapes = ElementTree.fromstring(path.read_text())  # noqa: S314 - our own file, checked by hash
    parts = [
        (shape.tag.removeprefix(SVG), format_html_join("", ' {}="{}"', shape.attrib.items()))
        for shape in shapes
        if shape.get("stroke") != "none"
    ]
    return format_html_join("", "<{}{}/>", parts)


@functools.cache
def icon_html(name: str, css: str = "") -> SafeString:
    """An icon as inline SVG, hidden from screen readers: the words beside it say the same."""
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor"'
        ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
        ' aria-hidden="true" focusable="false">{}</svg>',
        f" {css}" if css else "",
        _shapes(name),
    )


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """``{% icon "server" %}``; "" gives nothing."""
    return icon_html(str(name), css) if name else SafeString("")


@register.simple_tag(takes_context=True)
def scoped(context: Context, name: str, *args: Any, **kwargs: Any) -> str:
    """``{% scoped "servers:detail" row.id %}``: an address within the scope of the page.

    "" for an id that no address of ours can hold: one odd row must not cost the list.
    """
    try:
        return str(urls_for(context["request"], name, *args, **kwargs))
    except NoReverseMatch:
        if args or kwargs:
            return ""
        raise


@register.simple_tag(takes_context=True)
def link_url(context: Context, link: Link) -> str:
    """Where a Link leads; "" if it leads nowhere."""
    return scoped(context, link.url_name, link.id) if link.url_name and link.id else ""


def age_words(then: datetime, now: datetime | None = None) -> str:
    """How long ago, or in how long, in one unit: "3 min", "2 days". Seconds are not told."""
    seconds = int(abs(((now or datetime.now(UTC)) - then).total_seconds()))
    if seconds < 60:
        return _("just now")
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 60:
        return _("%(number)d min") % {"number": minutes}
    if hours < 48:
        return _("%(number)d h") % {"number": hours}
    if days < 60:
        return ngettext("%(number)d day", "%(number)d days", days) % {"number": days}
    if days < 730:
        return ngettext("%(number)d month", "%(number)d months", days // 30) % {"number": days // 30}
    return ngettext("%(number)d year", "%(number)d years", days // 365) % {"number": days // 365}


@register.simple_tag
def age(then: Any) -> SafeString | str:
    """``{% age row.created_at %}``: in words, with the exact time for those who point at it."""
    if not isinstance(then, datetime):
        return "–"
    if timezone.is_naive(then):
        then = then.replace(tzinfo=UTC)
    local = timezone.localtime(then)
    exact = f"{formats.date_format(local, 'DATE_FORMAT')} {local:%H:%M:%S} {local.tzname()}"
    return format_html('<time datetime="{}" title="{}">{}</time>', then.isoformat(), exact, age_words(then))


def size_words(amount: float) -> str:
    """Bytes in the largest binary unit that gives at least 1: "1.5 GiB"."""
    units = ["PiB", "TiB", "GiB", "MiB", "KiB", "B"]
    while amount >= 1024 and len(units) > 1:
        amount /= 1024
        units.pop()
    unit = units[-1]
    digits = 0 if unit == "B" or amount >= 100 or math.isclose(amount, round(amount)) else 1
    return f"{formats.number_format(round(amount, digits), digits)} {unit}"


@register.simple_tag
def size(amount: Any) -> SafeString | str:
    """``{% size bytes %}``; also takes a ``values.Size``."""
    amount = getattr(amount, "bytes", amount)
    if not isinstance(amount, int | float) or isinstance(amount, bool):
        return "–"
    return format_html('<span class="num" title="{} B">{}</span>', formats.number_format(amount), size_words(amount))


@register.simple_tag
def mebibytes(amount: Any) -> SafeString | str:
    """``{% mebibytes flavor.ram %}``: what Nova counts in MiB, in the unit that people read."""
    return size(amount * 1024 * 1024 if isinstance(amount, int | float) else None)


BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser(agent: str) -> str:
    """A User-Agent in two words, "Firefox, Linux"; as it is where it names nothing that is known."""
    found = [next((name for mark, name in marks if mark in agent), "") for marks in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in found if name) or agent[:120]


@register.inclusion_tag("ui/cell/_meter.html")
def meter(quota: Any, label: str = "", more: int = 0) -> dict[str, Any]:
    """``{% meter quota %}``: how much of a limit is used, as a bar and in numbers.

    ``more`` is what is about to be used on top, e.g. by a launch: shown as a second part.
    """
    used, limit = quota.used, quota.limit
    has_limit = limit is not None and limit >= 0
    share = min(100.0, 100 * used / limit) if has_limit and limit else (100.0 if has_limit and used else 0.0)
    wanted = min(100.0 - share, 100 * more / limit) if has_limit and limit else 0.0
    total = used + more
    in_gib = quota.unit == "MiB" and (limit if has_limit else total) >= 1024

    def shown(number: float) -> str:
        number = round(number / 1024, 1) if in_gib else number
        return formats.number_format(number, 0 if number == int(number) else 1, force_grouping=True)

    tone = (
        "bad"
        if has_limit and (total > limit or used >= limit)
        else "warn"
        if has_limit and total >= 0.8 * limit
        else "ok"
    )
    return {
        "label": label or quota.name,
        "quota": quota,
        "used": shown(used),
        "limit": shown(limit) if has_limit else None,
        "unit": "GiB" if in_gib else quota.unit,
        "share": f"{share:.1f}",
        "wanted": f"{wanted:.1f}",
        "more": shown(more) if more else "",
        "tone": tone,
        "is_over": has_limit and total > limit,
    }


@register.inclusion_tag("ui/cell/_copy.html")
def copy(value: Any, label: str = "") -> dict[str, Any]:
    """``{% copy row.id %}``: a button that copies the value."""
    return {"value": value, "label": label}


@register.filter
def shared_reasons(offers: Sequence[Offer]) -> list[str]:
    """The missing roles that keep somebody from several of these: a menu says each of them once, not at every entry."""
    lacking = Counter(str(offer.why_not) for offer in offers if getattr(offer.why_not, "role", ""))
    return [reason for reason, count in lacking.items() if count > 1]


@register.filter
def tone_icon(tone: str) -> str:
    """The icon of a tone, so that no state is told by colour alone."""
    icons = {"ok": "circle-check", "busy": "loader-2", "warn": "alert-triangle", "bad": "alert-circle", "off": "minus"}
    return icons.get(tone, "help-circle")
