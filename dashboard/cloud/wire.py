"""Readers for JSON that may not have the documented shape: one odd value never costs a list."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def text(value: Any, default: str = "") -> str:
    """A string; numbers and booleans as text, anything else as ``default``."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) else default


def number(value: Any, default: int = 0) -> int:
    """A whole number, also from a string of digits."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return default
    try:
        return int(value)
    except (ValueError, OverflowError):
        return default


def optional(value: Any) -> int | None:
    """A whole number, or None for anything else and for OpenStack's "no limit" of -1."""
    found = number(value, -1)
    return None if found < 0 else found


def flag(value: Any) -> bool:
    """A boolean; Glance and Cinder send some of theirs as the strings "true" and "True"."""
    return value.lower() == "true" if isinstance(value, str) else bool(value)


def mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    """A JSON array, or an empty one."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON array."""
    return [item for item in listing(value) if isinstance(item, dict)]


def texts(value: Any) -> tuple[str, ...]:
    """The strings of a JSON array."""
    return tuple(item for item in listing(value) if isinstance(item, str))


def moment(value: Any) -> datetime | None:
    """A time in UTC. OpenStack writes ISO 8601 with "Z", with an offset, or with none and means UTC."""
    if not isinstance(value, str) or not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def path_id(value: str) -> str:
    """An id as one segment of an upstream path: nothing in it can leave the segment or add a query.

    A segment of dots alone would be taken as "here" or "one up" by what stands between, and
    percent-encoding does not help there, so it becomes an id that surely does not exist.
    """
    if value.strip(".") == "":
        return "%2E-no-such-id"
    return urllib.parse.quote(value, safe="")
