"""The ``openstack`` commands that are shown do what the dialog does: several where one would do less."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.html import parsed
from tests.harness.server_actions import FLOATING, ID, PORT, VOLUME, be, name_port, own_floating, sent
from tests.harness.services import Services

__all__ = ["own_floating"]


def commands(services: Services, slug: str, **data: Any) -> list[str]:
    """What is shown for a terminal, a command a line."""
    page = parsed(sent(services, slug, show="1", **data))
    assert not services.changes
    shown = next("".join(item.parts) for item in page.elements if item.tag == "code")
    return shown.replace(" \\\n ", "").splitlines()


@pytest.fixture(autouse=True)
def own_port(services: Services) -> None:
    name_port(services)


def test_a_deletion_keeps_and_takes_along_what_the_dialog_says(services: Services) -> None:
    assert commands(services, "delete", floating=f"{ID}/{FLOATING}", port=f"{ID}/{PORT}") == [
        f"openstack server volume update --preserve-on-termination {ID} {VOLUME}",
        f"openstack server delete --wait {ID}",
        f"openstack floating ip delete {FLOATING}",
        f"openstack port delete {PORT}",
    ]
    assert commands(services, "delete", volume=f"{ID}/{VOLUME}") == [f"openstack server delete {ID}"]


def test_what_is_not_wanted_any_more_is_unset(services: Services) -> None:
    be(services, tags=["old", "kept"], metadata={"role": "db", "kept": "yes"})
    assert commands(services, "tags", tags="kept\nnew") == [
        f"openstack server set --tag new {ID}",
        f"openstack server unset --tag old {ID}",
    ]
    # Pairs are sent as two lists.
    rows = {"metadata-key": ["kept", "zone", ""], "metadata-value": ["yes", "a b", ""]}
    assert commands(services, "metadata", **rows) == [
        f"openstack server set --property 'zone=a b' {ID}",
        f"openstack server unset --property role {ID}",
    ]
