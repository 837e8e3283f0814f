"""What the recorded cloud answers about its own catalog: services, endpoints and regions."""

from __future__ import annotations

COLLECTIONS: tuple[tuple[str, ...], ...] = (
    ("identity", "/services", "keystone/catalog_services", "services", "service"),
    ("identity", "/endpoints", "keystone/catalog_endpoints", "endpoints", "endpoint"),
    ("identity", "/regions", "keystone/catalog_regions", "regions", "region"),
)
"""As ``services.Collection`` takes them."""
