"""Asking Heat for stacks and their parts.

Follows the Orchestration Service API v1: https://docs.openstack.org/api-ref/orchestration/v1/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, Forbidden, NotFound

SERVICE = "orchestration"
PAGE = 500
"""Stacks per request at most."""
WHOLE = 10_000
"""Stacks that a list which is watched reads at most."""
JSON = dict[str, Any]


def stack_path(name: str, id: str) -> str:
    """Where a stack is. Heat wants both: by one of them alone it only redirects, which is not followed."""
    return f"/stacks/{wire.path_id(name)}/{wire.path_id(id)}"


def some(cloud: Cloud, path: str, key: str, **params: Any) -> list[JSON]:
    """The objects under ``key`` of one answer. Raises CloudError, BadAnswer if there is no list."""
    answer = cloud.get(SERVICE, path, **params)
    if not isinstance(answer.get(key), list):
        raise BadAnswer(f"The answer has no list of {key}.", service=SERVICE)
    return wire.objects(answer[key])


def every_stack(cloud: Cloud, **params: Any) -> Iterator[list[JSON]]:
    """All stacks, page by page, up to ``WHOLE``; Heat gives no links to further pages. Raises CloudError."""
    marker: str | None = None
    for _page in range(WHOLE // PAGE):
        found = some(cloud, "/stacks", "stacks", limit=PAGE, marker=marker, **params)
        yield found
        following = wire.text(found[-1].get("id")) if found else ""
        if len(found) < PAGE or not following or following == marker:
            return
        marker = following


def find_stack(cloud: Cloud, id: str) -> JSON:
    """What the list has of one stack, nested ones too. Raises CloudError, NotFound among them.

    Administrators may open what is another project's, where Heat's policy lets them.
    """
    everywhere = [{}, {"global_tenant": "true"}] if cloud.has_role("admin") else [{}]
    for more in everywhere:
        try:
            found = some(cloud, "/stacks", "stacks", id=id, show_nested="true", limit=1, **more)
        except Forbidden:
            if not more:
                raise
            break
        if found and wire.text(found[0].get("id")) == id:
            return found[0]
    raise NotFound("There is no such stack.", service=SERVICE, status=404)


def get_stack_json(cloud: Cloud, id: str) -> JSON:
    """A stack with its parameters and outputs, in two requests. Raises CloudError."""
    found = find_stack(cloud, id)
    try:
        whole = paging.inner(cloud.get(SERVICE, stack_path(wire.text(found.get("stack_name")), id)), "stack", SERVICE)
    except NotFound:
        # Listed, but not to be had: what the list has is better than nothing.
        whole = found
    return {**whole, "project": found.get("project", "")}
