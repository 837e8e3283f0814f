"""Key pairs: the SSH keys that servers let their owner in with. They belong to a person, not to a project."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import NOVA_MICROVERSION, Cloud
from dashboard.cloud.errors import Invalid
from dashboard.cloud.nova import asking
from dashboard.cloud.types import Lookup, Page, Query

NAME_LENGTH = 255
NAME_PATTERN = re.compile(r"[A-Za-z0-9@._ -]+")
"""What Nova takes in a new name since 2.92; older names may hold anything."""
PUBLIC_KEY_LENGTH = 16 * 1024

Algorithm = Literal["ed25519", "rsa"]
KeyType = Literal["ssh", "x509"]


@dataclass(frozen=True)
class KeyPair:
    """The public half of a key pair, by Nova's API. Its name is its id."""

    name: str
    public_key: str = ""
    fingerprint: str = ""
    """Nova's: MD5 for ssh, SHA-1 for x509, in hex with colons."""
    type: str = "ssh"
    user_id: str = ""
    created: datetime | None = None
    """Known on detail pages only."""

    @property
    def id(self) -> str:
        """The name, which is what Nova knows it by."""
        return self.name

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> KeyPair:
        """From ``{"keypair": {...}}``, as in lists and details, or from what is inside."""
        inner = wire.mapping(json.get("keypair")) or json
        return cls(
            name=wire.text(inner.get("name")),
            public_key=wire.text(inner.get("public_key")).strip(),
            fingerprint=wire.text(inner.get("fingerprint")),
            type=wire.text(inner.get("type"), "ssh"),
            user_id=wire.text(inner.get("user_id")),
            created=wire.moment(inner.get("created_at")),
        )

    @property
    def sha256(self) -> str:
        """The fingerprint as ``ssh-keygen -l`` prints it, "" for what is no SSH key."""
        blob = _blob(self.public_key) if self.type == "ssh" else None
        if blob is None:
            return ""
        return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")

    @property
    def algorithm(self) -> str:
        """ "ed25519", "rsa", "ecdsa"; "" if it can't be told."""
        word = self.public_key.split(" ", 1)[0] if self.type == "ssh" else ""
        match = re.match(r"(?:sk-)?(?:ssh|ecdsa)-(rsa|ed25519|dss|sha2)", word)
        return {"sha2": "ecdsa", "dss": "dsa"}.get(match[1], match[1]) if match else ""


@dataclass(frozen=True)
class NewKeyPair:
    """A key pair as it was just made. ``private_key`` is kept nowhere: it has to be shown at once."""

    keypair: KeyPair
    private_key: str = field(repr=False)


LOOKUP: Lookup[KeyPair] = Lookup(
    text=lambda keypair: (keypair.name, keypair.fingerprint, keypair.sha256),
    values={
        "name": lambda keypair: keypair.name,
        "type": lambda keypair: keypair.type,
        "algorithm": lambda keypair: keypair.algorithm,
    },
    sorts={
        "name": lambda keypair: keypair.name,
        "type": lambda keypair: keypair.type,
        "algorithm": lambda keypair: keypair.algorithm,
    },
)


# Lists are asked for by hand: the client does not tell whether there are further pages.


def fetch_all(cloud: Cloud) -> Iterator[list[dict[str, Any]]]:
    """Every key pair of the person, as Nova gives them, page by page."""
    return paging.pages(
        cloud,
        "compute",
        "/os-keypairs",
        "keypairs",
        microversion=NOVA_MICROVERSION,
        marker_of=lambda item: KeyPair.from_json(item).name,
    )


def list_all_keypairs(cloud: Cloud) -> tuple[KeyPair, ...]:
    """Every key pair of the person. Raises CloudError."""
    return tuple(KeyPair.from_json(item) for page in fetch_all(cloud) for item in page)


def list_keypairs(cloud: Cloud, query: Query) -> Page[KeyPair]:
    """One page of the person's key pairs. Raises CloudError."""
    return LOOKUP.page(list_all_keypairs(cloud), query, count=("type",))


def get_keypair_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A key pair as Nova gives it. Raises CloudError."""
    with asking(cloud) as nova:
        found: dict[str, Any] = nova.keypairs.get(wire.path_id(id)).to_dict()
    return found


def get_keypair(cloud: Cloud, id: str) -> KeyPair:
    """One key pair by its name. Raises CloudError, NotFound among them."""
    return KeyPair.from_json(get_keypair_json(cloud, id))


def create_keypair(cloud: Cloud, *, name: str, algorithm: Algorithm = "ed25519") -> NewKeyPair:
    """Makes a key pair here and gives Nova its public half. Raises Conflict if the name is taken, QuotaExceeded.

    Nova itself makes none since 2.92. The private key never leaves but in the answer.
    """
    private = (
        rsa.generate_private_key(public_exponent=65537, key_size=4096)
        if algorithm == "rsa"
        else ed25519.Ed25519PrivateKey.generate()
    )
    public = private.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    comment = re.sub(r"[^A-Za-z0-9@._-]+", "-", name)
    keypair = import_keypair(cloud, name=name, public_key=f"{public.decode()} {comment}")
    return NewKeyPair(keypair=keypair, private_key=secret.decode())


def import_keypair(cloud: Cloud, *, name: str, public_key: str, type: KeyType = "ssh") -> KeyPair:
    """Gives Nova a public key. Raises Invalid if it is none, Conflict if the name is taken, QuotaExceeded."""
    if type == "ssh":
        public_key = checked_public_key(public_key)
    with asking(cloud) as nova:
        made = nova.keypairs.create(name, public_key, key_type=type).to_dict()
    return KeyPair.from_json(made)


def delete_keypair(cloud: Cloud, *, name: str) -> None:
    """Deletes a key pair; servers that have it keep it. Raises CloudError."""
    with asking(cloud) as nova:
        nova.keypairs.delete(wire.path_id(name))


def checked_public_key(given: str) -> str:
    """A public key on one line, as in ``~/.ssh/id_ed25519.pub``. Raises Invalid with the reason.

    The reason is one of "private", "lines", "shape" and "kind", for the page to put in words.
    """
    text = given.strip()
    if "PRIVATE KEY" in text:
        raise Invalid("private", service="compute")
    if "\n" in text or "\r" in text:
        raise Invalid("lines", service="compute")
    if len(text) > PUBLIC_KEY_LENGTH or _blob(text) is None:
        raise Invalid("shape", service="compute")
    try:
        # As Nova does, which refuses what this refuses.
        serialization.load_ssh_public_key(text.encode())
    except UnsupportedAlgorithm as error:
        raise Invalid("kind", service="compute") from error
    except ValueError as error:
        raise Invalid("shape", service="compute") from error
    return text


def _blob(public_key: str) -> bytes | None:
    """The binary of "ssh-ed25519 AAAA... comment", if the words agree with it."""
    parts = public_key.split(None, 2)
    if len(parts) < 2:
        return None
    try:
        blob = base64.b64decode(parts[1], validate=True)
        word = parts[0].encode("ascii")
    except (binascii.Error, ValueError):
        return None
    return blob if blob[4 : 4 + int.from_bytes(blob[:4], "big")] == word else None
