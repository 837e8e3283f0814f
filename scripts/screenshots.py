"""Makes the README's pictures anew: fills a project of the demo cloud, looks at it, takes everything away again.

    python scripts/screenshots.py http://127.0.0.1:8080

The dashboard at that address has to serve the demo cloud (./run). Needs what ./test installs: Playwright and Chromium.
Only what this script made is deleted again. OS_AUTH_URL, PROJECT, USER_NAME, PASSWORD, ADMIN_NAME and
ADMIN_PROJECT are for another cloud or accounts; OUT is another folder than docs/images.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from keystoneauth1.adapter import Adapter
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session
from playwright.sync_api import Page, sync_playwright

WIDTH, HEIGHT = 1400, 860
LARGEST = 150_000
"""Bytes of a picture; a README should open quickly."""
WAIT_SECONDS = 120
PROJECT = os.environ.get("PROJECT", "web")
USER_NAME = os.environ.get("USER_NAME", "alice")
PASSWORD = os.environ.get("PASSWORD", "secret")
ADMIN_NAME, ADMIN_PROJECT = os.environ.get("ADMIN_NAME", "admin"), os.environ.get("ADMIN_PROJECT", "admin")
OUT = Path(os.environ.get("OUT", Path(__file__).resolve().parent.parent / "docs" / "images"))
# Name, flavor, image, tags. The demo cloud has each server whose name begins with "doomed" fail.
SERVERS: tuple[tuple[str, str, str, list[str]], ...] = (
    ("shop-front-1", "m1.small", "ubuntu-24.04", ["shop", "front"]),
    ("shop-front-2", "m1.small", "ubuntu-24.04", ["shop", "front"]),
    ("shop-database", "m1.medium", "debian-12", ["shop"]),
    ("wiki", "m1.small", "debian-12", ["office"]),
    ("mail-relay", "m1.small", "debian-12", ["office"]),
    ("nightly-build", "m1.medium", "ubuntu-24.04", ["ci"]),
    ("doomed-experiment", "m1.tiny", "cirros-0.6", []),
)
COLUMNS = ("name", "status", "addresses", "image", "flavor", "zone", "tags", "created")
STOPPED = "nightly-build"
SHOWN = "shop-front-1"
NEW = "shop-front-3"
STACK = "shop-search"
TEMPLATE = """\
heat_template_version: 2021-04-16
description: The shop's search, on a server of its own.
parameters:
  network: {type: string, constraints: [{custom_constraint: neutron.network}]}
  flavor: {type: string, default: m1.small, constraints: [{custom_constraint: nova.flavor}]}
resources:
  key: {type: "OS::Heat::RandomString", properties: {length: 24}}
  port: {type: "OS::Neutron::Port", properties: {network: {get_param: network}}}
  server:
    type: OS::Nova::Server
    properties:
      name: shop-search-1
      image: debian-12
      flavor: {get_param: flavor}
      networks: [{port: {get_resource: port}}]
outputs:
  url:
    description: Where the shop asks
    value: {str_replace: {template: "http://IP:9200/", params: {IP: {get_attr: [server, first_address]}}}}
  server: {description: What runs it, value: {get_attr: [server, name]}}
  secret_key: {description: For those who may write, value: {get_attr: [key, value]}}
