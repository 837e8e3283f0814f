"""The catalog and system information: for whoever reads with a screen reader, a phone or a dark screen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.cloud import Api
from tests.harness.tour import Scene, Tour, check

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def things(all_clients: Api) -> dict[str, str]:
    """Ids of what the demo cloud has."""
    admin = all_clients.admin
    service = next(item for item in admin.get("identity", "/services")["services"] if item["type"] == "compute")
    found = admin.get("identity", f"/endpoints?service_id={service['id']}&interface=public")["endpoints"]
    return {"nova": service["id"], "endpoint": found[0]["id"]}


def answered(page: Any) -> None:
    """Waits until the endpoints were asked."""
    page.locator(".health", has_text="Answers").first.wait_for(timeout=30_000)


SCENES = [
    Scene("services", "services/", answered, who="admin"),
    Scene("endpoints", "endpoints/", answered, who="admin"),
    Scene("regions", "regions/", who="admin"),
    Scene("a service's endpoints", "services/{nova}/?tab=endpoints", answered, who="admin"),
    Scene("an endpoint's health", "endpoints/{endpoint}/?tab=health", answered, who="admin"),
    Scene("a new service", "services/create/", who="admin"),
    Scene("system information", "system-info/", answered, who="admin"),
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_everybody_can_use_it(scene: Scene, tour: Tour) -> None:
    check(tour, scene)
