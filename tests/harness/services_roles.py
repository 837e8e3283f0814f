"""What the recorded Keystone answers about roles, and which role implies which."""

from __future__ import annotations

from typing import Any

COLLECTIONS: tuple[tuple[str, ...], ...] = (("identity", "/roles", "keystone/roles/roles", "roles", "role"),)
"""As ``services.Collection`` takes them."""
SINGLES: tuple[tuple[str, str, str, Any], ...] = (("GET", "identity", "/role_inferences", "keystone/roles/inferences"),)
