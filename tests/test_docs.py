"""The documents say what is so: settings, dependencies, panels, layers, links, and the example that has to run."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint, metadata
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.management import call_command
from django.urls import clear_url_caches
from requests_mock import Mocker

from dashboard import panels
from tests.harness.wire import NEUTRON, access_of, at, signed_in

ROOT = Path(__file__).resolve().parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", *DOCS]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def ids(pages: list[Path]) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in pages]


def every_page(test: Any) -> Any:
    return pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))(test)


# Settings

READ = re.compile(r"""(?:env\.(\w+)|_seconds)\(\s*"([A-Z_]+)"(?:,\s*(?:default=)?((?:[^()]|\([^()]*\))+))?\)""")


def settings_in_code() -> dict[str, tuple[str, str]]:
    """Each variable with the reader's name and the source of its default."""
    found = READ.findall(text_of("dashboard/settings.py"))
    return {name: (reader or "seconds", default.strip()) for reader, name, default in found}


def rows_of(text: str) -> dict[str, list[str]]:
    """Rows of tables whose first cell is one name in backticks."""
    rows = re.findall(r"^\| `([A-Z_]+)` \|(.*)\|$", text, flags=re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split("|")] for name, rest in rows}


def documented() -> dict[str, list[str]]:
    """The settings' tables; ``./run`` and ``./test`` have sections of their own."""
    return rows_of(text_of("docs/configuring.md").split("## `./run`")[0])


def test_every_variable_that_is_read_is_documented_and_no_other() -> None:
    assert set(settings_in_code()) == set(
        re.findall(r'(?:env\.\w+|_seconds)\(\s*"(\w+)"', text_of("dashboard/settings.py"))
    )
    assert set(documented()) == set(settings_in_code())


IN_WORDS = {"SECRET_KEY": "none; required", "BROKER_URL": "as `REDIS_URL`", "STATIC_ROOT": "`.static` in the checkout"}


@pytest.mark.parametrize("name", sorted(settings_in_code()))
def test_the_documented_default_is_the_one_in_the_code(name: str) -> None:
    reader, source = settings_in_code()[name]
    shown = documented()[name][0]
    if name in IN_WORDS:
        assert shown == IN_WORDS[name]
        return
    default = eval(source, {"__builtins__": {}})
    if reader == "bool":
        assert shown == f"`{int(default)}`"
    elif reader in {"list", "dict"}:
        assert shown == (f"`{','.join(default)}`" if default else "empty")
    else:
        assert shown == (f"`{default}`" if default != "" else "empty")


def test_every_variable_that_run_reads_is_documented() -> None:
    code = text_of("run") + text_of("scripts/supervise.py") + text_of("scripts/common.sh")
    read = set(re.findall(r"\b((?:BELVEDERE|WEB|WORKER)_[A-Z]+)\b", code))
    assert read
    assert read <= set(rows_of(text_of("docs/configuring.md")))


def test_the_image_and_compose_read_what_is_documented() -> None:
    # A variable between "${" and its default.
    read = set(re.findall(r"\$\{([A-Z_]+)[:?}]", text_of("compose.yaml")))
    read |= set(re.findall(r"\b(WEB_[A-Z]+)=\d", text_of("Dockerfile")))
    described = text_of("docs/configuring.md")
    assert {name for name in read if f"`{name}`" not in described} == set()


# Dependencies


def named(requirement: str) -> str:
    return re.split(r"[\[~=<>! ]", requirement, maxsplit=1)[0].lower()


def dependencies() -> set[str]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    return {named(item) for items in (PROJECT["project"]["dependencies"], *extras) for item in items}


def dependency_rows() -> dict[str, list[str]]:
    rows = re.findall(r"^\| ([\w.-]+) \|(.*)\|$", text_of("docs/dependencies.md"), flags=re.MULTILINE)
    return {
        name.lower(): [cell.strip() for cell in rest.split("|")]
        for name, rest in rows
        if name != "Package" and set(name) != {"-"}
    }


def test_every_dependency_has_its_reason_and_no_other_is_named() -> None:
    assert set(dependency_rows()) == dependencies()
    assert all(len(cells) == 3 and all(cells) for cells in dependency_rows().values())


SAME = {
    "bsd": {"BSD-3-Clause", "BSD-2-Clause"},
    "bsd license": {"BSD-3-Clause", "BSD-2-Clause"},
    "bsd 2-clause license": {"BSD-2-Clause"},
    "apache-2": {"Apache-2.0"},
    "apache license, version 2.0": {"Apache-2.0"},
    "apache software license": {"Apache-2.0"},
    "mit license": {"MIT"},
}


