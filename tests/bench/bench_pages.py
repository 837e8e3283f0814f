"""What the servers' page costs beside the bare call to Nova, in projects of different sizes.

    python -m tests.bench.bench_pages URL [ROUNDS] [PROJECT...]

URL is a running dashboard (./run) on the cloud of devcloud/, which nobody else uses meanwhile:
requests are counted in its requests.log. Fill projects first, e.g. devcloud/fill.py big1000 1000.
Each round asks the page, the bare call and the browser one after the other, so that a noisy
machine is as noisy for each; compare the ratios, not the milliseconds.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import sync_playwright

from tests.harness.browser import FLAGS
from tests.harness.cloud import PASSWORD, Client

LOG = Path(os.environ.get("CLOUD_DIR", "/var/tmp/openstack-cloud")) / "log" / "requests.log"
USER = "alice"
SETTLE = 90
"""Seconds that a snapshot of a large project may take to be whole."""


def log_since(place: int) -> list[str]:
    """Lines of the cloud's own log after a place in it."""
    with LOG.open(errors="replace") as log:
        log.seek(place)
        return log.read().splitlines()


def signed_in(page: Any, url: str) -> None:
    """Signs the browser in."""
    page.goto(url)
    page.get_by_label("User name").fill(USER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#scope").wait_for()


def go_to(page: Any, url: str, project_id: str, project: str) -> str:
    """Switches to the project and waits until the snapshot has all its servers; gives the list's address."""
    page.locator("#scope").click()
    page.locator("#scopes-q").fill(project)
    page.locator("#scopes-found button", has_text=re.compile(rf"^\s*{re.escape(project)}\b")).first.click()
    page.locator("#scope", has_text=project).wait_for()
    address = f"{url}/r/RegionOne/p/{project_id}/servers/"
    page.goto(address)
    page.locator("#count").filter(has_text=re.compile(r"\d")).wait_for(timeout=SETTLE * 1000)
    return address


def main(url: str, rounds: int, projects: list[str]) -> None:
    """Prints a table."""
    print(f"{'project':>10} {'servers':>7} {'bare':>8} {'page':>8} {'ratio':>6} {'first row':>10} {'calls/page':>10}")
    base: float | None = None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_context(base_url=url).new_page()
        signed_in(page, url)
        for project in projects:
            nova = Client(USER, project)
            address = go_to(page, url, nova.project_id, project)
            total = page.locator("#count").inner_text()
            jar = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
            web = requests.Session()
            endpoint = nova.session.get_endpoint(service_type="compute", interface="public")
            token = {"X-Auth-Token": nova.session.get_token() or "", "X-OpenStack-Nova-API-Version": "2.96"}
            bare, whole, rows, calls = [], [], [], []
            for _round in range(rounds):
                started = time.monotonic()
                web.get(f"{endpoint}/servers/detail?limit=20", headers=token, timeout=60).raise_for_status()
                bare.append(time.monotonic() - started)
                place = LOG.stat().st_size
                started = time.monotonic()
                answer = web.get(address, cookies=jar, timeout=60)
                whole.append(time.monotonic() - started)
                assert answer.status_code == 200 and 'id="row-' in answer.text, answer.status_code  # noqa: PT018
                calls.append(sum("changes-since" not in line for line in log_since(place)))
                started = time.monotonic()
                page.goto(address, wait_until="commit")
                page.locator("#rows tr").first.wait_for()
                rows.append(time.monotonic() - started)
            middle = [statistics.median(times) * 1000 for times in (bare, whole, rows)]
            base = base or middle[1]
            print(
                f"{project:>10} {total:>7} {middle[0]:>5.0f} ms {middle[1]:>5.0f} ms {middle[1] / middle[0]:>6.2f} "
                f"{middle[2]:>7.0f} ms {statistics.mean(calls):>10.2f}   to the first: {middle[1] / base:.2f}",
                flush=True,
            )
        browser.close()
    print(json.dumps({"rounds": rounds, "user": USER}))


if __name__ == "__main__":
    main(
        sys.argv[1].rstrip("/"),
        int(sys.argv[2]) if len(sys.argv) > 2 else 30,
        sys.argv[3:] or ["small18", "big1000", "big10000"],
    )
