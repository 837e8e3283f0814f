"""API access: files that programs read, made of names that anybody may have chosen."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from requests_mock import Mocker

from dashboard.cloud import client_files as files
from tests.harness.wire import KEYSTONE, PROJECT_ID, access_of, at, signed_in

NASTY = (
    "$(touch {trap})",
    "`touch {trap}`",
    "a'b\"c!$",
    "'; touch {trap}; '",
    "a\ntouch {trap}\n",
    "$HOME ${{PATH}} \\n \\",
    "=cmd()",
    "-n",
    "!!",
    "# not a comment",
    "名前 café",
)


def environment(text: str, folder: Path) -> dict[str, str]:
    """What a shell has in its environment after it sourced the file, with a password typed."""
    file = folder / "openrc.sh"
    file.write_text(text)
    program = f". {file} && env -0"
    ran = subprocess.run(
        [shutil.which("bash") or "bash", "--norc", "-c", program],
        input="pass word\\\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "OS_TOKEN": "old", "OS_SYSTEM_SCOPE": "all", "LC_ALL": "C.UTF-8"},
    )
    return dict(item.split("=", 1) for item in ran.stdout.split("\0") if item)


@pytest.mark.parametrize("name", NASTY)
def test_a_project_or_person_of_any_name_comes_through_bash_unharmed_and_runs_nothing(
    tmp_path: Path, name: str
) -> None:
    trap = tmp_path / "trap"
    name = name.format(trap=trap)
    access = access_of(project_name=name, user_name=name)
    found = environment(files.openrc(access, region=name, interface="public"), tmp_path)
    assert found["OS_PROJECT_NAME"] == found["OS_USERNAME"] == found["OS_REGION_NAME"] == name
    assert found["OS_PASSWORD"] == "pass word\\"
    assert not trap.exists()
    assert sorted(item.name for item in tmp_path.iterdir()) == ["openrc.sh"]


def test_what_an_earlier_file_set_is_gone(tmp_path: Path) -> None:
    found = environment(files.openrc(access_of(), region="RegionOne", interface="public"), tmp_path)
    assert not {"OS_TOKEN", "OS_SYSTEM_SCOPE"} & set(found)
    assert found["OS_PROJECT_ID"] == PROJECT_ID
    assert found["OS_AUTH_URL"] == KEYSTONE


@given(st.text(max_size=60), st.text(max_size=60))
@example("\x85", "\u2028")
@example("이름", "名前")
def test_clouds_yaml_says_what_it_was_given(project: str, user: str) -> None:
    access = access_of(project_name=project, user_name=user)
    (entry,) = yaml.safe_load(files.clouds_yaml(access, region="RegionOne", interface="public"))["clouds"].values()
    assert entry["auth"].get("project_name", "") == project
    assert entry["auth"].get("username", "") == user
    assert entry["auth"]["project_id"] == PROJECT_ID
    assert "password" not in entry["auth"]


def test_other_scopes_are_named_as_what_they_are() -> None:
    assert files.scope_variables(access_of(kind="domain")) == {"domain_id": PROJECT_ID, "domain_name": "web"}
    assert files.scope_variables(access_of(kind="system")) == {"system_scope": "all"}


def test_the_page_lists_every_endpoint_and_marks_those_in_use(requests_mock: Mocker) -> None:
    page = signed_in().get(at("api-access/")).content.decode()
    assert page.count("used here") == 8
    for url in ("http://127.0.0.1:8774/v2.1", "http://127.0.0.1:9696", KEYSTONE):
        assert url in page
    # Whether each answers is asked behind the page, of nobody's name.
    assert not [call for call in requests_mock.request_history if "X-Auth-Token" in call.headers]


@pytest.mark.parametrize("name", ["openrc.sh", "clouds.yaml"])
def test_the_files_are_attachments_without_password_or_token(requests_mock: Mocker, name: str) -> None:
    access = access_of(project_name='we\r\nb"; filename="x.exe')
    response = signed_in(access).get(at(f"api-access/{name}"))
    assert response.status_code == 200
    disposition = response["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert "\r" not in disposition
    assert "\n" not in disposition
    body = response.content.decode()
    assert access.token not in body
    assert not requests_mock.called


def test_the_files_can_be_read_by_a_reader(requests_mock: Mocker) -> None:
    assert signed_in(access_of("reader")).get(at("api-access/openrc.sh")).status_code == 200
