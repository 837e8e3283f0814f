"""For every test: no network unless asked for, and a store of the test's own.

A unit test may open no socket. One that needs the loopback (a proxy for faults, say) is marked ``enable_socket``;
tests marked ``cloud`` or ``e2e`` are let through by this file. Fixtures for those are in ``tests/harness``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import fakeredis
import hypothesis
import pytest
import redis

# Workers of pytest-xdist are not called "pytest", so the settings would ask them for a key.
os.environ.setdefault("SECRET_KEY", "for-tests-alone-" * 5)
os.environ.setdefault("ALLOW_INSECURE", "1")

# How fast a machine makes examples is no property of what is tested.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

pytest_plugins = [
    "tests.harness.cloud",
    "tests.harness.stack",
    "tests.harness.browser",
    "tests.harness.services",
    "tests.harness.tour",
]


def needs_cloud(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("cloud") or item.get_closest_marker("e2e"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Each of these looks at every page: as the last ones they would keep one process busy while the others are idle.
    items.sort(key=lambda item: item.path.name != "test_taint.py")
    for item in items:
        if needs_cloud(item):
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(scope="session", autouse=True)
def static_files() -> Iterator[None]:
    """Pages name their static files as they lie in the tree: only a deployment has collected them."""
    from django.test import override_settings

    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES=plain, WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(autouse=True)
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[fakeredis.FakeRedis | None]:
    """An empty store behind ``dashboard.store.client()``; None for tests that run against real services.

    The wire is faked, not our code: redis-py's own client class, with every option that the product gives it.
    """
    if needs_cloud(request.node):
        yield None
        return
    from dashboard import store as product

    server = fakeredis.FakeServer()

    def from_url(url: str, **options: object) -> fakeredis.FakeRedis:
        return fakeredis.FakeRedis(
            server=server, **{key: options[key] for key in ("decode_responses",) if key in options}
        )

    monkeypatch.setattr(redis.Redis, "from_url", staticmethod(from_url))
    product.client.cache_clear()
    yield fakeredis.FakeRedis(server=server)
    product.client.cache_clear()


@pytest.fixture(autouse=True)
def forgotten(store: fakeredis.FakeRedis | None) -> Iterator[None]:
    """What the process remembers, and the polls that its pages began, end with the test."""
    from dashboard.cloud import guard, network_extensions, neutron, swift, versions
    from dashboard.live import publish, watch
    from tests.harness.services_swift import ROOT
    from tests.harness.wire import CINDER, NEUTRON, NOVA, recorded

    versions.forget_all()
    network_extensions.forget_all()
    swift.forget_all()
    if store is not None:
        # A process asks once an hour; what that costs and brings is in tests/cloud/test_versions.py.
        versions.know(NOVA, versions.Range("2.1", "2.96"))
        versions.know(CINDER, versions.Range("3.0", "3.71"))
        network_extensions.know(NEUTRON, recorded("neutron/extensions"))
        swift.know(ROOT, recorded("swift/info"))
    yield
    ends = time.monotonic() + 5
    while publish.is_busy() and time.monotonic() < ends:
        time.sleep(0.005)
    guard.forget_all()
    versions.forget_all()
    network_extensions.forget_all()
    swift.forget_all()
    neutron.forget_all()
    watch.forget_all()
