"""Networks in the browser: from nothing to a server that the internet reaches, trunks, sharing, and the clean-up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from keystoneauth1 import exceptions
from playwright.sync_api import expect

from tests.e2e.people import choose, confirm, is_marked, mark, row, sign_in
from tests.harness.cloud import Api, Client, unique, wait_until

pytestmark = pytest.mark.e2e

BOOT = 60_000
"""Milliseconds: a boot takes 2 to 6 seconds on the demo cloud, longer while other tests boot."""


@pytest.fixture
def name(api: Api) -> Iterator[str]:
    """What the journey calls its things; all that is called so, or is on a network that is, is gone when it ends."""
    found = unique("walk")
    yield found
    swept(api.member, found)


def swept(member: Client, name: str) -> None:
    """Takes away what a journey left, whatever happened to it."""

    def all_of(kind: str, service: str = "network", path: str = "") -> list[dict[str, Any]]:
        items = member.get(service, path or f"/{kind}")[kind.replace("-", "_")]
        return [item for item in items if str(item.get("name") or item.get("description") or "").startswith(name)]

    def servers_left() -> list[Any]:
        servers = all_of("servers", "compute")
        for server in servers:
            member.delete("compute", f"/servers/{server['id']}")
        return servers

    wait_until(lambda: not servers_left(), what="the end of the journey's servers")
    for kind in ("rbac-policies", "trunks"):
        networks = {network["id"] for network in all_of("networks")}
        for item in member.get("network", f"/{kind}")[kind.replace("-", "_")]:
            if item.get("object_id") in networks or str(item.get("name", "")).startswith(name):
                member.delete("network", f"/{kind}/{item['id']}")
    networks = {network["id"] for network in all_of("networks")}
    ports = [port for port in member.get("network", "/ports")["ports"] if port["network_id"] in networks]
    routers = all_of("routers")
    ours = {router["id"] for router in routers}
    for item in member.get("network", "/floatingips")["floatingips"]:
        if item["router_id"] in ours or item["description"].startswith(name):
            member.delete("network", f"/floatingips/{item['id']}")
    for port in ports:
        if "router_interface" in port["device_owner"]:
            router = f"/routers/{port['device_id']}/remove_router_interface"
            member.put("network", router, {"port_id": port["id"]})
        elif not port["device_owner"].startswith(("network:", "compute:")):
            member.delete("network", f"/ports/{port['id']}")

    def is_gone(path: str) -> bool:
        try:
            member.delete("network", path)
        except exceptions.Conflict:
            # Whoever lets OpenStack choose a network may have been given this one for a moment.
            return False
        return True

    for kind in ("routers", "networks", "security-groups"):
        for item in all_of(kind):
            path = f"/{kind}/{item['id']}"
            wait_until(lambda path=path: is_gone(path), what=f"the end of {path}")


def group_of(member: Client, name: str) -> dict[str, Any]:
    """A security group that lets nothing in."""
    return member.create("network", "/security-groups", {"security_group": {"name": name}})


def test_from_nothing_to_a_server_that_the_internet_reaches(page: Any, api: Api, name: str) -> None:
    group_of(api.member, name)
    base = sign_in(page, "alice", project="web")

    # One step: network, subnet, router and gateway, said before it is done.
    page.goto(f"{base}networks/")
    page.get_by_role("link", name="Network with internet").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Router").select_option(label="a new router")
    page.get_by_label("External network").select_option(label="public")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview li")).to_have_count(4)
    expect(page.locator(".preview")).to_contain_text(f"the router {name}, with its gateway on public")
    assert not api.member.get("network", f"/networks?name={name}")["networks"], "a preview makes nothing"
    page.get_by_role("button", name="Make it").click(timeout=BOOT)
    page.wait_for_url("**/topology/", timeout=BOOT)
    expect(page.locator(".node-network", has_text=name)).to_be_visible()
    expect(page.locator(".node-router", has_text=name)).to_be_visible()

    # A server on it, with the group that lets nothing in.
    page.goto(f"{base}servers/launch/")
    page.locator("[name=name]").fill(name)
    page.locator("tr", has_text="cirros-0.6").get_by_role("radio").check()
    page.locator("tr", has_text="m1.tiny").get_by_role("radio").check()
    for box in page.locator("#network [name=network]:checked").all():
        box.uncheck()
    page.locator("#network tr", has_text=name).get_by_role("checkbox").check()
    for box in page.locator("[name=security_group]:checked").all():
        box.uncheck()
    page.locator(".launch-groups label", has_text=name).get_by_role("checkbox").check()
    page.get_by_role("button", name="Launch").last.click()
    page.wait_for_url("**/servers/")
    expect(row(page, name)).to_contain_text("Active", timeout=BOOT)

    # A floating IP that leads to it.
    page.goto(f"{base}floating-ips/create/")
    page.get_by_label("External network").select_option(label="public")
    target = page.get_by_label("Lead it to")
    target.select_option(value=value_of(target, name))
    page.get_by_role("button", name="Allocate floating IP").click()
    page.wait_for_url(re.compile(r"/floating-ips/(?!create)"))
    (network,) = api.member.get("network", f"/networks?name={name}")["networks"]
    (port,) = api.member.get("network", f"/ports?network_id={network['id']}&device_owner=compute:nova")["ports"]
    (floating,) = api.member.get("network", f"/floatingips?port_id={port['id']}")["floatingips"]
    address = floating["floating_ip_address"]

    # Nothing from outside gets in; the page says which rule is lacking, and adds it.
    ask = f"{base}reach/?source=internet&target={name}&protocol=tcp&port=443"
    page.goto(ask)
    answer = page.locator(".reach-answer")
    expect(answer).to_contain_text(f"No: TCP 443 from the internet does not reach {name}.")
    expect(answer).to_contain_text(address)
    answer.get_by_role("button").click()
    # The demo cloud's hosts are no real ones, so Neutron calls every port down: all that decides else is open.
    expect(answer).to_contain_text(f"Nothing that can be seen stops TCP 443 from the internet to {name}.")
    expect(answer).to_contain_text(f"{name} may get it: TCP 443 from anywhere (0.0.0.0/0)")
    page.get_by_label("Port", exact=True).fill("22")
    page.get_by_role("button", name="Ask").click()
    expect(answer).to_contain_text("No: TCP 22")

    # The same address, now with one port of it alone.
    page.goto(f"{base}floating-ips/{floating['id']}/?tab=forwardings")
    expect(page.locator("main")).to_contain_text("Disassociate it to forward single ports instead.")
    page.goto(f"{base}floating-ips/")
    choose(page, address, "Disassociate")
    confirm(page)
    page.goto(f"{base}floating-ips/{floating['id']}/?tab=forwardings")
    page.locator("main").get_by_role("link", name="Forward a port").last.click()
    dialog = page.locator("#dialog[open]")
    dialog.get_by_label("Port outside", exact=True).fill("8443")
    dialog.get_by_label("Port within", exact=True).fill("443")
    within = dialog.get_by_label("Server or port within")
    within.select_option(value=value_of(within, name))
    confirm(page)
    page.goto(f"{base}floating-ips/{floating['id']}/?tab=forwardings")
    forwarded = page.locator("tr[id^=forwarding-]")
    expect(forwarded).to_contain_text(f"{address}:8443")
    expect(forwarded).to_contain_text(f"{port['fixed_ips'][0]['ip_address']}:443")

    # What stands in the way of an end is said, and led to.
    page.goto(f"{base}networks/")
    choose(page, name, "Delete")
    page.locator("#dialog .btn-danger").click()
    told = page.locator("#dialog, #toasts").filter(has_text="still on this network")
    expect(told.first).to_be_visible()
    expect(told.first.get_by_role("link").first).to_be_visible()


def value_of(select: Any, text: str) -> str:
    """The value of the option whose words have a text in them."""
    return str(select.locator("option", has_text=text).first.get_attribute("value"))


def test_a_trunk_carries_a_second_network_as_a_vlan(page: Any, api: Api, name: str) -> None:
    member = api.member
    for number, part in ((1, "front"), (2, "back"), (3, "lab")):
        network = member.post("network", "/networks", {"network": {"name": f"{name}-{part}"}})["network"]
        subnet = {"network_id": network["id"], "cidr": f"10.9{number}.0.0/24", "ip_version": 4}
        member.post("network", "/subnets", {"subnet": subnet})
        member.post("network", "/ports", {"port": {"name": f"{name}-{part}", "network_id": network["id"]}})
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}trunks/")
    page.locator(".page-actions").get_by_role("link", name="Create trunk").click()
    dialog = page.locator("#dialog[open]")
    dialog.get_by_label("Name").fill(name)
    for label, port in (("Parent port", "front"), ("First subport", "back")):
        field = dialog.get_by_label(label)
        field.select_option(value=value_of(field, f"{name}-{port}"))
    dialog.get_by_label("Its VLAN").fill("101")
    confirm(page)
    page.goto(f"{base}trunks/")
    row(page, name).get_by_role("link", name=name).click()
    page.locator("main").get_by_role("link", name="Subports").click()
    carried = page.locator("tr[id^=subport-]")
    expect(carried).to_have_count(1)
    expect(carried).to_contain_text("VLAN 101")
    expect(carried).to_contain_text(f"{name}-back")

    page.goto(f"{base}trunks/")
    choose(page, name, "Add subport")
    field = page.locator("#dialog").get_by_label("Port", exact=True)
    field.select_option(value=value_of(field, f"{name}-lab"))
    page.locator("#dialog").get_by_label("VLAN", exact=True).fill("102")
    confirm(page)
    (trunk,) = member.get("network", f"/trunks?name={name}")["trunks"]
    page.goto(f"{base}trunks/{trunk['id']}/?tab=subports")
    expect(carried).to_have_count(2)
    page.get_by_role("link", name="Remove 101").click()
    page.locator("#dialog[open]").wait_for()
    confirm(page)
    carried_now = member.get("network", f"/trunks/{trunk['id']}")["trunk"]["sub_ports"]
    assert [item["segmentation_id"] for item in carried_now] == [102]

    # A port that a trunk carries can't go, and the page says why.
    page.goto(f"{base}ports/?q={name}-front")
    row(page, f"{name}-front").locator("[data-menu]").click()
    expect(page.locator("#row-menu")).to_contain_text(re.compile("trunk", re.IGNORECASE))


def test_a_network_is_shared_with_one_project_and_seen_there(page: Any, new_page: Any, api: Api, name: str) -> None:
    member = api.member
    network = member.post("network", "/networks", {"network": {"name": name}})["network"]
    other = new_page()
    there = sign_in(other, "carol", project="data")
    other.goto(f"{there}networks/?q={name}")
    expect(row(other, name)).to_have_count(0)
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}networks/{network['id']}/?tab=sharing")
    page.get_by_role("link", name="Share").last.click()
    dialog = page.locator("#dialog[open]")
    dialog.wait_for()
    expect(dialog.locator("[name=object]")).to_have_value(f"network/{network['id']}")
    project_id = api.at("carol", "data").project_id
    known = dialog.locator(f"[name=target] option[value='{project_id}']")
    if known.count():
        dialog.locator("[name=target]").select_option(value=project_id)
    else:
        dialog.locator("[name=target_id]").fill(project_id)
    confirm(page)
    other.goto(f"{there}networks/?q={name}")
    expect(row(other, name)).to_have_count(1)
    expect(row(other, name)).to_contain_text("Shared")
    other.goto(f"{there}networks/{network['id']}/")
    expect(other.locator("h1")).to_contain_text(name)

    page.goto(f"{base}network-sharing/?q=object:{network['id']}")
    page.locator("#rows [data-menu]").first.click()
    page.locator("#row-menu").get_by_role("menuitem", name="Delete").click()
    page.locator("#dialog[open]").wait_for()
    confirm(page)
    other.goto(f"{there}networks/?q={name}")
    expect(row(other, name)).to_have_count(0)


def test_the_topology_is_walked_by_keyboard_and_follows_what_others_do(page: Any, api: Api, name: str) -> None:
    member = api.member
    external = member.get("network", "/networks?router:external=True")["networks"][0]
    gateway = {"network_id": external["id"]}
    router = member.post("network", "/routers", {"router": {"name": name, "external_gateway_info": gateway}})["router"]
    network = member.post("network", "/networks", {"network": {"name": name}})["network"]
    body = {"network_id": network["id"], "cidr": "10.97.0.0/24", "ip_version": 4}
    subnet = member.post("network", "/subnets", {"subnet": body})["subnet"]
    member.put("network", f"/routers/{router['id']}/add_router_interface", {"subnet_id": subnet["id"]})
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}topology/")
    mark(page)
    ours = page.locator(f"#node-{network['id']}")
    expect(ours).to_contain_text("nothing on it")
    lines = page.locator(f".topology-lines path[data-ends*='{network['id']}']")
    expect(lines).to_have_count(1)

    # By keyboard: to the router, over to a network, and its line is lifted.
    page.locator(f"#node-{router['id']}").focus()
    expect(page.locator(".topology-lines path.is-lit")).to_have_count(2)
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".node-outside:focus")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".node-router:focus")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".node-network:focus")).to_have_count(1)
    ours.focus()
    expect(page.locator(".topology-lines path.is-lit")).to_have_count(1)

    # What others make appears; what a node can do is in its menu.
    port = {"port": {"name": f"{name}-port", "network_id": network["id"]}}
    member.post("network", "/ports", port)
    expect(ours).to_contain_text(f"{name}-port", timeout=30_000)
    assert is_marked(page)
    page.locator(".topology-table summary").click()
    expect(page.locator(".topology-table tr", has_text=f"{name}-port")).to_contain_text(name)
    ours.locator("[data-menu]").first.click()
    page.locator("#row-menu").get_by_role("menuitem", name="Edit", exact=True).click()
    page.locator("#dialog[open]").get_by_label("Name", exact=True).fill(f"{name}-2")
    confirm(page)
    expect(ours).to_contain_text(f"{name}-2", timeout=30_000)


def test_left_overs_are_shown_before_they_go_and_what_is_used_stays(page: Any, api: Api, name: str) -> None:
    member = api.member
    group_of(member, name)
    network = member.post("network", "/networks", {"network": {"name": name}})["network"]
    member.post("network", "/ports", {"port": {"name": f"{name}-port", "network_id": network["id"]}})
    external = member.get("network", "/networks?router:external=True")["networks"][0]
    body = {"floating_network_id": external["id"], "description": name}
    floating = member.post("network", "/floatingips", {"floatingip": body})["floatingip"]
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}left-overs/")
    wanted = (f"{name}-port", floating["floating_ip_address"], name)
    for text in wanted:
        page.locator("tr", has=page.get_by_role("link", name=text, exact=True)).get_by_role("checkbox").check()
    # The group comes to be used after the page was shown.
    group = member.get("network", f"/security-groups?name={name}")["security_groups"][0]
    used = {"name": f"{name}-user", "network_id": network["id"], "security_groups": [group["id"]]}
    member.post("network", "/ports", {"port": used})
    page.get_by_role("button", name="Delete what is ticked").click()
    listed = page.locator("ul.names")
    expect(listed).to_contain_text(f"{name}-port")
    expect(listed).to_contain_text(floating["floating_ip_address"])
    expect(page.locator("main")).to_contain_text("1 is in use again and stays.")
    assert member.get("network", f"/ports?name={name}-port")["ports"], "nothing goes before one has said so"
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("main")).to_contain_text("Done for 2 of 2.")
    assert not member.get("network", f"/ports?name={name}-port")["ports"]
    assert member.get("network", f"/security-groups?name={name}")["security_groups"]


def test_an_address_or_mac_leads_to_its_port_and_whose_it_is(page: Any, api: Api, name: str) -> None:
    server = api.member.server(name)
    (port,) = api.member.get("network", f"/ports?device_id={server['id']}")["ports"]
    base = sign_in(page, "alice", project="web")
    for text in (port["mac_address"], port["mac_address"].upper(), port["fixed_ips"][0]["ip_address"]):
        page.goto(f"{base}ports/")
        page.locator("[name=q]").fill(text)
        page.locator("[name=q]").press("Enter")
        found = page.locator(f"#row-{port['id']}")
        expect(found).to_have_count(1)
        expect(page.locator("#rows tr")).to_have_count(1)
        expect(found.get_by_role("link", name=name)).to_be_visible()


def test_a_reader_looks_at_everything_and_is_offered_no_change(page: Any, api: Api, name: str) -> None:
    network = api.member.post("network", "/networks", {"network": {"name": name}})["network"]
    base = sign_in(page, "bob", project="web")
    page.goto(f"{base}networks/?q={name}")
    expect(row(page, name)).to_be_visible()
    expect(page.get_by_role("link", name="Create network")).to_have_count(0)
    page.goto(f"{base}connected-network/")
    expect(page.get_by_role("button", name="Make it")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("role")
    page.goto(f"{base}topology/")
    expect(page.locator(f"#node-{network['id']}")).to_be_visible()
    page.goto(f"{base}left-overs/")
    expect(page.get_by_role("button", name="Delete what is ticked")).to_have_count(0)
