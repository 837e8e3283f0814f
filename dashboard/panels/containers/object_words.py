"""How objects are shown: their kind as an icon, what they are made of, the place that they are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from dashboard.auth.http import Request
from dashboard.auth.scopes import urls_for
from dashboard.cloud.objects import Object, readable
from dashboard.cloud.swift import key_of

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", "image/x-icon"})
"""Images that a browser only draws. SVG is not among them: it may hold scripts."""
TEXTS = frozenset(
    {
        "application/json",
        "application/xml",
        "application/yaml",
        "application/x-yaml",
        "application/toml",
        "application/javascript",
        "application/x-sh",
        "application/sql",
        "application/x-ndjson",
        "application/x-www-form-urlencoded",
        "image/svg+xml",
    }
)
ARCHIVES = ("zip", "tar", "gzip", "bzip", "xz", "zstd", "7z", "rar")
CODE = ("json", "xml", "yaml", "javascript", "html", "x-sh", "python", "toml", "sql")


def plain_type(item: Object) -> str:
    """The type without its parameters."""
    return item.type.partition(";")[0].strip().lower()


def icon_of(item: Object) -> str:
    """The icon of an object's kind."""
    kind = plain_type(item)
    if item.target:
        return "link"
    if item.is_folder:
        return "folder"
    if kind.startswith("image/"):
        return "photo"
    if any(word in kind for word in ARCHIVES):
        return "archive"
    if "spreadsheet" in kind or kind.endswith(("/csv", "excel")):
        return "file-spreadsheet"
    if any(word in kind for word in CODE):
        return "file-code"
    return "file-text" if kind.startswith("text/") else "file"


def is_text(item: Object) -> bool:
    """Whether its type says that it can be read."""
    kind = plain_type(item)
    return kind.startswith("text/") or kind in TEXTS or kind.endswith(("+json", "+xml"))


def made_of(item: Object) -> str:
    """What is to be known of an object that is no plain one; "" for others."""
    if item.target:
        return _("A link to %(target)s") % {"target": readable(item.target)}
    if item.is_large:
        return _("Segments that its manifest lists (static large object)")
    if item.manifest:
        return _("Everything that begins with %(prefix)s (dynamic large object)") % {"prefix": readable(item.manifest)}
    if item.is_folder:
        return _("Nothing: it stands for a folder")
    return ""


def place_url(request: Request, container: str, prefix: str = "", **query: str) -> str:
    """Where a place in a container is looked at."""
    asked = {"tab": "objects", "prefix": prefix, **query}
    given = urlencode({key: value for key, value in asked.items() if value})
    return f"{urls_for(request, 'containers:detail', key_of(container))}?{given}"


@dataclass(frozen=True)
class Crumb:
    """One step of the way to a place."""

    label: str
    url: str


def crumbs(request: Request, container: str, prefix: str) -> Sequence[Crumb]:
    """The way from the container to a place in it. A folder without a name has a sign for one."""
    found = [Crumb(readable(container), place_url(request, container))]
    parts = prefix.split("/")[:-1]
    for number, part in enumerate(parts, 1):
        label = readable(part) or "∅"
        found.append(Crumb(label, place_url(request, container, "/".join(parts[:number]) + "/")))
    return found
