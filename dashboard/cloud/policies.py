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


def needed_role(message: str) -> str:
    """The role that a refused rule asks for by default; "" where the message names none, or none that is known.

    Nova and Cinder say "Policy doesn't allow os_compute_api:os-evacuate to be performed."
    """
    return "admin" if NOVA_ADMIN.search(message) else ""
