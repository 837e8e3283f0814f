"""Pages for everybody: each is held to WCAG 2.2 AA by axe-core in light and dark, and to a width of 360.

A test file gives a fixture ``things`` (what the pages show, by name) and ``check(tour, Scene(...))`` for each page.
``PICTURES=folder`` keeps a picture of every one, wide and narrow, light and dark.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dashboard.panels import PANELS
from dashboard.ui.panel import Panel
from tests.e2e.people import sign_in
from tests.harness.browser import ANSWERS, PATIENCE

AXE = (Path(__file__).parents[1] / "e2e" / "vendor" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]
RUN_AXE = """async ([place, only]) => {
    const found = await axe.run(place, { runOnly: only, resultTypes: ["violations"] });
    const words = (node) => `${node.html} [${node.target}] ${node.any.map((check) => check.message).join(" ")}`;
    return found.violations.map((violation) => `${violation.id}: ${violation.nodes.map(words).join(" | ")}`);
}"""
OVERFLOW = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const reach = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > width + 1);
    const words = reach.slice(0, 4).map((e) => e.cloneNode().outerHTML.slice(0, 160));
    return [`${document.documentElement.scrollWidth} px wide`, ...words];
}"""
WIDE = {"width": 1400, "height": 900}
NARROW = {"width": 360, "height": 740}
PICTURES = os.environ.get("PICTURES", "")


@dataclass(frozen=True)
class Scene:
    """A page, and what is done on it before it is looked at."""

    name: str
    path: str
    act: Callable[[Any], None] | None = None
    who: str = "alice"
    place: str = "document"
    """What axe looks at; the page below an open dialog was looked at already."""


@dataclass
class Tour:
    """Signed-in browsers, the things that the pages show, and what the console said."""

    browser: Any
    url: str
    things: dict[str, str]
    pages: dict[str, Any] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def page(self, who: str) -> Any:
        if who not in self.pages:
            context = self.browser.new_context(base_url=self.url, viewport=WIDE, reduced_motion="reduce")
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: self.errors.append(str(error)))
            # Only what is open is asked: nothing is lost by leaving.
            page.on("dialog", lambda dialog: dialog.accept())
            base = ""
            if who != "stranger":
                base = sign_in(page, who, domain="partner" if who == "paula" else "", project=HOMES.get(who, ""))
            self.pages[who], self.bases[who] = page, base
        return self.pages[who]

    def open(self, scene: Scene) -> Any:
        page = self.page(scene.who)
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        path = scene.path.format(**self.things)
        page.goto(path if path.startswith("/") else self.bases[scene.who] + path)
        if scene.act:
            scene.act(page)
        return page


HOMES = {"alice": "web", "bob": "web", "admin": "admin"}


def problems(page: Any, scene: Scene) -> list[str]:
    """What axe and a ruler find: wide and light, wide and dark, narrow."""
    found = []
    if not page.evaluate("() => !!window.axe"):
        page.evaluate(AXE)
    place = scene.place if scene.place != "document" else "body"

    def look(as_what: str, only: list[str]) -> None:
        found.extend(f"{as_what}: {violation}" for violation in page.evaluate(RUN_AXE, [place, only]))

    def picture(as_what: str) -> None:
        if PICTURES:
            name = re.sub(r"\W+", "-", scene.name).strip("-")
            page.screenshot(path=Path(PICTURES) / f"{name}.{as_what}.png", full_page=scene.place == "document")

    picture("wide")
    look("light", RULES)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.wait_for_function("() => document.documentElement.dataset.bsTheme === 'dark'")
    look("dark", COLOURS)
    picture("wide-dark")
    page.set_viewport_size(NARROW)
    look("narrow", [rule for rule in RULES if rule == "wcag22aa"])
    found.extend(f"at 360: {what}" for what in page.evaluate(OVERFLOW))
    picture("narrow-dark")
    if PICTURES:
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.wait_for_function("() => document.documentElement.dataset.bsTheme === 'light'")
        picture("narrow")
    return found


@pytest.fixture(scope="module")
def tour(browser: Any, stack: str, things: dict[str, str]) -> Iterator[Tour]:
    made = Tour(browser, stack, things)
    yield made
    for page in made.pages.values():
        page.context.close()


def check(tour: Tour, scene: Scene, *allowed: str) -> None:
    tour.errors.clear()
    page = tour.open(scene)
    found = problems(page, scene)
    found += [
        f"console: {error}"
        for error in tour.errors
        if not any(re.search(pattern, error) for pattern in (*ANSWERS, *allowed))
    ]
    assert not found, "\n".join([scene.name, *found])


def row_menu(page: Any) -> None:
    page.locator("#rows [data-menu]").first.click()
    page.locator("#row-menu .dropdown-item").first.wait_for()


def press(key: str, wait_for: str) -> Callable[[Any], None]:
    def act(page: Any) -> None:
        page.wait_for_function("() => window.htmx && document.documentElement.dataset.js !== undefined")
        page.locator("h1").first.click()
        page.keyboard.press(key)
        page.locator(wait_for).first.wait_for()

    return act


def click(button: str, wait_for: str) -> Callable[[Any], None]:
    def act(page: Any) -> None:
        page.locator(button).first.click()
        page.locator(wait_for).first.wait_for()

    return act


def open_all(page: Any) -> None:
    page.evaluate("() => document.querySelectorAll('main details').forEach((each) => { each.open = true; })")


def asked(*slugs: str) -> list[tuple[str, str]]:
    """The actions of these panels whose dialogs ask something, and the first of each that asks for a Yes alone."""
    found = []
    for panel in PANELS:
        if isinstance(panel, Panel) and panel.slug in slugs:
            found += [(panel.slug, action.slug) for action in panel.actions if action.form is not None]
            found += [(panel.slug, action.slug) for action in panel.actions if action.form is None][:1]
    return found


def check_dialog(tour: Tour, slug: str, action: str, who: str = "alice") -> None:
    """The dialog of an action on ``things[slug]``, opened from a page of the scope that ``who`` is in."""
    thing = tour.things[slug.replace("-", "_")]

    def ask(page: Any) -> None:
        # Of this very scope: administrators look at what is theirs, and at what is everybody's.
        url = f"{tour.bases[who]}{slug}/act/{action}/?id={thing}"
        page.wait_for_function("() => window.htmx && document.documentElement.dataset.js !== undefined")
        page.evaluate("url => { htmx.ajax('GET', url, { target: '#dialog-body' }); }", url)
        page.locator("#dialog[open] .dialog-buttons").wait_for()

    check(tour, Scene(f"dialog {slug} {action}", "flavors/", ask, who=who, place="#dialog"))
