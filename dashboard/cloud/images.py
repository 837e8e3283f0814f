"""Images: what servers are started from, with the snapshots that were taken of servers.

Lists and single images are asked for directly: the client fetches a schema first, makes a model of every row, and
leaves out "self", which an image's JSON shows; and it follows the address of a next page wherever an answer points.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from dashboard.cloud import image_query, paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, CloudError, Invalid, NotFound, translated
from dashboard.cloud.image_types import (
    CHANGE_KEY,
    COUNTED,
    GONE,
    KNOWN,
    LEFT_OUT,
    LOOKUP,
    OFFER_KEY,
    OWN_KEY,
    Image,
)
from dashboard.cloud.parallel import later
from dashboard.cloud.types import Page, Query

PAGE_SIZE = 500
"""Images per request; Glance gives at most ``api_limit_max`` (1,000 by default) and fewer if so set."""
LIST_LIMIT = 5000
"""Images that a list reads at most."""
LONGEST_VALUE = 255
"""Characters of a property's value that lists keep; detail pages have it whole."""

SPECIAL: Mapping[str, Mapping[str, str]] = {
    "pending": {"visibility": "shared", "member_status": "pending"},
    "rejected": {"visibility": "shared", "member_status": "rejected"},
    "hidden": {"visibility": "all", "os_hidden": "true"},
}
"""What Glance leaves out of a list unless it is asked for it."""


def fetch_all(cloud: Cloud) -> Iterator[list[dict[str, Any]]]:
    """Every image that this project can use, trimmed, page by page: its own, public, shared and community ones."""
    return _fetch(cloud, visibility="all")


def fetch_watched(cloud: Cloud) -> Iterator[list[dict[str, Any]]]:
    """As ``fetch_all``, and then what Glance hides: hidden images, and what was offered and not taken."""
    others = [later(functools.partial(_special, cloud, scope), seconds=20) for scope in SPECIAL if cloud.project_id]
    yield from fetch_all(cloud)
    for outcome in others:
        # What is missing for once is asked for by itself before it is shown as gone.
        yield outcome.or_else([])


def _fetch(cloud: Cloud, **params: Any) -> Iterator[list[dict[str, Any]]]:
    for items in paging.pages(cloud, "image", "/v2/images", "images", size=PAGE_SIZE, most=LIST_LIMIT, **params):
        yield [trim(cloud, item) for item in items]


def _special(cloud: Cloud, scope: str) -> list[dict[str, Any]]:
    found = [item for page in _fetch(cloud, **SPECIAL[scope]) for item in page]
    return [item for raw in found if (item := marked(raw, scope)) is not None]


def marked(json: dict[str, Any], scope: str) -> dict[str, Any] | None:
    """An image of one of the ``SPECIAL`` lists; None for what does not belong there."""
    if scope == "hidden":
        return json if wire.flag(json.get("os_hidden")) else None
    if json.get("visibility") != "shared" or json.get(OWN_KEY):
        return None
    return {**json, OFFER_KEY: scope}


def trim(cloud: Cloud, json: Mapping[str, Any]) -> dict[str, Any]:
    """What lists need of an image, and what it is to this project."""
    kept: dict[str, Any] = {}
    for key, value in json.items():
        if key in LEFT_OUT or (isinstance(value, str) and len(value) > LONGEST_VALUE and key not in KNOWN):
            continue
        kept[key] = value
    kept[OFFER_KEY] = ""
    return kept | _marks(cloud, json)


def _marks(cloud: Cloud, json: Mapping[str, Any]) -> dict[str, bool]:
    is_own = bool(cloud.project_id) and json.get("owner") == cloud.project_id
    return {OWN_KEY: is_own, CHANGE_KEY: is_own or "admin" in cloud.roles}


def is_gone(json: Mapping[str, Any]) -> bool:
    """Whether this record is of an image that was deleted."""
    return wire.text(json.get("status")) in GONE


def confirm_gone(cloud: Cloud, id: str) -> bool:
    """Asks Glance whether an image that is missing from the list is really gone. Raises CloudError."""
    try:
        return is_gone(get_image_json(cloud, id))
    except NotFound:
        return True


def list_all_images(cloud: Cloud) -> tuple[Image, ...]:
    """Every image that this project can use, up to LIST_LIMIT. Raises CloudError."""
    return _images(item for page in fetch_all(cloud) for item in page)


