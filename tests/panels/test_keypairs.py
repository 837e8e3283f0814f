"""Making and importing key pairs: a private key is on one page, once, and nowhere else."""

from __future__ import annotations

import re
from typing import Any

import fakeredis
import pytest
from cryptography.hazmat.primitives import serialization
from django.core.files.uploadedfile import SimpleUploadedFile
from requests.exceptions import ReadTimeout
from requests_mock import Mocker

from tests.harness.wire import NOVA, access_of, at, recorded, signed_in

PUBLIC = recorded("nova/keypair")["keypair"]["public_key"]
URL = f"{NOVA}/os-keypairs"


def echo(request: Any, context: Any) -> Any:
    return {"keypair": recorded("nova/keypair_created")["keypair"] | request.json()["keypair"]}


@pytest.fixture
def nova(requests_mock: Mocker) -> Mocker:
    requests_mock.post(URL, status_code=201, json=echo)
    requests_mock.get(re.compile(f"{URL}/.*"), json=recorded("nova/keypair"))
    return requests_mock


def private_key_in(page: str) -> str:
    found = re.search(r'<pre id="private-key"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("algorithm", ["ed25519", "rsa"])
def test_the_answer_shows_the_private_key_that_belongs_to_what_nova_was_given(nova: Mocker, algorithm: str) -> None:
    response = signed_in().post(at("keypairs/create/generate/"), {"name": "my key", "algorithm": algorithm})
    page = response.content.decode()
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    private = serialization.load_ssh_private_key(private_key_in(page).encode(), None)
    public = private.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    assert nova.last_request.json()["keypair"]["public_key"].startswith(public.decode())
    assert 'data-save-name="my_key.pem"' in page


def test_no_private_key_is_left_in_the_store_the_log_or_a_cookie(
    nova: Mocker, store: fakeredis.FakeRedis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    response = signed_in().post(at("keypairs/create/generate/"), {"name": "k", "algorithm": "ed25519", "once": "1"})
    line = private_key_in(response.content.decode()).splitlines()[1]
    assert line not in caplog.text
    assert line not in str(response.cookies)
    assert all(line.encode() not in (store.dump(key) or b"") for key in store.scan_iter())


def test_a_form_that_is_sent_twice_makes_one_key_pair_and_says_what_to_do(nova: Mocker) -> None:
    browser, typed = signed_in(), {"name": "k", "algorithm": "ed25519", "once": "the-form"}
    assert browser.post(at("keypairs/create/generate/"), typed).status_code == 200
    second = browser.post(at("keypairs/create/generate/"), typed)
    assert second.status_code == 409
    assert "made once" in second.content.decode()
    assert [request.method for request in nova.request_history].count("POST") == 1


def test_a_taken_name_keeps_the_form_and_can_be_sent_again(nova: Mocker) -> None:
    refused = {"status_code": 409, "json": recorded("nova/keypair_conflict")}
    nova.post(URL, [refused, {"status_code": 201, "json": echo}])
    browser, typed = signed_in(), {"name": "laptop of alice", "algorithm": "rsa", "once": "the-form"}
    first = browser.post(at("keypairs/create/generate/"), typed)
    page = first.content.decode()
    assert first.status_code == 422
    assert "You have a key pair of this name already." in page
    assert 'value="laptop of alice"' in page
    assert re.search(r'value="rsa"[^>]*checked', page)
    assert browser.post(at("keypairs/create/generate/"), typed | {"name": "other"}).status_code == 200


def test_a_lost_answer_says_that_the_key_may_be_there_without_its_private_half(nova: Mocker) -> None:
    nova.post(URL, exc=ReadTimeout)
    response = signed_in().post(at("keypairs/create/generate/"), {"name": "k", "algorithm": "ed25519"})
    assert response.status_code == 422
    assert "its private key is lost" in response.content.decode()
    assert [request.method for request in nova.request_history].count("POST") == 1


@pytest.mark.parametrize("name", ["", "a/b", "тест", "a" * 256, "..", "<b>", "a\nb"])
def test_a_name_that_nova_would_refuse_is_not_sent(nova: Mocker, name: str) -> None:
    response = signed_in().post(at("keypairs/create/generate/"), {"name": name, "algorithm": "ed25519"})
    assert response.status_code == 422
    assert not nova.called


@pytest.mark.parametrize("path", ["keypairs/create/generate/", "keypairs/create/"])
def test_a_readers_forged_form_is_refused(nova: Mocker, path: str) -> None:
    typed = {"name": "k", "algorithm": "ed25519", "public_key": PUBLIC}
    assert signed_in(access_of("reader")).post(at(path), typed).status_code == 403
    assert not nova.called


def test_a_pasted_public_key_is_imported(nova: Mocker) -> None:
    response = signed_in().post(at("keypairs/create/"), {"name": "mine", "public_key": f"  {PUBLIC}\n"})
    assert response.status_code == 302
    assert response["Location"] == at("keypairs/mine/")
    assert nova.last_request.json() == {"keypair": {"name": "mine", "public_key": PUBLIC, "type": "ssh"}}


def test_a_public_key_is_imported_from_its_file(nova: Mocker) -> None:
    file = SimpleUploadedFile("id.pub", PUBLIC.encode() + b"\n")
    assert signed_in().post(at("keypairs/create/"), {"name": "mine", "file": file}).status_code == 302
    assert nova.last_request.json()["keypair"]["public_key"] == PUBLIC


@pytest.mark.parametrize(
    ("public_key", "words"),
    [
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----", "This is a private key."),
        (f"{PUBLIC}\n{PUBLIC}", "A public key is one line"),
        ("hello", "This is no public key."),
        ("", "Paste a public key, or choose its file."),
    ],
)
def test_what_is_no_public_key_is_told_in_words_and_not_sent(nova: Mocker, public_key: str, words: str) -> None:
    response = signed_in().post(at("keypairs/create/"), {"name": "mine", "public_key": public_key})
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert not nova.called


def test_a_file_that_is_no_text_or_too_large_is_refused(nova: Mocker) -> None:
    for content in (b"\xff\xfe\x00binary", b"a" * 100_000):
        file = SimpleUploadedFile("id.pub", content)
        assert signed_in().post(at("keypairs/create/"), {"name": "mine", "file": file}).status_code == 422
    assert not nova.called


def test_a_key_pair_whose_name_has_a_slash_can_be_seen_and_deleted(nova: Mocker) -> None:
    nova.get(f"{URL}/a%2Fb", json={"keypair": recorded("nova/keypair")["keypair"] | {"name": "a/b"}})
    nova.delete(f"{URL}/a%2Fb", status_code=204)
    nova.get(URL, json={"keypairs": [{"keypair": recorded("nova/keypair")["keypair"] | {"name": "a/b"}}]})
    browser = signed_in()
    assert at("keypairs/a/b/") in browser.get(at("keypairs/")).content.decode()
    assert browser.get(at("keypairs/a/b/")).status_code == 200
    assert browser.get(at("keypairs/a/b/menu/")).status_code == 200
    browser.post(at("keypairs/act/delete/"), {"id": "a/b"})
    assert nova.request_history[-1].url == f"{URL}/a%2Fb"
    assert [request.method for request in nova.request_history].count("DELETE") == 1
