"""One-time passcodes (TOTP, RFC 6238): a person's generators as Keystone keeps them, and what an authenticator shows.

Follows Keystone's Identity API v3, "Credentials". The credential's blob is the secret in Base32.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
import time
import urllib.parse
from dataclasses import dataclass

from dashboard.cloud import wire
from dashboard.cloud.connection import Access, Cloud

TYPE = "totp"
SECONDS = 30
"""How long a passcode is shown."""
DIGITS = 6
BYTES = 20
"""Of the secret: as long as SHA-1's, which is what Keystone and every authenticator count with."""


@dataclass(frozen=True)
class Generator:
    """An authenticator that Keystone knows the secret of. The secret itself is not kept here."""

    id: str


@dataclass(frozen=True)
class Factors:
    """What Keystone asks this person for at sign-in, as far as the user's options say so."""

    is_enabled: bool = False
    rules: tuple[tuple[str, ...], ...] = ()

    @property
    def needs_passcode(self) -> bool:
        """Whether every way in asks for a passcode."""
        return self.is_enabled and bool(self.rules) and all(TYPE in rule for rule in self.rules)


def list_own(access: Access) -> tuple[Generator, ...]:
    """The person's own generators. Raises CloudError."""
    answer = _cloud(access).get("identity", "/credentials", user_id=access.person.id, type=TYPE)
    found = (
        wire.text(item.get("id"))
        for item in wire.objects(answer.get("credentials"))
        # A service that does not filter must not show others' as one's own.
        if item.get("type") == TYPE and item.get("user_id") == access.person.id
    )
    return tuple(Generator(id) for id in found if id)


def add(access: Access, secret: str) -> None:
    """Gives Keystone the secret of a new generator. Raises CloudError."""
    body = {"credential": {"type": TYPE, "blob": secret, "user_id": access.person.id}}
    _cloud(access).post("identity", "/credentials", body)


def remove(access: Access, id: str) -> None:
    """Makes Keystone forget a generator. Raises CloudError."""
    _cloud(access).delete("identity", f"/credentials/{wire.path_id(id)}")


def factors(access: Access) -> Factors:
    """What the person's own options ask for. Raises CloudError."""
    user = wire.mapping(_cloud(access).get("identity", f"/users/{wire.path_id(access.person.id)}").get("user"))
    options = wire.mapping(user.get("options"))
    rules = tuple(wire.texts(rule) for rule in wire.listing(options.get("multi_factor_auth_rules")))
    return Factors(
        # Rules hold unless they are switched off.
        is_enabled=wire.flag(options.get("multi_factor_auth_enabled", True)),
        rules=tuple(tuple(rule) for rule in rules if rule),
    )


def new_secret() -> str:
    """A secret, in Base32 without padding."""
    return base64.b32encode(secrets.token_bytes(BYTES)).decode()


def passcode(secret: str, at: float) -> str:
    """What an authenticator with this secret shows at a time. Raises ValueError for what is no Base32."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    digest = hmac.new(key, struct.pack(">Q", int(at // SECONDS)), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def is_right(secret: str, typed: str) -> bool:
    """Whether it is the passcode of now, or of the half minute before or after: clocks differ a little."""
    typed = "".join(typed.split())
    now = time.time()
    return any(hmac.compare_digest(passcode(secret, now + step * SECONDS), typed) for step in (-1, 0, 1))


def address(secret: str, *, issuer: str, account: str) -> str:
    """What authenticators read out of a QR code (Google's "Key Uri Format")."""
    label = urllib.parse.quote(f"{issuer}:{account}", safe="")
    query = {"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": SECONDS}
    return f"otpauth://totp/{label}?{urllib.parse.urlencode(query, quote_via=urllib.parse.quote)}"


def _cloud(access: Access) -> Cloud:
    return Cloud(access, "")
