"""The whole stack stands: web server, worker and store, on the real OpenStack."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from tests.harness.cloud import Api, wait_until

pytestmark = pytest.mark.e2e


def test_it_says_that_it_is_fit_with_a_worker(stack: str) -> None:
    def health() -> Any:
        with urllib.request.urlopen(f"{stack}/healthz") as reply:
            answer = json.load(reply)
        return answer if answer.get("worker") == "ok" else None

    assert wait_until(health, what="a sign of life from the worker")["status"] == "ok"


def test_whoever_is_not_signed_in_is_asked_to(page: Any) -> None:
    page.goto("/")

    assert page.locator("input[type=password]").is_visible()


def test_the_cloud_boots_a_server_and_counts_what_it_was_asked(api: Api, requests_log: Any) -> None:
    with requests_log() as asked:
        server = api.member.server()

    assert server["status"] == "ACTIVE"
    assert asked.by_service["nova"] >= 2
