"""Many objects deleted with one request, whatever they are called.

Follows https://docs.openstack.org/swift/latest/api/bulk-delete.html: Swift answers 200 whatever happened, and its body
tells what did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote

from dashboard.cloud import swift, wire
from dashboard.cloud.connection import Cloud, json_of
from dashboard.cloud.errors import CloudError, Unauthorized, from_status
from dashboard.cloud.swift import SERVICE, send

AT_ONCE = 1000
"""Objects of one request."""


def is_offered(cloud: Cloud) -> bool:
    """Whether Swift takes lists of what to delete."""
    return swift.info(cloud).has("bulk_delete")


def can_list(cloud: Cloud, name: str) -> bool:
    """Whether a list may have this name: its lines are no longer than names may be, and these are percent-encoded."""
    return len(quote(name, safe="")) <= swift.info(cloud).max_object_name


def delete_listed(cloud: Cloud, container: str, names: Sequence[str]) -> dict[str, CloudError | None]:
    """Deletes them, and gives what is in the way of each; None for what is gone now, or was gone already.

    Raises CloudError where Swift does not take a list, Unauthorized too where the token ended on the way.
    """
    found: dict[str, CloudError | None] = {}
    size = min(AT_ONCE, max(1, swift.info(cloud).limit("bulk_delete", "max_deletes_per_request", AT_ONCE)))
    for start in range(0, len(names), size):
        found |= _one_list(cloud, container, names[start : start + size])
    return found


def _one_list(cloud: Cloud, container: str, names: Sequence[str]) -> dict[str, CloudError | None]:
    # Nothing on the way takes a body apart, so even "." and ".." can be named here.
    lines = [f"{quote(container, safe='')}/{quote(name, safe='')}" for name in names]
    answer = send(
        cloud,
        "POST",
        "",
        params={"bulk-delete": "1"},
        headers={"Content-Type": "text/plain", "Accept": "application/json"},
        data="\n".join(lines).encode(),
    )
    errors = errors_in(json_of(answer, SERVICE))
    if any(isinstance(error, Unauthorized) for error in errors.values()):
        raise Unauthorized("The token ended on the way.", service=SERVICE, status=401)
    # Where it gave up, what is not named may be there or gone.
    return {name: errors.get(f"{container}/{name}") or errors.get("") for name in names}


def errors_in(body: Mapping[str, object]) -> dict[str, CloudError]:
    """The errors of an answer by "container/object"; "" is that of the whole."""
    found: dict[str, CloudError] = {}
    for pair in wire.listing(body.get("Errors")):
        if isinstance(pair, list) and len(pair) == 2:
            found[unquote(str(pair[0])).removeprefix("/")] = _of_status(str(pair[1]))
    status = wire.text(body.get("Response Status"))
    if not found and status and not status.startswith("2"):
        found[""] = _of_status(status, wire.text(body.get("Response Body")))
    return found


def _of_status(status: str, text: str = "") -> CloudError:
    number = wire.number(status.partition(" ")[0], 500)
    return from_status(number, text or status, service=SERVICE)
