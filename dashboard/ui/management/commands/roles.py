"""Writes the table of pages and roles into docs/roles.md, or says whether it is up to date."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.ui.roles_table import roles_table

MARK = "<!-- roles: made by manage.py roles -->"
END = "<!-- end of roles -->"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is old")

    def handle(self, *args: Any, **options: Any) -> None:
        # The addresses register the panels.
        import_module(settings.ROOT_URLCONF)

        page = Path(settings.BASE_DIR) / "docs" / "roles.md"
        text = page.read_text()
        head, mark, rest = text.partition(f"{MARK}\n")
        _old, end, tail = rest.partition(END)
        if not mark or not end:
            raise CommandError(f"docs/roles.md has lost its marks {MARK} and {END}.")
        wanted = f"{head}{mark}\n{roles_table()}\n\n{end}{tail}"
        if options["check"]:
            if text != wanted:
                raise CommandError("docs/roles.md is old: run manage.py roles")
        elif text != wanted:
            page.write_text(wanted)
            self.stdout.write("docs/roles.md written")
