"""What servers can be done to as a whole, at the wire: what each dialog offers, what is sent, and what is told."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from dashboard.cloud import server_actions, server_actions_disk
from dashboard.cloud.errors import Conflict
from dashboard.cloud.versions import Range, know
from dashboard.panels.servers.actions_disk import made
from tests.harness.server_actions import CIRROS, ID, SMALL, be, bodies, dialog, now, sent
from tests.harness.services import Services
from tests.harness.wire import NOVA, at, cloud_of, recorded

# What Nova is asked, where the demo cloud has no such state


@pytest.mark.parametrize(
    ("fields", "slug", "data", "body"),
    [
        ({"status": "SHELVED"}, "shelve-offload", {}, {"shelveOffload": None}),
        ({"status": "SOFT_DELETED"}, "restore", {}, {"restore": None}),
        ({"status": "SOFT_DELETED"}, "force-delete", {}, {"forceDelete": None}),
        ({"status": "SHELVED"}, "unshelve", {}, {"unshelve": None}),
        ({}, "crash-dump", {}, {"trigger_crash_dump": None}),
        ({"status": "VERIFY_RESIZE"}, "confirm-resize", {}, {"confirmResize": None}),
        ({"status": "VERIFY_RESIZE"}, "revert-resize", {}, {"revertResize": None}),
        ({}, "reset-state", {"state": "error"}, {"os-resetState": {"state": "error"}}),
        ({}, "resize", {"flavor": SMALL}, {"resize": {"flavorRef": SMALL}}),
        ({}, "rescue", {"image": CIRROS}, {"rescue": {"rescue_image_ref": CIRROS}}),
        ({}, "rescue", {}, {"rescue": None}),
        (
            {},
            "backup",
            {"name": "b", "kind": "weekly", "rotation": "3"},
            {"createBackup": {"name": "b", "backup_type": "weekly", "rotation": 3}},
        ),
        (
            {},
            "snapshot",
            {"name": "s", "metadata": "purpose=upgrade\n\nwho = me"},
            {"createImage": {"name": "s", "metadata": {"purpose": "upgrade", "who": "me"}}},
        ),
    ],
)
def test_nova_is_asked_for_just_this(
    services: Services, fields: dict[str, Any], slug: str, data: dict[str, Any], body: Any
) -> None:
    be(services, **fields)
    sent(services, slug, **data)
    assert bodies(services) == [body]


def test_a_rebuild_sends_what_changes_and_no_more(services: Services) -> None:
    be(services, description=None)
    sent(services, "rebuild", image=CIRROS, name="srv-web-1", description="", key="", user_data_fate="keep")
    assert bodies(services) == [{"rebuild": {"imageRef": CIRROS}}]
    sent(
        services,
        "rebuild",
        image=CIRROS,
        name="anew",
        description="for tests",
        key="none",
        user_data_fate="new",
        user_data="#!/bin/sh\n",
        once="b" * 32,
    )
    assert bodies(services) == [
        {
            "rebuild": {
                "imageRef": CIRROS,
                "name": "anew",
                "description": "for tests",
                "key_name": None,
                "user_data": "IyEvYmluL3NoCg==",
            }
        }
    ]


def test_an_old_nova_is_asked_for_what_it_has(services: Services) -> None:
    know(NOVA, Range("2.1", "2.53"))
    be(services, image="")
    form = dialog("rebuild")
    assert 'name="key"' not in form
    assert 'name="user_data"' not in form
    assert "that takes 2.93" in form


@pytest.mark.parametrize(
    ("status", "version", "role", "fields"),
    [
        ("SHELVED_OFFLOADED", "2.96", "member", {"zone"}),
        ("SHELVED_OFFLOADED", "2.96", "admin", {"zone", "host"}),
        ("SHELVED_OFFLOADED", "2.90", "admin", {"zone"}),
        ("SHELVED_OFFLOADED", "2.53", "admin", set()),
        ("SHELVED", "2.96", "admin", set()),
    ],
)
def test_what_left_its_host_can_choose_a_zone_and_an_administrator_a_host(
    services: Services, status: str, version: str, role: str, fields: set[str]
) -> None:
    know(NOVA, Range("2.1", version))
    be(services, status=status)
    form = dialog("unshelve", roles=(role,))
    assert {name for name in ("zone", "host") if f'name="{name}"' in form} == fields


# Copies and passwords


def test_a_snapshot_leads_to_its_image(services: Services) -> None:
    image = "11111111-2222-4333-8444-555555555555"

    def answer(request: Any, context: Any) -> Any:
        if request.method != "POST":
            return None
        context.status_code = 202
        return {"image_id": image}

    services.answers["compute"] = answer
    text = sent(services, "snapshot", name="before-upgrade", metadata="")
    assert f'href="{at(f"images/{image}/")}"' in text
    assert "Image “before-upgrade”" in text
    assert made("x", "") == ()


def test_several_snapshots_get_names_of_their_own(services: Services) -> None:
    be(services, status="ACTIVE")
    services.rows["/servers"].append({**now(services), "id": ID[:-1] + "d", "name": "srv-web-2"})
    sent(services, "snapshot", ids=(ID, ID[:-1] + "d"), name="today", metadata="")
    assert sorted(body["createImage"]["name"] for body in bodies(services)) == ["srv-web-1-today", "srv-web-2-today"]


def test_metadata_of_a_snapshot_are_keys_with_values(services: Services) -> None:
    assert "is not key=value" in sent(services, "snapshot", 422, name="x", metadata="nonsense")
    assert not services.changes


def test_a_password_is_typed_twice_and_never_shown_or_logged(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "Not-for-eyes-7"
    answer = sent(services, "change-password", 422, password=secret, again="another")
    assert "The two are not the same." in answer
    assert secret not in answer
    answer = sent(services, "change-password", password=secret, again=secret, once="c" * 32)
    assert bodies(services) == [{"changePassword": {"adminPass": secret}}]
    assert secret not in answer
    shown = sent(services, "change-password", password=secret, again=secret, show="1", once="d" * 32)
    assert "$ADMINPASS" in shown
    assert secret not in shown
    assert secret not in caplog.text


def test_nova_that_refuses_is_told_in_its_own_words(services: Services) -> None:
    services.fail("compute", status=409, text=recorded("nova/server/conflict"))
    for do in (
        lambda: server_actions.pause_server(cloud_of(), id=ID),
        lambda: server_actions_disk.resize_server(cloud_of(), id=ID, flavor_id=SMALL),
    ):
        with pytest.raises(Conflict) as caught:
            do()
        assert caught.value.message