def _images(items: Iterable[Mapping[str, Any]]) -> tuple[Image, ...]:
    return tuple(Image.from_json(item) for item in items if not is_gone(item))


def list_images(cloud: Cloud, query: Query) -> Page[Image]:
    """One page of the images that this project sees. Raises CloudError, NotFound if the marker's image is gone.

    Glance itself narrows, sorts and pages where it can; else all are read and searched here.
    """
    asked = image_query.params(cloud, query)
    if asked is not None and query.limit < PAGE_SIZE:
        return _page(cloud, query, asked)
    scopes = query.values("scope")
    if scopes and set(scopes) <= set(SPECIAL):
        everything = _images(item for scope in scopes for item in _special(cloud, scope))
    elif "all" in scopes or set(scopes) & set(SPECIAL):
        everything = tuple(
            {item.id: item for item in _images(i for page in fetch_watched(cloud) for i in page)}.values()
        )
    else:
        everything = list_all_images(cloud)
    page = LOOKUP.page(everything, query)
    # Beyond the limit there may be more that match, so the count would be a guess.
    return replace(page, total=None) if len(everything) >= LIST_LIMIT else page


def _page(cloud: Cloud, query: Query, params: Mapping[str, Any]) -> Page[Image]:
    """A page as Glance gives it: one more is asked for, to know whether there is a next one."""
    scope = next(iter(query.values("scope")), "")
    try:
        answer = cloud.get("image", "/v2/images", **params)
    except Invalid as error:
        if query.marker or query.before:
            # Glance 33 has a 400 for a marker that it does not know.
            raise NotFound(error.message, service="image", status=404, request_id=error.request_id) from error
        raise
    if not isinstance(answer.get("images"), list):
        raise BadAnswer("The answer has no list of images.", service="image")
    items = wire.objects(answer["images"])
    kept: list[dict[str, Any]] = [trim(cloud, item) for item in items]
    if scope in SPECIAL:
        kept = [item for raw in kept if (item := marked(raw, scope)) is not None]
    is_back = bool(query.before and not query.marker)
    # Glance may give fewer at once than it was asked for.
    has_more = len(items) > query.limit or bool(answer.get("next"))
    # A service that does not know a parameter ignores it; the order is Glance's.
    rows = tuple(LOOKUP.ordered(_images(kept[: query.limit]), replace(query, sort=""), default_sort="")[0])
    if is_back:
        rows = rows[::-1]
    has_previous = has_more if is_back else bool(query.marker)
    has_next = is_back or has_more
    return Page(
        rows=rows,
        has_next=has_next,
        has_previous=has_previous,
        total=None if has_next or has_previous else len(rows),
    )


def get_image_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """An image as Glance gives it (``GET /v2/images/{id}``). Raises CloudError."""
    return cloud.get("image", f"/v2/images/{wire.path_id(id)}")


def get_image(cloud: Cloud, id: str) -> Image:
    """One image, with all its properties. Raises CloudError, NotFound among them."""
    json = get_image_json(cloud, id)
    image = Image.from_json({**json, OFFER_KEY: "", **_marks(cloud, json)})
    return replace(image, offer=_offer(cloud, image)) if image.is_offered and cloud.project_id else image


def _offer(cloud: Cloud, image: Image) -> str:
    """Whether this project has taken what another shares with it: Glance tells a member of its own membership only."""
    try:
        with translated("image"):
            member = cloud.glance.image_members.get(wire.path_id(image.id), wire.path_id(cloud.project_id))
        status = wire.text(member.get("status"))
    except CloudError:
        return ""
    return status if status in {"pending", "rejected"} else ""


def delete_image(cloud: Cloud, *, id: str) -> None:
    """Deletes an image. Raises Forbidden if it is protected or another's, Conflict while it is in use."""
    with translated("image"):
        cloud.glance.images.delete(wire.path_id(id))


__all__ = [
    "COUNTED",
    "LOOKUP",
    "Image",
    "confirm_gone",
    "delete_image",
    "fetch_all",
    "fetch_watched",
    "get_image",
    "get_image_json",
    "is_gone",
    "list_all_images",
    "list_images",
    "marked",
    "trim",
]
