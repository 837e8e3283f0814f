"""What every answer has, what no request from elsewhere gets, and settings that stop the start."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.checks import run_checks
from django.test import Client

from dashboard.auth.checks import check_safe

from .keystone import DATA, WEB, Keystone

PAGE = f"/r/RegionOne/p/{DATA}/things/"
UNSAFE = [
    "/sign-in/",
    "/sign-in/passcode/",
    "/sign-in/expired/",
    "/sign-out/",
    "/switch/",
    "/session/extend/",
    "/password/",
]
UNSAFE += ["/sessions/", "/no-project/", "/passcodes/", PAGE + "make/"]
POST_ALONE = ["/sign-in/passcode/", "/sign-in/expired/", "/sign-out/", "/switch/", "/session/extend/", PAGE + "make/"]


def ids(errors: list[Any]) -> set[str]:
    return {error.id for error in errors}


@pytest.mark.parametrize("path", ["/sign-in/", "/", PAGE, "/nothing/", "/healthz", PAGE + "live/", "/sessions/"])
def test_every_answer_has_every_header(keystone: Keystone, browser: Client, sign_in: Any, path: str) -> None:
    sign_in(browser)
    response = browser.get(path)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cache-Control"] == "no-store"
    assert "camera=()" in response["Permissions-Policy"]
    assert response["X-Request-ID"].startswith("req-")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_fault_of_ours_has_the_headers_too(keystone: Keystone, browser: Client, sign_in: Any) -> None:
    sign_in(browser)
    browser.raise_request_exception = False
    response = browser.get(PAGE + "broken/")
    assert response.status_code == 500
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", UNSAFE)
def test_what_another_site_sends_is_refused(keystone: Keystone, browser: Client, sign_in: Any, path: str) -> None:
    sign_in(browser)
    before = len(keystone.calls)
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        assert browser.post(path, {"name": "x"}, headers=headers).status_code == 403
    assert len(keystone.calls) == before


@pytest.mark.parametrize("path", UNSAFE)
def test_a_form_without_its_token_is_refused(keystone: Keystone, sign_in: Any, path: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    before = len(keystone.calls)
    assert browser.post(path, {"name": "x"}, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 403
    assert len(keystone.calls) == before


@pytest.mark.parametrize("path", POST_ALONE)
def test_what_changes_something_can_not_be_had_by_a_link(
    keystone: Keystone, browser: Client, sign_in: Any, path: str
) -> None:
    sign_in(browser)
    before = len(keystone.calls)
    assert browser.get(path, {"scope": f"project:{WEB}"}).status_code == 405
    assert len(keystone.calls) == before


def test_a_wrong_host_is_refused_before_anything_is_asked(
    keystone: Keystone, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis.client.Pipeline, "execute", _never)
    for extra in ({"HTTP_HOST": "evil.example"}, {"HTTP_HOST": "testserver", "HTTP_X_FORWARDED_HOST": "evil.example"}):
        response = browser.get("/sign-in/", **extra)  # type: ignore[arg-type]
        assert response.status_code == (400 if extra["HTTP_HOST"] == "evil.example" else 200)
        assert "evil" not in response.content.decode()
    assert keystone.calls == []


def test_health_tells_whether_people_can_be_served(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    healthy = browser.get("/healthz")
    assert (healthy.status_code, healthy.json()["store"], healthy.json()["worker"]) == (200, "ok", "away")

    def gone(*args: Any, **options: Any) -> Any:
        raise redis.ConnectionError("redis://:secret@host refused")

    monkeypatch.setattr(redis.Redis, "execute_command", gone)
    sick = browser.get("/healthz")
    assert sick.status_code == 503
    assert "secret" not in sick.content.decode()


@pytest.fixture
def production(settings: Any) -> Any:
    """Settings that are fit for others to use."""
    settings.DEBUG = False
    settings.ALLOW_INSECURE = False
    settings.SECRET_KEY = "k3Jx9QmZ0vTn5RbLw8Yd1Hs6Fg2Pc7AeUiOxSdVfBhNjMkQlWrEtYuIoPzAqXcDv"
    settings.SECRET_KEY_FALLBACKS = []
    settings.ALLOWED_HOSTS = ["cloud.example"]
    settings.OS_INSECURE = False
    keystones = tuple(dataclasses.replace(k, url="https://keystone.example/v3") for k in settings.CLOUD.keystones)
    settings.CLOUD = dataclasses.replace(settings.CLOUD, keystones=keystones)
    return settings


def test_safe_settings_start(production: Any) -> None:
    assert check_safe(None) == []
    assert not [error for error in run_checks() if error.id and error.id.startswith("belvedere")]


def test_debug_with_a_public_host_stops_the_start(production: Any) -> None:
    production.DEBUG = True
    assert ids(check_safe(None)) == {"belvedere.E001"}
    production.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
    assert check_safe(None) == []


def test_a_short_key_stops_the_start(production: Any) -> None:
    production.SECRET_KEY = production.SECRET_KEY[:63]
    assert ids(check_safe(None)) == {"belvedere.E002"}


@pytest.mark.parametrize(
    "key", ["x" * 64, "only-for-trying-things-" * 3, "django-insecure-" + "k3Jx9QmZ0vTn5RbLw8Yd1" * 3]
)
def test_a_key_that_anybody_knows_stops_the_start(production: Any, key: str) -> None:
    production.SECRET_KEY = key
    assert ids(check_safe(None)) == {"belvedere.E003"}


def test_a_weak_old_key_stops_the_start_as_well(production: Any) -> None:
    production.SECRET_KEY_FALLBACKS = ["short"]
    assert ids(check_safe(None)) == {"belvedere.E002"}


@pytest.mark.parametrize("host", ["*", ".example"])
def test_a_wildcard_host_stops_the_start(production: Any, host: str) -> None:
    production.ALLOWED_HOSTS = [host]
    assert ids(check_safe(None)) == {"belvedere.E004"}


def test_a_keystone_without_tls_stops_the_start(production: Any) -> None:
    keystones = tuple(dataclasses.replace(k, url="http://keystone.example/v3") for k in production.CLOUD.keystones)
    production.CLOUD = dataclasses.replace(production.CLOUD, keystones=keystones)
    assert ids(check_safe(None)) == {"belvedere.E005"}
    production.ALLOW_INSECURE = True
    assert check_safe(None) == []


def test_unchecked_certificates_stop_the_start(production: Any) -> None:
    production.OS_INSECURE = True
    assert ids(check_safe(None)) == {"belvedere.E006"}


def test_a_secret_file_that_others_can_read_stops_the_start(
    production: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text("x")
    monkeypatch.setenv("SECRET_KEY_FILE", str(file))
    os.chmod(file, 0o644)
    assert ids(check_safe(None)) == {"belvedere.E007"}
    os.chmod(file, 0o640)
    assert check_safe(None) == []


def _never(*args: Any, **options: Any) -> Any:
    raise AssertionError("The store was asked.")


def test_no_key_is_made_up_however_the_command_is_called(tmp_path: Path) -> None:
    """A path with "test" in it ("/opt/latest/bin/gunicorn") once let the process start with the key for trying."""
    command = tmp_path / "latest-gunicorn"
    command.write_text("import dashboard.settings\n")
    env = {"PYTHONPATH": str(settings.BASE_DIR), "PATH": os.environ["PATH"]}
    told = subprocess.run([sys.executable, command], env=env, capture_output=True, text=True, timeout=30)
    assert told.returncode
    assert "SECRET_KEY is not set" in told.stderr
