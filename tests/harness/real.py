"""The real cloud as our own code sees it: a Cloud for somebody whose client the tests have."""

from __future__ import annotations

from dashboard.cloud.catalog import Catalog
from dashboard.cloud.connection import Access, Cloud, Person, Scope
from tests.harness.cloud import AUTH_URL, Client


def cloud_for(client: Client, region: str = "RegionOne") -> Cloud:
    """What a session of this client's person in its project would hold."""
    found = client.session.auth.get_access(client.session)
    return Cloud(
        Access(
            token=found.auth_token,
            expires_at=found.expires,
            person=Person(found.user_id, found.username, "default", "Default"),
            scope=Scope("project", found.project_id, found.project_name, "default", "Default"),
            roles=tuple(found.role_names),
            catalog=Catalog.from_json(found.service_catalog.catalog),
            keystone=AUTH_URL,
        ),
        region,
    )
