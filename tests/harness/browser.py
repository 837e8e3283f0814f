"""A headless Chromium for journeys: ``page`` fails its test on any error in the console, and keeps a picture then."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.stack import ARTIFACTS

FLAGS = [
    "--no-sandbox",  # tests run as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Chromium reports every refusal as an error in the console, and these two are answers of the dashboard: the row moved
# on meanwhile, and the form needs another look. Leaving a page ends what it was just asking.
ANSWERS = [
    r"Failed to load resource: the server responded with a status of (409|422)\b",
    r"^htmx:(sendAbort|afterRequest)\b",
    # A row that an answer draws may have left the list by then.
    r"^htmx:oobErrorNoTarget, #row-",
]
PATIENCE = 15_000
"""Milliseconds that anything is waited for that a test gives no time of its own."""
CLEANING = ("api", "all_clients", "gone", "removed", "left_over", "name")
"""Fixtures that take away what a test made: after its pages are closed, which may still look at it."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for all tests; each page has a context of its own."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not path:
        pytest.fail("No Chromium on this machine; ./test installs it, or: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def allowed_errors() -> list[str]:
    """Patterns of console messages that a test brings about on purpose: ``allowed_errors.append(r"of 503")``."""
    return list(ANSWERS)


@pytest.fixture
def context_options() -> dict[str, Any]:
    """For a test to change before it asks for ``page``: ``@pytest.mark.parametrize("context_options", [...])``."""
    return {}


@pytest.fixture
def new_page(
    browser: Any, stack: str, allowed_errors: list[str], context_options: dict[str, Any], request: pytest.FixtureRequest
) -> Iterator[Any]:
    """``new_page()`` opens a browser of another person; ``page`` is the first one."""
    for fixture in CLEANING:
        if fixture in request.fixturenames:
            request.getfixturevalue(fixture)
    contexts: list[Any] = []
    errors: list[str] = []

    def note(kind: str, text: str, where: str) -> None:
        if not any(re.search(pattern, text) for pattern in allowed_errors):
            errors.append(f"{kind}: {text} ({where})")

    def open_page(**options: Any) -> Any:
        size = {"width": 1280, "height": 900}
        context = browser.new_context(base_url=stack, viewport=size, **{**context_options, **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)

        def watch(page: Any) -> None:
            # A violated content security policy is an error in the console as well.
            page.on("console", lambda m: note("console", m.text, m.location["url"]) if m.type == "error" else None)
            page.on("pageerror", lambda error: note("exception", str(error), page.url))

        context.on("page", watch)
        return context.new_page()

    yield open_page

    report = getattr(request.node, "call_report", None)
    if errors or (report and report.failed):
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^\w.-]+", "-", request.node.nodeid)[-120:]
        for number, page in enumerate(page for context in contexts for page in context.pages):
            page.screenshot(path=ARTIFACTS / f"{name}-{number}.png", full_page=True)
            (ARTIFACTS / f"{name}-{number}.html").write_text(page.content())
    for context in contexts:
        context.close()
    if errors:
        pytest.fail("The browser's console had errors:\n" + "\n".join(errors), pytrace=False)


@pytest.fixture
def page(new_page: Any) -> Any:
    """A fresh browser on the dashboard, not signed in; ``page.goto("/")``."""
    return new_page()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.when == "call":
        item.call_report = report  # type: ignore[attr-defined]  # read by new_page when the test is over
    return report
