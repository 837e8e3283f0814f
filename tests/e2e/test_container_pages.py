"""The pages of containers by screen reader, phone and in the dark: held to what tests/harness/tour.py says."""

from __future__ import annotations

import contextlib
import urllib.parse
from collections.abc import Iterator

import pytest
from keystoneauth1 import exceptions

from dashboard.cloud.swift import key_of
from tests.harness.cloud import Api, unique
from tests.harness.tour import Scene, Tour, check, open_all, row_menu

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def things(all_clients: Api) -> Iterator[dict[str, str]]:
    """A container with rules of every kind and all that can be set, and an empty one with an odd name."""
    member = all_clients.at("alice", "web")
    other = all_clients.at("carol", "data").project_id
    full, odd = unique("tour-full"), f"{unique('tour')} <b>🦉"
    headers = {
        "X-Container-Read": f".r:*,.rlistings,.r:-bad.example.com,{other}:*,*:*,auditor",
        "X-Container-Write": f"{other}:*",
        "X-Container-Meta-Quota-Bytes": "1073741824",
        "X-Container-Meta-Web-Index": "index.html",
        "X-Container-Meta-Access-Control-Allow-Origin": "https://app.example.org",
        "X-Container-Meta-Color": "blue",
    }
    paths = [f"/{full}", f"/{urllib.parse.quote(odd, safe='')}"]
    for path, own in zip(paths, (headers, {"X-Versions-Enabled": "true"}), strict=True):
        member.request("PUT", "object-store", path, headers=own)
    member.request("PUT", "object-store", f"{paths[0]}/a.txt", data=b"hello")
    yield {"full": full, "odd": key_of(odd)}
    for path in (f"{paths[0]}/a.txt", *paths):
        with contextlib.suppress(exceptions.NotFound):
            member.request("DELETE", "object-store", path)


SCENES = [
    Scene("list", "containers/"),
    Scene("row menu", "containers/", row_menu, place="#row-menu"),
    Scene("create", "containers/create/", open_all),
    Scene("access", "containers/{full}/?tab=access"),
    Scene("settings", "containers/{full}/?tab=settings", open_all),
    Scene("settings of another", "containers/{odd}/?tab=settings"),
    Scene("a rule", "containers/act/add-rule/?id={full}", open_all),
    Scene("public access", "containers/act/access/?id={full}"),
    Scene("keys", "containers/act/keys/?id={full}"),
    Scene("deletion", "containers/act/delete/?id={full}"),
    Scene("reader's access", "containers/{full}/?tab=access", who="bob"),
]


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_a_page_of_containers_is_for_everybody(tour: Tour, scene: Scene) -> None:
    check(tour, scene)
