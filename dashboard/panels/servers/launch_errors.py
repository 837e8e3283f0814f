"""What a refused launch says, on the field that can change it."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from dashboard.cloud.errors import CloudError, Invalid, NotFound, QuotaExceeded
from dashboard.panels.servers.launch_draft import Draft
from dashboard.panels.servers.launch_forms import PICKS
from dashboard.panels.servers.launch_steps import Problem
from dashboard.ui.errors import fault_of

ATTRIBUTES = {
    "name": ("source", "name"),
    "description": ("source", "description"),
    "min_count": ("source", "min_count"),
    "max_count": ("source", "count"),
    "imageRef": ("source", "image"),
    "volume_size": ("source", "volume_size"),
    "volume_type": ("source", "volume_type"),
    "block_device_mapping_v2": ("source", "volume_size"),
    "flavorRef": ("flavor", "flavor"),
    "networks": ("networks", "network"),
    "fixed_ip": ("networks", "network"),
    "security_groups": ("networks", "security_group"),
    "key_name": ("access", "key_name"),
    "user_data": ("advanced", "user_data"),
    "metadata": ("advanced", "metadata"),
    "tags": ("advanced", "tags"),
    "availability_zone": ("advanced", "availability_zone"),
    "config_drive": ("advanced", "config_drive"),
    "OS-DCF:diskConfig": ("advanced", "disk_config"),
    "accessIPv4": ("advanced", "access_ipv4"),
    "accessIPv6": ("advanced", "access_ipv6"),
    "group": ("advanced", "server_group"),
    "same_host": ("advanced", "hint_same_host"),
    "different_host": ("advanced", "hint_different_host"),
    "query": ("advanced", "hint_query"),
    "build_near_host_ip": ("advanced", "hint_build_near_host_ip"),
    "cidr": ("advanced", "hint_cidr"),
    "hostname": ("source", "hostname"),
    "host": ("advanced", "host"),
    "hypervisor_hostname": ("advanced", "hypervisor_hostname"),
    "trusted_image_certificates": ("advanced", "trusted_certificates"),
    "disk_bus": ("source", "disks"),
    "boot_index": ("source", "disks"),
}
"""The attributes in Nova's schema and the fields they come from."""

DEVICES = frozenset({"block_device_mapping_v2", "volume_size", "volume_type", "uuid"})
"""What both the boot volume and the further disks have."""

PHRASES: tuple[tuple[str, str, str], ...] = (
    (
        r"flavor'?s? (disk|memory|ram)|flavor .*could not be found|flavor.* too small|virtual cpu|numa",
        "flavor",
        "flavor",
    ),
    (r"compute host|hypervisor|compute node|requested_destination", "advanced", "host"),
    (r"trusted image cert|certificate", "advanced", "trusted_certificates"),
    (r"hostname|host name", "source", "hostname"),
    (r"boot sequence|disk.?bus|block device mapping|multiple\s+instances", "source", "disks"),
    (r"volume type", "source", "volume_type"),
    (r"volume is smaller|volume size|gigabytes", "source", "volume_size"),
    (r"key_?name|key ?pair", "access", "key_name"),
    (r"availability zone", "advanced", "availability_zone"),
    (r"security.?group", "networks", "security_group"),
    (r"(instance|server) group", "advanced", "server_group"),
    (r"\bport\b", "networks", "port"),
    (r"multiple possible networks|network|fixed ip|ip address", "networks", "network"),
    (r"block device mapping|volume|snapshot|image|boot", "source", ""),
    (r"user.?data", "advanced", "user_data"),
    (r"tags?\b", "advanced", "tags"),
    (r"metadata", "advanced", "metadata"),
)
"""What Nova's sentences speak of, the narrow before the wide; "" is the field of the chosen source."""

QUOTAS = {
    "instances": ("source", "count"),
    "cores": ("flavor", "flavor"),
    "ram": ("flavor", "flavor"),
    "volumes": ("source", "count"),
    "gigabytes": ("source", "volume_size"),
    "metadata_items": ("advanced", "metadata"),
    "server_group_members": ("advanced", "server_group"),
    "port": ("networks", "network"),
    "ports": ("networks", "network"),
}
GONE = re.compile(r"image .*could not be found|can ?not find (requested )?image", re.IGNORECASE)
SECRET_FIELDS = frozenset({"user_data"})
"""Nova's words quote the value: not for these."""


