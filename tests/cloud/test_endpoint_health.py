"""Endpoints that answer, dawdle, refuse, fail, send elsewhere or talk nonsense, each at a real socket."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import http.server
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dashboard.cloud import endpoint_health, endpoint_urls
from dashboard.cloud.config import Keystone, config, configure
from dashboard.cloud.endpoint_health import Health, probe

pytestmark = pytest.mark.enable_socket
NOVA = {
    "versions": [
        {"id": "v2.0", "status": "DEPRECATED", "version": "", "min_version": ""},
        {"id": "v2.1", "status": "CURRENT", "version": "2.104", "min_version": "2.1"},
    ]
}
KEYSTONE = {
    "version": {
        "id": "v3.14",
        "status": "stable",
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}],
    }
}
Answer = Callable[[http.server.BaseHTTPRequestHandler], None]
Serve = Callable[..., str]


@pytest.fixture(autouse=True)
def here() -> Iterator[None]:
    """A cloud on this machine, with every certificate checked."""
    before = config()
    keystones = (Keystone("http://127.0.0.1:5000/v3"),)
    configure(dataclasses.replace(before, keystones=keystones, is_insecure=False, connect_timeout=0.5))
    endpoint_health.forget_session()
    yield
    configure(before)
    endpoint_health.forget_session()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts a service that answers each path by a function; gives its address."""
    running: list[http.server.ThreadingHTTPServer] = []

    def start(*answers: tuple[str, Answer], tls: bool = False) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                assert "X-Auth-Token" not in self.headers, "nobody is told a token"
                assert "Cookie" not in self.headers
                handler = dict(answers).get(self.path) or dict(answers).get("*")
                if handler is None:
                    self.send_error(404)
                    return
                with contextlib.suppress(OSError):
                    handler(self)

            def log_message(self, *args: Any) -> None:
                """Says nothing."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self_signed(tmp_path))
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        running.append(server)
        return f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def self_signed(folder: Path) -> Path:
    """A certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "own.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return path


