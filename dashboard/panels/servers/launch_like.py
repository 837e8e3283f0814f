"""Launch another like this: the form filled in from a server, and what could not be taken over."""

from __future__ import annotations

import re

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.cloud.launch import TAG_PREFIX
from dashboard.cloud.launch_like import Model
from dashboard.cloud.launch_options import LaunchOptions


def filled(model: Model, options: LaunchOptions) -> tuple[QueryDict, list[str]]:
    """The form as it would be for another server like this, and notes on what it does not carry."""
    data = QueryDict(mutable=True)
    server = model.server
    notes: list[str] = []
    data["count"] = "1"
    data["name"] = next_name(server.name)
    data["description"] = server.description
    _source(model, options, data, notes)
    flavor = next((item for item in options.flavors if item.name == server.flavor.name), None)
    if flavor is not None:
        data["flavor"] = flavor.id
    elif options.flavors.is_loaded:
        notes.append(_("The flavor %(name)s is not offered any more: choose another.") % {"name": server.flavor.name})
    _networks(model, options, data, notes)
    if server.key_name and (not options.keypairs.is_loaded or any(k.name == server.key_name for k in options.keypairs)):
        data["key_name"] = server.key_name
    elif server.key_name:
        notes.append(_("The key pair %(name)s is not yours: choose one of your own.") % {"name": server.key_name})
    data["availability_zone"] = model.zone
    data["server_group"] = model.group_id
    data["disk_config"] = "MANUAL" if model.disk_config == "MANUAL" else ""
    data["config_drive"] = "on" if server.has_config_drive else ""
    data["tags"] = ", ".join(tag for tag in server.tags if not tag.startswith(TAG_PREFIX))
    data["trusted_certificates"] = ", ".join(model.certificates)
    data.setlist("metadata_key", list(server.metadata))
    data.setlist("metadata_value", list(server.metadata.values()))
    notes.append(
        _(
            "User data, files, passwords, scheduler hints, fixed addresses and floating IPs are not taken over: "
            "Nova does not tell them, or only one server can have them."
        )
    )
    if model.more_volumes:
        text = ngettext(
            "%d further volume stays with that server; add disks here if this one needs some.",
            "%d further volumes stay with that server; add disks here if this one needs some.",
            model.more_volumes,
        )
        notes.append(text % model.more_volumes)
    return data, notes


def next_name(name: str) -> str:
    """web-1 becomes web-2, web becomes web-2."""
    found = re.fullmatch(r"(.*?)(\d{1,6})", name, re.DOTALL)
    if found:
        return f"{found[1]}{str(int(found[2]) + 1).zfill(len(found[2]))}"[:255]
    return f"{name[:253]}-2"


def _source(model: Model, options: LaunchOptions, data: QueryDict, notes: list[str]) -> None:
    server = model.server
    image_id = server.image_id or model.boot_image_id
    image = options.images.find(image_id) if image_id else None
    if image is None and options.images.is_loaded:
        notes.append(
            _("The image that it was made from is not there any more: choose another.")
            if image_id
            else _("Nobody tells what its volume was made from: choose an image.")
        )
        image_id = ""
    if server.is_volume_booted:
        data["source"] = "new_volume"
        data["image"] = image_id
        data["volume_size"] = str(model.boot_size or "")
        data["volume_type"] = model.boot_type
        data["delete_on_termination"] = "on" if model.is_volume_deleted else ""
        notes.append(_("Its volume is not copied: the new server gets a fresh one from the same image."))
    elif image is not None and image.is_snapshot:
        data["source"] = "snapshot"
        data["snapshot"] = image_id
    else:
        data["source"] = "image"
        data["image"] = image_id


def _networks(model: Model, options: LaunchOptions, data: QueryDict, notes: list[str]) -> None:
    if model.cards is None:
        notes.append(_("Neutron does not tell its networks now: look at them here."))
        data["networking"] = "chosen"
        return
    data["networking"] = "chosen" if model.cards else "none"
    known = [card.network_id for card in model.cards if options.networks.find(card.network_id)]
    lost = len({card.network_id for card in model.cards}) - len(set(known))
    data.setlist(
        "network", list(dict.fromkeys(known if options.networks.is_loaded else [c.network_id for c in model.cards]))
    )
    for place, id in enumerate(dict.fromkeys(known), start=1):
        if len(set(known)) > 1:
            data[f"order-{id}"] = str(place)
    if lost and options.networks.is_loaded:
        notes.append(_("One of its networks can't be chosen in this project."))
    data.setlist("security_group", list(dict.fromkeys(id for card in model.cards for id in card.group_ids)))
