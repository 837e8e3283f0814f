"""Who is behind a user's id: names as the identity service tells them to those who may ask."""

from __future__ import annotations

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud

MOST = 2000


def list_user_names(cloud: Cloud) -> dict[str, str]:
    """Names of users by id, for administrators. Raises CloudError."""
    found = paging.pages(cloud, "identity", "/users", "users", most=MOST)
    return {wire.text(item.get("id")): wire.text(item.get("name")) for items in found for item in items}
