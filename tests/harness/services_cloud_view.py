"""What the recorded cloud answers about itself as a whole, and about metadata definitions."""

from __future__ import annotations

from typing import Any

COLLECTIONS: tuple[tuple[str, ...], ...] = (
    ("image", "/v2/metadefs/namespaces", "glance/metadefs", "namespaces", "", "namespace"),
)
"""As ``services.Collection`` takes them."""
SINGLES: tuple[tuple[str, str, str, Any], ...] = (
    (
        "GET",
        "compute",
        "/os-hypervisors/statistics",
        {"hypervisor_statistics": {"count": 2, "running_vms": 3, "vcpus": 2000, "vcpus_used": 3}},
    ),
    (
        "GET",
        "image",
        "/v2/metadefs/resource_types",
        {
            "resource_types": [
                {"name": name}
                for name in ("OS::Glance::Image", "OS::Cinder::Volume", "OS::Nova::Server", "OS::Nova::Flavor")
            ]
        },
    ),
)
