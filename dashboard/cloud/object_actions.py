"""What is done to objects: copied, moved, described, given an end, and deleted, one or a hundred thousand.

Swift copies by itself; nothing comes through us. It forgets what an object had when its metadata are set, so all of it
is said again.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.cloud import bulk_delete, swift
from dashboard.cloud.connection import Cloud, json_of
from dashboard.cloud.errors import CloudError, Conflict, Invalid, NotFound, Unauthorized
from dashboard.cloud.objects import META, Object, read_object
from dashboard.cloud.parallel import in_turn
from dashboard.cloud.swift import SERVICE, path_of, send

AT_ONCE = 200
"""Names of one request that deletes several: few enough that it answers in time."""
LISTED = 10_000
BUNCH = 100
"""Objects of one piece of a long deletion."""
FOLDER_TYPE = "application/directory"


class Exists(Conflict):
    """There is an object of this name already, and nobody said that it may be replaced."""


# Copies


def copy(
    cloud: Cloud, item: Object, container: str, name: str, *, may_replace: bool = False, is_move: bool = False
) -> None:
    """Has Swift copy an object, with all that is said of it; nothing is replaced unless that is allowed.

    A link is copied as a link. A large object is copied whole, so that neither hangs on the other's segments; where it
    is moved, or is too large to be one, the new one is made of the same segments. Raises CloudError.
    """
    if not may_replace:
        # Swift takes "If-None-Match: *" of a copy for a question about what is copied.
        _refuse_if_there(cloud, container, name)
    params: dict[str, str] = {}
    if item.target:
        params["symlink"] = "get"
    is_whole = not is_move and item.size <= swift.info(cloud).max_file_size
    if (item.is_large or item.manifest) and not is_whole:
        params["multipart-manifest"] = "get"
    headers = {"X-Copy-From": path_of(item.container, item.path), "Content-Length": "0"}
    send(cloud, "PUT", path_of(container, name), params=params, headers=headers)


def move(cloud: Cloud, item: Object, container: str, name: str, *, may_replace: bool = False) -> None:
    """Gives an object another name or place: a copy, and then the first one goes. Raises CloudError."""
    if (container, name) == (item.container, item.path):
        raise Invalid("It is called so already.", service=SERVICE)
    copy(cloud, item, container, name, may_replace=may_replace, is_move=True)
    # Its segments stay: the new one is made of them.
    send(cloud, "DELETE", path_of(item.container, item.path))


def _refuse_if_there(cloud: Cloud, container: str, name: str) -> None:
    try:
        read_object(cloud, container, name)
    except NotFound:
        return
    raise Exists("There is an object of this name already.", service=SERVICE, status=412)


def make_folder(cloud: Cloud, container: str, prefix: str) -> None:
    """Makes the object without content that stands for a folder, if there is none. Raises CloudError."""
    headers = {"Content-Type": FOLDER_TYPE, "If-None-Match": "*", "Content-Length": "0"}
    try:
        send(cloud, "PUT", path_of(container, prefix), headers=headers)
    except CloudError as error:
        if error.status == 412:
            raise Exists("There is such a folder already.", service=SERVICE, status=412) from error
        raise


# What is said of one


def describe(
    cloud: Cloud, item: Object, metadata: Mapping[str, str], *, headers: Mapping[str, str], content_type: str = ""
) -> None:
    """Sets a person's own metadata and the headers that it is delivered with; the rest stays. Raises CloudError."""
    kept = {key: value for key, value in item.kept.items() if not key.startswith(META) and key not in headers}
    sent = {key: value for key, value in headers.items() if value}
    own = {META + key: value for key, value in metadata.items()}
    more = {"content-type": content_type} if content_type and content_type != item.type else {}
    _post(cloud, item, kept | sent | own | more)


def set_expiry(cloud: Cloud, item: Object, at: datetime | None) -> None:
    """Says when Swift is to delete it, or that it stays; all else stays as it is. Raises CloudError."""
    kept = {key: value for key, value in item.kept.items() if key != "x-delete-at"}
    _post(cloud, item, kept | ({"x-delete-at": str(int(at.timestamp()))} if at else {}))


def _post(cloud: Cloud, item: Object, headers: Mapping[str, str]) -> None:
    named = {"-".join(part.capitalize() for part in key.split("-")): value for key, value in headers.items()}
    send(cloud, "POST", path_of(item.container, item.path), headers=named)


# Versions


def restore_version(cloud: Cloud, item: Object, version: str) -> None:
    """Makes a version the current content again. Raises CloudError."""
    send(
        cloud,
        "PUT",
        path_of(item.container, item.path),
        params={"version-id": version},
        headers={"Content-Length": "0"},
    )


