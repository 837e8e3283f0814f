"""The browser's files are those that were fetched, and what is left of a style sheet is what was asked for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from dashboard.ui.management.commands.vendor import differences, subset, without_source_map

ROOT = Path(settings.BASE_DIR)
MANIFEST = tomllib.loads((ROOT / "static/vendor/vendor.toml").read_text())


def test_committed_files_are_as_they_were_fetched() -> None:
    call_command("vendor", check=True, verbosity=0)


def test_a_changed_file_and_a_stray_file_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "static/vendor"
    folder.mkdir(parents=True)
    (folder / "SHA384SUMS").write_text(f"{'0' * 96}  static/vendor/a.css\n")
    (folder / "a.css").write_text("changed")
    (folder / "stray.js").write_text("")
    manifest = {"package": [{"name": "a", "file": [{"from": "a.css", "to": "static/vendor/a.css"}]}]}
    assert list(differences(tmp_path, manifest)) == [
        "static/vendor/stray.js: not in vendor.toml",
        "static/vendor/a.css: changed",
    ]


def test_a_rule_stays_when_all_its_classes_are_wanted() -> None:
    css = "/*! notice */a{b:c}.btn,.card{d:e}.btn.card{f:g}"
    css += "@media (x){.card{h:i}.btn:not(.card){j:k}}@media (y){.card{l:m}}"
    assert subset(css, ["btn"], []) == "/*! notice */\na{b:c}.btn{d:e}@media (x){.btn:not(.card){j:k}}\n"


def test_source_maps_are_not_named() -> None:
    assert without_source_map("a{}\n/*# sourceMappingURL=a.css.map */") == "a{}\n"
    for name in ("static/vendor/tabler.css", "tests/e2e/vendor/axe.min.js"):
        assert "sourceMappingURL=" not in (ROOT / name).read_text()


@pytest.mark.parametrize("folder", ["templates", "dashboard"])
def test_every_icon_that_is_asked_for_is_there(folder: str) -> None:
    there = {path.stem for path in (ROOT / "static/vendor/icons").glob("*.svg")}
    asked = set()
    for path in [*(ROOT / folder).rglob("*.html"), *(ROOT / folder).rglob("*.py")]:
        asked |= set(re.findall(r"""\bicon[ =:(]+["']([a-z0-9-]+)["']""", path.read_text()))
    assert asked - there == set()


def test_scripts_and_styles_fit_the_first_visit() -> None:
    import gzip

    files = [
        *(ROOT / "static/js").glob("*.js"),
        *(ROOT / "static/css").glob("*.css"),
        ROOT / "static/vendor/tabler.css",
    ]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 60_000


def test_our_scripts_write_no_html_and_keep_nothing_in_the_browser() -> None:
    for path in (ROOT / "static/js").rglob("*.js"):
        found = re.findall(
            r"\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\beval\(|localStorage|sessionStorage",
            path.read_text(),
        )
        assert not found, path
