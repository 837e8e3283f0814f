"""How a container of 100,000 objects compares with one of 100: prints a table, and never fails.

    COUNT=100000 pytest tests/bench/bench_places.py -q -s -n 0 --force-enable-socket

On the real Swift of devcloud/, whose containers are filled by devcloud/fill_objects.py (with that cloud's Python), and
with our own pages around it, in this process: requests upstream are counted, and both containers are asked in turn.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

TIMES = 15
CLOUD = Path(os.environ.get("CLOUD_DIR", "/var/tmp/openstack-cloud"))
FILL = Path(__file__).parents[2] / "devcloud" / "fill_objects.py"


def fill(account: str, container: str, count: int) -> None:
    command = [str(CLOUD / "venv" / "bin" / "python"), str(FILL), account, container, str(count)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def once(cloud: Any, browser: Any, url: str) -> tuple[float, float, int]:
    """Milliseconds of a page, those of them that Swift took, and how often it was asked."""
    from dashboard.cloud import transport

    found: list[str] = []
    spent: list[float] = []
    send = transport.CloudSession._sent

    def timed(self: Any, *args: Any) -> Any:
        began = time.perf_counter()
        try:
            return send(self, *args)
        finally:
            spent.append(time.perf_counter() - began)

    transport.CloudSession._sent = timed  # type: ignore[method-assign]
    mark = transport.calls.set(found)
    began = time.perf_counter()
    try:
        answer = browser.get(url)
    finally:
        took = time.perf_counter() - began
        transport.calls.reset(mark)
        transport.CloudSession._sent = send  # type: ignore[method-assign]
    assert answer.status_code == 200
    assert b'id="rows"' in answer.content
    return took * 1000, sum(spent) * 1000, len(found)


def test_places(store: Any, capsys: Any) -> None:
    """Run by pytest for its store."""
    with capsys.disabled():
        measure(int(os.environ.get("COUNT", "100000")))


def measure(count: int) -> None:
    from dashboard.cloud.objects import read_place
    from dashboard.cloud.swift import key_of, path_of, send
    from tests.harness.cloud import Client, unique
    from tests.harness.real import cloud_for
    from tests.harness.wire import signed_in

    cloud = cloud_for(Client("alice", "web"))
    account = cloud.url("object-store").rstrip("/").rpartition("/")[2]
    browser = signed_in(cloud.access)
    sizes = (100, count)
    containers = {size: unique(f"places-{size}") for size in sizes}
    for size, name in containers.items():
        send(cloud, "PUT", path_of(name))
        fill(account, name, size)
    try:
        deep = {
            100: "object-000051.txt",
            count: f"object-{count // 2 + 1:06}.txt",
        }
        asked = {
            "first page": dict.fromkeys(sizes, ""),
            "deep page": {size: urlencode({"marker": key_of(deep[size])}) for size in sizes},
            "page before": {size: urlencode({"before": key_of(deep[size])}) for size in sizes},
            "folder": {size: urlencode({"prefix": "folder-0007/"}) for size in sizes},
            "search": {size: urlencode({"q": "object-00005"}) for size in sizes},
            "all below": {size: urlencode({"deep": "1", "q": "folder-00"}) for size in sizes},
        }
        print(
            f"\n{'':12} {'100: ms':>9} {'of Swift':>9} {f'{count:,}: ms':>13} {'of Swift':>9} {'ratio':>6} {'calls':>6}"
        )
        for what, queries in asked.items():
            found: dict[int, list[tuple[float, float, int]]] = {size: [] for size in sizes}
            for _ in range(TIMES):
                for size in sizes:
                    base = f"/r/RegionOne/p/{cloud.project_id}/containers/{containers[size]}/?tab=objects"
                    found[size].append(once(cloud, browser, f"{base}&{queries[size]}"))
            (few, of_few, _calls), (many, of_many, calls) = (
                (
                    statistics.median(item[0] for item in found[size]),
                    statistics.median(item[1] for item in found[size]),
                    max(item[2] for item in found[size]),
                )
                for size in sizes
            )
            row = "".join(f"{value:13.1f}" for value in (few, of_few, many, of_many))
            print(f"{what:12}{row}{many / few:13.2f}{calls:13}", flush=True)
        assert read_place(cloud, containers[count]).marker
    finally:
        for name in containers.values():
            fill(account, name, 0)
            send(cloud, "DELETE", path_of(name))
