"""A program's way in: made in the browser, used by the openstack command, and ended in the browser."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import PASSWORD, choose, confirm, row, sign_in
from tests.harness.cloud import Api, unique

pytestmark = pytest.mark.e2e
OPENSTACK = Path(os.environ.get("CLOUD_DIR", "/var/tmp/openstack-cloud")) / "venv" / "bin" / "openstack"
"""The command itself, as the demo cloud's own environment has it."""


def command(folder: Path, words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What the openstack command says, with nothing of ours in its environment."""
    return subprocess.run(
        ["bash", "--norc", "-c", words],
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "OPENSTACK": str(OPENSTACK), **environment},
    )


def test_an_application_credential_is_used_by_the_openstack_command_until_it_is_deleted(
    page: Any, api: Api, tmp_path: Path
) -> None:
    roles = {role["name"]: role["id"] for role in api.admin.get("identity", "/roles")["roles"]}
    project = api.admin.create("identity", "/projects", {"project": {"name": unique("cli"), "domain_id": "default"}})
    who = unique("dev")
    user = {"user": {"name": who, "password": PASSWORD, "domain_id": "default"}}
    user_id = api.admin.create("identity", "/users", user)["id"]
    api.admin.put("identity", f"/projects/{project['id']}/users/{user_id}/roles/{roles['member']}", None)

    base = sign_in(page, who)
    page.goto(f"{base}application-credentials/")
    page.get_by_role("link", name="Create an application credential").first.click()
    page.get_by_label("Name", exact=True).fill("nightly report")
    # A reader's eyes are enough for a report.
    page.get_by_label("member", exact=True).uncheck()
    page.get_by_label("For how long").select_option("1")
    page.get_by_role("button", name="Show request").click()
    expect(page.locator("#request")).to_contain_text("openstack application credential create")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Save the secret now")
    secret = page.locator("#secret").inner_text().strip()
    assert len(secret) > 40
    assert secret not in page.url
    saved = []
    for name in ("clouds.yaml", "openrc"):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=name).click()
        saved.append(tmp_path / waiting.value.suggested_filename)
        waiting.value.save_as(saved[-1])
    clouds, openrc = saved
    assert clouds.name == "clouds.yaml"
    page.get_by_role("link", name="I have saved it").click()
    expect(page.get_by_role("heading", name="nightly report")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text(secret)

    # By clouds.yaml it lists, by openrc it is refused what a reader is refused.
    listed = command(tmp_path, f'"$OPENSTACK" --os-cloud {project["name"]} server list -f json')
    assert listed.returncode == 0, listed.stderr
    assert json.loads(listed.stdout) == []
    launch = "server create --image cirros-0.6 --flavor m1.tiny --nic none --os-compute-api-version 2.96 forbidden"
    refused = command(tmp_path, f'. "{openrc}" && "$OPENSTACK" {launch}', OS_USERNAME="left-over", OS_PROJECT_NAME="x")
    assert refused.returncode != 0
    assert "403" in refused.stderr or "not allowed" in refused.stderr.lower() or "Policy" in refused.stderr

    page.goto(f"{base}application-credentials/")
    choose(page, "nightly report", "Delete")
    expect(page.locator("#dialog")).to_contain_text("are refused from now on")
    confirm(page)
    expect(row(page, "nightly report")).to_have_count(0)
    gone = command(tmp_path, f'"$OPENSTACK" --os-cloud {project["name"]} server list -f json')
    assert gone.returncode != 0
    assert clouds.exists()
    assert "401" in gone.stderr or "404" in gone.stderr, gone.stderr
