"""Signing in and out, scopes, and the sealed session that tokens stay in."""

from dashboard.auth.http import Request, cloud_of, held_of, public, quiet
from dashboard.auth.redirects import safe_path, safe_redirect
from dashboard.auth.scopes import scope_urls, scoped_reverse, urls_for

__all__ = [
    "Request",
    "cloud_of",
    "held_of",
    "public",
    "quiet",
    "safe_path",
    "safe_redirect",
    "scope_urls",
    "scoped_reverse",
    "urls_for",
]
