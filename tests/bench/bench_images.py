"""How long a page of images takes with 20 of them and with 1,000: prints a table, and never fails.

    pytest tests/bench/bench_images.py -q -s

Glance is at the wire, so that the times are the dashboard's own, from the list that is watched.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench.bench_volumes import TIMES, many, timed


@pytest.mark.parametrize("count", [20, 1000])
def test_pages_of_images(count: int, services: Any, capsys: Any) -> None:
    """Run by pytest for its store and its wire."""
    from tests.harness.services import at_rest
    from tests.harness.wire import at, recorded, signed_in

    model = next(item for item in recorded("glance/images")["images"] if item["status"] == "active")
    services.rows["/v2/images"] = [
        {**row, "name": row["name"].replace("volume", "image")} for row in many(model, count)
    ]
    browser = signed_in()
    browser.get(at("images/"))
    at_rest()
    shown = browser.get(at("images/")).content.decode()
    assert f'id="count">{count}<' in shown, "the snapshot has not all of them yet"
    pages = ("images/", "images/?sort=-size", "images/?q=image-0007", "images/live/?since=0")
    times = [timed(browser, at(page)) for page in pages]
    with capsys.disabled():
        print(f"\n{count:>5} images, median ms of processor of {TIMES}: list, sorted, searched, live")
        print("              " + "  ".join(f"{value:7.1f}" for value in times))
