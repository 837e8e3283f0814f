"""How long a change made elsewhere takes to reach an open page.

    python -m tests.bench.bench_freshness URL [ROUNDS]

URL is a running dashboard on the cloud of devcloud/. A browser has the servers of "web" open. Each round
renames a server by the API and waits for the new name on the page: once while nothing else moves (quiet),
once while another server is on its way (moving). Prints p50 and p95 in seconds.
"""

from __future__ import annotations

import contextlib
import shutil
import statistics
import sys
import time
from typing import Any

from playwright.sync_api import TimeoutError, sync_playwright

from tests.bench.bench_pages import go_to, signed_in
from tests.harness.browser import FLAGS
from tests.harness.cloud import Client, unique, wait_until


def measured(page: Any, nova: Client, server_id: str) -> float:
    """Seconds from the answer to a rename until the page shows it."""
    name = unique("fresh")
    nova.put("compute", f"/servers/{server_id}", {"server": {"name": name}})
    started = time.monotonic()
    page.locator(f"#row-{server_id}", has_text=name).wait_for(timeout=60_000)
    return time.monotonic() - started


def told(kind: str, times: list[float]) -> None:
    """Prints one row."""
    quantiles = statistics.quantiles(times, n=20)
    print(
        f"{kind:>8} {len(times):>4} p50 {statistics.median(times):5.2f} s  p95 {quantiles[18]:5.2f} s  "
        f"max {max(times):5.2f} s"
    )


def main(url: str, rounds: int) -> None:
    """Prints a table, and removes what it made."""
    nova = Client("alice", "web")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_context(base_url=url).new_page()
        signed_in(page, url)
        address = go_to(page, url, nova.project_id, "web")
        server = nova.server(unique("fresh"))
        mover = nova.server(unique("mover"))
        page.goto(f"{address}?sort=-created")
        page.locator(f"#row-{server['id']}").wait_for(timeout=60_000)
        try:
            moving = []
            while len(moving) < rounds:
                nova.post("compute", f"/servers/{mover['id']}/action", {"reboot": {"type": "HARD"}})
                # A quick reboot may be over before a quiet poll sees it; the next one will be seen.
                with contextlib.suppress(TimeoutError):
                    page.locator(f"#row-{mover['id']}.is-moving").wait_for(timeout=7_000)
                while len(moving) < rounds and page.locator(f"#row-{mover['id']}.is-moving").count():
                    moving.append(measured(page, nova, server["id"]))

                def settled() -> bool:
                    return not nova.get("compute", f"/servers/{mover['id']}")["server"]["OS-EXT-STS:task_state"]

                wait_until(settled, what="the end of the reboot")
            told("moving", moving)
            quiet = []
            for number in range(rounds):
                # Not in step with the polls: each round begins at another place between two of them.
                time.sleep(2 + 5 * number / rounds)
                quiet.append(measured(page, nova, server["id"]))
            told("quiet", quiet)
        finally:
            nova.clean()
            browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), int(sys.argv[2]) if len(sys.argv) > 2 else 20)
