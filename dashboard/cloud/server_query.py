"""How servers are looked for: by what people type, in rows that are at hand and in Nova's own words.

Follows https://docs.openstack.org/api-ref/compute/#list-servers-detailed with microversion 2.96.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dashboard.cloud.ages import aged, ages
from dashboard.cloud.server_types import Server
from dashboard.cloud.types import Lookup, Query, Term, wild

LONG_AGO = datetime.fromtimestamp(0, UTC)


def by_address(value: str) -> Callable[[Server], bool] | None:
    """An address, the beginning of some ("10.0." or "10.0.*"), or a range of them ("10.0.0.0/24")."""
    if "/" in value:
        try:
            network = ipaddress.ip_network(value, strict=False)
        except ValueError:
            return None
        return lambda server: any(_is_in(item.address, network) for item in server.addresses)
    wanted = value.casefold()
    if wanted.endswith(("*", ".", ":")):
        begin = wanted.rstrip("*")
        return lambda server: any(item.address.casefold().startswith(begin) for item in server.addresses)
    return lambda server: any(item.address.casefold() == wanted for item in server.addresses)


def _is_in(address: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:
        return False


LOOKUP = Lookup[Server](
    text=lambda server: (
        server.name,
        server.id,
        server.description,
        *(address.address for address in server.addresses),
    ),
    values={
        "status": lambda server: server.status,
        "name": lambda server: server.name,
        "id": lambda server: server.id,
        "ip": lambda server: [address.address for address in server.addresses],
        "network": lambda server: list(dict.fromkeys(address.network for address in server.addresses)),
        "image": lambda server: server.image_id,
        "flavor": lambda server: server.flavor.name,
        "key": lambda server: server.key_name,
        "zone": lambda server: server.availability_zone,
        "tag": lambda server: server.tags,
        "locked": lambda server: server.is_locked,
        "host": lambda server: server.host,
        "creator": lambda server: server.user_id,
        "fault": lambda server: server.fault is not None or server.action_fault is not None,
        "volume": lambda server: server.volume_ids,
        "group": lambda server: server.security_groups,
        "task": lambda server: server.task_state,
    },
    sorts={
        "name": lambda server: server.name,
        "status": lambda server: (server.status, server.task_state),
        "created": lambda server: server.created or LONG_AGO,
        "updated": lambda server: server.updated or LONG_AGO,
        "flavor": lambda server: (server.flavor.vcpus, server.flavor.ram, server.flavor.name),
        "zone": lambda server: server.availability_zone,
        "key": lambda server: server.key_name,
    },
    tests={
        "ip": by_address,
        "created": aged(lambda server: server.created),
        "changed": aged(lambda server: server.updated),
    },
    timed=frozenset({"created", "changed"}),
)

NOVA_SORTS = {
    "name": "display_name",
    "status": "vm_state",
    "created": "created_at",
    "updated": "updated_at",
    "flavor": "instance_type_id",
}
"""Orders that Nova is asked for. Its paging loses rows where a column may be empty (seen with Nova 34 for zones)."""
NOVA_FILTERS = {
    "status": "status",
    "name": "name",
    "image": "image",
    "key": "key_name",
    "zone": "availability_zone",
    "creator": "user_id",
    "host": "host",
    "locked": "locked",
}
"""Filters of Nova that take what is typed. Members may use them since 2.83; "host" needs an administrator, and Nova
leaves it out for others without a word. Its filter for flavors takes an id, which servers don't tell since 2.47, and
none says whether there is a fault: what of these is asked for is looked for in what Nova gives.
"""


@dataclass(frozen=True)
class Reach:
    """Which servers a list is about, and what it can be asked: by default, those of the project in scope."""

    lookup: Lookup[Server] = LOOKUP
    sorts: Mapping[str, str] = field(default_factory=lambda: NOVA_SORTS)
    filters: Mapping[str, str] = field(default_factory=lambda: NOVA_FILTERS)
    params: Mapping[str, Any] = field(default_factory=dict)
    """What Nova is asked with besides."""
    load: Callable[[Mapping[str, Any]], Server] = Server.from_json


OWN = Reach()


def is_nova_enough(query: Query, *, is_admin: bool, filters: Mapping[str, str] = NOVA_FILTERS) -> bool:
    """Whether Nova's own filters find all that the query means, and nothing else."""
    return not query.text and all(_is_known(query, term, filters, is_admin=is_admin) for term in query.terms)


def _is_known(query: Query, term: Term, filters: Mapping[str, str], *, is_admin: bool) -> bool:
    if term.key == "tag":
        return "," not in term.value and "*" not in term.value
    if term.is_negated or term.key not in filters or (term.key == "host" and not is_admin):
        return False
    if term.key == "status":
        return "*" not in term.value
    return len(query.values(term.key)) == 1 and (term.key == "name" or "*" not in term.value)


def nova_filters(query: Query, filters: Mapping[str, str] = NOVA_FILTERS) -> dict[str, Any]:
    """Nova's own parameters for what the query asks; texts are regular expressions there, so they are escaped."""
    found: dict[str, Any] = {}
    for term in query.terms:
        name = filters.get(term.key, "")
        if term.key == "tag" and not wild(term.value) and "," not in term.value:
            _add(found, "not-tags-any" if term.is_negated else "tags-any", term.value)
        elif term.is_negated or (wild(term.value) and term.key != "name"):
            continue
        elif term.key == "status":
            found.setdefault(name, []).append(term.value)
        elif len(query.values(term.key)) > 1:
            # Nova would take the last for the only one.
            continue
        elif term.key == "ip" and "/" not in term.value:
            # Nova hands it to Neutron, which looks for it in every part of an address: no pattern.
            found["ip6" if ":" in term.value else "ip"] = term.value
        elif term.key == "changed":
            if (since := ages(term.value)) is not None and since.after is not None:
                found["changes-since"] = since.after.strftime("%Y-%m-%dT%H:%M:%SZ")
        elif term.key == "locked":
            found[name] = term.value.casefold() == "yes"
        elif name:
            found[name] = f"^{_pattern(term.value)}$" if name == "name" else term.value
    if query.text:
        found["name"] = _escaped(query.text)
    return found


def _add(found: dict[str, Any], name: str, value: str) -> None:
    found[name] = f"{found[name]},{value}" if name in found else value


def _pattern(text: str) -> str:
    return ".*".join(_escaped(part) for part in text.split("*"))


def _escaped(text: str) -> str:
    """Text as a MySQL regular expression that matches just it."""
    return "".join(f"\\{char}" if char in r"\^$.|?*+()[]{}" else char for char in text)
