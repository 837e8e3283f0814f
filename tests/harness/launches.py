"""What tests of launches share."""

from __future__ import annotations

import pytest
from requests_mock import Mocker

from tests.harness.wire import CINDER, at
from tests.panels.test_launch import (
    _quick,
    browser,
    wire,
)

__all__ = ["_quick", "browser", "wire"]


SUMMARY = at("servers/launch/summary/")
VOLUME = {"id": "5a1b0f7e-0000-4000-8000-000000000001", "name": "data", "status": "available", "size": 3}
SNAPSHOT = {"id": "5a1b0f7e-0000-4000-8000-000000000002", "name": "old", "status": "available", "size": 4}


@pytest.fixture
def volumes(wire: Mocker) -> Mocker:
    wire.get(f"{CINDER}/volumes/detail", json={"volumes": [{**VOLUME, "bootable": "false"}]})
    wire.get(f"{CINDER}/snapshots/detail", json={"snapshots": [SNAPSHOT]})
    return wire


def disk(**fields: str) -> dict[str, str]:
    given = dict.fromkeys(("source", "size", "type", "bus", "order", "end", "tag"), "")
    return {f"disk_{name}": value for name, value in {**given, **fields}.items()}


def several(*rows: dict[str, str]) -> dict[str, list[str]]:
    return {name: [row[name] for row in rows] for name in rows[0]}
