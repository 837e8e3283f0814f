"""Pages travel compressed; what is shown once does not."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client


@pytest.fixture
def browser() -> Client:
    return Client(headers={"Accept-Encoding": "gzip"})


def test_a_page_is_compressed_and_padded_by_another_length_each_time(browser: Client) -> None:
    answers = [browser.get("/sign-in/") for _again in range(12)]
    assert {answer["Content-Encoding"] for answer in answers} == {"gzip"}
    assert b"</html>" in gzip.decompress(answers[0].content)
    assert len({len(answer.content) for answer in answers}) > 1


def test_the_answer_to_a_post_is_not(browser: Client) -> None:
    answer = browser.post("/sign-in/", {})
    assert b"</html>" in answer.content
    assert not answer.has_header("Content-Encoding")


def test_an_operator_may_leave_it_to_the_proxy(browser: Client, settings: pytest.FixtureRequest) -> None:
    settings.COMPRESS_PAGES = False  # type: ignore[attr-defined]
    assert not browser.get("/sign-in/").has_header("Content-Encoding")
