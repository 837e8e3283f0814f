"""Whoever reads with a screen reader, a keyboard, a phone or a dark screen gets every page, dialog and menu as well.

See tests/harness/tour.py for what is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.cloud import Api, unique, wait_until
from tests.harness.tour import Scene, Tour, asked, check, check_dialog, click, open_all, press, row_menu

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def things(all_clients: Api) -> Iterator[dict[str, str]]:
    """One of each that a member can make, with names that are long, wide and hostile."""
    member = all_clients.at("alice", "web")
    mark = unique("tour")
    volume = member.create("volume", "/volumes", {"volume": {"name": f"{mark}-disk", "size": 1}})
    long_name = f"{mark}-{'long-name-' * 24}"[:255]
    servers = [
        member.server(f"{mark}-웹서버-数据库", wait=False, metadata={"role": "web"}, tags=["prod", "a-long-tag-" * 5]),
        member.server(long_name, wait=False, description="Reaches <b>everywhere</b> & back"),
        member.server(f"doomed-{mark}", wait=False),
    ]
    key = member.create("compute", "/os-keypairs", {"keypair": {"name": f"{mark}-key", "public_key": PUBLIC_KEY}})
    image = member.post("image", "/images", {"name": f"{mark}-image", "disk_format": "raw", "container_format": "bare"})
    member.made.append(("image", f"/images/{image['id']}"))
    group = member.get("network", "/security-groups?name=default")["security_groups"][0]
    network = member.get("network", "/networks?name=shared")["networks"][0]
    flavor = next(item for item in member.get("compute", "/flavors")["flavors"] if item["name"] == "m1.tiny")
    apart = {"name": f"{mark}-apart", "policy": "anti-affinity", "rules": {"max_server_per_host": 2}}
    server_group = member.create("compute", "/os-server-groups", {"server_group": apart})
    ids = {server["id"] for server in servers}

    def has_settled() -> bool:
        states = [s["status"] for s in member.get("compute", "/servers/detail")["servers"] if s["id"] in ids]
        return "BUILD" not in states

    wait_until(has_settled, seconds=180, what="the boots")
    path = f"/volumes/{volume['id']}"
    wait_until(lambda: member.get("volume", path)["volume"]["status"] == "available", what="the volume")
    attachment = {"volumeAttachment": {"volumeId": volume["id"]}}
    member.post("compute", f"/servers/{servers[0]['id']}/os-volume_attachments", attachment)
    yield {
        "mark": mark,
        "servers": servers[0]["id"],
        "long": servers[1]["id"],
        "failed": servers[2]["id"],
        "keypairs": key["name"],
        "images": image["id"],
        "security_groups": group["id"],
        "networks": network["id"],
        "flavors": flavor["id"],
        "server_groups": server_group["id"],
        "all_servers": servers[0]["id"],
    }
    member.clean()


PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPvUDrs9pF/hU6DEs1uYDbAG0hhUEEt6EMuPpVh5wHcN tour"


def type_filter(page: Any) -> None:
    page.locator("#filter").fill("sta")
    page.locator("#filter-menu [role=option]").first.wait_for()


def tick_all_and_more(page: Any) -> None:
    tick_all(page)
    page.locator(".bulk-more summary").click()
    page.locator(".bulk-more-body .btn").first.wait_for()


def tick_all(page: Any) -> None:
    page.locator("[data-select-all]").check()
    page.locator("[data-bulk]").wait_for()


def send_empty_launch(page: Any) -> None:
    page.locator("form.launch [type=submit], form.launch button:not([type])").last.click()
    page.locator(".has-errors, .field-error, .launch-problems, .form-errors").first.wait_for()


def send_empty_image(page: Any) -> None:
    page.locator("[name=name]").fill("x")
    page.get_by_label("A file from a URL").check()
    page.locator("[data-send]").click()
    page.locator(".field-errors").first.wait_for()


def wrong_password(page: Any) -> None:
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.locator("[role=alert]").first.wait_for()


PANELS = ["servers", "images", "flavors", "keypairs", "networks", "security-groups"]
SERVER_TABS = ["overview", "security-groups", "volumes", "log", "activity", "json"]
SCENES = [
    Scene("overview", "overview/"),
    *(Scene(f"{slug} list", f"{slug}/") for slug in PANELS),
    *(Scene(f"{slug} nothing matches", f"{slug}/?q=nothing-has-this-name") for slug in PANELS),
    *(Scene(f"{slug} detail", f"{slug}/{{{slug.replace('-', '_')}}}/") for slug in PANELS),
    *(Scene(f"server {tab}", f"servers/{{servers}}/?tab={tab}") for tab in SERVER_TABS),
    Scene("network subnets", "networks/{networks}/?tab=subnets"),
    *(Scene(f"image {tab}", f"images/{{images}}/?tab={tab}") for tab in ("sharing", "usage", "tasks")),
    Scene("image create", "images/new/"),
    Scene("image create, all of it", "images/new/?namespace=OS::Compute::LibvirtImage", open_all),
    Scene("image create refused", "images/new/", send_empty_image),
    Scene("image data", "images/{images}/data/"),
    Scene("image properties", "images/{images}/properties/?namespace=OS::Compute::CPUPinning"),
    Scene("security group rules", "security-groups/{security_groups}/?tab=rules"),
    Scene("server long name", "servers/{long}/"),
    Scene("server failed", "servers/{failed}/"),
    Scene("servers of the tour", "servers/?q={mark}"),
    Scene("servers ticked", "servers/?q={mark}", tick_all),
    Scene("servers row menu", "servers/?q={mark}", row_menu, place="#row-menu"),
    Scene("servers columns", "servers/?q={mark}", click("details.columns summary", ".columns-form")),
    Scene("servers filter menu", "servers/", type_filter),
    Scene("servers odd filter", "servers/?q=foo:bar"),
    Scene("servers ticked, all that can be done", "servers/?q={mark}", tick_all_and_more),
    Scene("everywhere", "everywhere/"),
    Scene("servers filter help", "servers/?q={mark}", click("details.filter-help summary", ".filter-help-body")),
    Scene(
        "server actions",
        "servers/{servers}/",
        click("[popovertarget=actions]", "#actions .dropdown-item"),
        place="#actions",
    ),
    Scene("launch", "servers/launch/"),
    Scene("launch with errors", "servers/launch/", send_empty_launch),
    Scene("switcher", "flavors/", press("p", "#scopes-found button"), place="#switcher"),
    Scene("palette", "flavors/", press("/", "#palette-list [role=option]"), place="#palette"),
    Scene("keys", "flavors/", press("?", "#keys[open]"), place="#keys"),
    Scene("tray", "flavors/", click("[popovertarget=tray]", "#tray-list"), place="#tray"),
    Scene("help", "flavors/", click("[popovertarget=help]", "#help .pop-item"), place="#help"),
    Scene("person", "flavors/", click("[popovertarget=person]", "#person .pop-item"), place="#person"),
    Scene("key pair create", "keypairs/create/generate/"),
    Scene("key pair import", "keypairs/create/"),
    Scene("api access", "api-access/"),
    Scene("operations", "operations/"),
    Scene("sessions", "/sessions/"),
    Scene("change password", "/password/"),
    Scene("scopes", "/scopes/"),
    Scene("sign in", "/sign-in/", who="stranger"),
    *(Scene(f"{slug} empty", f"{slug}/", who="paula") for slug in ("servers", "keypairs")),
    Scene("overview empty", "overview/", who="paula"),
    Scene("reader's servers", "servers/", who="bob"),
    Scene("administrator's servers", "servers/", who="admin"),
    Scene("all servers", "all-servers/?name={mark}*", who="admin"),
    Scene("all servers, one", "all-servers/{servers}/", who="admin"),
    Scene("all servers, one's migrations", "all-servers/{servers}/?tab=migrations", who="admin"),
    Scene("migrations", "migrations/", who="admin"),
    Scene("migrations, none", "migrations/?server=nothing", who="admin"),
    Scene("server groups", "server-groups/"),
    Scene("server group", "server-groups/{server_groups}/"),
    Scene("server group create", "server-groups/create/"),
    Scene("usage", "usage/"),
    Scene("usage of a day, as a table", "usage/?from=2026-01-01&to=2026-01-02", open_all),
    Scene("usage of all projects", "usage/projects/", who="admin"),
    Scene("no project", "/no-project/", who="nobody"),
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_everybody_can_use(tour: Tour, scene: Scene) -> None:
    check(tour, scene, r"status of 422")


DIALOGS = ("servers", "images", "keypairs", "server-groups", "security-groups", "networks")


@pytest.mark.parametrize(("slug", "action"), [pytest.param(*pair, id=" ".join(pair)) for pair in asked(*DIALOGS)])
def test_everybody_can_answer_the_dialog_of(tour: Tour, slug: str, action: str) -> None:
    check_dialog(tour, slug, action)


REFUSED = [
    Scene("no such page", "there-is-nothing/"),
    Scene("no such server", "servers/00000000-0000-0000-0000-000000000000/"),
    Scene("not allowed", "servers/create/", who="bob"),
    Scene("wrong password", "/sign-in/", wrong_password, who="stranger"),
]


@pytest.mark.parametrize("scene", REFUSED, ids=lambda scene: scene.name)
def test_everybody_can_read_what_was_refused(tour: Tour, scene: Scene) -> None:
    check(tour, scene, r"status of 4[02]\d")
