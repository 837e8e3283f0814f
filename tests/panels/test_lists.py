"""The lists and detail pages of images, flavors, networks and security groups, as their readers see them."""

from __future__ import annotations

import csv
import io
import re

import pytest
from requests_mock import Mocker

from tests.harness.wire import GLANCE, NEUTRON, NOVA, PROJECT_ID, access_of, at, recorded, signed_in

IMAGE = recorded("glance/image")


@pytest.fixture
def cloud(requests_mock: Mocker) -> Mocker:
    """The whole recorded cloud."""
    requests_mock.get(f"{GLANCE}/v2/images", json=recorded("glance/images"))
    requests_mock.get(f"{GLANCE}/v2/images/{IMAGE['id']}", json=IMAGE)
    requests_mock.get(f"{NOVA}/flavors/detail", json=recorded("nova/flavors"))
    requests_mock.get(f"{NOVA}/flavors/{recorded('nova/flavor')['flavor']['id']}", json=recorded("nova/flavor"))
    requests_mock.get(f"{NOVA}/limits", json=recorded("nova/limits"))
    requests_mock.get(f"{NOVA}/os-keypairs", json=recorded("nova/keypairs"))
    requests_mock.get(f"{NOVA}/os-keypairs/laptop%20of%20alice", json=recorded("nova/keypair"))
    requests_mock.get(f"{NEUTRON}/v2.0/networks", json=recorded("neutron/networks"))
    requests_mock.get(f"{NEUTRON}/v2.0/subnets", json=recorded("neutron/subnets"))
    network = recorded("neutron/network")
    requests_mock.get(f"{NEUTRON}/v2.0/networks/{network['network']['id']}", json=network)
    requests_mock.get(f"{NEUTRON}/v2.0/security-groups", json=recorded("neutron/security_groups"))
    group = recorded("neutron/security_group")
    requests_mock.get(f"{NEUTRON}/v2.0/security-groups/{group['security_group']['id']}", json=group)
    return requests_mock


def flavor_id() -> str:
    return str(recorded("nova/flavor")["flavor"]["id"])


def network_id() -> str:
    return str(recorded("neutron/network")["network"]["id"])


def group_id() -> str:
    return str(recorded("neutron/security_group")["security_group"]["id"])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("images/", "ubuntu-24.04"),
        (f"images/{IMAGE['id']}/", "Checksum"),
        (f"images/{IMAGE['id']}/?tab=json", "os_hash_value"),
        ("flavors/", "m1.tiny"),
        (f"flavors/{flavor_id()}/", "Extra specs"),
        ("keypairs/", "laptop of alice"),
        ("keypairs/laptop%20of%20alice/", "ssh-ed25519 AAAA"),
        ("networks/", "192.168.10.0/24"),
        (f"networks/{network_id()}/", "Port security"),
        (f"networks/{network_id()}/?tab=subnets", "203.0.112.2"),
        ("security-groups/", "All IPv4 traffic from members of default"),
        (f"security-groups/{group_id()}/?tab=rules", "All IPv4 traffic to anywhere (0.0.0.0/0)"),
    ],
)
def test_pages_show_what_the_services_have(cloud: Mocker, path: str, text: str) -> None:
    response = signed_in().get(at(path))
    assert response.status_code == 200
    assert text in response.content.decode()


@pytest.mark.parametrize(
    ("path", "calls"), [("flavors/", 2), ("keypairs/", 1), ("networks/", 2), ("security-groups/", 1)]
)
def test_a_list_asks_no_more_than_it_has_to(cloud: Mocker, path: str, calls: int) -> None:
    signed_in().get(at(path))
    assert cloud.call_count == calls


def test_a_network_shows_its_tab_and_not_its_neighbours_subnets(cloud: Mocker) -> None:
    signed_in().get(at(f"networks/{network_id()}/?tab=subnets"))
    subnets = [request for request in cloud.request_history if request.path == "/v2.0/subnets"]
    assert all(request.qs["network_id"] == [network_id()] for request in subnets)


@pytest.mark.parametrize("path", ["flavors/", "keypairs/", "networks/", "security-groups/"])
def test_parameters_from_elsewhere_reach_no_service(cloud: Mocker, path: str) -> None:
    signed_in().get(at(f"{path}?all_tenants=1&project_id=other&tenant_id=other&is_public=None&user_id=root"))
    for request in cloud.request_history:
        assert not {"all_tenants", "tenant_id", "is_public", "user_id", "project_id"} & set(request.qs)


@pytest.mark.parametrize("path", ["images/", "flavors/", "keypairs/", "networks/", "security-groups/"])
def test_a_service_that_fails_is_named_and_the_page_stays_whole(requests_mock: Mocker, path: str) -> None:
    for address in (GLANCE, NOVA, NEUTRON):
        requests_mock.get(
            re.compile(address),
            status_code=500,
            text="Traceback (most recent call last)",
            headers={"X-Openstack-Request-Id": "req-0123"},
        )
    response = signed_in().get(at(path))
    page = response.content.decode()
    assert response.status_code == 200
    assert "req-0123" in page
    assert "Try again" in page
    assert "Traceback" not in page


