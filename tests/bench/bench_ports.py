"""How long a page of ports takes in projects of different sizes, each time beside the bare call to Neutron.

    python -m tests.bench.bench_ports URL [ROUNDS] [PROJECT...]

URL is a running dashboard (./run) on the cloud of devcloud/. Fill projects first, e.g. devcloud/fill.py big10000 10000.
The list, an address, and a MAC address are asked for, in turn, so that a noisy machine is as noisy for each. ``calls``
are all that Neutron answered meanwhile, to whomever.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import requests
from playwright.sync_api import sync_playwright

from tests.bench.bench_pages import LOG as REQUESTS
from tests.bench.bench_pages import USER, log_since, signed_in
from tests.harness.browser import FLAGS
from tests.harness.cloud import Client


def timed(ask: Callable[..., Any], *given: Any, **more: Any) -> tuple[float, Any]:
    """Milliseconds and the answer."""
    began = time.perf_counter()
    answer = ask(*given, **more)
    return (time.perf_counter() - began) * 1000, answer


def main(url: str, rounds: int, projects: list[str]) -> None:
    """Prints a table: medians in milliseconds."""
    print(f"{'project':>10} {'what':>8} {'page':>8} {'bare':>8} {'ratio':>6} {'to the first':>12} {'calls':>6}")
    first: dict[str, float] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_context(base_url=url).new_page()
        signed_in(page, url)
        for project in projects:
            member = Client(USER, project)
            page.locator("#scope").click()
            page.locator("#scopes-q").fill(project)
            page.locator("#scopes-q").press("Enter")
            page.locator("#scope", has_text=project).wait_for()
            web = requests.Session()
            jar = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
            address = f"{url}/r/RegionOne/p/{member.project_id}/ports/"
            (port,) = member.get("network", "/ports?limit=1")["ports"]
            ip, mac = port["fixed_ips"][0]["ip_address"], port["mac_address"]
            asked = {
                "list": ("", ""),
                "address": (f"?q={ip}", f"&fixed_ips=ip_address_substr={ip}"),
                "mac": (f"?mac={mac}", f"&mac_address={mac}"),
            }
            found: dict[str, tuple[list[float], list[float], list[int]]] = {what: ([], [], []) for what in asked}
            web.get(address, cookies=jar, timeout=60).raise_for_status()
            for _round in range(rounds):
                for what, (query, bare) in asked.items():
                    place = REQUESTS.stat().st_size
                    spent, answer = timed(web.get, address + query, cookies=jar, timeout=60)
                    assert answer.status_code == 200, answer.status_code
                    assert port["id"] in answer.text or what == "list", what
                    found[what][2].append(sum("neutron" in line for line in log_since(place)))
                    found[what][0].append(spent)
                    path = f"/ports?limit=21&sort_key=name&sort_key=id&sort_dir=asc&sort_dir=asc{bare}"
                    found[what][1].append(timed(member.get, "network", path)[0])
            for what, (pages, bares, calls) in found.items():
                whole, alone = statistics.median(pages), statistics.median(bares)
                first.setdefault(what, whole)
                print(
                    f"{project:>10} {what:>8} {whole:>8.0f} {alone:>8.0f} {whole / alone:>6.2f}"
                    f" {whole / first[what]:>12.2f} {statistics.mean(calls):>6.1f}",
                    flush=True,
                )
        browser.close()


if __name__ == "__main__":
    main(
        sys.argv[1].rstrip("/"),
        int(sys.argv[2]) if len(sys.argv) > 2 else 10,
        sys.argv[3:] or ["small18", "big1000", "big10000"],
    )
