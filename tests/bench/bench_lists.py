"""What narrowing and sorting 10,000 servers costs: when it is asked for first, when rows changed, and warm.

    python -m tests.bench.bench_lists

It needs no cloud and no store: the rows are made of a recorded one.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("SECRET_KEY", "bench" * 20)
os.environ.setdefault("ALLOW_INSECURE", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

ROUNDS = 7
QUERIES = (
    "",
    "sort=name",
    "sort=flavor",
    "q=node-099",
    "q=status:ACTIVE",
    "q=status:ACTIVE+-zone:nova+tag:web",
    "q=10.0.&sort=-name",
)


def main() -> None:
    from django.http import QueryDict

    from dashboard.cloud.servers import Server
    from dashboard.live.mirror import Mirror
    from dashboard.panels import PANELS
    from dashboard.ui.listing import Listing
    from dashboard.ui.source import page_in

    panel: Any = next(panel for panel in PANELS if panel.slug == "servers")
    model = json.loads((Path(__file__).parent.parent / "wire/compute/live-server.json").read_text())["servers"][0]
    for count in (18, 10000):
        rows = [
            Server.from_json(
                {
                    **model,
                    "id": f"{n * 7919 % count:032x}",
                    "name": f"node-{n * 104729 % count:05d}",
                    "status": "ERROR" if n % 50 == 0 else "ACTIVE",
                    "OS-EXT-AZ:availability_zone": ("nova", "az1", "az2")[n % 3],
                    "tags": ["web"] if n % 2 else [],
                    "created": f"2026-11-{1 + n % 20:02d}T10:00:{n % 60:02d}Z",
                }
            )
            for n in range(count)
        ]
        print(f"{count} servers\n{'query':>40} {'first':>10} {'warm':>10}")
        for text in QUERIES:
            listing = Listing(panel, QueryDict(text), "/servers/")
            first, warm = [], []
            for number in range(ROUNDS):
                by_id = {row.id: row for row in rows}
                mirror: Mirror[Any] = Mirror(by_id, number, datetime.now(UTC), True, False, 5.0)
                started = time.perf_counter()
                page_in(mirror, panel, listing.query)
                first.append(time.perf_counter() - started)
                started = time.perf_counter()
                page_in(mirror, panel, listing.query)
                warm.append(time.perf_counter() - started)
            print(f"{text:>40} {statistics.median(first) * 1000:>8.2f}ms {statistics.median(warm) * 1000:>8.3f}ms")


if __name__ == "__main__":
    import django

    django.setup()
    main()
