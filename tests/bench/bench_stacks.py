"""What the page of a project's stacks costs beside Heat's own answer: it makes a project with 200, and takes it away.

    python -m tests.bench.bench_stacks URL [ROUNDS] [STACKS]

URL is a running dashboard (./run) on the cloud of devcloud/. Each round asks Heat and then the page, so that a noisy
machine is as noisy for both; compare the ratios, not the milliseconds. ``calls`` are all that Heat answered meanwhile,
to whomever.
"""

from __future__ import annotations

import re
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import requests
from playwright.sync_api import sync_playwright

from tests.bench.bench_pages import LOG, SETTLE, USER, log_since, signed_in
from tests.harness.browser import FLAGS
from tests.harness.cloud import Client, unique, wait_until

TEMPLATE = """heat_template_version: 2021-04-16
description: Something that costs nothing
resources:
  nothing: {type: OS::Heat::None}
"""


@contextmanager
def filled(count: int) -> Iterator[Client]:
    """A project with so many stacks, for as long as it is looked at."""
    admin = Client("admin", "admin")
    name = unique("bench-stacks")
    project = admin.post("identity", "/projects", {"project": {"name": name, "domain_id": "default"}})["project"]["id"]
    roles = {role["name"]: role["id"] for role in admin.get("identity", "/roles")["roles"]}
    (user,) = admin.get("identity", f"/users?name={USER}&domain_id=default")["users"]
    for role in ("member", "heat_stack_owner"):
        admin.put("identity", f"/projects/{project}/users/{user['id']}/roles/{roles[role]}", {})
    member = Client(USER, name)
    try:
        with ThreadPoolExecutor(3) as pool:
            bodies = [{"stack_name": f"stack-{place:04}", "template": TEMPLATE} for place in range(count)]
            list(pool.map(lambda body: member.post("orchestration", "/stacks", body), bodies))
        wait_until(lambda: not left(member, "&status=IN_PROGRESS"), seconds=600, what="the stacks")
        yield member
    finally:
        with ThreadPoolExecutor(3) as pool:
            paths = [f"/stacks/{stack['stack_name']}/{stack['id']}" for stack in left(member)]
            list(pool.map(lambda path: member.delete("orchestration", path), paths))
        wait_until(lambda: not left(member), seconds=600, what="the deletion of the stacks")
        admin.delete("identity", f"/projects/{project}")


def left(member: Client, more: str = "") -> list[dict[str, Any]]:
    return list(member.get("orchestration", f"/stacks?limit=1000{more}")["stacks"])


def timed(ask: Callable[[], Any]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


def main(url: str, rounds: int, count: int) -> None:
    """Prints a table: medians in milliseconds."""
    with filled(count) as member, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_context(base_url=url).new_page()
        signed_in(page, url)
        address = f"{url}/r/RegionOne/p/{member.project_id}/stacks/"
        page.locator("#scope").click()
        page.locator("#scopes-q").fill("bench-stacks")
        page.locator("#scopes-q").press("Enter")
        page.locator("#scope", has_text="bench-stacks").wait_for()
        page.goto(address)
        page.locator("#count").filter(has_text=re.compile(rf"^\s*{count}\s*$")).wait_for(timeout=SETTLE * 1000)
        web = requests.Session()
        jar = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
        page.close()

        def shown(query: str) -> None:
            answer = web.get(address + query, cookies=jar, timeout=60)
            assert answer.status_code == 200 and 'id="row-' in answer.text, answer.status_code  # noqa: PT018

        asked = {
            "list": ("", "?limit=21&sort_keys=creation_time&sort_dir=desc"),
            "by name": ("?sort=name", "?limit=21&sort_keys=stack_name&sort_dir=asc"),
            "part of a name": ("?q=stack-017", "?limit=1000"),
        }
        print(f"{count} stacks, {rounds} rounds\n{'':>15} {'page':>8} {'Heat':>8} {'ratio':>6} {'calls':>6}")
        for what, (query, bare) in asked.items():
            pages, bares, calls = [], [], []
            for _round in range(rounds):
                bares.append(timed(lambda bare=bare: member.get("orchestration", f"/stacks{bare}")))  # type: ignore[misc]
                place = LOG.stat().st_size
                pages.append(timed(lambda query=query: shown(query)))  # type: ignore[misc]
                calls.append(sum(line.startswith("heat ") for line in log_since(place)))
            whole, alone = statistics.median(pages), statistics.median(bares)
            print(f"{what:>15} {whole:>8.0f} {alone:>8.0f} {whole / alone:>6.2f} {statistics.mean(calls):>6.2f}")
        browser.close()


if __name__ == "__main__":
    main(
        sys.argv[1].rstrip("/"),
        int(sys.argv[2]) if len(sys.argv) > 2 else 20,
        int(sys.argv[3]) if len(sys.argv) > 3 else 200,
    )
