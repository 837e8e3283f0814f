"""For tests against the real cloud: how the people of the project "web", and the administrator, see it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.cloud import grants, identity, routers
from dashboard.cloud.config import Keystone, config, configure
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, NotFound
from tests.harness.cloud import AUTH_URL, Api
from tests.harness.real import cloud_for


@pytest.fixture(autouse=True)
def patient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """How quick a busy machine's cloud is, is no part of what is tested against it."""
    if not request.node.get_closest_marker("cloud"):
        yield
        return
    before = config()
    configure(dataclasses.replace(before, read_timeout=60, change_timeout=120, queue_seconds=60))
    monkeypatch.setattr(identity, "REVOKE_SECONDS", 30.0)
    monkeypatch.setattr(grants, "SECONDS", 30.0)
    yield
    configure(before)


@pytest.fixture
def cloud(member: Cloud) -> Cloud:
    """The project "web" as alice sees it, for tests that need nobody else."""
    return member


@pytest.fixture
def member(api: Api) -> Cloud:
    return cloud_for(api.member)


@pytest.fixture
def reader(api: Api) -> Cloud:
    return cloud_for(api.reader)


@pytest.fixture
def admin(api: Api) -> Cloud:
    return cloud_for(api.admin)


@pytest.fixture
def carol(api: Api) -> Cloud:
    """Of the project "data", to whom what is in "web" is closed."""
    return cloud_for(api.at("carol", "data"))


@pytest.fixture
def reached(patient: None) -> Iterator[None]:
    """The demo cloud's addresses may be called."""
    before = config()
    configure(dataclasses.replace(before, keystones=(Keystone(url=AUTH_URL),)))
    yield
    configure(before)


@pytest.fixture
def bin(api: Api) -> Iterator[list[Any]]:
    """What is left over when a test ends is deleted, last first: (cloud, kind, id)."""
    made_here: list[Any] = []
    yield made_here
    for cloud, kind, id in reversed(made_here):
        if kind is routers.KIND:
            with contextlib.suppress(CloudError):
                for port in routers.list_interfaces(cloud, id):
                    routers.remove_interface(cloud, id, port_id=port.id)
        with contextlib.suppress(NotFound):
            kind.delete(cloud, id)
