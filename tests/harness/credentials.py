"""What tests of credentials share."""

from __future__ import annotations

import json
from typing import Any

from tests.harness.services import Services

HTMX = {"HX-Request": "true"}
ME = "b" * 32


def sent(services: Services) -> Any:
    (call,) = services.changes
    return json.loads(call.body)
