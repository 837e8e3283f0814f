"""Neutron's refusals in words: what stands in the way, and where to find it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.errors import CloudError
from dashboard.ui.words import quota_label

ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
REFUSALS: tuple[tuple[str, Any], ...] = (
    (
        r"Router \S+ (has ports still attached|still has ports)",
        gettext_lazy("The router is still on networks: remove its interfaces first."),
    ),
    (r"Router \S+ still has (an )?active", gettext_lazy("The router is still in use.")),
    (
        r"Gateway cannot be updated for router",
        gettext_lazy("Floating IPs lead through this gateway: disassociate them first."),
    ),
    (
        r"Router interface for subnet .* required by one or more floating IPs",
        gettext_lazy("Floating IPs lead to this network through the router: disassociate them first."),
    ),
    (
        r"Router interface for subnet .* required by one or more routes",
        gettext_lazy("Static routes of the router lead over this network: take them away first."),
    ),
    (r"Router already has a port on subnet", gettext_lazy("The router is on this subnet already.")),
    (
        r"Cidr (?P<range>\S+) of subnet .* overlaps with cidr",
        gettext_lazy("The range %(range)s overlaps with that of a network that the router is on already."),
    ),
    (
        r"operation on network .*ports still in use",
        gettext_lazy("Servers or routers are still on this network: take their ports away first."),
    ),
    (r"operation on subnet .*IP allocation", gettext_lazy("Ports still have addresses of this subnet.")),
    (
        r"cidr: (?P<range>\S+) for network: \S+ overlaps",
        gettext_lazy("The range %(range)s overlaps with another subnet of this network."),
    ),
    (r"IP address (?P<address>\S+) already allocated", gettext_lazy("The address %(address)s is taken already.")),
    (
        r"IP address (?P<address>\S+) is not a valid IP for",
        gettext_lazy("The address %(address)s is in no subnet of the network."),
    ),
    (r"No more IP addresses available", gettext_lazy("The network has no free address left.")),
    (r"mac address (?P<mac>\S+) is in use", gettext_lazy("The MAC address %(mac)s is taken already on this network.")),
    (r"Security Group \S+ in use", gettext_lazy("Ports have this security group: take it from them first.")),
    (
        r"(Security group rule already exists|Duplicate Security Group Rule)",
        gettext_lazy("The group has this rule already."),
    ),
    (
        r"External network \S+ is not reachable from subnet",
        gettext_lazy(
            "No router leads from this port's network to the floating IP's. Add it to one with a gateway there."
        ),
    ),
    (
        r"fixed IP already has a floating IP",
        gettext_lazy("This address has a floating IP already: disassociate that first."),
    ),
    (
        r"Port \S+ cannot be deleted directly",
        gettext_lazy("The port belongs to something else, which has to be changed instead."),
    ),
    (
        r"could not check who may change a packet rate rule",
        gettext_lazy("Neutron lets only administrators change rules about packets here."),
    ),
    (r"QoS Policy \S+ is used by", gettext_lazy("Something still has this QoS policy: take it from there first.")),
    (r"(Trunk \S+ is currently in use|trunk .* in use)", gettext_lazy("A server is on this trunk.")),
    (r"Port \S+ is (currently )?(a parent|a subport|in use)", gettext_lazy("The port is in use already.")),
    (
        r"Port forwarding|port forwarding",
        gettext_lazy("This does not go together with the ports that are forwarded already."),
    ),
    (
        r"RBAC policy .* cannot be removed|because other objects depend on it",
        gettext_lazy("The other project still uses it."),
    ),
    (r"Unable to reconfigure sharing settings", gettext_lazy("Other projects still use this network.")),
    (
        r"[Ss]ubnet ?pool .* in use|Subnet pool has existing allocations",
        gettext_lazy("Subnets were cut from this pool: delete them first."),
    ),
    (r"[Aa]ddress ?[Ss]cope .* (in use|associated)", gettext_lazy("Subnet pools are in this address scope.")),
    (r"[Aa]ddress group .* in use", gettext_lazy("Rules of security groups name this address group.")),
    (r"Network .* is not a valid external network", gettext_lazy("This network does not lead outside.")),
    (
        r"Gateway ip (?P<address>\S+) conflicts with allocation pool",
        gettext_lazy("The gateway's address %(address)s is among the addresses to give out."),
    ),
)


def sentence(error: CloudError) -> str:
    """What Neutron's refusal means, "" for one that is not known here."""
    if error.service != "network" or not error.message:
        return ""
    quota = re.search(r"Quota exceeded for resources: \[([^\]]*)\]", error.message)
    if quota:
        names = ", ".join(quota_label(name) for name in re.findall(r"[\w-]+", quota[1]))
        return _("This would exceed the project's quota: %(names)s.") % {"names": names}
    for pattern, text in REFUSALS:
        found = re.search(pattern, error.message)
        if found:
            return str(text) % found.groupdict() if found.groupdict() else str(text)
    return ""


@dataclass(frozen=True)
class Mention:
    """A thing that a refusal names."""

    label: Any
    id: str
    url_name: str

    @property
    def short(self) -> str:
        """The beginning of its id, as lists show it."""
        return self.id[:8]


KINDS: tuple[tuple[str, Any, str], ...] = (
    ("security group rule", "", ""),
    ("rule id", "", ""),
    ("security group", gettext_lazy("Security group"), "security-groups:detail"),
    ("address group", gettext_lazy("Address group"), "address-groups:detail"),
    ("floating ip", gettext_lazy("Floating IP"), "floating-ips:detail"),
    ("qos policy", gettext_lazy("QoS policy"), "qos-policies:detail"),
    ("subnet", gettext_lazy("Subnet"), "subnets:detail"),
    ("network", gettext_lazy("Network"), "networks:detail"),
    ("router", gettext_lazy("Router"), "routers:detail"),
    ("trunk", gettext_lazy("Trunk"), "trunks:detail"),
    ("port", gettext_lazy("Port"), "ports:detail"),
)
MOST = 6


def mentions(text: str) -> list[Mention]:
    """The things that a refusal names, up to a few: each by the kind that is said last before its id."""
    words = "|".join(re.escape(word) for word, _label, _url in KINDS)
    kind: tuple[Any, str] = ("", "")
    found: dict[str, Mention] = {}
    for match in re.finditer(rf"(?P<id>{ID})|(?P<kind>{words})", text, re.IGNORECASE):
        if match["kind"]:
            kind = next((label, url) for word, label, url in KINDS if word == match["kind"].lower())
        elif kind[1]:
            found.setdefault(match["id"], Mention(kind[0], match["id"], kind[1]))
    return list(found.values())[:MOST]
