"""What lists of Keystone have in common: they come whole, and are searched and cut here."""

from __future__ import annotations

from typing import Any

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer

SERVICE = "identity"


def every(cloud: Cloud, path: str, key: str, **params: Any) -> list[dict[str, Any]]:
    """The objects under ``key``. Keystone gives these lists without pages. Raises CloudError.

    An answer without ``key`` is a BadAnswer, never an empty list.
    """
    answer = cloud.get(SERVICE, path, **params)
    if not isinstance(answer.get(key), list):
        raise BadAnswer(f"The answer has no list of {key}.", service=SERVICE)
    return wire.objects(answer[key])