def delete_version(cloud: Cloud, item: Object, version: str) -> None:
    """Deletes a version for good. Raises CloudError."""
    send(cloud, "DELETE", path_of(item.container, item.path), params={"version-id": version})


# Deleting


@dataclass(frozen=True)
class Deleted:
    """What became of one object; without an error it is gone."""

    name: str
    error: CloudError | None = None


def delete_object(cloud: Cloud, item: Object, *, with_segments: bool = True) -> None:
    """Deletes one object, a large one with its segments unless they are to stay. Raises CloudError."""
    is_manifest = item.has_segments and with_segments
    params = {"multipart-manifest": "delete"} if is_manifest else None
    answer = send(
        cloud,
        "DELETE",
        path_of(item.container, item.path),
        params=params,
        headers={"Accept": "application/json"} if is_manifest else None,
    )
    if is_manifest and answer.content:
        for error in bulk_delete.errors_in(json_of(answer, SERVICE)).values():
            raise error


def delete_objects(cloud: Cloud, container: str, names: Sequence[str], *, large: Collection[str] = ()) -> list[Deleted]:
    """Deletes objects by their names, and says what became of each. One that is gone already is deleted, too.

    ``large`` are those whose segments are to go with them. Raises Unauthorized alone.
    """
    listed = [name for name in names if name not in large and bulk_delete.can_list(cloud, name)]
    single = [name for name in names if name not in large and not bulk_delete.can_list(cloud, name)]
    found: dict[str, CloudError | None] = {}
    if bulk_delete.is_offered(cloud):
        for start in range(0, len(listed), AT_ONCE):
            some = listed[start : start + AT_ONCE]
            try:
                found |= bulk_delete.delete_listed(cloud, container, some)
            except Unauthorized:
                raise
            except CloudError as error:
                found |= dict.fromkeys(some, error)
    else:
        single += listed
    found |= _one_by_one(cloud, [Object(container, name) for name in single])
    found |= _one_by_one(cloud, [Object(container, name, is_large=True) for name in names if name in large])
    return [Deleted(name, found.get(name)) for name in names]


def _one_by_one(cloud: Cloud, items: Sequence[Object]) -> dict[str, CloudError | None]:
    found: dict[str, CloudError | None] = {}
    calls = [functools.partial(delete_object, cloud, item) for item in items]
    for item, outcome in zip(items, in_turn(calls, seconds=35), strict=True):
        outcome.or_else(None)
        if isinstance(outcome.error, Unauthorized):
            raise outcome.error
        found[item.path] = None if isinstance(outcome.error, NotFound) else outcome.error
    return found


def below(cloud: Cloud, container: str, prefix: str, *, most: int) -> Iterator[list[Object]]:
    """All objects whose names begin so, page by page, until more than ``most`` were read. Raises CloudError."""
    marker, seen = "", 0
    while seen <= most:
        entries, _headers = swift.listing(
            cloud,
            path_of(container),
            limit=min(LISTED, swift.info(cloud).listing_limit),
            prefix=prefix or None,
            marker=marker or None,
        )
        page = [item for entry in entries if (item := Object.from_json(container, entry)).path]
        if not page:
            return
        yield page
        seen += len(page)
        marker = page[-1].path


def between(cloud: Cloud, container: str, first: str, last: str, *, folder: str | None = None) -> list[Object]:
    """The objects from one name to another, as they are there now; with ``folder`` those right in it.

    One may be there twice. Of more than ``LISTED`` some are left out. Raises CloudError.
    """
    most = min(LISTED, swift.info(cloud).listing_limit)
    here = {} if folder is None else {"prefix": folder, "delimiter": "/"}
    asked: tuple[dict[str, Any], ...] = (
        {"limit": 1, "prefix": first},
        {"limit": most, "marker": first, "end_marker": last, **here},
        {"limit": 1, "prefix": last},
    )
    return [
        item
        for params in asked
        for entry in swift.listing(cloud, path_of(container), **params)[0]
        if first <= (item := Object.from_json(container, entry)).path <= last
    ]


def delete_bunch(cloud: Cloud, bunch: Object, *, with_segments: bool = True) -> list[Deleted]:
    """Deletes all objects from one name to another, as they are there now. Raises CloudError."""
    if not bunch.last:
        delete_object(cloud, bunch, with_segments=with_segments)
        return [Deleted(bunch.path)]
    items = between(cloud, bunch.container, bunch.path, bunch.last)
    large = {item.path for item in items if item.has_segments and with_segments}
    return delete_objects(cloud, bunch.container, list(dict.fromkeys(item.path for item in items)), large=large)
