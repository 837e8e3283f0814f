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
