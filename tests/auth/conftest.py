"""A Keystone on a faked wire, and browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from requests_mock import Mocker

from dashboard.auth import limits
from dashboard.cloud import guard

from .keystone import PASSWORD, Keystone

SignIn = Callable[..., Any]


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> Iterator[None]:
    """No waits that even out times, and nothing left of the test before."""
    settings.SIGN_IN_STEP_SECONDS = 0
    settings.ROOT_URLCONF = "tests.auth.urls"
    limits.forget_all()
    guard.forget_all()
    yield
    limits.forget_all()
    guard.forget_all()


@pytest.fixture
def keystone(requests_mock: Mocker) -> Keystone:
    return Keystone(requests_mock)


@pytest.fixture
def browser() -> Client:
    return Client()


@pytest.fixture
def sign_in(keystone: Keystone) -> SignIn:
    """Signs in by the form; gives the answer."""

    def send(browser: Client, name: str = "alice", password: str = PASSWORD, **more: Any) -> Any:
        extra = {key: more.pop(key) for key in list(more) if key in {"headers", "REMOTE_ADDR", "HTTP_X_FORWARDED_FOR"}}
        fields = {"name": name, "password": password, "domain": "Default", **more}
        return browser.post("/sign-in/", fields, **extra)

    return send
