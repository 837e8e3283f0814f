"""Words that several panels use for the same things: security group rules and quotas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.security_groups import Rule

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

QUOTAS: dict[str, StrOrPromise] = {
    "instances": gettext_lazy("Servers"),
    "cores": gettext_lazy("vCPUs"),
    "ram": gettext_lazy("RAM"),
    "server_groups": gettext_lazy("Server groups"),
    "volumes": gettext_lazy("Volumes"),
    "gigabytes": gettext_lazy("Volume storage"),
    "snapshots": gettext_lazy("Volume snapshots"),
    "backups": gettext_lazy("Backups"),
    "backup_gigabytes": gettext_lazy("Backup storage"),
    "network": gettext_lazy("Networks"),
    "subnet": gettext_lazy("Subnets"),
    "port": gettext_lazy("Ports"),
    "router": gettext_lazy("Routers"),
    "floatingip": gettext_lazy("Floating IPs"),
    "security_group": gettext_lazy("Security groups"),
    "security_group_rule": gettext_lazy("Security group rules"),
    "subnetpool": gettext_lazy("Subnet pools"),
    "router_route": gettext_lazy("Static routes of a router"),
    "rbac_policy": gettext_lazy("Network sharings"),
    "trunk": gettext_lazy("Trunks"),
    "key_pairs": gettext_lazy("Key pairs of a person"),
    "metadata_items": gettext_lazy("Metadata items of a server"),
    "server_group_members": gettext_lazy("Members of a server group"),
    "per_volume_gigabytes": gettext_lazy("Size of a volume"),
    "groups": gettext_lazy("Volume groups"),
}


def quota_label(name: str) -> str:
    """A quota as people call it, by the name that ``dashboard.cloud.limits`` gives it."""
    return str(QUOTAS.get(name, name))


def rule_words(rule: Rule, groups: Mapping[str, str] | None = None) -> str:
    """A security group's rule in words: "TCP 22 from 0.0.0.0/0".

    ``groups`` maps ids of security groups to their names. A group that is not in it is
    told by its id.
    """
    what = rule.traffic or (_("All IPv6 traffic") if rule.ethertype.lower() == "ipv6" else _("All IPv4 traffic"))
    names = groups or {}
    if rule.remote_group_id:
        name = names.get(rule.remote_group_id, rule.remote_group_id)
        text = _("%(what)s from members of %(group)s") if rule.is_ingress else _("%(what)s to members of %(group)s")
        return text % {"what": what, "group": name}
    if rule.remote_address_group_id:
        text = (
            _("%(what)s from address group %(group)s") if rule.is_ingress else _("%(what)s to address group %(group)s")
        )
        name = names.get(rule.remote_address_group_id, rule.remote_address_group_id)
        return text % {"what": what, "group": name}
    if rule.is_from_everywhere:
        text = _("%(what)s from anywhere (%(range)s)") if rule.is_ingress else _("%(what)s to anywhere (%(range)s)")
    else:
        text = _("%(what)s from %(range)s") if rule.is_ingress else _("%(what)s to %(range)s")
    return text % {"what": what, "range": rule.peer_prefix}