def says(body: Any, status: int = 200, wait: float = 0.0, **headers: str) -> Answer:
    """An answer with this body."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        time.sleep(wait)
        handler.send_response(status)
        for key, value in headers.items():
            handler.send_header(key.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def test_one_that_is_up_tells_its_versions_and_the_range_of_its_microversions(serve: Serve) -> None:
    found = probe(serve(("/v2.1/", says(NOVA))) + "/v2.1/$(project_id)s")
    assert (found.state, found.status) == ("up", 200)
    assert found.is_good
    assert found.current is not None
    assert (found.current.id, found.current.minimum, found.current.maximum) == ("v2.1", "2.1", "2.104")
    assert [version.status for version in found.versions] == ["DEPRECATED", "CURRENT"]
    assert not found.is_keystone
    assert Health.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_one_that_wants_a_token_is_asked_for_its_versions_above(serve: Serve) -> None:
    url = serve(
        ("/v3/", says({"error": {"code": 401}}, 401, WWW_Authenticate='Keystone uri="http://127.0.0.1:5000"')),
        ("/", says({"versions": [{"id": "v3.0", "version": "3.71", "min_version": "3.0"}]}, 300)),
    )
    found = probe(f"{url}/v3")
    assert found.state == "up"
    assert found.current is not None
    assert found.current.maximum == "3.71"


def test_one_without_versions_answers_if_it_is_openstacks(serve: Serve) -> None:
    assert probe(serve(("*", says(b"Bad URL", 412, X_Openstack_Request_Id="tx0"))) + "/v1/AUTH_%(tenant_id)s").is_good


def test_keystone_is_known_by_its_version_document(serve: Serve) -> None:
    assert probe(serve(("/v3/", says(KEYSTONE))) + "/v3").is_keystone
    assert probe(serve(("/", says({"versions": {"values": [KEYSTONE["version"]]}}, 300)))).is_keystone
    assert not probe(serve(("/v3/", says({"version": {"id": "v3.14"}}))) + "/v3").is_keystone


def test_one_that_takes_long_is_slow_and_one_that_takes_longer_is_late(serve: Serve, monkeypatch: Any) -> None:
    monkeypatch.setattr(endpoint_health, "SLOW_MS", 100)
    assert probe(serve(("*", says(NOVA, wait=0.12)))).state == "slow"
    began = time.monotonic()
    assert probe(serve(("*", says(NOVA, wait=5.0))), seconds=0.2).state == "late"
    assert time.monotonic() - began < 4


def test_one_that_drips_is_late(serve: Serve) -> None:
    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _byte in range(40):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)

    began = time.monotonic()
    assert probe(serve(("*", drip)), seconds=0.3).state == "late"
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(
    ("answer", "state", "status"),
    [
        (says({"error": "x"}, 500), "fault", 500),
        (says(b"", 503), "fault", 503),
        (says(b"<html><h1>Welcome to nginx</h1></html>"), "odd", 200),
        (says(b"", 404), "odd", 404),
        (says(b'{"half'), "odd", 200),
        (says([]), "odd", 200),
        (says({"versions": "none"}), "odd", 200),
        (says(b"", 302, Location="http://169.254.169.254/"), "redirect", 302),
        (says(b" " * (endpoint_health.LARGEST + 10)), "large", 0),
        (says(b"[" * 100_000), "odd", 200),
        (says(b"not gzip", Content_Encoding="gzip"), "odd", 0),
    ],
    ids=["500", "503", "HTML", "404", "half", "a list", "no versions", "redirect", "too big", "deep", "no gzip"],
)
def test_what_is_no_answer_of_a_service_has_a_word(answer: Answer, state: str, status: int, serve: Serve) -> None:
    found = probe(serve(("*", answer)))
    assert (found.state, found.status) == (state, status)
    assert not found.is_good
    assert not found.versions


def test_nothing_of_a_body_is_kept_but_versions(serve: Serve) -> None:
    hostile = {"versions": [{"id": "<script>", "status": "x"}, {"id": "v1", "status": "<b>", "max_version": "a" * 99}]}
    (version,) = probe(serve(("*", says(hostile)))).versions
    assert (version.id, version.status, version.maximum) == ("v1", "", "")
    many = {"versions": [{"id": f"v{n}"} for n in range(500)]}
    assert len(probe(serve(("*", says(many)))).versions) == endpoint_health.MOST_VERSIONS


def test_a_redirect_is_not_followed(serve: Serve) -> None:
    asked: list[str] = []
    trap = serve(("*", lambda handler: asked.append(handler.path)))
    assert probe(serve(("*", says(b"", 301, Location=trap)))).state == "redirect"
    assert not asked


def test_a_certificate_that_nobody_vouches_for_is_not_taken(serve: Serve) -> None:
    assert probe(serve(("*", says(NOVA)), tls=True)).state == "tls"


def test_plain_http_where_tls_was_meant_is_told(serve: Serve) -> None:
    assert probe(serve(("*", says(NOVA))).replace("http:", "https:"), seconds=1.0).state in {"tls", "late", "refused"}


def test_nobody_there(serve: Serve) -> None:
    assert probe("http://127.0.0.1:1/").state == "refused"


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://10.0.0.7:8774/v2.1",
        "http://elsewhere.example.org/",
        "http://me:secret@127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://127.0.0.1:70000/",
        "http://127.1/",
        "http://2130706433/",
        "",
    ],
)
def test_where_the_operator_did_not_allow_it_nobody_is_asked(url: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(endpoint_health, "_asked", lambda *given: pytest.fail("somebody was asked"))
    assert probe(url).state == "barred"


@pytest.mark.parametrize(
    ("url", "where", "above"),
    [
        ("http://h:8774/v2.1", "http://h:8774/v2.1/", "http://h:8774/"),
        ("http://h:8776/v3/%(tenant_id)s", "http://h:8776/v3/", "http://h:8776/"),
        ("http://h:8090/v1/AUTH_$(project_id)s", "http://h:8090/v1/", "http://h:8090/"),
        ("http://h:8090/v1/AUTH_4f3a", "http://h:8090/v1/", "http://h:8090/"),
        ("http://h/compute/v2.1/", "http://h/compute/v2.1/", "http://h/compute/"),
        ("http://h/dns", "http://h/dns/", "http://h/dns/"),
        ("http://h/x/$(user_id)s/y", "http://h/x/", "http://h/x/"),
        ("http://h:9292", "http://h:9292/", "http://h:9292/"),
    ],
)
def test_an_endpoint_is_asked_where_it_tells_its_versions(url: str, where: str, above: str) -> None:
    assert endpoint_urls.probe_of(url) == where
    assert endpoint_urls.root_of(where) == above


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("http://h:8774/v2.1/$(project_id)s", None),
        ("https://h/%(tenant_id)s/%(user_id)s", None),
        ("http://[2001:db8::1]:8774/", None),
        ("http://h/a%20b", None),
        ("http://h/$(volume_id)s", "template"),
        ("http://h/$(project_id)", "sign"),
        ("http://h/%(project_id)d", "sign"),
        ("http://h/$(project_id", "sign"),
        ("http://h/100%", "sign"),
        ("ftp://h/", "scheme"),
        ("h:8774", "scheme"),
        ("http://", "address"),
        ("http://h:x/", "address"),
        ("http://h /", "characters"),
        ("http://h/\u0000", "characters"),
        ("http://a:b@h/", "password"),
        ("http://h/?a=1", "query"),
        ("http://h/#top", "query"),
        ("http://169.254.169.254/", "link-local"),
        ("http://h/" + "x" * 220, "long"),
    ],
)
def test_what_can_be_no_endpoint_is_told_before_anybody_is_asked(url: str, what: str | None) -> None:
    found = endpoint_urls.wrong_in(url)
    assert (found.what if found else None) == what
