"""What watching costs the cloud: requests in a minute for 1 and for 20 viewers, and a poll's CPU with many rows.

    python -m tests.bench.bench_poll [SECONDS] [PROJECT]

It needs the cloud of devcloud/, a store (REDIS_URL) and a worker on it, and nobody else on the cloud:
requests are counted in its requests.log; polls of this project alone, in the store.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
LOG = Path(os.environ.get("CLOUD_DIR", "/var/tmp/openstack-cloud")) / "log" / "requests.log"


def counted(since: int) -> tuple[int, int]:
    """Requests to Nova for servers, and to Keystone for proofs, after a place in the log."""
    with LOG.open() as log:
        log.seek(since)
        lines = log.readlines()
    nova = sum(line.startswith("nova GET /v2.1/servers") for line in lines)
    return nova, sum(line.startswith("keystone HEAD") for line in lines)


def main(seconds: float, project: str) -> None:
    from dashboard.cloud import identity
    from dashboard.cloud.config import config
    from dashboard.cloud.connection import Cloud
    from dashboard.live import fetching, heartbeat, keys, watch
    from dashboard.live.kinds import KINDS
    from dashboard.live.snapshots import Snapshot
    from dashboard.live.store import client

    def cloud() -> Cloud:
        access = identity.sign_in(config().keystones[0], name="alice", password="secret", domain="Default")
        scope = next(scope for scope in identity.list_projects(access) if scope.name == project)
        return Cloud(identity.get_scoped(access, scope), os.environ.get("OS_REGION_NAME", "RegionOne"))

    clouds = [cloud() for _ in range(20)]
    while watch.look(clouds[0], "v0", "servers") is None or not watch.look(clouds[0], "v0", "servers").is_complete:  # type: ignore[union-attr]
        time.sleep(0.5)
    print(f"workers: {heartbeat.state()}; {project}")
    fence = Snapshot(keys.class_of(clouds[0]), KINDS["servers"]).key("fence")
    print(f"{'viewers':>8} {'polls':>6} {'Nova':>6} {'Keystone':>9}  in {seconds:.0f} s, quiet")
    for viewers in (1, 20):
        before = int(client().get(fence) or 0)
        place, ends = LOG.stat().st_size, time.monotonic() + seconds
        due = [0.0] * viewers
        while time.monotonic() < ends:
            for number in range(viewers):
                if time.monotonic() >= due[number]:
                    mirror = watch.look(clouds[number], f"v{number}", "servers")
                    due[number] = time.monotonic() + (mirror.next_interval if mirror else 1)
            time.sleep(0.02)
        nova, proofs = counted(place)
        polls = int(client().get(fence) or 0) - before
        print(f"{viewers:>8} {polls:>6} {nova:>6} {proofs:>9}")
    snapshot = Snapshot(keys.class_of(clouds[0]), KINDS["servers"])
    meta = snapshot.meta()
    started = time.process_time()
    for _ in range(10):
        fetching._changes(snapshot, clouds[0], meta, 10**9)
        fetching._next(snapshot, time.time())
    cpu = (time.process_time() - started) * 100
    print(f"CPU of one idle poll with {len(snapshot.ids())} rows: {cpu:.1f} ms")


if __name__ == "__main__":
    import django

    django.setup()
    given = sys.argv[1:]
    main(float(given[0]) if given else 60.0, given[1] if len(given) > 1 else "web")