@pytest.mark.parametrize("name", sorted(dependencies()))
def test_the_licence_is_the_one_that_the_package_names(name: str) -> None:
    about = metadata(name)
    told = about["License-Expression"] or about["License"] or ""
    if not told or "\n" in told or len(told) > 60:
        classes = [item for item in about.get_all("Classifier") or [] if item.startswith("License ::")]
        told = classes[0].rpartition(":: ")[2]
    ours = set(re.split(r" or ", dependency_rows()[name][0], flags=re.IGNORECASE))
    theirs = set(re.split(r" or ", told, flags=re.IGNORECASE))
    assert ours == theirs or (len(ours) == 1 and ours <= SAME.get(told.lower(), set()))


# The architecture


def contract() -> dict[str, Any]:
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    return next(item for item in contracts if item["type"] == "layers")


def test_the_layers_are_those_that_the_linter_checks() -> None:
    checked = [set(re.findall(r"dashboard\.\w+", layer)) for layer in contract()["layers"]]
    listed = re.findall(r"^\d+\. (.*?): ", text_of("docs/architecture.md").split("## Layers")[1], flags=re.MULTILINE)
    assert [set(re.findall(r"dashboard\.\w+", layer)) for layer in listed[: len(checked)]] == checked


def test_every_panel_is_named_in_the_readme_and_no_other() -> None:
    section = text_of("README.md").split("## What is there now")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+?) \|", section, flags=re.MULTILINE)
    assert rows == ["Panel", *(str(entry.title) for entry in panels.OWN)]


# Links, paths and commands


