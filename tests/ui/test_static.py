"""Browsers get files under names that change with the content, also those that scripts import from each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings


@pytest.fixture
def collected(tmp_path: Path) -> Path:
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": "dashboard.ui.static.Storage"}}
    with override_settings(STATIC_ROOT=str(tmp_path), STORAGES=storages, DEBUG=False):
        call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_scripts_import_each_other_under_hashed_names(collected: Path) -> None:
    app = next(path for path in (collected / "js").glob("app.*.js"))
    names = re.findall(r'import ?"\./([^"]+)"', app.read_text())
    assert len(names) == len(re.findall("import ", (settings.BASE_DIR / "static/js/app.js").read_text()))
    for name in names:
        assert re.fullmatch(r"[a-z]+\.[0-9a-f]{12}\.js", name)
        assert (collected / "js" / name).is_file()


def test_every_text_that_a_script_asks_for_is_on_the_page() -> None:
    page = (settings.BASE_DIR / "templates/ui/shell/layers.html").read_text()
    scripts = [path.read_text() for path in (settings.BASE_DIR / "static/js").rglob("*.js")]
    asked = {name for script in scripts for name in re.findall(r"""\btext\("([a-zA-Z]+)\"""", script)}
    assert {"updated", "reload"} <= asked
    kebab = {name: re.sub(r"([A-Z])", lambda found: f"-{found[1].lower()}", name) for name in asked}
    assert not [name for name in asked if f"data-{kebab[name]}=" not in page]
