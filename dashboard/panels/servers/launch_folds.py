"""The parts of the launch form that few people need: closed, with a line that says what is set in each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.cloud.launch import encoded_size
from dashboard.panels.servers.launch_draft import Draft
from dashboard.panels.servers.launch_rows import file_rows

FIELDS: Mapping[str, tuple[str, ...]] = {
    "naming": ("description", "count", "min_count", "hostname"),
    "disks": ("disks",),
    "ports": ("port",),
    "floating": ("floating_ip",),
    "key": ("new_key_name", "public_key"),
    "user_data": ("user_data", "user_data_file"),
    "files": ("files",),
    "labels": ("tags", "metadata"),
    "place": (
        *("availability_zone", "server_group", "host", "hypervisor_hostname", "hint", "hint_same_host"),
        *("hint_different_host", "hint_query", "hint_cidr", "hint_build_near_host_ip"),
    ),
    "devices": ("disk_config", "config_drive", "access_ipv4", "access_ipv6", "trusted_certificates"),
}
"""The fields in each part."""


@dataclass(frozen=True)
class Fold:
    """``said`` is what is set in it, "" for nothing; ``is_open`` when something in it is wrong, or is being set."""

    said: str = ""
    is_open: bool = False


def folds_of(draft: Draft, errors: Iterable[str], *, is_sent: bool) -> dict[str, Fold]:
    """Each part by its name. ``is_sent``: the person was at work in it, so what is set is not hidden."""
    wrong = set(errors)
    loaded = set(draft.data.getlist("loaded"))
    words = {name: ", ".join(part for part in _words(draft, name) if part) for name in FIELDS}
    asked = {"ports": "ports", "more": "place", "addresses": "floating"}
    opened = {name for part, name in asked.items() if part in loaded and is_sent}
    do = draft.value("do")
    return {
        name: Fold(
            words[name],
            is_open=bool(wrong & set(fields))
            or any(item.startswith("tag-") for item in wrong if name == "ports")
            or name in opened
            or do == f"rows-{name}"
            or (is_sent and bool(words[name])),
        )
        for name, fields in FIELDS.items()
    }


def _words(draft: Draft, name: str) -> list[str]:
    value, data = draft.value, draft.data
    if name == "naming":
        count = draft.count
        return [
            value("description")[:60],
            _("%(count)d servers") % {"count": count} if count > 1 else "",
            value("hostname"),
        ]
    if name == "disks":
        n = sum(1 for source in data.getlist("disk_source") if source)
        sizes = sum(disk.size for disk in draft.new_disks)
        said = ngettext("%d more disk", "%d more disks", n) % n if n else ""
        return [said, _("%d GiB new") % sizes if sizes else "", value("boot_tag") if draft.takes_volume else ""]
    if name == "ports":
        n = len(draft.clean("networks", "port", ()))
        return [ngettext("%d port", "%d ports", n) % n if n else ""]
    if name == "floating":
        return [floating_words(draft)]
    if name == "key":
        return [value("new_key_name")]
    return _more_words(draft, name)


def _more_words(draft: Draft, name: str) -> list[str]:
    value, data = draft.value, draft.data
    if name == "user_data":
        has_own = bool(value("user_data") or draft.files.get("user_data_file"))
        return [_("%s bytes encoded") % f"{encoded_size(draft.user_data):,}" if has_own else ""]
    if name == "files":
        n = len({row.place for row in file_rows(data)} | set(_uploaded(draft)))
        return [ngettext("%d file", "%d files", n) % n if n else ""]
    if name == "labels":
        tags, pairs = draft.clean("advanced", "tags", ()), draft.clean("advanced", "metadata", {})
        return [", ".join(tags)[:60], ", ".join(sorted(pairs))[:60]]
    if name == "place":
        hints = sum(bool(value(item)) for item in FIELDS["place"] if item.startswith("hint_"))
        hints += sum(bool(key) for key in data.getlist("hint_key"))
        group = draft.options.server_groups.find(value("server_group"))
        return [
            value("availability_zone"),
            group.name if group else value("server_group")[:8],
            value("host"),
            value("hypervisor_hostname"),
            ngettext("%d hint", "%d hints", hints) % hints if hints else "",
        ]
    return [
        {"AUTO": _("automatic"), "MANUAL": _("manual")}.get(value("disk_config"), ""),
        _("config drive") if value("config_drive") else "",
        value("access_ipv4"),
        value("access_ipv6"),
        _("trusted certificates") if value("trusted_certificates") else "",
    ]


def _uploaded(draft: Draft) -> Iterable[int]:
    return (
        int(name.rpartition("-")[2])
        for name in draft.files
        if name.startswith("file_upload-") and name.rpartition("-")[2].isdecimal()
    )


def floating_words(draft: Draft) -> str:
    """Which floating IP it is to have, "" for none."""
    kind, _colon, id = draft.value("floating_ip").partition(":")
    if kind == "have":
        address = draft.options.addresses.find(id)
        return address.address if address else _("a floating IP of the project")
    if kind == "new":
        network = draft.options.external.find(id)
        return _("a new one from %(network)s") % {"network": network.name} if network else _("a new one")
    return ""
