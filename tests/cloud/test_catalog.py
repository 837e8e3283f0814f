"""Which addresses of a catalog may be called."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from dashboard.cloud.catalog import Catalog, is_allowed
from dashboard.cloud.config import Keystone, config, configure
from dashboard.cloud.errors import NotOffered


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    before = config()
    hosts = frozenset({"nova.example", "169.254.169.254"})
    configure(dataclasses.replace(before, keystones=(Keystone("https://keystone.example/v3"),), allowed_hosts=hosts))
    yield
    configure(before)


@pytest.mark.parametrize("url", ["https://keystone.example:8774/v2.1", "https://NOVA.example/compute"])
def test_keystones_and_listed_hosts_may_be_called(url: str) -> None:
    assert is_allowed(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/v2.1",
        "http://nova.example/v2.1",
        "https://169.254.169.254/latest",
        "https://user:pass@nova.example/",
        "https://nova.example.evil.example/",
        "file:///etc/passwd",
        "https://[::1/v2.1",
        "https://[nova]/v2.1",
        "",
    ],
)
def test_no_other_address_may_be_called_and_none_is_a_crash(url: str) -> None:
    assert not is_allowed(url)
    endpoint = {"region_id": "RegionOne", "interface": "public", "url": url}
    catalog = Catalog.from_json([{"type": "compute", "name": "nova", "endpoints": [endpoint]}])
    assert not catalog.offers("compute", "RegionOne")
    with pytest.raises(NotOffered):
        catalog.url("compute", "RegionOne")
