"""Sealing: what is kept in the store, or lent to a browser, so that nobody else can read or change it."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Seal:
    """Seals JSON. Made of this installation's keys, newest first, each mixed with ``secret``.

    With a ``secret`` (a session's cookie) neither the store nor this installation's keys are
    enough to open what was sealed.
    """

    def __init__(self, purpose: str, secret: str = "") -> None:
        self._fernet = MultiFernet([Fernet(_mixed(key, purpose, secret)) for key in settings.SEAL_KEYS])

    def close(self, value: Any) -> bytes:
        """The sealed form of a JSON value."""
        return self._fernet.encrypt(zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 1))

    def open(self, sealed: bytes | str | None, *, max_age: int | None = None) -> Any:
        """The value, or None if it was not sealed by this, was changed, or is older than ``max_age`` seconds."""
        if not sealed:
            return None
        try:
            return json.loads(zlib.decompress(self._fernet.decrypt(sealed, ttl=max_age)))
        except (InvalidToken, ValueError, zlib.error):
            return None


def _mixed(key: bytes, purpose: str, secret: str) -> bytes:
    mix = HKDF(algorithm=SHA256(), length=32, salt=b"belvedere " + purpose.encode(), info=secret.encode())
    return base64.urlsafe_b64encode(mix.derive(key))
