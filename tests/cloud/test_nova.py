"""python-novaclient as it is used: what is too new, refused or odd is told as for requests by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from requests_mock import ANY, Mocker

from dashboard.cloud import keypairs, server_access, server_actions, server_admin, server_attach, versions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, Busy, Conflict, Invalid
from tests.harness.wire import NOVA, cloud_of, recorded

ID = "5f0c0000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("version", "do"),
    [
        ("2.16", lambda cloud: server_actions.trigger_crash_dump(cloud, id=ID)),
        ("2.55", lambda cloud: server_admin.migrate_server(cloud, id=ID, host="compute2")),
        ("2.72", lambda cloud: server_actions.lock_server(cloud, id=ID, reason="why")),
        ("2.76", lambda cloud: server_actions.unshelve_server(cloud, id=ID, zone="az1")),
        (
            "2.84",
            lambda cloud: server_attach.set_volume_fate(cloud, id=ID, volume_id="v", is_deleted_with_server=True),
        ),
        ("2.7", lambda cloud: server_access.open_console(cloud, id=ID, kind="webmks")),
    ],
)
def test_what_is_too_new_for_a_nova_is_invalid_and_not_sent(
    requests_mock: Mocker, version: str, do: Callable[[Cloud], None]
) -> None:
    versions.know(NOVA, versions.Range("2.1", version))
    with pytest.raises(Invalid, match="newer version") as caught:
        do(cloud_of())
    assert not caught.value.is_unknown_outcome
    assert not requests_mock.called


def test_an_answer_that_is_no_json_is_not_taken_for_an_empty_one(requests_mock: Mocker) -> None:
    requests_mock.register_uri(ANY, ANY, text="<html>Sign in</html>")
    with pytest.raises(BadAnswer):
        server_actions.stop_server(cloud_of(), id=ID)
    with pytest.raises(BadAnswer):
        server_access.get_password(cloud_of(), id=ID)


def test_a_refusal_keeps_its_words_its_id_and_when_to_try_again(requests_mock: Mocker) -> None:
    requests_mock.post(
        f"{NOVA}/servers/{ID}/action",
        [
            {"status_code": 503, "headers": {"Retry-After": "7"}, "text": "busy"},
            {
                "status_code": 409,
                "headers": {"x-openstack-request-id": "req-1"},
                "text": "<html><h1>409</h1>in another state</html>",
            },
        ],
    )
    with pytest.raises(Busy) as busy:
        server_actions.stop_server(cloud_of(), id=ID)
    assert busy.value.retry_after == 7
    with pytest.raises(Conflict, match="in another state") as refused:
        server_actions.stop_server(cloud_of(), id=ID)
    assert refused.value.request_id == "req-1"


def test_nothing_is_written_into_the_home_directory(
    requests_mock: Mocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    requests_mock.post(f"{NOVA}/os-keypairs", json=recorded("nova/keypair_created"))
    keypairs.import_keypair(cloud_of(), name="k", public_key=recorded("nova/keypair")["keypair"]["public_key"])
    assert not list(tmp_path.iterdir())
