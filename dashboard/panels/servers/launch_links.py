"""What the form starts with: defaults, what a link asks for, and the link that fills a form like this one."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.http import QueryDict

from dashboard.cloud.launch_options import ADDRESSES, MORE, VOLUMES, LaunchOptions
from dashboard.panels.servers.launch_forms import PICKS, VOLUME_SOURCES
from dashboard.panels.servers.launch_rows import DISK_FIELDS
from dashboard.panels.servers.launch_steps import values

SINGLE = (
    *("name", "description", "count", "min_count", "hostname", "source", *dict.fromkeys(PICKS.values())),
    *("volume_size", "volume_type", "delete_on_termination", "boot_bus", "boot_tag", "flavor", "networking"),
    *("floating_ip", "key_name", "availability_zone", "server_group", "host", "hypervisor_hostname"),
    *("hint_same_host", "hint_different_host", "hint_query", "hint_build_near_host_ip", "hint_cidr"),
    *("tags", "config_drive", "disk_config", "access_ipv4", "access_ipv6", "trusted_certificates"),
)
"""Fields that a link may fill in. Nothing that may be secret: a link lies in histories and logs."""
SEVERAL = (
    *("network", "port", "security_group", "metadata_key", "metadata_value", "hint_key", "hint_value"),
    *(f"disk_{name}" for name in DISK_FIELDS),
)
EACH = ("fixed_ip", "order", "tag")
"""Fields that each network or port has: "tag-3f…"."""
FOR_ADMINS = frozenset({"host", "hypervisor_hostname"})
WHOLE = "filled"
"""Set in a link that says everything: nothing else is filled in then."""
LONGEST = 255
MOST = 100
LONG_LINK = 2000
"""Characters: longer links get cut off by some mail programs and chats."""


def parts_for(given: QueryDict) -> tuple[str, ...]:
    """What has to be read besides what every form shows, so that what a link names can be chosen."""
    found: list[str] = []
    wants_volumes = given.get("source") in VOLUME_SOURCES or any(
        given.get(name) for name in ("volume", "volume_snapshot", "snapshot", "disk_source")
    )
    if wants_volumes or any(values(given, "disk_source")):
        found += VOLUMES
    if given.get("port"):
        found.append("ports")
    if given.get("floating_ip"):
        found += ADDRESSES
    if given.get("availability_zone") or given.get("server_group"):
        found += MORE
    return tuple(found)


def loaded_by(names: tuple[str, ...]) -> list[str]:
    """The parts of the page, by the value of ``loaded``, that these make whole."""
    parts = {"volumes": VOLUMES[0], "ports": "ports", "addresses": ADDRESSES[0], "more": MORE[0]}
    return [part for part, first in parts.items() if first in names]


def started(options: LaunchOptions, given: QueryDict) -> QueryDict:
    """The form as it is when it is opened: defaults, and what the link asked for."""
    data = QueryDict(mutable=True)
    data["source"] = "image"
    data["count"] = "1"
    data["networking"] = "chosen"
    if not given.get(WHOLE):
        _defaults(options, data)
    _given(options, data, given)
    if not given.get("source"):
        _guess_source(options, data)
    return data


def _defaults(options: LaunchOptions, data: QueryDict) -> None:
    usable = [network for network in options.networks if network.subnet_ids]
    own = [network for network in usable if network.is_own]
    if own or len(usable) == 1:
        data["network"] = (own or usable)[0].id
    for group in options.groups:
        if group.name == "default":
            data["security_group"] = group.id
            break
    if len(options.keypairs) == 1:
        data["key_name"] = options.keypairs.rows[0].name


def _given(options: LaunchOptions, data: QueryDict, given: QueryDict) -> None:
    for name in SINGLE:
        if given.get(name) and (name not in FOR_ADMINS or options.is_admin):
            data[name] = str(given[name])[: LONGEST if name != "tags" else 5000]
    for name in SEVERAL:
        found = [value[:LONGEST] for value in given.getlist(name)[:MOST]]
        if any(found):
            data.setlist(name, found)
    for name in _each(data):
        if given.get(name):
            data[name] = str(given[name])[:LONGEST]
    if given.get("key"):
        data["key_name"] = str(given["key"])[:LONGEST]


def _guess_source(options: LaunchOptions, data: QueryDict) -> None:
    """Links name a thing and leave its kind to us: an image may be a snapshot, a snapshot one of a volume."""
    image = options.images.find(data.get("image", ""))
    if image is not None and image.is_snapshot:
        data["snapshot"] = image.id
    snapshot = data.get("snapshot", "")
    if snapshot and options.images.find(snapshot) is None and options.volume_snapshots.find(snapshot) is not None:
        data["volume_snapshot"], data["snapshot"] = snapshot, ""
    for name in ("volume_snapshot", "volume", "snapshot"):
        if data.get(name):
            data["source"] = name
            break


def link_query(data: QueryDict) -> str:
    """The query of a link that fills the form as it is now, without what may be secret or is used up by then."""
    pairs: list[tuple[str, str]] = [(WHOLE, "1")]
    source = data.get("source", "image")
    picks = set(PICKS.values()) - {PICKS.get(source, "image")}
    for name in SINGLE:
        value = str(data.get(name, "")).strip()
        is_used_up = name == "floating_ip" and not value.startswith("new:")
        if value and name not in picks and not is_used_up and (name, value) not in {("count", "1"), ("min_count", "1")}:
            pairs.append((name, value))
    rows = [place for place, source in enumerate(values(data, "disk_source")) if source]
    for name in SEVERAL:
        found = values(data, name)
        if name.startswith("disk_"):
            found = [found[place] if place < len(found) else "" for place in rows]
        elif name.startswith(("metadata_", "hint_")):
            kind = name.rpartition("_")[0]
            filled = [place for place, key in enumerate(values(data, f"{kind}_key")) if key and place < len(found)]
            found = [found[place] for place in filled]
        if any(found):
            pairs += [(name, value) for value in found]
    pairs += [(name, str(data[name]).strip()) for name in _each(data) if str(data.get(name, "")).strip()]
    return urlencode(pairs)


def _each(data: QueryDict) -> Iterator[str]:
    for id in (*values(data, "network"), *values(data, "port")):
        for name in EACH:
            yield f"{name}-{id}"
