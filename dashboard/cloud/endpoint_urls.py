"""What can be the matter with an endpoint's URL before anybody asks it: its scheme, its templates, where it leads.

Keystone fills templates in for each token, as ``$(project_id)s`` or ``%(tenant_id)s``; an endpoint with a project's id
in it is left out of the catalogs of tokens that are for no project.
"""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from dataclasses import dataclass

from dashboard.cloud.catalog import is_allowed
from dashboard.cloud.config import config

LONGEST = 225
"""Characters that Keystone takes."""
KEYS = ("project_id", "tenant_id", "user_id", "compute_host", "public_endpoint")
"""What Keystone fills in; of the last two, from its own configuration."""
TEMPLATE = re.compile(r"[$%]\(([^()]*)\)(s?)")
STRAY = re.compile(r"[$%]\(|%(?![0-9A-Fa-f]{2})")
VERSION = re.compile(r"v\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Wrong:
    """Why a URL can't be an endpoint's. ``what`` is a name for it, ``about`` the part that it is about."""

    what: str
    about: str = ""


def wrong_in(url: str) -> Wrong | None:
    """What keeps a text from being an endpoint's URL; None if nothing does."""
    if len(url) > LONGEST:
        return Wrong("long", str(LONGEST))
    if re.search(r"[\s\x00-\x1f\x7f<>\"\\^`{|}]", url):
        return Wrong("characters")
    unknown = next((key for key, _sign in TEMPLATE.findall(url) if key not in KEYS), None)
    if unknown is not None:
        return Wrong("template", unknown)
    if any(sign != "s" for _key, sign in TEMPLATE.findall(url)) or STRAY.search(TEMPLATE.sub("", url)):
        return Wrong("sign")
    try:
        parts = urllib.parse.urlsplit(filled_in(url))
        port = parts.port
    except ValueError:
        return Wrong("address")
    if parts.scheme not in {"http", "https"}:
        return Wrong("scheme", parts.scheme)
    if not parts.hostname or port == 0:
        return Wrong("address")
    if parts.username is not None or parts.password is not None:
        return Wrong("password")
    if parts.query or parts.fragment:
        return Wrong("query")
    if _is_link_local(parts.hostname):
        return Wrong("link-local")
    return None


def _is_link_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_link_local
    except ValueError:
        return False


def filled_in(url: str) -> str:
    """A URL with something harmless in place of its templates."""
    return TEMPLATE.sub("x", url)


def is_plain_where_safe(url: str) -> bool:
    """Whether it goes in clear where every Keystone is reached by TLS."""
    keystones = [urllib.parse.urlsplit(keystone.url) for keystone in config().keystones]
    is_plain = urllib.parse.urlsplit(url).scheme == "http"
    return is_plain and bool(keystones) and all(keystone.scheme == "https" for keystone in keystones)


def without_slash(url: str) -> str:
    """As most catalogs write it: clients put a path behind, and some services take no two slashes."""
    return url.strip().rstrip("/")


def probe_of(url: str) -> str:
    """Where an endpoint tells its versions: behind its version, or where the first template would be. Never raises."""
    # Keystone keeps whatever an administrator typed, years ago.
    url = url.encode("utf-8", "replace").decode()
    head = url[: found.start()] if (found := TEMPLATE.search(url)) else url
    try:
        parts = urllib.parse.urlsplit(head if head is url else head.rpartition("/")[0] + "/")
    except ValueError:
        return url
    kept: list[str] = []
    for part in parts.path.split("/"):
        kept.append(part)
        if VERSION.fullmatch(part):
            break
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc, "/".join(kept).rstrip("/") + "/", "", ""))


def root_of(probe: str) -> str:
    """The address above the version, where a service tells all its versions; the same if there is none."""
    parts = urllib.parse.urlsplit(probe)
    kept = parts.path.rstrip("/").split("/")
    if VERSION.fullmatch(kept[-1]):
        kept.pop()
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc, "/".join(kept).rstrip("/") + "/", "", ""))


def may_be_asked(url: str) -> bool:
    """Whether the dashboard may connect to it at all: only hosts that the operator named, never link-local ones."""
    return wrong_in(url) is None and is_allowed(filled_in(url))
