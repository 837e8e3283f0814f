"""Server groups: made with a policy, shown with their members by name, and deleted with a word on what that means."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from dashboard.cloud import versions
from dashboard.cloud.server_groups import create_server_group
from dashboard.live import keys
from dashboard.live.kinds import KINDS
from dashboard.live.names import own_server_names
from dashboard.live.snapshots import Snapshot
from tests.harness.html import parsed
from tests.harness.services import Services
from tests.harness.wire import NOVA, at, cloud_of, recorded, signed_in

HTMX = {"HX-Request": "true"}
GROUPS = recorded("nova/server_groups")["server_groups"]
SERVER = recorded("nova/server/list")["servers"][0]


@pytest.fixture(autouse=True)
def nova(services: Services) -> Services:
    """A Nova that gives back the group that was asked for."""

    def answer(request: Any, context: Any) -> Any:
        if request.method == "POST" and request.url.endswith("/os-server-groups"):
            return {"server_group": {**request.json()["server_group"], "id": GROUPS[0]["id"], "members": []}}
        return None

    services.answers["compute"] = answer
    return services


def sent(services: Services) -> Any:
    (call,) = services.changes
    return json.loads(call.body)["server_group"]


def test_members_are_links_by_their_names(services: Services) -> None:
    page = parsed(signed_in().get(at("server-groups/")).content.decode())
    (link,) = [item for item in page.links if item["href"] == at(f"servers/{SERVER['id']}/")]
    assert link["text"] == SERVER["name"]
    detail = parsed(signed_in().get(at(f"server-groups/{GROUPS[0]['id']}/")).content.decode())
    assert SERVER["name"] in detail.text


def test_a_member_that_the_list_of_servers_does_not_know_yet_has_its_name(services: Services) -> None:
    """Whoever watched the list of servers has left; one was made since."""
    cloud = cloud_of()
    other = {**SERVER, "id": "7f7b2c2e-0d2d-4c51-9f51-0f6f7b1f5a11", "name": "older"}
    Snapshot(keys.class_of(cloud), KINDS["servers"]).merge([other], asked=time.time(), channel="full")
    assert own_server_names(cloud, [SERVER["id"]]) == {SERVER["id"]: SERVER["name"]}
    assert own_server_names(cloud, [other["id"], SERVER["id"]])[other["id"]] == "older"


def test_a_group_is_made_with_its_policy_and_most_servers_per_host(services: Services) -> None:
    data = {"name": "db", "policy": "anti-affinity", "max_per_host": "3"}
    answer = signed_in().post(at("server-groups/create/"), data)
    assert answer.status_code == 302
    assert sent(services) == {"name": "db", "policy": "anti-affinity", "rules": {"max_server_per_host": 3}}


def test_the_number_per_host_goes_with_one_policy_alone(services: Services) -> None:
    data = {"name": "db", "policy": "affinity", "max_per_host": "3"}
    answer = signed_in().post(at("server-groups/create/"), data)
    assert answer.status_code == 422
    assert "alone" in answer.content.decode()
    assert not services.changes


def test_the_form_tells_how_much_of_the_quota_is_used() -> None:
    text = parsed(signed_in().get(at("server-groups/create/")).content.decode()).text
    assert "of 10 server groups" in text
    assert "A group may have up to 10 servers." in text


def test_an_older_nova_is_given_what_it_knows(services: Services) -> None:
    versions.know(NOVA, versions.Range("2.1", "2.53"))
    create_server_group(cloud_of(), name="db", policy="anti-affinity", max_per_host=3)
    assert sent(services) == {"name": "db", "policies": ["anti-affinity"]}
    text = parsed(signed_in().get(at("server-groups/create/")).content.decode()).text
    assert "Nova 2.64 is needed" in text


def test_deleting_says_what_becomes_of_the_servers(services: Services) -> None:
    url = at(f"server-groups/act/delete/?id={GROUPS[0]['id']}")
    text = parsed(signed_in().get(url, headers=HTMX).content.decode()).text
    assert "web-apart will be deleted" in text
    assert "Its 1 server goes on running where it is" in text
    signed_in().post(at("server-groups/act/delete/"), {"id": GROUPS[0]["id"]}, headers=HTMX)
    (call,) = services.changes
    assert (call.method, call.url) == ("DELETE", f"{NOVA}/os-server-groups/{GROUPS[0]['id']}")
