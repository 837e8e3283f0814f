"""What the recorded cloud answers about quotas and unified limits."""

from __future__ import annotations

from typing import Any

COLLECTIONS: tuple[tuple[str, ...], ...] = (
    ("identity", "/registered_limits", "keystone/limits/registered", "registered_limits", "registered_limit"),
    ("identity", "/limits", "keystone/limits/limits", "limits", "limit"),
)
"""As ``services.Collection`` takes them."""
MODEL = {
    "name": "flat",
    "description": "Limit enforcement and validation does not take project hierarchy into account.",
}
SINGLES: tuple[tuple[str, str, str, Any], ...] = (
    ("GET", "identity", "/limits/model", {"model": MODEL}),
    ("GET", "compute", "/os-quota-sets/[^/]+/detail", "nova/quota_detail"),
    ("GET", "compute", "/os-quota-class-sets/default", "nova/quota_class"),
    ("GET", "block-storage", "/os-quota-class-sets/default", "cinder/quota_class"),
    ("GET", "network", "/v2.0/quotas/[^/]+/default.json", "neutron/quota_default"),
)