"""
CONTAINER = "shop-assets"
# Name, type, bytes.
OBJECTS: tuple[tuple[str, str, int], ...] = (
    ("banners/autumn.png", "image/png", 48_211),
    ("prices/2026-11.csv", "text/csv", 91_204),
    ("catalogue 2026 (final).pdf", "application/pdf", 2_713_600),
    ("index.html", "text/html", 5_120),
    ("opening hours.json", "application/json", 731),
    ("logo.svg", "image/svg+xml", 4_096),
)


class Cloud:
    """The demo cloud's own API, as the account that the pictures are of."""

    def __init__(self) -> None:
        auth = Password(
            os.environ.get("OS_AUTH_URL", "http://127.0.0.1:5000/v3"),
            username=USER_NAME,
            password=PASSWORD,
            user_domain_name="Default",
            project_name=PROJECT,
            project_domain_name="Default",
        )
        session = Session(auth)
        self.compute = Adapter(session, service_type="compute", default_microversion="2.96")
        self.image = Adapter(session, service_type="image")
        self.network = Adapter(session, service_type="network")
        self.stacks = Adapter(session, service_type="orchestration")
        self.objects = Adapter(session, service_type="object-store")

    def names(self, adapter: Adapter, path: str, key: str) -> dict[str, str]:
        """Ids by name."""
        return {item["name"]: item["id"] for item in adapter.get(path).json()[key]}

    def server(self, server_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.compute.get(f"/servers/{server_id}").json()["server"]
        return found

    def launch(self, made: dict[str, str], name: str, flavor: str, image: str, network: str, tags: list[str]) -> None:
        body = {"name": name, "flavorRef": flavor, "imageRef": image, "tags": tags, "networks": [{"uuid": network}]}
        made[name] = self.compute.post("/servers", json={"server": body}).json()["server"]["id"]

    def launch_like(self, made: dict[str, str], model: str, name: str) -> None:
        """One more of the same: it is on its way while the picture is taken."""
        server = self.server(made[model])
        flavor = self.names(self.compute, "/flavors", "flavors")[server["flavor"]["original_name"]]
        network = self.names(self.network, "/v2.0/networks", "networks")[f"{PROJECT}-net"]
        self.launch(made, name, flavor, server["image"]["id"], network, server["tags"])

    def boot(self, made: dict[str, str]) -> None:
        """Makes the servers and waits until they have settled; ``made`` gets their ids by name."""
        flavors = self.names(self.compute, "/flavors", "flavors")
        images = self.names(self.image, "/v2/images", "images")
        networks = self.names(self.network, "/v2.0/networks", "networks")
        for name, flavor, image, tags in SERVERS:
            self.launch(made, name, flavors[flavor], images[image], networks[f"{PROJECT}-net"], tags)
        for name in made:
            self._until(lambda name=name: self.server(made[name])["status"] in {"ACTIVE", "ERROR"}, name)  # type: ignore[misc]
        self.compute.post(f"/servers/{made[STOPPED]}/action", json={"os-stop": None})
        self._until(lambda: self.server(made[STOPPED])["status"] == "SHUTOFF", STOPPED)

    @contextmanager
    def floating_ip(self, server_id: str) -> Iterator[None]:
        """An address from outside for a server, taken away again."""
        outside = self.names(self.network, "/v2.0/networks?router:external=true", "networks")
        port = self.network.get(f"/v2.0/ports?device_id={server_id}").json()["ports"][0]["id"]
        body = {"floating_network_id": next(iter(outside.values())), "port_id": port}
        made = self.network.post("/v2.0/floatingips", json={"floatingip": body}).json()["floatingip"]["id"]
        try:
            yield
        finally:
            self.network.delete(f"/v2.0/floatingips/{made}")

    @contextmanager
    def stack(self) -> Iterator[str]:
        """A stack that is complete, as ``name/id``; deleted again."""
        network = self.names(self.network, "/v2.0/networks", "networks")[f"{PROJECT}-net"]
        body = {"stack_name": STACK, "template": TEMPLATE, "parameters": {"network": network}}
        made = self.stacks.post("/stacks", json=body).json()["stack"]["id"]
        path = f"/stacks/{STACK}/{made}"
        try:
            self._until(lambda: self.stacks.get(path).json()["stack"]["stack_status"] == "CREATE_COMPLETE", STACK)
            yield made
        finally:
            self.stacks.delete(path)

    @contextmanager
    def container(self) -> Iterator[None]:
        """A container with some objects, deleted again."""
        self.objects.put(f"/{CONTAINER}")
        try:
            for name, kind, size in OBJECTS:
                self.objects.put(f"/{CONTAINER}/{quote(name)}", data=b" " * size, headers={"Content-Type": kind})
            yield
        finally:
            for name, _kind, _size in OBJECTS:
                self.objects.delete(f"/{CONTAINER}/{quote(name)}", raise_exc=False)
            self.objects.delete(f"/{CONTAINER}")

    def delete(self, made: dict[str, str]) -> None:
        for server_id in made.values():
            self.compute.delete(f"/servers/{server_id}", raise_exc=False)

    def _until(self, is_so: Any, name: str) -> None:
        ends = time.monotonic() + WAIT_SECONDS
        while not is_so():
            if time.monotonic() > ends:
                raise SystemExit(f"{name} did not settle within {WAIT_SECONDS} seconds.")
            time.sleep(1)


def sign_in(page: Page, url: str, name: str = USER_NAME, project: str = PROJECT) -> str:
    """Signs in and gives the address that the project's pages are below."""
    page.goto(url)
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#scope").wait_for()
    if project not in page.locator("#scope").inner_text():
        page.locator("#scope").click()
        page.locator("#scopes-q").fill(project)
        page.locator("#scopes-q").press("Enter")
        page.locator("#scope", has_text=project).wait_for()
    return "/".join(page.url.split("/")[:7]) + "/"


def picture(page: Page, name: str, height: float = HEIGHT) -> None:
    """Writes docs/images/<name>.png, the upper ``height`` pixels of the page."""
    path = OUT / f"{name}.png"
    page.screenshot(
        path=path, animations="disabled", clip={"x": 0, "y": 0, "width": WIDTH, "height": min(height, HEIGHT)}
    )
    size = path.stat().st_size
    print(f"{path.name}: {size // 1000} KB")
    if size > LARGEST:
        raise SystemExit(f"{path.name} is larger than {LARGEST // 1000} KB.")


def theme(page: Page, url: str, name: str) -> None:
    page.context.add_cookies([{"name": "theme", "value": name, "url": url}])


def take(page: Page, cloud: Cloud, made: dict[str, str], url: str) -> None:
    base = sign_in(page, url)
    theme(page, url, "light")
    columns = "".join(f"&col={key}" for key in COLUMNS)
    page.goto(f"{base}servers/?sort=-created{columns}")
    for name in made:
        page.locator("#rows tr", has_text=name).first.wait_for()
    # What was seen at an earlier run is shown first, greyed, until the first poll.
    page.wait_for_timeout(3_000)
    page.get_by_text("updates paused").wait_for(state="hidden")
    cloud.launch_like(made, SHOWN, NEW)
    page.locator("#rows tr", has_text=NEW).get_by_text("Building").wait_for(timeout=15_000)
    # The newest are on top: what others have in the project stays out of the picture.
    box = page.locator("#rows tr", has_text=SERVERS[0][0]).bounding_box()
    picture(page, "servers", box["y"] + box["height"] if box else HEIGHT)

    page.goto(f"{base}servers/launch/")
    page.locator("[name=name]").first.fill("shop-front-4")
    page.locator("tr", has_text="ubuntu-24.04").get_by_role("radio").check()
    page.locator("tr", has_text="m1.small").get_by_role("radio").check()
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(1_000)
    picture(page, "launch")

    page.goto(f"{base}servers/{made[SHOWN]}/")
    page.wait_for_timeout(1_000)
    picture(page, "server", 680)

    with cloud.stack() as stack:
        page.goto(f"{base}stacks/{stack}/")
        page.get_by_text("Where the shop asks").wait_for()
        picture(page, "stack", 720)
    with cloud.container():
        page.goto(f"{base}containers/{CONTAINER}/")
        page.get_by_text(OBJECTS[-1][0]).wait_for()
        picture(page, "objects", 480)

    theme(page, url, "dark")
    page.goto(f"{base}overview/")
    page.get_by_text("The servers are being counted").wait_for(state="hidden")
    page.wait_for_timeout(500)
    picture(page, "overview-dark", 780)


def take_as_operator(page: Page, url: str) -> None:
    base = sign_in(page, url, ADMIN_NAME, ADMIN_PROJECT)
    theme(page, url, "light")
    page.goto(f"{base}cloud-overview/")
    page.locator("[aria-busy=true]").first.wait_for(state="detached", timeout=180_000)
    page.wait_for_timeout(1_000)
    picture(page, "cloud")


def main(url: str) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    cloud = Cloud()
    made: dict[str, str] = {}
    try:
        cloud.boot(made)
        with cloud.floating_ip(made[SHOWN]), sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            context = chromium.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="en")
            take(context.new_page(), cloud, made, url.rstrip("/"))
            operator = chromium.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="en")
            take_as_operator(operator.new_page(), url.rstrip("/"))
            chromium.close()
    finally:
        cloud.delete(made)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080")
