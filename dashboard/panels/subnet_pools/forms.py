"""The forms for subnet pools and address scopes."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import neutron
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later
from dashboard.cloud.subnet_pools import SubnetPool, list_all_scopes
from dashboard.ui.netfields import RangesField, choices
from dashboard.ui.sections import Sectioned


def length(label: Any, help_text: Any = "") -> forms.IntegerField:
    """A prefix length."""
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=128, help_text=help_text)


class PoolForm(Sectioned):
    """A pool, new or as it is."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    prefixes = RangesField(
        label=gettext_lazy("Ranges"), required=True, rows=3, help_text=gettext_lazy("One per line: 10.20.0.0/16")
    )
    default_prefix_length = length(
        gettext_lazy("Usual prefix length"), gettext_lazy("How large a subnet is unless somebody says otherwise")
    )
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    min_prefix_length = length(gettext_lazy("Shortest prefix length"), gettext_lazy("The largest subnet"))
    max_prefix_length = length(gettext_lazy("Longest prefix length"), gettext_lazy("The smallest subnet"))
    address_scope_id = forms.ChoiceField(
        label=gettext_lazy("Address scope"),
        required=False,
        help_text=gettext_lazy("Between networks of one scope routers don't translate addresses"),
    )
    default_quota = forms.IntegerField(
        label=gettext_lazy("Quota for each project"),
        required=False,
        min_value=0,
        help_text=gettext_lazy("Addresses with IPv4, /64 ranges with IPv6; no limit if empty"),
    )
    is_shared = forms.BooleanField(label=gettext_lazy("Shared: every project can take subnets from it"), required=False)
    is_default = forms.BooleanField(label=gettext_lazy("The cloud's default pool"), required=False)
    sections = (
        (
            gettext_lazy("More"),
            ("description", "min_prefix_length", "max_prefix_length", "address_scope_id", "default_quota"),
        ),
        (gettext_lazy("For administrators"), ("is_shared", "is_default")),
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_admin = neutron.is_admin(cloud)
        # Whether it is shared can't be changed afterwards; an RBAC policy can.
        self.keep(is_admin and not rows, "is_shared")
        self.keep(is_admin and extensions.offered(cloud, "default-subnetpools"), "is_default")
        if extensions.offered(cloud, "address-scope"):
            scopes = later(lambda: list_all_scopes(cloud)).or_else(())
            self.choose("address_scope_id", choices(scopes, empty=_("None")))
        else:
            self.drop("address_scope_id")

    def clean(self) -> dict[str, Any]:
        """One IP version for all, and the lengths in order."""
        data = super().clean() or {}
        if len({ipaddress.ip_network(prefix).version for prefix in data.get("prefixes") or ()}) > 1:
            self.add_error("prefixes", _("All ranges have to be of the same IP version."))
        lengths = [data.get(f"{name}_prefix_length") for name in ("min", "default", "max")]
        given = [value for value in lengths if value is not None]
        if given != sorted(given):
            self.add_error("default_prefix_length", _("It has to be between the shortest and the longest."))
        return data


class ScopeForm(Sectioned):
    """A scope, new or as it is."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    ip_version = forms.ChoiceField(
        label=gettext_lazy("IP version"), choices=(("4", "IPv4"), ("6", "IPv6")), initial="4"
    )
    is_shared = forms.BooleanField(label=gettext_lazy("Shared: every project can use it"), required=False)

    def __init__(self, *args: Any, cloud: Cloud, rows: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep(not rows, "ip_version")
        self.keep(neutron.is_admin(cloud), "is_shared")


ATTRIBUTES = {
    "name": "name",
    "description": "description",
    "default_prefix_length": "default_prefixlen",
    "min_prefix_length": "min_prefixlen",
    "max_prefix_length": "max_prefixlen",
    "address_scope_id": "address_scope_id",
    "default_quota": "default_quota",
    "is_default": "is_default",
    "is_shared": "shared",
}


def pool_body(pool: SubnetPool, data: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the pool as it is, or from a new one."""
    body = neutron.changed(pool, data, ATTRIBUTES)
    for name in ("default_prefixlen", "min_prefixlen", "max_prefixlen"):
        if name in body and body[name] is None:
            del body[name]
    if "address_scope_id" in body:
        body["address_scope_id"] = body["address_scope_id"] or None
    if tuple(data["prefixes"]) != pool.prefixes:
        body["prefixes"] = list(data["prefixes"])
    return body
