"""Key pairs as Nova gives them, and as they are made here."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st
from requests_mock import ANY, Mocker

from dashboard.cloud import keypairs
from dashboard.cloud.errors import Conflict, Invalid, NotFound
from dashboard.cloud.keypairs import KeyPair
from dashboard.cloud.types import Query
from tests.harness.wire import NOVA, cloud_of, recorded

from .odd import anything, odd

KEYPAIR = recorded("nova/keypair")["keypair"]
PUBLIC = KEYPAIR["public_key"]


def test_a_list_knows_algorithm_and_fingerprint_as_ssh_keygen_prints_it(requests_mock: Mocker) -> None:
    requests_mock.get(f"{NOVA}/os-keypairs", json=recorded("nova/keypairs"))
    (row,) = keypairs.list_keypairs(cloud_of(), Query()).rows
    assert row.id == row.name == "laptop of alice"
    assert row.algorithm == "ed25519"
    assert row.sha256 == "SHA256:vyHzdKBJtw02FWhAvgc5aBOsFzO4gQIF8ZvawynW7pw"


def test_the_name_of_the_last_one_leads_to_the_next_page(requests_mock: Mocker) -> None:
    first = recorded("nova/keypairs") | {"keypairs_links": [{"rel": "next", "href": "http://evil.example/"}]}
    requests_mock.get(f"{NOVA}/os-keypairs", [{"json": first}, {"json": {"keypairs": []}}])
    assert len(keypairs.list_all_keypairs(cloud_of())) == 1
    assert requests_mock.last_request.qs["marker"] == ["laptop of alice"]


@pytest.mark.parametrize("algorithm", ["ed25519", "rsa"])
def test_a_new_key_pair_is_made_here_and_nova_is_given_its_public_half_alone(
    requests_mock: Mocker, algorithm: Any
) -> None:
    requests_mock.post(f"{NOVA}/os-keypairs", status_code=201, json=echo)
    made = keypairs.create_keypair(cloud_of(), name="my key", algorithm=algorithm)
    sent = requests_mock.last_request.json()["keypair"]
    assert sent["type"] == "ssh"
    assert "PRIVATE" not in requests_mock.last_request.text
    private = serialization.load_ssh_private_key(made.private_key.encode(), None)
    public = private.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    assert sent["public_key"].startswith(public.decode())
    assert sent["public_key"].endswith(" my-key")
    assert made.keypair.algorithm == algorithm
    assert made.private_key not in repr(made)


def echo(request: Any, context: Any) -> Any:
    return {"keypair": recorded("nova/keypair_created")["keypair"] | request.json()["keypair"]}


def test_ssh_keygen_reads_what_is_made_here(requests_mock: Mocker, tmp_path: Path) -> None:
    requests_mock.post(f"{NOVA}/os-keypairs", status_code=201, json=echo)
    made = keypairs.create_keypair(cloud_of(), name="k")
    file = tmp_path / "key"
    file.write_text(made.private_key)
    file.chmod(0o600)
    try:
        ran = subprocess.run(["ssh-keygen", "-y", "-f", file], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        pytest.skip("There is no ssh-keygen here.")
    assert ran.stdout.split()[:2] == made.keypair.public_key.split()[:2]


def test_a_taken_name_is_a_conflict(requests_mock: Mocker) -> None:
    requests_mock.post(f"{NOVA}/os-keypairs", status_code=409, json=recorded("nova/keypair_conflict"))
    with pytest.raises(Conflict, match="already exists"):
        keypairs.import_keypair(cloud_of(), name="laptop of alice", public_key=PUBLIC)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nxxx", "private"),
        (f"{PUBLIC}\n{PUBLIC}", "lines"),
        ("hello", "shape"),
        ("ssh-rsa AAAA", "shape"),
        (PUBLIC.replace("ssh-ed25519", "ssh-rsa"), "shape"),
        ("ssh-ed25519 " + "A" * 20_000, "shape"),
        ("ssh-foo AAAAB3NzaC1mb28AAAABYQ==", "kind"),
    ],
)
def test_what_is_no_public_key_is_refused_before_anything_is_sent(
    requests_mock: Mocker, given: str, reason: str
) -> None:
    with pytest.raises(Invalid) as caught:
        keypairs.import_keypair(cloud_of(), name="k", public_key=given)
    assert caught.value.message == reason
    assert not requests_mock.called


@given(st.text() | st.just(PUBLIC).flatmap(lambda key: st.integers(0, len(key)).map(lambda n: key[:n] + "=" + key[n:])))
def test_any_text_is_a_key_or_invalid(text: str) -> None:
    with contextlib.suppress(Invalid):
        assert "\n" not in keypairs.checked_public_key(text)


@pytest.mark.parametrize("name", ["../servers", "a?user_id=root", "a/b", "..", "ключ"])
def test_a_name_reaches_no_other_path(requests_mock: Mocker, name: str) -> None:
    requests_mock.register_uri(ANY, ANY, status_code=404, json={"itemNotFound": {"message": "no", "code": 404}})
    with pytest.raises(NotFound):
        keypairs.get_keypair(cloud_of(), name)
    with pytest.raises(NotFound):
        keypairs.delete_keypair(cloud_of(), name=name)
    for request in requests_mock.request_history:
        assert request.url.count("/") == f"{NOVA}/os-keypairs/x".count("/")
        assert not request.query


@given(odd(KEYPAIR) | st.fixed_dictionaries({"keypair": anything}))
def test_odd_json_gives_a_key_pair_all_the_same(json: dict[str, Any]) -> None:
    keypair = KeyPair.from_json(json)
    assert isinstance(keypair.algorithm, str)
    keypairs.LOOKUP.page([keypair], Query(text="x"), count=("type",))
