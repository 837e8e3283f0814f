"""The addresses of bytes on their way up and down."""

from __future__ import annotations

from django.urls import URLPattern

transfer_urls: tuple[URLPattern, ...] = ()
