# ruff: noqa: B023 (what is measured is called in the loop that defines it)
"""What a page's rows cost when they come from the mirror: with 18, 1,000 and 10,000 servers. Prints a table.

    python -m tests.bench.bench_mirror

It needs no cloud and no store: the rows are made of a recorded one.
"""

from __future__ import annotations

import json
import os
import secrets
import statistics
import time
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "bench" * 20)
os.environ.setdefault("ALLOW_INSECURE", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

import fakeredis
import redis


def main() -> None:
    server = fakeredis.FakeServer()
    redis.Redis.from_url = staticmethod(lambda url, **options: fakeredis.FakeRedis(server=server))  # type: ignore[method-assign]
    from dashboard.cloud.types import Query, slice_of
    from dashboard.live.kinds import KINDS
    from dashboard.live.mirror import _Keeper
    from dashboard.live.snapshots import Snapshot

    model = json.loads((Path(__file__).parent.parent / "wire/compute/live-server.json").read_text())["servers"][0]
    first: dict[str, float] = {}
    print(f"{'servers':>8} {'load all':>10} {'idle look':>10} {'page, warm':>11} {'page, 1 changed':>16} {'ratio':>6}")
    for count in (18, 1000, 10000):
        snapshot = Snapshot(secrets.token_hex(20), KINDS["servers"])
        rows = [{**model, "id": f"id-{n:06d}", "name": f"node-{n:05d}"} for n in range(count)]
        snapshot.merge(rows, asked=time.time(), channel="delta", is_first=True, meta={"complete": True, "tick": 1.0})
        keeper = _Keeper(snapshot)
        meta = snapshot.meta()
        started = time.process_time()
        keeper.refreshed(meta)
        load = time.process_time() - started

        def page() -> None:
            mirror = keeper.refreshed(meta)
            assert mirror is not None
            order = mirror.derived("order", lambda: sorted(mirror.rows.values(), key=lambda row: row.name.casefold()))
            slice_of(order, Query(limit=20))

        def took(call: object, times: int = 50) -> float:
            spent = []
            for _ in range(times):
                started = time.perf_counter()
                call()  # type: ignore[operator]
                spent.append(time.perf_counter() - started)
            return statistics.median(spent) * 1000

        page()
        idle, warm = took(lambda: keeper.refreshed(meta)), took(page)
        changed = []
        for number in range(15):
            snapshot.merge([{**rows[0], "name": f"new-{number}"}], asked=time.time(), channel="delta")
            meta = snapshot.meta()
            started = time.perf_counter()
            page()
            changed.append((time.perf_counter() - started) * 1000)
        first.setdefault("warm", warm)
        print(
            f"{count:>8} {load * 1000:>8.1f}ms {idle:>8.3f}ms {warm:>9.3f}ms {statistics.median(changed):>14.2f}ms"
            f" {warm / first['warm']:>6.2f}"
        )


if __name__ == "__main__":
    import django

    django.setup()
    main()
