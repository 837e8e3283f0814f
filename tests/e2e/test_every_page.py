"""Whoever reads with a screen reader, a keyboard, a phone or a dark screen gets every page, dialog and menu as well.

Each page is brought to its state once, then held to WCAG 2.2 AA by axe-core in light and dark, and to a width of 360.
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

from dashboard.panels import PANELS as PANELS_OF_ALL
from dashboard.ui.panel import Panel
from tests.e2e.people import sign_in
from tests.harness.cloud import Api, unique, wait_until

pytestmark = pytest.mark.e2e

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
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
            context.set_default_timeout(15_000)
            page = self.pages[who] = context.new_page()
            page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: self.errors.append(str(error)))
            # Only what is open is asked: nothing is lost by leaving.
            page.on("dialog", lambda dialog: dialog.accept())
            self.bases[who] = ""
            if who != "stranger":
                self.bases[who] = sign_in(
                    page, who, domain="partner" if who == "paula" else "", project=HOMES.get(who, "")
                )
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
def things(all_clients: Api) -> Iterator[dict[str, str]]:
    """One of each that a member can make, with names that are long, wide and hostile."""
    member = all_clients.at("alice", "web")
    mark = unique("tour")
    volume = member.create("volume", "/volumes", {"volume": {"name": f"{mark}-disk", "size": 1}})
    long_name = f"{mark}-{'long-name-' * 24}"[:255]
    servers = [
        member.server(f"{mark}-웹서버-数据库", wait=False, metadata={"role": "web"}, tags=["prod", "a-long-tag-" * 5]),
        member.server(long_name, wait=False, description="Reaches <b>everywhere</b> & back"),
        member.server(f"doomed-{mark}", wait=False),
    ]
    key = member.create("compute", "/os-keypairs", {"keypair": {"name": f"{mark}-key", "public_key": PUBLIC_KEY}})
    image = member.post("image", "/images", {"name": f"{mark}-image", "disk_format": "raw", "container_format": "bare"})
    member.made.append(("image", f"/images/{image['id']}"))
    group = member.get("network", "/security-groups?name=default")["security_groups"][0]
    network = member.get("network", "/networks?name=shared")["networks"][0]
    flavor = next(item for item in member.get("compute", "/flavors")["flavors"] if item["name"] == "m1.tiny")
    apart = {"name": f"{mark}-apart", "policy": "anti-affinity", "rules": {"max_server_per_host": 2}}
    server_group = member.create("compute", "/os-server-groups", {"server_group": apart})
    ids = {server["id"] for server in servers}

    def has_settled() -> bool:
        states = [s["status"] for s in member.get("compute", "/servers/detail")["servers"] if s["id"] in ids]
        return "BUILD" not in states

    wait_until(has_settled, what="the boots")
    attachment = {"volumeAttachment": {"volumeId": volume["id"]}}
    member.post("compute", f"/servers/{servers[0]['id']}/os-volume_attachments", attachment)
    yield {
        "mark": mark,
        "servers": servers[0]["id"],
        "long": servers[1]["id"],
        "failed": servers[2]["id"],
        "keypairs": key["name"],
        "images": image["id"],
        "security_groups": group["id"],
        "networks": network["id"],
        "flavors": flavor["id"],
        "server_groups": server_group["id"],
        "all_servers": servers[0]["id"],
    }
    member.clean()


PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPvUDrs9pF/hU6DEs1uYDbAG0hhUEEt6EMuPpVh5wHcN tour"


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
    found += [f"console: {error}" for error in tour.errors if not any(re.search(pattern, error) for pattern in allowed)]
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


def type_filter(page: Any) -> None:
    page.locator("#filter").fill("sta")
    page.locator("#filter-menu [role=option]").first.wait_for()


def tick_all_and_more(page: Any) -> None:
    tick_all(page)
    page.locator(".bulk-more summary").click()
    page.locator(".bulk-more-body .btn").first.wait_for()


def tick_all(page: Any) -> None:
    page.locator("[data-select-all]").check()
    page.locator("[data-bulk]").wait_for()


def send_empty_launch(page: Any) -> None:
    page.locator("form.launch [type=submit], form.launch button:not([type])").last.click()
    page.locator(".has-errors, .field-error, .launch-problems, .form-errors").first.wait_for()


def open_all(page: Any) -> None:
    for summary in page.locator("main details:not([open]) > summary").all():
        summary.click()


def send_empty_image(page: Any) -> None:
    page.locator("[name=name]").fill("x")
    page.get_by_label("A file from a URL").check()
    page.locator("[data-send]").click()
    page.locator(".field-errors").first.wait_for()


def wrong_password(page: Any) -> None:
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.locator("[role=alert]").first.wait_for()


PANELS = ["servers", "images", "flavors", "keypairs", "networks", "security-groups"]
SERVER_TABS = ["overview", "security-groups", "volumes", "log", "activity", "json"]
SCENES = [
    Scene("overview", "overview/"),
    *(Scene(f"{slug} list", f"{slug}/") for slug in PANELS),
    *(Scene(f"{slug} nothing matches", f"{slug}/?q=nothing-has-this-name") for slug in PANELS),
    *(Scene(f"{slug} detail", f"{slug}/{{{slug.replace('-', '_')}}}/") for slug in PANELS),
    *(Scene(f"server {tab}", f"servers/{{servers}}/?tab={tab}") for tab in SERVER_TABS),
    Scene("network subnets", "networks/{networks}/?tab=subnets"),
    *(Scene(f"image {tab}", f"images/{{images}}/?tab={tab}") for tab in ("sharing", "usage", "tasks")),
    Scene("image create", "images/new/"),
    Scene("image create, all of it", "images/new/?namespace=OS::Compute::LibvirtImage", open_all),
    Scene("image create refused", "images/new/", send_empty_image),
    Scene("image data", "images/{images}/data/"),
    Scene("image properties", "images/{images}/properties/?namespace=OS::Compute::CPUPinning"),
    Scene("security group rules", "security-groups/{security_groups}/?tab=rules"),
    Scene("server long name", "servers/{long}/"),
    Scene("server failed", "servers/{failed}/"),
    Scene("servers of the tour", "servers/?q={mark}"),
    Scene("servers ticked", "servers/?q={mark}", tick_all),
    Scene("servers row menu", "servers/?q={mark}", row_menu, place="#row-menu"),
    Scene("servers columns", "servers/?q={mark}", click("details.columns summary", ".columns-form")),
    Scene("servers filter menu", "servers/", type_filter),
    Scene("servers odd filter", "servers/?q=foo:bar"),
    Scene("servers ticked, all that can be done", "servers/?q={mark}", tick_all_and_more),
    Scene("everywhere", "everywhere/"),
    Scene("servers filter help", "servers/?q={mark}", click("details.filter-help summary", ".filter-help-body")),
    Scene(
        "server actions",
        "servers/{servers}/",
        click("[popovertarget=actions]", "#actions .dropdown-item"),
        place="#actions",
    ),
    Scene("launch", "servers/launch/"),
    Scene("launch with errors", "servers/launch/", send_empty_launch),
    Scene("switcher", "flavors/", press("p", "#scopes-found button"), place="#switcher"),
    Scene("palette", "flavors/", press("/", "#palette-list [role=option]"), place="#palette"),
    Scene("keys", "flavors/", press("?", "#keys[open]"), place="#keys"),
    Scene("tray", "flavors/", click("[popovertarget=tray]", "#tray-list"), place="#tray"),
    Scene("help", "flavors/", click("[popovertarget=help]", "#help .pop-item"), place="#help"),
    Scene("person", "flavors/", click("[popovertarget=person]", "#person .pop-item"), place="#person"),
    Scene("key pair create", "keypairs/create/generate/"),
    Scene("key pair import", "keypairs/create/"),
    Scene("api access", "api-access/"),
    Scene("operations", "operations/"),
    Scene("sessions", "/sessions/"),
    Scene("change password", "/password/"),
    Scene("scopes", "/scopes/"),
    Scene("sign in", "/sign-in/", who="stranger"),
    *(Scene(f"{slug} empty", f"{slug}/", who="paula") for slug in ("servers", "keypairs")),
    Scene("overview empty", "overview/", who="paula"),
    Scene("reader's servers", "servers/", who="bob"),
    Scene("administrator's servers", "servers/", who="admin"),
    Scene("all servers", "all-servers/?name={mark}*", who="admin"),
    Scene("all servers, one", "all-servers/{servers}/", who="admin"),
    Scene("all servers, one's migrations", "all-servers/{servers}/?tab=migrations", who="admin"),
    Scene("migrations", "migrations/", who="admin"),
    Scene("migrations, none", "migrations/?server=nothing", who="admin"),
    Scene("server groups", "server-groups/"),
    Scene("server group", "server-groups/{server_groups}/"),
    Scene("server group create", "server-groups/create/"),
    Scene("usage", "usage/"),
    Scene("usage of a day, as a table", "usage/?from=2026-01-01&to=2026-01-02", open_all),
    Scene("usage of all projects", "usage/projects/", who="admin"),
    Scene("no project", "/no-project/", who="nobody"),
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_everybody_can_use(tour: Tour, scene: Scene) -> None:
    check(tour, scene, r"status of 422")


DIALOGS = ("servers", "images", "keypairs", "server-groups", "security-groups", "networks")


def asked(*slugs: str) -> list[tuple[str, str]]:
    """The actions of these panels whose dialogs ask something, and the first of each that asks for a Yes alone."""
    found = []
    for panel in PANELS_OF_ALL:
        if isinstance(panel, Panel) and panel.slug in slugs:
            found += [(panel.slug, action.slug) for action in panel.actions if action.form is not None]
            found += [(panel.slug, action.slug) for action in panel.actions if action.form is None][:1]
    return found


@pytest.mark.parametrize(("slug", "action"), [pytest.param(*pair, id=" ".join(pair)) for pair in asked(*DIALOGS)])
def test_everybody_can_answer_the_dialog_of(tour: Tour, slug: str, action: str) -> None:
    thing = tour.things[slug.replace("-", "_")]

    def ask(page: Any) -> None:
        url = f"{tour.bases['alice']}{slug}/act/{action}/?id={thing}"
        page.wait_for_function("() => window.htmx && document.documentElement.dataset.js !== undefined")
        page.evaluate("url => { htmx.ajax('GET', url, { target: '#dialog-body' }); }", url)
        page.locator("#dialog[open] .dialog-buttons").wait_for()

    check(tour, Scene(f"dialog {slug} {action}", "flavors/", ask, place="#dialog"))


REFUSED = [
    Scene("no such page", "there-is-nothing/"),
    Scene("no such server", "servers/00000000-0000-0000-0000-000000000000/"),
    Scene("not allowed", "servers/create/", who="bob"),
    Scene("wrong password", "/sign-in/", wrong_password, who="stranger"),
]


@pytest.mark.parametrize("scene", REFUSED, ids=lambda scene: scene.name)
def test_everybody_can_read_what_was_refused(tour: Tour, scene: Scene) -> None:
    check(tour, scene, r"status of 4[02]\d")
