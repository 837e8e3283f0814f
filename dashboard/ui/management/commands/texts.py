"""Keeps the translations in step with the texts: ``manage.py texts`` writes the catalogs, ``--check`` only looks.

The compiled catalogs (.mo) are kept in the tree, so that a machine that runs Belvedere
needs no gettext; a developer's does.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import to_locale

IGNORED = ["tests/*", "devcloud/*", "static/*", "scripts/*", ".static/*", "templates/ui/design*", "docs/*"]
STAMP = re.compile(r'^"(POT-Creation-Date|PO-Revision-Date):.*\n', re.MULTILINE)


class Command(BaseCommand):
    """See the module."""

    help = "Writes the message catalogs anew, or checks that they are whole and up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail if something is missing")

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        """Raises CommandError where --check finds something."""
        folder = Path(settings.LOCALE_PATHS[0])
        locales = [to_locale(code) for code, _name in settings.LANGUAGES if code != "en"]
        before = {locale: _read(folder / locale) for locale in locales}
        compiled = {locale: _bytes(folder / locale / "LC_MESSAGES/django.mo") for locale in locales}
        for locale in locales:
            (folder / locale / "LC_MESSAGES").mkdir(parents=True, exist_ok=True)
        call_command(
            "makemessages",
            locale=locales,
            ignore_patterns=IGNORED,
            no_location=True,
            no_wrap=True,
            no_obsolete=True,
            verbosity=0,
        )
        wrong = []
        for locale in locales:
            path = folder / locale / "LC_MESSAGES/django.po"
            path.write_text(STAMP.sub("", path.read_text()))
            binary = _compiled(path)
            if check:
                wrong += _faults(locale, before[locale], path.read_text())
                if not wrong and binary != compiled[locale]:
                    wrong.append(f"{locale}: the compiled catalog is not that of the written one")
                path.write_text(before[locale])
            else:
                path.with_suffix(".mo").write_bytes(binary)
                self.stdout.write(f"{locale}: {_count(path.read_text())}")
        if wrong:
            raise CommandError("\n".join([*wrong, "Run manage.py texts, and translate what is empty."]))


def _read(folder: Path) -> str:
    path = folder / "LC_MESSAGES/django.po"
    return path.read_text() if path.exists() else ""


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _compiled(path: Path) -> bytes:
    """The catalog as gettext compiles it. Raises CommandError where a placeholder is missing or odd."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "django.mo"
        done = subprocess.run(
            ["msgfmt", "--check-format", "-o", str(out), str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CommandError(done.stderr)
        return out.read_bytes()


def _entries(text: str) -> list[str]:
    return [part for part in text.split("\n\n") if "\nmsgid" in f"\n{part}" and not part.startswith('msgid ""\nmsgstr')]


def _is_open(entry: str) -> bool:
    """Whether an entry has no translation, or one that only resembles it."""
    return "#, fuzzy" in entry or bool(re.search(r'^msgstr(\[\d\])? ""\s*(?!\n")$', entry, re.MULTILINE))


def _count(text: str) -> str:
    entries = _entries(text)
    return f"{len(entries)} texts, {sum(map(_is_open, entries))} not translated"


def _faults(locale: str, before: str, now: str) -> list[str]:
    if before != now:
        return [f"{locale}: texts have changed since the catalog was written"]
    left = [entry for entry in _entries(now) if _is_open(entry)]
    return [f"{locale}: {len(left)} texts are not translated, the first is:\n{left[0]}"] if left else []