def test_a_reader_is_told_why_launching_and_deleting_are_not_offered(cloud: Mocker) -> None:
    page = signed_in(access_of("reader")).get(at("images/")).content.decode()
    assert "Your role in this project does not allow this." in page
    assert "servers/launch/" not in page.split("<main", 1)[1]


def test_a_readers_forged_deletion_is_refused(cloud: Mocker) -> None:
    response = signed_in(access_of("reader")).post(at("images/act/delete/"), {"id": IMAGE["id"]})
    assert response.status_code == 403
    assert not [request for request in cloud.request_history if request.method == "DELETE"]


def test_an_image_of_another_project_or_a_protected_one_is_not_deleted(cloud: Mocker) -> None:
    browser = signed_in()
    for image in (IMAGE, IMAGE | {"owner": PROJECT_ID, "protected": True}):
        cloud.get(f"{GLANCE}/v2/images/{IMAGE['id']}", json=image)
        browser.post(at("images/act/delete/"), {"id": IMAGE["id"]})
    assert not [request for request in cloud.request_history if request.method == "DELETE"]


def test_an_own_image_is_deleted(cloud: Mocker) -> None:
    cloud.get(f"{GLANCE}/v2/images/{IMAGE['id']}", json=IMAGE | {"owner": PROJECT_ID})
    cloud.delete(f"{GLANCE}/v2/images/{IMAGE['id']}", status_code=204)
    signed_in().post(at("images/act/delete/"), {"id": IMAGE["id"]})
    assert [request.method for request in cloud.request_history if request.method == "DELETE"] == ["DELETE"]


def test_lists_can_be_downloaded(cloud: Mocker) -> None:
    response = signed_in().get(at("networks/?format=csv"))
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert {row["name"]: row["kind"] for row in rows} == {
        "public": "External",
        "shared": "Shared",
        "web-net": "This project's",
    }


HOSTILE = '<img src=x onerror="alert(1)" hx-get=/r/x hx-trigger=load>\'"{{7*7}}'


@pytest.mark.parametrize(
    "path",
    [
        "images/?col=name&col=tags&col=os&col=owner&col=minimum",
        f"images/{IMAGE['id']}/",
        "flavors/?col=name&col=specs&col=description",
        f"flavors/{flavor_id()}/",
        "keypairs/?col=name&col=type",
        "keypairs/laptop%20of%20alice/",
        "networks/?col=name&col=subnets&col=tags",
        f"networks/{network_id()}/",
        f"networks/{network_id()}/?tab=subnets",
        "security-groups/?col=name&col=description&col=ingress&col=tags",
        f"security-groups/{group_id()}/?tab=rules",
    ],
)
def test_names_that_are_markup_are_text_everywhere(cloud: Mocker, path: str) -> None:
    poisoned(cloud)
    page = signed_in().get(at(path)).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
    assert "hx-trigger=load>" not in page


def poisoned(cloud: Mocker) -> None:
    """Every text of every resource that is no id becomes markup."""

    def poison(value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {inner: poison(item, inner) for inner, item in value.items()}
        if isinstance(value, list):
            return [poison(item, key) for item in value] or ([HOSTILE] if key == "tags" else [])
        keep = key.endswith("id") or key in {"owner", "next", "status", "direction", "created_at", "updated_at"}
        return HOSTILE if isinstance(value, str) and not keep else value

    images = [poison(image) for image in recorded("glance/images")["images"]]
    cloud.get(f"{GLANCE}/v2/images", json={"images": images})
    cloud.get(f"{GLANCE}/v2/images/{IMAGE['id']}", json=poison(IMAGE))
    flavor = poison(recorded("nova/flavor")["flavor"])
    assert isinstance(flavor, dict)
    flavor |= {"extra_specs": {HOSTILE: HOSTILE}, "description": HOSTILE}
    cloud.get(f"{NOVA}/flavors/detail", json={"flavors": [flavor]})
    cloud.get(f"{NOVA}/flavors/{flavor_id()}", json={"flavor": flavor})
    cloud.get(f"{NOVA}/os-keypairs", json=poison(recorded("nova/keypairs")))
    cloud.get(f"{NOVA}/os-keypairs/laptop%20of%20alice", json=poison(recorded("nova/keypair")))
    for name in ("networks", "subnets"):
        cloud.get(f"{NEUTRON}/v2.0/{name}", json=poison(recorded(f"neutron/{name}")))
    cloud.get(f"{NEUTRON}/v2.0/networks/{network_id()}", json=poison(recorded("neutron/network")))
    cloud.get(f"{NEUTRON}/v2.0/security-groups", json=poison(recorded("neutron/security_groups")))
    group = recorded("neutron/security_group")
    for rule in group["security_group"]["security_group_rules"]:
        rule |= {"protocol": HOSTILE, "description": HOSTILE, "remote_group_id": None, "remote_ip_prefix": HOSTILE}
    cloud.get(f"{NEUTRON}/v2.0/security-groups/{group_id()}", json=poison(group))
