"""Which flavors and images fit a server, and deciding on a resize."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.cloud.flavors import Flavor
from dashboard.cloud.images import Image
from dashboard.cloud.launch_options import LaunchOptions, Part
from dashboard.cloud.servers import Server
from dashboard.cloud.types import Quota
from dashboard.panels.servers import actions_resize
from dashboard.panels.servers.actions_forms import why_not
from tests.harness.html import parsed
from tests.harness.server_actions import ID, SMALL, TINY, be, dialog, now, sent
from tests.harness.services import Services, at_rest
from tests.harness.wire import access_of, at, recorded, signed_in


def flavor_rows(services: Services) -> tuple[dict[str, str], set[str]]:
    """The table's rows by the flavor's name, and the values that can't be chosen."""
    page = parsed(dialog("resize"))
    names = [row["name"] for row in services.rows["/flavors"]]
    rows = {name: row.text for row in page.elements if row.tag == "tr" for name in names if row.text.startswith(name)}
    radios = [item for item in page.elements if item.attrs.get("type") == "radio"]
    return rows, {item.attrs["value"] for item in radios if "disabled" in item.attrs}


def test_the_flavors_tell_what_they_have_more_than_now(services: Services) -> None:
    rows, off = flavor_rows(services)
    assert "The present flavor" in rows["m1.tiny"]
    assert "+1.5 GiB" in rows["m1.small"]
    assert "+19 GiB" in rows["m1.small"]
    assert off == {TINY}


def test_the_flavors_tell_what_they_have_less_than_now_and_why_some_do_not_fit(services: Services) -> None:
    be(services, flavor={**now(services)["flavor"], "original_name": "m1.large", "vcpus": 4, "ram": 8192, "disk": 80})
    rows, off = flavor_rows(services)
    assert "−6 GiB" in rows["m1.small"]
    assert "disks can't shrink" in rows["m1.small"]
    assert off >= {SMALL, TINY}


def test_a_flavor_that_is_greyed_is_refused_if_it_is_sent_all_the_same(services: Services) -> None:
    answer = sent(services, "resize", 422, flavor=TINY)
    assert "It has this flavor now." in answer
    assert not services.changes
    assert "not among the choices" in sent(services, "resize", 422, flavor="no-such-flavor")
    assert not services.changes


def options(image: Image | None = None, quotas: tuple[Quota, ...] = ()) -> LaunchOptions:
    return LaunchOptions(images=Part((image,) if image else ()), quotas=Part(quotas))


@pytest.mark.parametrize(
    ("flavor", "server", "image", "quota", "reason"),
    [
        ({"ram": 256}, {}, {"min_ram": 512}, None, "needs 512 MiB of RAM"),
        ({"disk": 5}, {}, {}, None, "disks can't shrink"),
        ({"disk": 5}, {"image_id": "", "volume_ids": ("v",)}, None, None, ""),
        ({"disk": 0}, {}, {}, None, "for servers that start from volumes"),
        ({"disk": 0}, {"image_id": "", "volume_ids": ("v",)}, None, None, ""),
        ({"ephemeral": 0}, {"flavor.ephemeral": 10}, {}, None, "ephemeral disk is smaller"),
        ({"disk": 12}, {}, {"min_disk": 20}, None, "needs a disk of 20 GiB"),
        ({"vcpus": 4}, {}, {}, Quota("cores", 38, 40), "Needs 3 more vCPUs; the quota has 2 left."),
        ({"vcpus": 4}, {}, {}, Quota("cores", 37, 40), ""),
        ({"vcpus": 4}, {}, {}, Quota("cores", 400, None), ""),
        ({"ram": 4096}, {}, {}, Quota("ram", 9000, 10000), "Needs 3,072 more MiB of RAM; the quota has 1,000 left."),
    ],
)
def test_what_fits_is_what_image_disk_and_quota_allow(
    flavor: dict[str, Any], server: dict[str, Any], image: dict[str, Any] | None, quota: Quota | None, reason: str
) -> None:
    from dataclasses import replace

    from dashboard.cloud.servers import ServerFlavor

    ephemeral = server.pop("flavor.ephemeral", 0)
    row = Server("1", "web", image_id="i", flavor=ServerFlavor("now", 1, 1024, 10, ephemeral))
    row = replace(row, **server)
    wanted = Flavor(**{"id": "f", "name": "f", "vcpus": 1, "ram": 1024, "disk": 10, "ephemeral": 10, **flavor})
    made_of = Image(**{"id": "i", "name": "debian", **image}) if image is not None else None
    choice = actions_resize.row_of(wanted, [row], options(made_of, (quota,) if quota else ()))
    assert reason in str(choice.why_not) if reason else choice.why_not == ""


def test_a_rebuild_is_refused_where_the_image_does_not_fit() -> None:
    row = Server.from_json(recorded("nova/server/active")["server"])
    assert "needs a disk of 10 GiB" in why_not(Image("i", "debian", min_disk=10), row, is_new=True)
    assert why_not(Image("i", "cirros"), row, is_new=True) == ""
    on_volume = Server.from_json(recorded("nova/server/volume_booted")["server"])
    assert "takes 2.93" in why_not(Image("i", "cirros"), on_volume, is_new=False)
    assert why_not(Image("i", "cirros", min_disk=10), on_volume, is_new=True) == ""


def test_a_server_waiting_for_its_resize_offers_to_decide_in_the_list_and_on_its_page(services: Services) -> None:
    be(services, status="VERIFY_RESIZE")
    for path in ("servers/", f"servers/{ID}/"):
        for access, is_offered in ((access_of(), True), (access_of("reader"), False)):
            answer = signed_in(access).get(at(path)).content.decode()
            at_rest()
            links = [item["href"] for item in parsed(answer).links if item.get("role") != "menuitem"]
            for slug in ("confirm-resize", "revert-resize"):
                assert any(f"act/{slug}/?id={ID}" in link for link in links) is is_offered, (path, slug)
    assert not Server.from_json(now(services)).is_transitional
