"""Temporary URLs: addresses that let anybody do one thing with one object, or a folder, for a while, without a token.

https://docs.openstack.org/swift/latest/api/temporary_url_middleware.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit

from dashboard.cloud import swift, transport
from dashboard.cloud.connection import Cloud
from dashboard.cloud.container_changes import new_key, set_keys
from dashboard.cloud.errors import Forbidden, Invalid, NotOffered
from dashboard.cloud.swift import SERVICE, headers_of, path_of, send

DIGESTS = ("sha256", "sha512", "sha1")
"""The best first; SHA-1 is for clouds that know no other."""
METHODS = ("GET", "PUT")
CONTAINER_KEYS = ("x-container-meta-temp-url-key", "x-container-meta-temp-url-key-2")
ACCOUNT_KEYS = ("x-account-meta-temp-url-key", "x-account-meta-temp-url-key-2")


@dataclass(frozen=True)
class Wish:
    """What a temporary URL is to allow. ``is_prefix``: for everything whose name begins as ``name`` does."""

    container: str
    name: str
    method: str
    ends: datetime
    is_prefix: bool = False


def is_offered(cloud: Cloud) -> bool:
    """Whether this Swift has them."""
    return swift.info(cloud).has("tempurl")


def digest_of(cloud: Cloud) -> str:
    """The best digest that this Swift takes; SHA-1 if it names none."""
    allowed = swift.info(cloud).texts("tempurl", "allowed_digests")
    return next((name for name in DIGESTS if name in allowed), "sha1" if not allowed else "sha256")


def methods_of(cloud: Cloud) -> tuple[str, ...]:
    """What may be allowed by one."""
    return tuple(name for name in METHODS if name in (swift.info(cloud).texts("tempurl", "methods") or METHODS))


def key_for(cloud: Cloud, container: str) -> str:
    """The key that addresses of this container are signed with, "" if there is none. Raises CloudError.

    Swift shows keys to those alone who may change what they are kept with.
    """
    for path, names in ((path_of(container), CONTAINER_KEYS), ("", ACCOUNT_KEYS)):
        try:
            found = headers_of(send(cloud, "HEAD", path))
        except Forbidden:
            continue
        if key := next((found[name] for name in names if found.get(name)), ""):
            return key
    return ""


def make_key(cloud: Cloud, container: str) -> str:
    """Gives a container a key of its own. Raises CloudError."""
    key = new_key()
    set_keys(cloud, container, first=key, second=None)
    # Where it is only shown what would be sent, no such key comes to be.
    return key if transport.dry.get() is None else "$TEMP_URL_KEY"


def make_url(cloud: Cloud, wish: Wish) -> str:
    """A temporary URL, signed with the container's key or the account's; where there is none, the container gets one.

    Raises CloudError.
    """
    if not is_offered(cloud):
        raise NotOffered("This Swift has no temporary URLs.", service=SERVICE)
    if not wish.name.strip("/"):
        raise Invalid("There are no temporary URLs for names of slashes alone.", service=SERVICE)
    return signed(
        cloud.url(SERVICE),
        wish,
        key_for(cloud, wish.container) or make_key(cloud, wish.container),
        digest_of(cloud),
    )


def signed(endpoint: str, wish: Wish, key: str, digest: str) -> str:
    """The address, signed. What is signed is the path as Swift reads it, with nothing encoded."""
    parts = urlsplit(endpoint.rstrip("/"))
    path = f"{parts.path}/{wish.container}/{wish.name}"
    ends = int(wish.ends.timestamp())
    body = f"{wish.method}\n{ends}\n{'prefix:' if wish.is_prefix else ''}{path}"
    mark = hmac.new(key.encode(), body.encode(), getattr(hashlib, digest)).hexdigest()
    query: Mapping[str, str] = {
        "temp_url_sig": mark,
        "temp_url_expires": str(ends),
        **({"temp_url_prefix": wish.name} if wish.is_prefix else {}),
    }
    # Slashes stay, so that people can read it; but not where a segment would be taken for "here" or "one up".
    segments = wish.name.split("/")
    is_plain = all(segment and segment.strip(".") for segment in segments[:-1]) and segments[-1] not in swift.DOTS
    name = quote(wish.name, safe="/" if is_plain else "")
    return f"{parts.scheme}://{parts.netloc}{parts.path}/{quote(wish.container, safe='')}/{name}?{urlencode(query)}"
