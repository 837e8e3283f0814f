"""Sending a launch: the key that is imported for it, the floating IP that waits for it, and the servers, once."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard.cloud import launch_address
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, CloudError, Unauthorized
from dashboard.cloud.keypairs import import_keypair
from dashboard.cloud.launch import launch_servers, tag_of
from dashboard.cloud.launch_address import FreeAddress
from dashboard.live import addresses, cache
from dashboard.panels.servers.launch_draft import Draft
from dashboard.panels.servers.launch_steps import Problem
from dashboard.store import Away
from dashboard.ui.errors import fault_of

KEPT_LISTS: Mapping[str, tuple[str, ...]] = {
    "image": ("launch:images",),
    "snapshot": ("launch:images",),
    "flavor": ("launch:flavors",),
    "network": ("launch:networks", "launch:subnets"),
    "security_group": ("launch:groups",),
    "floating_ip": ("launch:external",),
}
"""What is asked anew after Nova refused a choice out of it: it may be gone."""


@dataclass(frozen=True)
class Reserved:
    """The floating IP for a launch. ``is_new``: it was allocated for it, and goes back if nothing comes of it."""

    address: FreeAddress
    is_new: bool


def import_key(cloud: Cloud, draft: Draft) -> Problem | None:
    """Gives Nova the public key that was pasted, if one was."""
    name, key = draft.clean("access", "new_key_name"), draft.clean("access", "public_key")
    if not key:
        return None
    try:
        import_keypair(cloud, name=name, public_key=key)
    except Unauthorized:
        raise
    except CloudError as error:
        fault = fault_of(error, cloud)
        words = f"{fault.sentence} {fault.detail}".strip()
        return Problem(words, "access", "new_key_name" if error.status == 409 else "public_key")
    cache.drop(cloud, "launch:keypairs", is_own=True)
    return None


def reserve(cloud: Cloud, draft: Draft, once: str) -> Reserved | Problem | None:
    """Allocates the floating IP that is wanted, or takes the one that was chosen; None if none is."""
    kind, _colon, id = str(draft.clean("networks", "floating_ip")).partition(":")
    if not kind:
        return None
    try:
        if kind == "new":
            return Reserved(launch_address.allocate(cloud, id, tag_of(once)), is_new=True)
    except Unauthorized:
        raise
    except CloudError as error:
        fault = fault_of(error, cloud)
        words = [_("No floating IP could be had, so nothing was launched."), fault.sentence, fault.detail]
        if error.is_unknown_outcome:
            words.append(_("One may have been allocated all the same: look at the floating IPs."))
        return Problem(" ".join(filter(None, words)), "networks", "floating_ip", _("Floating IP"))
    return Reserved(draft.options.addresses.find(id) or FreeAddress(id, ""), is_new=False)


def promise(cloud: Cloud, once: str, reserved: Reserved) -> Problem | None:
    """Has the address follow the server. Before it is launched: then it does, whatever happens to us."""
    try:
        addresses.promise(cloud, once, reserved.address, is_new=reserved.is_new)
    except Away:
        give_back(cloud, once, reserved)
        message = _("The dashboard can't make sure now that the floating IP follows. Nothing was launched.")
        return Problem(message, "networks", "floating_ip", _("Floating IP"))
    return None


def give_back(cloud: Cloud, once: str, reserved: Reserved | None) -> Problem | None:
    """Nothing was launched: an address that was allocated for it is released. A problem if it can't be."""
    if reserved is None:
        return None
    addresses.cancel(once)
    if not reserved.is_new:
        return None
    try:
        launch_address.release(cloud, reserved.address.id)
    except CloudError as error:
        message = _("The floating IP %(address)s was allocated for this and could not be released: it is still yours.")
        text = f"{message % {'address': reserved.address.address}} {fault_of(error, cloud).sentence}"
        return Problem(text, "networks", "floating_ip", _("Floating IP"))
    return None


def forget_lists(cloud: Cloud, problems: tuple[Problem, ...]) -> None:
    """What Nova refused may be gone: the lists that it was chosen from are read anew."""
    for problem in problems:
        for name in KEPT_LISTS.get(problem.field, ()):
            cache.drop(cloud, name)


def rehearse(cloud: Cloud, draft: Draft, once: str) -> None:
    """All that a launch sends, in order; run dry, for "Show request"."""
    name, key = draft.clean("access", "new_key_name"), draft.clean("access", "public_key")
    if key:
        import_keypair(cloud, name=name, public_key=key)
    reserved = reserve(cloud, draft, once)
    with contextlib.suppress(BadAnswer):
        # An answer that is made up may name no server.
        launch_servers(cloud, draft.request(once))
    if isinstance(reserved, Reserved):
        launch_address.associate(cloud, reserved.address.id, "$PORT_ID", is_new=reserved.is_new)
