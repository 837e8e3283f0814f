"""A launch on the real cloud: what Nova stores of all that can be asked for."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.cloud
def test_nova_stores_what_was_asked_for(api: Any, store: Any) -> None:
    """On the real cloud, with most of the options, without a browser session: the request itself."""
    import uuid

    from dashboard.cloud.launch import Interface, LaunchRequest, find_launched, launch_servers
    from tests.harness.cloud import unique, wait_until

    member = api.member
    flavor = next(f for f in member.get("compute", "/flavors")["flavors"] if f["name"] == "m1.tiny")
    image = member.get("image", "/images?name=cirros-0.6")["images"][0]
    network = member.get("network", "/networks?name=web-net")["networks"][0]
    groups = member.get("network", f"/security-groups?project_id={member.project_id}")["security_groups"]
    group = member.create(
        "compute", "/os-server-groups", {"server_group": {"name": unique("g"), "policy": "soft-affinity"}}
    )
    wanted = LaunchRequest(
        once=uuid.uuid4().hex,
        name=unique("launched"),
        flavor_id=flavor["id"],
        source="image",
        source_id=image["id"],
        description="most of it",
        count=2,
        interfaces=(Interface(network["id"]),),
        security_groups=(groups[0]["id"],),
        availability_zone="nova",
        user_data="#!/bin/sh\n",
        metadata={"role": "test"},
        tags=("trial",),
        has_config_drive=True,
        disk_config="MANUAL",
        hints={"group": group["id"]},
        access_ipv4="192.0.2.7",
        access_ipv6="2001:db8::7",
    )
    cloud = _real_cloud(member)
    launched = launch_servers(cloud, wanted)
    made = find_launched(cloud, wanted.once)
    member.made += [("compute", f"/servers/{server.id}") for server in made]
    assert launched.id in {server.id for server in made}
    assert len(made) == 2

    def settled() -> Any:
        server = member.get("compute", f"/servers/{launched.id}")["server"]
        return server if server["status"] in {"ACTIVE", "ERROR"} else None

    server = wait_until(settled, seconds=90, what="the boot")
    assert server["status"] == "ACTIVE", server.get("fault")
    assert server["description"] == "most of it"
    assert server["metadata"] == {"role": "test"}
    assert set(server["tags"]) == {"trial", wanted.tag}
    assert server["config_drive"]
    assert (server["accessIPv4"], server["accessIPv6"]) == ("192.0.2.7", "2001:db8::7")
    assert server["server_groups"] == [group["id"]]
    assert server["OS-EXT-AZ:availability_zone"] == "nova"
    assert server["OS-DCF:diskConfig"] == "MANUAL"
    assert list(server["addresses"]) == ["web-net"]


def _real_cloud(member: Any) -> Any:
    """The product's Cloud with the token of a harness client."""
    from dashboard.cloud import wire as reader
    from dashboard.cloud.catalog import Catalog
    from dashboard.cloud.connection import Access, Cloud, Person, Scope

    access = member.session.auth.get_access(member.session)
    expires = reader.moment("2099-01-01T00:00:00Z")
    assert expires is not None
    return Cloud(
        Access(
            token=access.auth_token,
            expires_at=expires,
            person=Person(access.user_id, access.username, "default", "Default"),
            scope=Scope("project", access.project_id, access.project_name),
            roles=tuple(access.role_names),
            catalog=Catalog.from_json(access.service_catalog.catalog),
            keystone="http://127.0.0.1:5000/v3",
        ),
        "RegionOne",
    )
