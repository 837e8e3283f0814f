"""Credentials, federation, hosts, the whole cloud: for whoever reads with a screen reader, a phone or a dark screen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from keystoneauth1 import exceptions

from tests.harness.cloud import Api, unique
from tests.harness.tour import Scene, Tour, check, check_dialog, open_all

pytestmark = pytest.mark.e2e

RULES = [{"local": [{"user": {"name": "{0}"}}], "remote": [{"type": "REMOTE_USER"}]}]


@pytest.fixture(scope="module")
def things(all_clients: Api) -> Iterator[dict[str, str]]:
    """One of each that costs nothing, and hosts and flavors as the demo cloud has them."""
    admin = all_clients.admin
    user = str(admin.session.get_user_id())
    name = unique("tour")
    paths: list[tuple[str, str]] = []

    def put(service: str, path: str, body: dict[str, Any]) -> None:
        admin.put(service, path, body)
        paths.append((service, path))

    own = f"/users/{user}/application_credentials"
    credential = admin.create("identity", own, {"application_credential": {"name": name, "description": "long " * 40}})
    admin.made[-1] = ("identity", f"{own}/{credential['id']}")
    aggregate = admin.create("compute", "/os-aggregates", {"aggregate": {"name": name}})
    put("identity", f"/OS-FEDERATION/mappings/{name}", {"mapping": {"rules": RULES}})
    put("identity", f"/OS-FEDERATION/identity_providers/{name}", {"identity_provider": {"remote_ids": [name]}})
    put(
        "identity",
        f"/OS-FEDERATION/identity_providers/{name}/protocols/saml2",
        {"protocol": {"mapping_id": name}},
    )
    space = {"namespace": f"OS::Tour::{name}", "display_name": name, "visibility": "public"}
    admin.post("image", "/metadefs/namespaces", space)
    paths.append(("image", f"/metadefs/namespaces/{space['namespace']}"))
    hypervisor = admin.get("compute", "/os-hypervisors")["hypervisors"][0]
    service = admin.get("compute", "/os-services?binary=nova-compute")["services"][0]
    flavor = next(item for item in admin.get("compute", "/flavors")["flavors"] if item["name"] == "m1.small")
    yield {
        "name": name,
        "credential": credential["id"],
        "aggregates": str(aggregate["id"]),
        "identity_providers": name,
        "mappings": name,
        "namespace": space["namespace"],
        "hypervisors": str(hypervisor["id"]),
        "compute_services": str(service["id"]),
        "flavors": flavor["id"],
    }
    for service_type, path in reversed(paths):
        with contextlib.suppress(exceptions.NotFound):
            admin.delete(service_type, path)
    admin.clean()


def settled(page: Any) -> None:
    """Waits until every box of the overview has come."""
    page.wait_for_function("() => !document.querySelector('[aria-busy=true]')", timeout=60_000)


LISTS = ("application-credentials", "access-rules", "ec2-credentials", "trusts", "credentials", "oauth-consumers")
ADMIN = (
    *("identity-providers", "mappings", "service-providers", "metadata-definitions", "find-owner"),
    *("hypervisors", "compute-services", "aggregates", "zones", "resource-providers", "flavors"),
    *("all-images", "all-networks", "all-routers", "all-ports", "all-floating-ips", "all-security-groups"),
    "all-server-groups",
)
SCENES = [
    Scene("cloud overview", "cloud-overview/", settled, who="admin"),
    *(Scene(slug, f"{slug}/", who="admin") for slug in (*LISTS, *ADMIN)),
    Scene("reader's application credentials", "application-credentials/", who="bob"),
    Scene("application credential", "application-credentials/{credential}/", who="admin"),
    Scene("new application credential", "application-credentials/new/", open_all, who="admin"),
    Scene("identity provider", "identity-providers/{identity_providers}/", who="admin"),
    Scene("its protocols", "identity-providers/{identity_providers}/?tab=protocols", who="admin"),
    Scene("mapping", "mappings/{mappings}/", who="admin"),
    Scene("its rules", "mappings/{mappings}/?tab=rules", who="admin"),
    Scene("new trust", "trusts/create/", who="admin"),
    Scene("new EC2 credential", "ec2-credentials/create/", who="admin"),
    Scene("namespace", "metadata-definitions/{namespace}/", who="admin"),
    Scene("hypervisor", "hypervisors/{hypervisors}/", who="admin"),
    Scene("its inventory", "hypervisors/{hypervisors}/?tab=placement", who="admin"),
    Scene("aggregate", "aggregates/{aggregates}/", who="admin"),
    Scene("new flavor", "flavors/create/", open_all, who="admin"),
    Scene("found owner", "find-owner/?q={name}", who="admin"),
]
DIALOGS = (
    *(("hypervisors", "disable"), ("compute-services", "disable"), ("flavors", "specs"), ("flavors", "access")),
    *(
        ("aggregates", "hosts"),
        ("aggregates", "metadata"),
        ("identity-providers", "add-protocol"),
        ("mappings", "edit"),
    ),
)


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_everybody_can_use(tour: Tour, scene: Scene) -> None:
    check(tour, scene)


@pytest.mark.parametrize(("slug", "action"), [pytest.param(*pair, id=" ".join(pair)) for pair in DIALOGS])
def test_everybody_can_answer_the_dialog_of(tour: Tour, slug: str, action: str) -> None:
    check_dialog(tour, slug, action, who="admin")
