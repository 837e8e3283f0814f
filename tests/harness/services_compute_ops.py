"""What the recorded cloud answers about hosts, aggregates, zones and Placement."""

from __future__ import annotations

from typing import Any

PLACEMENT = "http://127.0.0.1:8778"
COLLECTIONS: tuple[tuple[str, ...], ...] = (
    ("compute", "/os-aggregates", "nova/aggregates", "aggregates", "aggregate"),
    ("compute", "/os-hypervisors", "nova/hypervisors_now", "hypervisors", "hypervisor", "id", "/os-hypervisors/detail"),
    ("compute", "/os-availability-zone/detail", "nova/zones", "availabilityZoneInfo", "", "zoneName"),
    ("compute", "/os-services", "nova/compute_services", "services", ""),
    ("placement", "/resource_providers", "placement/providers", "resource_providers", "", "uuid"),
)
"""As ``services.Collection`` takes them."""
SINGLES: tuple[tuple[str, str, str, Any], ...] = (
    ("GET", "compute", "/flavors/[^/]+/os-flavor-access", "nova/flavor_access"),
    ("GET", "placement", "/allocation_candidates", "placement/candidates"),
    ("GET", "placement", "/resource_providers/[^/]+/inventories", "placement/inventories"),
    ("GET", "placement", "/resource_providers/[^/]+/inventories/[^/]+", "placement/inventory"),
    ("GET", "placement", "/resource_providers/[^/]+/usages", "placement/usages"),
    ("GET", "placement", "/resource_providers/[^/]+/traits", "placement/traits"),
    ("GET", "placement", "/resource_providers/[^/]+/aggregates", "placement/aggregates"),
    ("GET", "placement", "/resource_providers/[^/]+/allocations", "placement/allocations"),
)
