"""Is a token still good? Somebody who lost access must not go on reading what others fetch."""

from __future__ import annotations

from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import NotFound, Unauthorized


def is_token_good(cloud: Cloud) -> bool:
    """Asks Keystone, once. Raises CloudError where Keystone does not say."""
    try:
        # Asking about oneself: any token may. 401 is a revoked one, 404 what Keystone says of an expired subject.
        cloud.request("identity", "HEAD", "/auth/tokens", headers={"X-Subject-Token": cloud.access.token}, timeout=5)
    except (Unauthorized, NotFound):
        return False
    return True
