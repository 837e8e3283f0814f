"""Ages, sizes, meters and icons as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

from dashboard.cloud.types import Quota
from dashboard.ui.templatetags.ui import age_words, icon, size_words
from dashboard.ui.values import Link, Status

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def rendered(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=3), "3 min"),
        (timedelta(hours=30), "30 h"),
        (timedelta(days=3), "3 days"),
        (timedelta(days=400), "13 months"),
        (timedelta(days=800), "2 years"),
    ],
)
def test_an_age_is_told_in_one_unit(ago: timedelta, words: str) -> None:
    assert age_words(NOW - ago, NOW) == words


@pytest.mark.parametrize(
    ("amount", "words"), [(0, "0 B"), (1024, "1 KiB"), (1610612736, "1.5 GiB"), (2**60, "1,024 PiB")]
)
def test_a_size_is_told_in_the_largest_unit(amount: int, words: str) -> None:
    assert size_words(amount).replace(",", "") == words.replace(",", "")


def test_what_is_unknown_is_a_dash() -> None:
    assert rendered("{% size value %}{% age value %}", value=None) == "––"


def test_an_icon_is_hidden_from_screen_readers_and_an_unknown_one_is_empty() -> None:
    assert 'aria-hidden="true"' in icon("server")
    assert "<path" not in icon("there-is-no-such-icon")
    assert icon("") == ""


def test_names_are_escaped_wherever_they_are_shown() -> None:
    bad = '"><script>alert(1)</script>'
    cells = {
        "status": Status(bad, "ok", bad, bad),
        "copy": bad,
        "text": bad,
        "tags": [bad],
        "list": [bad],
        "code": bad,
        "link": Link(bad),
        "addresses": [bad],
    }
    for name, value in cells.items():
        html = rendered(f'{{% include "ui/cell/{name}.html" %}}', value=value)
        assert "<script" not in html, name
        assert "&lt;script" in html, name


def test_a_meter_says_in_words_that_a_launch_is_more_than_the_quota_allows() -> None:
    html = rendered("{% meter quota 'Servers' 5 %}", quota=Quota("instances", 18, 20))
    assert "18 + 5 / 20" in " ".join(html.split())
    assert "More than the quota allows" in html
    assert "no limit" in rendered("{% meter quota %}", quota=Quota("instances", 3, None))
    assert "style=" not in html
