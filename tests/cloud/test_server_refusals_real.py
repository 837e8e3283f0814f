"""Everything that the servers panel can do, tried on the real cloud by who may not: refused by it, and without effect.

The panel would not even offer it; here its ``run`` is called all the same.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.cloud import server_parts, servers
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Forbidden
from dashboard.cloud.servers import Server
from dashboard.panels.servers.actions import ACTIONS
from dashboard.ui.panel import ADMIN
from tests.cloud.test_server_lifecycle_real import FORMS
from tests.harness.cloud import Api, unique, wait_until
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud


def furnished(api: Api) -> tuple[str, dict[str, dict[str, Any]]]:
    """A server with a volume, an interface and a floating IP; and a form for every action on it."""
    member = api.member
    network = member.get("network", "/networks?name=web-net")["networks"][0]["id"]
    public = member.get("network", "/networks?name=public")["networks"][0]["id"]
    # Deleted in turn, last first: the volume after the server that has it.
    volume = member.create("block-storage", "/volumes", {"volume": {"size": 1, "name": unique("disk")}})
    port = member.create("network", "/ports", {"port": {"network_id": network, "name": unique("port")}})
    id = str(member.server(unique("kept"), networks=[{"port": port["id"]}])["id"])
    address = member.create(
        "network", "/floatingips", {"floatingip": {"floating_network_id": public, "port_id": port["id"]}}
    )
    path = f"/volumes/{volume['id']}"
    for wanted in ("available", "in-use"):
        wait_until(
            lambda wanted=wanted: member.get("block-storage", path)["volume"]["status"] == wanted, what=f"it {wanted}"
        )
        if wanted == "available":
            body = {"volumeAttachment": {"volumeId": volume["id"]}}
            member.post("compute", f"/servers/{id}/os-volume_attachments", body)
    fixed = port["fixed_ips"][0]["ip_address"]
    return id, {
        **FORMS,
        "attach-volume": {"volume_id": volume["id"], "device": "", "tag": "", "delete_on_termination": False},
        "detach-volume": {"volume_id": volume["id"]},
        "volume-fate": {"volume_id": volume["id"], "delete_on_termination": True},
        "attach-interface": {"network_id": network, "port_id": "", "address": "", "tag": ""},
        "detach-interface": {"port_id": port["id"]},
        "associate-floating-ip": {"floating": address["id"], "port_id": port["id"], "fixed": fixed},
        "disassociate-floating-ip": {"floating_id": address["id"]},
        "release-floating-ip": {"floating_id": address["id"]},
        "security-groups": {"changes": [(port["id"], [])]},
        "port-groups": {"port_id": port["id"], "groups": []},
        "metadata": {"metadata": {"not": "set"}},
        "tags": {"tags": ("not-set",)},
        "migrate": {"host": ""},
        "live-migrate": {"host": "", "block": "auto"},
        "evacuate": {"host": ""},
    }


def whole(cloud: Cloud, id: str) -> str:
    """All that there is to know of a server, as text."""
    server = servers.get_server_json(cloud, id)
    server.pop("updated", None)
    ports = server_parts.list_server_ports(cloud, id=id)
    return json.dumps(server, sort_keys=True) + repr((server_parts.list_volume_attachments(cloud, id=id), ports))


def refused(cloud: Cloud, row: Server, forms: dict[str, dict[str, Any]], slugs: list[str]) -> list[str]:
    """Those of the actions that the cloud let through."""
    found = []
    for action in ACTIONS:
        if action.slug not in slugs:
            continue
        try:
            action.run(cloud, row, forms.get(action.slug, {}))
        except Forbidden:
            continue
        except Exception as error:
            found.append(f"{action.slug}: {type(error).__name__}: {error}")
        else:
            found.append(action.slug)
    return found


def test_a_reader_is_refused_everything_and_a_member_what_is_for_administrators(api: Api) -> None:
    id, forms = furnished(api)
    reader, member = cloud_for(api.reader), cloud_for(api.member)
    wait_until(lambda: servers.get_server(member, id).floating_addresses, what="the floating IP in Nova")
    row, before = servers.get_server(reader, id), whole(member, id)
    everything = [action.slug for action in ACTIONS]
    assert refused(reader, row, forms, everything) == []
    for_administrators = [action.slug for action in ACTIONS if action.roles == ADMIN]
    assert len(for_administrators) >= 7
    assert refused(member, row, forms, for_administrators) == []
    unshelve = next(action for action in ACTIONS if action.slug == "unshelve")
    assert unshelve.roles != ADMIN
    assert whole(member, id) == before
