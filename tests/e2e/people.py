"""How people get into the dashboard: what every journey begins with."""

from __future__ import annotations

import re
from typing import Any

from tests.harness.cloud import wait_until

PASSWORD = "secret"
_homes: dict[tuple[str, str, str], str] = {}
"""Where a person's project is, once a journey was there: the next one signs in on the way to it, and opens no other."""


def sign_in(page: Any, name: str, *, domain: str = "", project: str = "") -> str:
    """Signs in as one of the demo accounts, and gives the address that the project's pages are below.

    Somebody may have had another project open last, so ``project`` is switched to if need be.
    """
    home = _homes.get((name, domain, project)) if project else None
    page.goto(f"{home}overview/" if home else "/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    if domain:
        page.get_by_label("Domain").fill(domain)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#scope").or_(page.get_by_role("button", name="Sign out")).first.wait_for()
    ready(page)
    if project and project not in page.locator("#scope").inner_text():
        switch(page, project)
    if project:
        _homes[name, domain, project] = here(page)
    return here(page)


def ready(page: Any) -> None:
    """Waits for the page's scripts: what is pressed before them leads to pages of their own, or nowhere."""
    page.wait_for_load_state()


def switch(page: Any, project: str) -> str:
    """Goes to another project by the switcher."""
    ready(page)
    page.locator("#scope").click()
    page.locator("#scopes-q").fill(project)
    page.locator("#scopes-q").press("Enter")
    page.locator("#scope", has_text=project).wait_for()
    return here(page)


def here(page: Any) -> str:
    """The prefix of the scope's pages in the address: "/r/RegionOne/p/3f.../"."""
    found = re.search(r"/r/[^/]+/(?:p/[0-9a-f]+|d/[0-9a-z]+|system)/", page.url)
    return found.group(0) if found else ""


def row(page: Any, name: str) -> Any:
    """A list's row by the name in it."""
    return page.locator("#rows tr", has=page.get_by_text(name, exact=True))


def open_menu(page: Any, name: str) -> None:
    """Opens a row's menu; pressed once more where a live list took the row from under the pointer."""
    menu = page.locator("#row-menu:popover-open")

    def is_open() -> bool:
        if not menu.count():
            row(page, name).locator("[data-menu]").click()
        return bool(menu.count())

    wait_until(is_open, what=f"the menu of {name}")


def choose(page: Any, name: str, action: str) -> None:
    """Opens a row's menu and chooses from it; the dialog is open then."""
    open_menu(page, name)
    page.locator("#row-menu").get_by_role("menuitem", name=action, exact=True).click()
    page.locator("#dialog[open]").wait_for()


def confirm(page: Any) -> None:
    """Presses the dialog's button, and waits until the dialog is closed."""
    page.locator("#dialog .btn-primary, #dialog .btn-danger").last.click()
    page.locator("#dialog[open]").wait_for(state="detached")


def mark(page: Any) -> None:
    """Notes that this very document is open, so that ``is_marked`` can tell that nothing reloaded it."""
    page.evaluate("() => { document.body.dataset.mark = 'here' }")


def is_marked(page: Any) -> bool:
    """Whether the document is still the one that ``mark`` saw."""
    return bool(page.evaluate("() => document.body.dataset.mark === 'here'"))
