"""A server with its parts at the wire, and its dialogs."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest
from requests_mock import Mocker

from tests.harness.wire import CINDER, GLANCE, NEUTRON, NOVA, at, recorded, signed_in

ACTIVE = recorded("nova/server/active")["server"]
ID = ACTIVE["id"]
SERVER = f"{NOVA}/servers/{ID}"
VOLUME = recorded("nova/server/volumes")["volumeAttachments"][0]["volumeId"]
FREE = next(item for item in recorded("cinder/volumes")["volumes"] if item["status"] == "available")
SECRET = "20f91ad1-60fa-49c9-96ba-8518e41102e8"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def cloud(requests_mock: Mocker) -> Mocker:
    """Nova with a server, and the services around it."""
    requests_mock.get(f"{NOVA}/", json={"version": {"version": "2.96", "min_version": "2.1"}})
    requests_mock.get(f"{NOVA}/servers/detail", json={"servers": [ACTIVE]})
    requests_mock.get(SERVER, json={"server": ACTIVE})
    requests_mock.get(f"{SERVER}/os-volume_attachments", json=recorded("nova/server/volumes"))
    requests_mock.get(f"{CINDER}/volumes/{VOLUME}", json=recorded("cinder/volume_in_use"))
    requests_mock.get(f"{CINDER}/volumes/detail", json={"volumes": [FREE]})
    requests_mock.get(f"{NEUTRON}/v2.0/ports", json=recorded("neutron/server/ports"))
    requests_mock.get(f"{NEUTRON}/v2.0/networks", json=recorded("neutron/networks"))
    requests_mock.get(f"{NEUTRON}/v2.0/security-groups", json=recorded("neutron/security_groups"))
    requests_mock.get(f"{NEUTRON}/v2.0/floatingips", json=recorded("neutron/server/floatingips"))
    requests_mock.get(f"{GLANCE}/v2/images", json=recorded("glance/images"))
    requests_mock.get(f"{GLANCE}/v2/metadefs/namespaces", json=recorded("glance/namespaces"))
    requests_mock.get(
        f"{GLANCE}/v2/metadefs/namespaces/OS%3A%3ASoftware%3A%3ADBMS", json=recorded("glance/definitions")
    )
    return requests_mock


def asked(action: str, **query: str) -> str:
    answer = signed_in().get(at(f"servers/act/{action}/"), {"id": ID, **query}, headers=HTMX)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def changes(cloud: Mocker) -> list[tuple[str, str, Any]]:
    """Method, path and body of what was asked to be changed."""
    return [
        (request.method, request.path, json.loads(request.body) if request.body else None)
        for request in cloud.request_history
        if request.method != "GET"
    ]
