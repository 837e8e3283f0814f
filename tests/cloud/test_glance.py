"""Glance's own client on our session: one request for each call, as one that is sent directly would be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from requests.exceptions import ConnectionError, ReadTimeout
from requests_mock import ANY, Mocker

from dashboard.cloud import dry, image_changes, image_info, images, metadefs
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, Busy, CloudError, Conflict, ServiceFault, TimedOut, Unreachable
from tests.harness.wire import GLANCE, PROJECT_ID, cloud_of

ID = "11111111-2222-3333-4444-555555555555"
OTHER = "c" * 32
IMAGE = f"{GLANCE}/v2/images/{ID}"
Ask = Callable[[Cloud], Any]

CHANGES: list[tuple[Ask, str, str, Any]] = [
    (lambda cloud: images.delete_image(cloud, id=ID), "DELETE", IMAGE, None),
    (lambda cloud: image_changes.deactivate_image(cloud, id=ID), "POST", f"{IMAGE}/actions/deactivate", None),
    (lambda cloud: image_changes.reactivate_image(cloud, id=ID), "POST", f"{IMAGE}/actions/reactivate", None),
    (
        lambda cloud: image_changes.add_member(cloud, id=ID, project_id=OTHER),
        "POST",
        f"{IMAGE}/members",
        {"member": OTHER},
    ),
    (
        lambda cloud: image_changes.remove_member(cloud, id=ID, project_id=OTHER),
        "DELETE",
        f"{IMAGE}/members/{OTHER}",
        None,
    ),
    (
        lambda cloud: image_changes.answer_offer(cloud, id=ID, status="accepted"),
        "PUT",
        f"{IMAGE}/members/{PROJECT_ID}",
        {"status": "accepted"},
    ),
    (
        lambda cloud: image_changes.delete_from_store(cloud, id=ID, store="disk"),
        "DELETE",
        f"{GLANCE}/v2/stores/disk/{ID}",
        None,
    ),
]
READS: list[tuple[Ask, str, Any]] = [
    (lambda cloud: image_changes.list_members(cloud, id=ID), f"{IMAGE}/members", {"members": [{"member_id": OTHER}]}),
    (image_info.list_usage, f"{GLANCE}/v2/info/usage", {"usage": {}}),
    (
        lambda cloud: metadefs.list_properties(cloud, namespace="A::B"),
        f"{GLANCE}/v2/metadefs/namespaces/A%3A%3AB?resource_type=OS%3A%3AGlance%3A%3AImage",
        {"namespace": "A::B", "properties": {"a": {"title": 7}}},
    ),
]


@pytest.mark.parametrize(("ask", "method", "url", "body"), CHANGES)
def test_a_change_is_one_request_and_is_shown_as_it_is_sent(
    requests_mock: Mocker, ask: Ask, method: str, url: str, body: Any
) -> None:
    requests_mock.register_uri(ANY, ANY, **({"json": {}} if body else {"status_code": 204}))
    ask(cloud_of())
    (sent,) = requests_mock.request_history
    assert (sent.method, sent.url) == (method, url)
    assert (sent.json() if sent.body else None) == body
    assert sent.headers.get("Content-Type") == ("application/json" if body else None)
    assert sent.headers["Accept"] == "application/json"
    (shown,) = dry.requests_of(cloud_of(), lambda: ask(cloud_of()))
    assert (shown.method, shown.url, shown.body, shown.headers) == (method, url, body, {})
    assert len(requests_mock.request_history) == 1


@pytest.mark.parametrize(("ask", "url", "answer"), READS)
def test_what_is_read_takes_one_request_and_is_held_to_the_limits(
    requests_mock: Mocker, ask: Ask, url: str, answer: Any
) -> None:
    requests_mock.get(ANY, json=answer)
    ask(cloud_of())
    (sent,) = requests_mock.request_history
    assert sent.url == url
    # What is streamed is read past BoundedAdapter's deadline and limit.
    assert not sent.stream


@pytest.mark.parametrize("answer", ["[]", "7", "no JSON", ""])
@pytest.mark.parametrize("ask", [ask for ask, _, _ in READS])
def test_an_answer_of_another_shape_is_a_bad_answer(requests_mock: Mocker, ask: Ask, answer: str) -> None:
    requests_mock.get(ANY, text=answer)
    with pytest.raises(BadAnswer):
        ask(cloud_of())


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status_code": 409, "text": "<h1>409 Conflict</h1>in use"}, Conflict),
        ({"status_code": 503, "headers": {"Retry-After": "7"}}, Busy),
        ({"status_code": 500, "text": "Traceback"}, ServiceFault),
        ({"exc": ConnectionError("Connection refused")}, Unreachable),
        ({"exc": ReadTimeout("slow")}, TimedOut),
    ],
)
def test_a_refusal_keeps_its_request_id(requests_mock: Mocker, answer: Any, kind: type[CloudError]) -> None:
    if "exc" not in answer:
        answer = answer | {"headers": {"X-OpenStack-Request-ID": "req-1", **answer.get("headers", {})}}
    requests_mock.delete(IMAGE, **answer)
    with pytest.raises(kind) as caught:
        images.delete_image(cloud_of(), id=ID)
    assert caught.value.service == "image"
    assert caught.value.request_id == ("" if "exc" in answer else "req-1")
    assert caught.value.retry_after == (7.0 if kind is Busy else None)
    assert len(requests_mock.request_history) == 1
