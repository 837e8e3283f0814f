"""Names in the store. Everything there has a time to live, and no name or value holds a token in clear."""

from __future__ import annotations

import hashlib
import json

from django.conf import settings

from dashboard.cloud.connection import Cloud

SNAPSHOT_SECONDS = 15 * 60
"""How long a snapshot is kept after its last poll: somebody who comes back sees it, greyed, at once."""


def class_of(cloud: Cloud) -> str:
    """Those who see the same: one Keystone, region and scope, and the same roles.

    Roles decide which fields Nova gives, so a member never reads what an administrator's
    token fetched. With ``POLL_SHARE=user`` a person shares with nobody.
    """
    access = cloud.access
    parts = [access.keystone, cloud.region, access.scope.key, sorted(access.roles)]
    if settings.POLL_SHARE == "user":
        parts.append(access.person.id)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]


def region_of(cloud: Cloud) -> str:
    """Those who share a limit on polls per second."""
    return hashlib.sha256(json.dumps([cloud.access.keystone, cloud.region]).encode()).hexdigest()[:16]


def token_mark(token: str) -> str:
    """A token's name: it says nothing of the token."""
    return hashlib.sha256(b"live " + token.encode()).hexdigest()[:32]


def of(class_id: str, kind: str, part: str) -> str:
    """The key of a part of a snapshot; all parts of one lie in one slot of a cluster."""
    return f"live:{{{class_id}:{kind}}}:{part}"


def is_class(value: object) -> bool:
    """Whether this can be a class: what arrives in a message is not trusted."""
    return isinstance(value, str) and len(value) == 40 and all(c in "0123456789abcdef" for c in value)


def leases_of(session_hash: str) -> str:
    """Where the leases of a session are listed, so that they end when it ends."""
    return f"live:leases-of:{session_hash}"


def refused(mark: str) -> str:
    """Set while a token is known to be refused by the cloud."""
    return f"live:refused:{mark}"


ALIVE = "live:worker:alive"
