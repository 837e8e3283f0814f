"""Which role a refusal asks for: the defaults of OpenStack's policies, by the rule that a service names."""

from __future__ import annotations

import re

NOVA_ADMIN = re.compile(
    r"""os_compute_api:(
        os-(migrate-server|evacuate|admin-actions|hypervisors|services|migrations|server-diagnostics|aggregates)\b
        | os-(flavor-manage|flavor-access|flavor-extra-specs|server-external-events|assisted-volume-snapshots|agents)\b
        | os-simple-tenant-usage:list | os-lock-server:unlock:unlock_override | os-quota-(sets|class-sets):update
        | servers:.*(all_tenants|forced_host|requested_destination|host_status|migrations) | servers:migrations
        | os-extended-server-attributes | server:topology:host | os-instance-actions:events:details
    )""",
    re.VERBOSE,
)
"""Rules of Nova that are for administrators unless the operator has changed that (nova/policies, Nova 34)."""


KEYSTONE = re.compile(r"requested action: identity:(\w+)")
"""Keystone says "You are not authorized to perform the requested action: identity:list_users."."""
LOOKING = re.compile(r"(list|get|check|head|validate)_")
MANAGED = re.compile(
    r"_(user|users|group|groups|project|projects|project_tags?|grant|grants|role_assignments?)(_|$)|user_"
)
"""What a domain's manager may change in Keystone 27 and newer: users, groups, projects and who has which role."""


def needed_role(message: str, kind: str = "project") -> str:
    """The role that a refused rule asks for by default in this kind of scope; "" where the message names none, or
    none that is known.

    Nova and Cinder say "Policy doesn't allow os_compute_api:os-evacuate to be performed."
    """
    if NOVA_ADMIN.search(message):
        return "admin"
    found = KEYSTONE.search(message)
    return _keystones_role(found[1], kind) if found else ""


def _keystones_role(rule: str, kind: str) -> str:
    """The weakest role by Keystone's defaults; with a project's token only an administrator's is one."""
    if kind not in {"domain", "system"}:
        return "admin"
    if LOOKING.match(rule):
        return "reader"
    return "manager" if kind == "domain" and MANAGED.search(rule) else "admin"