def anchors(page: Path) -> set[str]:
    """What GitHub calls the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", without_code(page.read_text()), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_every_link_and_image_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        found = (page.parent / unquote(name)).resolve() if name else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


FILES = re.compile(
    r"(?:\./)?(?:(?:dashboard|tests|scripts|static|templates|devcloud|requirements|docs|locale)/[\w./<>-]*"
    r"|(?:run|test|Dockerfile|compose\.yaml|pyproject\.toml|manage\.py|LICENSE|README\.md))"
)


@every_page
def test_every_file_that_is_named_exists(page: Path) -> None:
    for code in re.findall(r"`([^`\n]+)`", without_code(page.read_text())):
        for word in code.split():
            # What tests leave behind is only there after they failed.
            if FILES.fullmatch(word) and word != "tests/artifacts":
                assert (ROOT / word).exists(), word


@every_page
def test_every_module_that_is_named_exists(page: Path) -> None:
    for name in re.findall(r"`(dashboard(?:\.\w+)+)`", page.read_text()):
        found = ROOT / name.replace(".", "/")
        assert found.is_dir() or found.with_suffix(".py").exists(), name


@every_page
def test_no_page_names_a_place_on_somebodys_machine(page: Path) -> None:
    assert not re.findall(r"(?<![\w.])/(?:root|home|work|tmp)/\w+", page.read_text())


def test_the_two_commands_are_there_and_explain_themselves() -> None:
    for command in ("./run", "./test"):
        assert f"\n{command}\n" in text_of("README.md")
        assert os.access(ROOT / command, os.X_OK)
        told = subprocess.run([ROOT / command, "--help"], capture_output=True, text=True, check=True, timeout=20)
        assert command in told.stdout


def test_pictures_are_light() -> None:
    pictures = list((ROOT / "docs" / "images").iterdir())
    assert pictures
    assert {picture.name for picture in pictures if picture.stat().st_size > 150_000} == set()


# The worked example

POOL = {
    "id": "7c6d1f0e-58a0-4d6e-b7a1-1d2b0c4f9e11",
    "name": "office",
    "prefixes": ["10.20.0.0/16"],
    "shared": False,
    "project_id": "a" * 32,
}
SHARED = {**POOL, "id": "0b1f4a52-3f0d-4a55-9a0c-6a2a6f1f7d02", "name": "everybody's", "shared": True}


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The panel of docs/adding-a-panel.md, added as another package would add it."""
    from dashboard import urls

    page = text_of("docs/adding-a-panel.md")
    (code,) = re.findall(r"^```python\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    (toml,) = re.findall(r"^```toml\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    ((group, entries),) = tomllib.loads(toml)["project"]["entry-points"].items()
    ((name, value),) = entries.items()
    (tmp_path / f"{value.partition(':')[0]}.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint(name, value, group)
    monkeypatch.setattr(panels, "entry_points", lambda group: [entry] if group == entry.group else [])
    monkeypatch.setattr(panels, "PANELS", panels.checked((*panels.OWN, *panels.others())))
    importlib.reload(urls)
    clear_url_caches()
    yield sys.modules[value.partition(":")[0]]
    sys.modules.pop(value.partition(":")[0])
    monkeypatch.undo()
    importlib.reload(urls)
    clear_url_caches()


@pytest.fixture
def neutron(requests_mock: Mocker) -> Mocker:
    address = f"{NEUTRON}/v2.0/subnetpools"
    requests_mock.get(address, json={"subnetpools": [POOL, SHARED]})
    for pool in (POOL, SHARED):
        requests_mock.get(f"{address}/{pool['id']}", json={"subnetpool": pool})
        requests_mock.delete(f"{address}/{pool['id']}", status_code=204)
    requests_mock.post(address, json={"subnetpool": POOL}, status_code=201)
    return requests_mock


def sent(wire: Mocker, method: str) -> list[Any]:
    return [request for request in wire.request_history if request.method == method]


def test_the_example_lists_shows_and_exports(example: ModuleType, neutron: Mocker) -> None:
    here = f"{example.PANEL.slug}/"
    browser = signed_in()
    page = browser.get(at(here)).content.decode()
    assert "10.20.0.0/16" in page
    assert "Subnet pools" in page
    assert len(neutron.request_history) == 1
    assert "everybody" not in browser.get(at(f"{here}?shared=no")).content.decode().split("<tbody", 1)[1]
    assert "office" in browser.get(at(f"{here}?format=csv")).content.decode()
    assert POOL["id"] in browser.get(at(f"{here}{POOL['id']}/")).content.decode()
    assert "project_id" in browser.get(at(f"{here}{POOL['id']}/?tab=json")).content.decode()


def test_the_example_creates_and_refuses(example: ModuleType, neutron: Mocker) -> None:
    address = at(f"{example.PANEL.slug}/create/")
    refused = signed_in().post(address, {"name": "office", "prefix": "ten"})
    assert refused.status_code == 422
    assert "This is no range of addresses." in refused.content.decode()
    assert not sent(neutron, "POST")
    made = signed_in().post(address, {"name": "office", "prefix": "10.20.0.0/16"})
    assert made.status_code == 302
    assert sent(neutron, "POST")[0].json() == {"subnetpool": {"name": "office", "prefixes": ["10.20.0.0/16"]}}


def test_the_example_deletes_what_may_be_deleted(example: ModuleType, neutron: Mocker) -> None:
    address = at(f"{example.PANEL.slug}/act/delete/")
    asked = signed_in().get(f"{address}?id={POOL['id']}&id={SHARED['id']}").content.decode()
    assert "office will be deleted." in asked
    assert "It is shared by the cloud&#x27;s operator." in asked
    signed_in().post(address, {"id": [POOL["id"], SHARED["id"]]})
    assert [request.path.rpartition("/")[2] for request in sent(neutron, "DELETE")] == [POOL["id"]]
    assert signed_in(access_of("reader")).post(address, {"id": POOL["id"]}).status_code == 403


def test_the_example_survives_a_neutron_that_is_down(example: ModuleType, requests_mock: Mocker) -> None:
    requests_mock.get(f"{NEUTRON}/v2.0/subnetpools", status_code=500, headers={"X-Openstack-Request-Id": "req-77"})
    response = signed_in().get(at(f"{example.PANEL.slug}/"))
    assert response.status_code == 200
    assert "req-77" in response.content.decode()


# Actions on servers


def test_the_table_of_actions_on_servers_is_what_the_code_says() -> None:
    from dashboard.panels.servers.actions_table import actions_table

    page = ROOT / "docs/server-actions.md"
    text = page.read_text()
    head, mark, rest = text.partition("<!-- actions: made by dashboard.panels.servers.actions_table -->\n")
    end = rest.partition("<!-- end of actions -->")
    wanted = f"{head}{mark}\n{actions_table()}\n\n{end[1]}{end[2]}"
    if os.environ.get("UPDATE_DOCS"):
        page.write_text(wanted)
    assert text == wanted or os.environ.get("UPDATE_DOCS"), "UPDATE_DOCS=1 pytest tests/test_docs.py -k actions"


# Pages and roles


def test_the_table_of_pages_and_roles_is_what_the_panels_say() -> None:
    """``./manage.py roles`` writes it anew."""
    call_command("roles", check=True)


def test_the_table_of_roles_says_what_panels_offer() -> None:
    from dashboard.ui import registry
    from dashboard.ui.roles_table import cell, details

    servers, types, start = (registry.panel(slug) for slug in ("servers", "volume-types", "start"))
    assert cell(servers, "project", "reader") == "look"
    assert cell(servers, "project", "admin") == "look, all"
    assert cell(servers, "domain", "admin") == "–"
    assert [cell(types, "project", role) for role in ("member", "manager")] == ["–", "–"]
    assert cell(start, "system", "reader") == "look"
    assert details(start) == []
    assert details(servers)[0].startswith("in a project: *member*: Launch")
