"""What is changed about containers: made, described, opened and closed, deleted."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from dashboard.cloud import container_access, swift
from dashboard.cloud.connection import Cloud
from dashboard.cloud.containers import META, Container, read_container
from dashboard.cloud.swift import path_of

REMOVE = "X-Remove-"
"""What Swift takes a header away by: a value that is empty does so, too, but not on its way through every proxy."""


def header(key: str) -> str:
    """The header of a container's metadata that ``key`` stands for: "quota-bytes"."""
    return META.title() + key.title()


def create_container(cloud: Cloud, data: Mapping[str, Any]) -> Container:
    """Makes a container. Swift takes a PUT of one that is there for a change of it, so that is looked for first."""
    name = data["name"]
    headers: dict[str, str] = {}
    if data.get("policy"):
        headers["X-Storage-Policy"] = data["policy"]
    if read := container_access.with_public("", data.get("access") or "private"):
        headers["X-Container-Read"] = read
    if data.get("is_versioned"):
        headers["X-Versions-Enabled"] = "true"
    for key, value in (("quota-bytes", data.get("quota_bytes")), ("quota-count", data.get("quota_count"))):
        if value is not None:
            headers[header(key)] = str(value)
    swift.send(cloud, "PUT", path_of(name), headers=headers)
    return Container(name=name)


def set_headers(cloud: Cloud, name: str, headers: Mapping[str, str | None]) -> None:
    """Sets headers of a container; None takes one away. Raises CloudError."""
    if headers:
        _post(cloud, path_of(name), headers)


def _post(cloud: Cloud, path: str, headers: Mapping[str, str | None]) -> None:
    sent = {key if value else key.replace("X-", REMOVE, 1): value or "x" for key, value in headers.items()}
    swift.send(cloud, "POST", path, headers=sent)


def set_meta(cloud: Cloud, name: str, values: Mapping[str, str | None]) -> None:
    """Sets metadata of a container by their keys; None takes one away. Raises CloudError."""
    set_headers(cloud, name, {header(key): value for key, value in values.items()})


def set_public(cloud: Cloud, name: str, wanted: container_access.Public) -> None:
    """Lets people in who did not sign in, or not; as the rules are by then. Raises CloudError."""
    read = container_access.with_public(read_container(cloud, name).read, wanted)
    set_headers(cloud, name, {"X-Container-Read": read or None})


def add_rule(cloud: Cloud, name: str, rule: str, *, is_read: bool, is_write: bool) -> None:
    """Adds a rule to those of reading, writing, or both. Raises CloudError."""
    now = read_container(cloud, name)
    headers: dict[str, str | None] = {}
    if is_read:
        headers["X-Container-Read"] = container_access.with_rule(now.read, rule)
    if is_write:
        headers["X-Container-Write"] = container_access.with_rule(now.write, rule)
    set_headers(cloud, name, headers)


def remove_rule(cloud: Cloud, name: str, rule: str, *, is_write: bool) -> None:
    """Takes one rule away, and no other. Raises CloudError."""
    now = read_container(cloud, name)
    if is_write:
        left = container_access.without_rule(now.write, rule)
        set_headers(cloud, name, {"X-Container-Write": left or None})
    else:
        left = container_access.without_rule(now.read, rule)
        set_headers(cloud, name, {"X-Container-Read": left or None})


def set_versions(cloud: Cloud, name: str, *, is_on: bool) -> None:
    """Has Swift keep the versions of objects, or keep no new ones. Raises CloudError."""
    set_headers(cloud, name, {"X-Versions-Enabled": "true" if is_on else "false"})


def delete_container(cloud: Cloud, name: str) -> None:
    """Deletes an empty container. Raises CloudError, Conflict where there is something in it."""
    swift.send(cloud, "DELETE", path_of(name))


# Keys of temporary URLs


def new_key() -> str:
    """A key that nobody guesses."""
    return secrets.token_urlsafe(32)


def account_keys(cloud: Cloud) -> tuple[str, str]:
    """The account's two keys, "" for one that is not set or not for this person to see. Raises CloudError."""
    headers = swift.headers_of(swift.send(cloud, "HEAD", ""))
    return headers.get("x-account-meta-temp-url-key", ""), headers.get("x-account-meta-temp-url-key-2", "")


def set_keys(cloud: Cloud, container: str, *, first: str | None, second: str | None) -> None:
    """Sets the two keys of a container, or of the account for "". Raises CloudError."""
    of = "Container" if container else "Account"
    prefix = f"X-{of}-Meta-Temp-Url-Key"
    _post(cloud, path_of(container) if container else "", {prefix: first, f"{prefix}-2": second})


def rotate_key(cloud: Cloud, container: str) -> str:
    """A new key comes first; the one that was first goes on to be good until the next time. Raises CloudError."""
    now = read_container(cloud, container).meta("temp-url-key") if container else account_keys(cloud)[0]
    key = new_key()
    set_keys(cloud, container, first=key, second=now or None)
    return key