def problems_with(error: CloudError, draft: Draft) -> tuple[Problem, ...]:
    """A refusal as problems on fields, or on the whole where no field is to blame."""
    if isinstance(error, QuotaExceeded):
        return _over_quota(error)
    fault = fault_of(error)
    if not isinstance(error, Invalid | NotFound) and error.status not in {409, 403}:
        return (Problem(_whole(fault.sentence, "", error.request_id)),)
    step, field = _place(error.message, draft)
    if field in SECRET_FIELDS:
        return (Problem(_("Nova did not accept the user data."), step, field),)
    words = _reason(error.message)
    if step == "source" and field in {"image", "snapshot"} and GONE.search(error.message):
        message = _("This image is not there any more. Nothing was launched: choose another.")
        return (Problem(message, step, field),)
    if not step:
        return (Problem(_whole(fault.sentence, words, error.request_id)),)
    return (Problem(_("Nova refused this: %(words)s") % {"words": words}, step, field),)


def _whole(sentence: str, words: str, request_id: str) -> str:
    text = f"{sentence} {words}".strip()
    return _("%(text)s (request %(id)s)") % {"text": text, "id": request_id} if request_id else text


def _place(message: str, draft: Draft) -> tuple[str, str]:
    schema = re.match(r"Invalid input for field/attribute (\S+?)\.? Value:", message)
    if schema:
        name = schema[1].rstrip(".")
        if name in DEVICES and draft.disks and not (name != "block_device_mapping_v2" and draft.takes_volume):
            return "source", "disks"
        if name in ATTRIBUTES:
            return ATTRIBUTES[name]
        # Members of lists and objects are named without their parent: a tag by its place, metadata by its key.
        if name.isdecimal():
            return "advanced", "tags"
        if name in draft.data.getlist("metadata_key"):
            return "advanced", "metadata"
        return "", ""
    for pattern, step, field in PHRASES:
        if re.search(pattern, message, re.IGNORECASE):
            if field == "network":
                field = _fixed_ip(message, draft) or field
            if field == "disks" and not draft.disks:
                field = ""
            if field in DEVICES and draft.disks and not draft.takes_volume:
                field = "disks"
            return step, field or PICKS[draft.source]
    return "", ""


def _fixed_ip(message: str, draft: Draft) -> str:
    for id in draft.networks:
        ip = draft.value(f"fixed_ip-{id}")
        if ip and ip in message:
            return f"fixed_ip-{id}"
    return ""


def _reason(message: str) -> str:
    """Nova's words without the value that it quotes first, which may be long."""
    match = re.match(r"Invalid input for field/attribute \S+ Value: .*?\. (.+)", message, re.DOTALL)
    return (match[1] if match else message)[:200]


def _over_quota(error: CloudError) -> tuple[Problem, ...]:
    """ "Quota exceeded for cores, instances: Requested 50, 50, but already used 4, 4 of 40, 20 cores, instances"."""
    match = re.search(
        r"exceeded for ([\w, ]+): Requested ([\d, ]+), but already used ([\d, ]+) of ([\d, ]+)",
        error.message,
        re.IGNORECASE,
    )
    if match:
        names, requested, used, limits = (
            [part.strip() for part in group.split(",") if part.strip()] for group in match.groups()
        )
        found = []
        for name, want, have, most in zip(names, requested, used, limits, strict=False):
            step, field = QUOTAS.get(name, ("", ""))
            message = _("The quota for %(name)s is %(limit)s; %(used)s are in use, and this needs %(wanted)s.") % {
                "name": _named(name),
                "limit": most,
                "used": have,
                "wanted": want,
            }
            found.append(Problem(message, step, field))
        if found:
            return tuple(found)
    exceeded = _("This would exceed the project's quota.")
    for name, (step, field) in QUOTAS.items():
        if re.search(rf"\b{name}\b", error.message, re.IGNORECASE):
            return (Problem(f"{exceeded} {error.message}", step, field),)
    return (Problem(f"{exceeded} {error.message}"),)


def _named(quota: str) -> str:
    return {"instances": _("servers"), "cores": _("vCPUs"), "ram": _("RAM (MiB)"), "volumes": _("volumes")}.get(
        quota, quota
    )
