"""How long a page of volumes takes with 20 of them and with 1,000: prints a table, and never fails.

    pytest tests/bench/bench_volumes.py -q -s

Cinder is at the wire, so that the times are the dashboard's own, from the list that is watched.
"""

from __future__ import annotations

import copy
import statistics
import time
import uuid
from typing import Any

import pytest

TIMES = 30


def many(row: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """Copies of a recorded volume."""
    return [{**copy.deepcopy(row), "id": str(uuid.uuid4()), "name": f"volume-{place:04}"} for place in range(count)]


def timed(browser: Any, url: str) -> float:
    """The median of the milliseconds of processor that a page takes: others on the machine don't count."""
    found = []
    for _ in range(TIMES):
        began = time.process_time()
        assert browser.get(url).status_code == 200
        found.append((time.process_time() - began) * 1000)
    return statistics.median(found)


@pytest.mark.parametrize("count", [20, 1000])
def test_pages_of_volumes(count: int, services: Any, capsys: Any) -> None:
    """Run by pytest for its store and its wire."""
    from tests.harness.services import at_rest
    from tests.harness.wire import at, recorded, signed_in

    services.rows["/volumes"] = many(recorded("cinder/volumes")["volumes"][0], count)
    browser = signed_in()
    browser.get(at("volumes/"))
    at_rest()
    shown = browser.get(at("volumes/")).content.decode()
    assert f'id="count">{count}<' in shown, "the snapshot has not all of them yet"
    pages = ("volumes/", "volumes/?sort=-size", "volumes/?q=volume-0007", "volumes/live/?since=0")
    times = [timed(browser, at(page)) for page in pages]
    with capsys.disabled():
        print(f"\n{count:>5} volumes, median ms of processor of {TIMES}: list, sorted, searched, live")
        print("              " + "  ".join(f"{value:7.1f}" for value in times))
