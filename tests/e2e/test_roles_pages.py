"""Roles, who can do what where, and the matrix: for whoever reads with a screen reader, a phone or a dark screen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.cloud import Api
from tests.harness.tour import Scene, Tour, check

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def things(all_clients: Api) -> dict[str, str]:
    """Ids of what the demo cloud has."""
    admin = all_clients.admin
    projects = {item["name"]: item["id"] for item in admin.get("identity", "/projects")["projects"]}
    roles = {item["name"]: item["id"] for item in admin.get("identity", "/roles")["roles"]}
    return {"web": projects["web"], "manager": roles["manager"]}


def tick_and_look(page: Any) -> None:
    """An administrator ticks, and looks at what that would change; nothing is sent."""
    page.get_by_label("manager for alice", exact=True).check()
    page.get_by_label("reader for bob", exact=True).uncheck()
    page.get_by_role("button", name="Look at the changes").click()
    page.get_by_text("alice: + manager").wait_for()
    page.get_by_text("bob: − reader").wait_for()
    page.get_by_text("Show request").click()


def more_roles(page: Any) -> None:
    page.locator(".matrix-more input").check()


SCENES = [
    Scene("roles", "roles/", who="admin"),
    Scene("a role's implied roles", "roles/{manager}/?tab=implied", who="admin"),
    Scene("who has a role", "roles/{manager}/?tab=holders", who="admin"),
    Scene("who can do what in a project", "assignments/?project={web}", who="admin"),
    Scene("who can do what: more than one is meant", "assignments/?user=a", who="admin"),
    Scene("the matrix of a project", "assignments/matrix/?project={web}", more_roles, who="admin"),
    Scene("changes to roles", "assignments/matrix/?project={web}", tick_and_look, who="admin"),
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_everybody_can_use_it(scene: Scene, tour: Tour) -> None:
    check(tour, scene)
