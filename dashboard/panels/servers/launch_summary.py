"""What stays beside the steps: what will be made, what it takes of the quota, what still stops it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from dashboard.cloud.launch import USER_DATA_LIMIT, encoded_size
from dashboard.cloud.launch_disks import Disk
from dashboard.cloud.launch_options import Part
from dashboard.cloud.security_groups import SecurityGroup
from dashboard.cloud.types import Quota
from dashboard.panels.servers import launch_fields as fields
from dashboard.panels.servers.launch_draft import Draft
from dashboard.panels.servers.launch_folds import floating_words
from dashboard.panels.servers.launch_forms import PICKS, SOURCES
from dashboard.panels.servers.launch_steps import Problem


@dataclass(frozen=True)
class Fact:
    """One thing that will be made or set; ``step`` is where to change it."""

    label: str
    value: str
    step: str


@dataclass(frozen=True)
class Effect:
    """What a launch adds to the use of a quota; ``limit`` None: no limit."""

    label: str
    quota: Quota
    added: int
    least: int
    unit: str = ""

    @property
    def is_over(self) -> bool:
        return self.quota.limit is not None and self.quota.used + self.least > self.quota.limit

    @property
    def total(self) -> int:
        return self.quota.used + self.added


@dataclass(frozen=True)
class Summary:
    """The summary of a draft."""

    facts: tuple[Fact, ...]
    effects: tuple[Effect, ...]
    stops: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    count: int
    as_of: datetime | None = None
    """When the quotas were so."""


def summary_of(draft: Draft) -> Summary:
    """Sums up what was typed so far."""
    effects = _effects(draft)
    return Summary(
        facts=tuple(_facts(draft)),
        effects=effects,
        stops=(*draft.problems, *_misfits(draft), *_over(effects)),
        warnings=tuple(_warnings(draft)),
        count=draft.count,
        as_of=draft.options.quotas.as_of,
    )


def _facts(draft: Draft) -> list[Fact]:
    count, options = draft.count, draft.options
    kinds = {key: str(label) for key, label, _about in SOURCES}
    source: Any = draft.image or draft.volume
    names = draft.value("name")
    if names and count > 1:
        names = _("%(first)s to %(last)s") % {"first": f"{names}-1", "last": f"{names}-{count}"}
    found = [
        Fact(_("%(count)d servers") % {"count": count} if count > 1 else _("Server"), names or "—", "source"),
        Fact(kinds[draft.source], (source.name or source.id) if source else "—", "source"),
    ]
    if draft.boot_gigabytes:
        found.append(Fact(_("New volume"), _("%d GiB") % draft.boot_gigabytes, "source"))
    if draft.disks:
        found.append(Fact(_("More disks"), ", ".join(_disk(disk) for disk in draft.disks), "source"))
    if draft.value("hostname"):
        found.append(Fact(_("Hostname"), draft.value("hostname"), "source"))
    flavor = draft.flavor
    sizes = ""
    if flavor is not None:
        sizes = _("%(name)s: %(vcpus)d vCPU, %(ram)s MiB, %(disk)d GiB") % {
            "name": flavor.name,
            "vcpus": flavor.vcpus,
            "ram": f"{flavor.ram:,}",
            "disk": flavor.disk,
        }
    found.append(Fact(_("Flavor"), sizes or "—", "flavor"))
    found.append(Fact(_("Networks"), _networks(draft), "networks"))
    groups = [group.name for group in options.groups if group.id in draft.clean("networks", "security_group", ())]
    if groups:
        found.append(Fact(_("Security groups"), ", ".join(groups), "networks"))
    if floating_words(draft):
        found.append(Fact(_("Floating IP"), floating_words(draft), "networks"))
    key = draft.value("new_key_name") or draft.value("key_name")
    found.append(Fact(_("Key pair"), key or _("none"), "access"))
    found += _advanced_facts(draft)
    return found


def _disk(disk: Disk) -> str:
    """A disk in a word or two."""
    kinds = {
        "blank": _("new"),
        "image": _("from an image"),
        "snapshot": _("from a snapshot"),
        "volume": _("an existing volume"),
    }
    return f"{kinds[disk.kind]} ({disk.size} GiB)" if disk.size else str(kinds[disk.kind])


def _advanced_facts(draft: Draft) -> list[Fact]:
    found = []
    if draft.value("availability_zone"):
        found.append(Fact(_("Zone"), draft.value("availability_zone"), "advanced"))
    if draft.value("host") or draft.value("hypervisor_hostname"):
        where = [draft.value("host"), draft.value("hypervisor_hostname")]
        found.append(Fact(_("Host"), ", ".join(filter(None, where)), "advanced"))
    if draft.user_data:
        size = _("%(size)s of %(most)s bytes") % {
            "size": f"{encoded_size(draft.user_data):,}",
            "most": f"{USER_DATA_LIMIT:,}",
        }
        found.append(Fact(_("User data"), size, "advanced"))
    files = draft.clean("advanced", "files", ())
    if files:
        found.append(Fact(_("Files"), ", ".join(file.path for file in files), "advanced"))
    tags = draft.clean("advanced", "tags", ())
    if tags:
        found.append(Fact(_("Tags"), ", ".join(tags), "advanced"))
    metadata = draft.clean("advanced", "metadata", {})
    if metadata:
        found.append(Fact(_("Metadata"), ", ".join(sorted(metadata)), "advanced"))
    return found


def _networks(draft: Draft) -> str:
    how = draft.clean("networks", "networking", "chosen")
    if how == "none":
        return _("none")
    if how == "auto":
        return _("made by OpenStack if there is none")
    names = []
    for id in draft.networks:
        network = draft.options.networks.find(id)
        ip = draft.value(f"fixed_ip-{id}")
        names.append((network.name or network.id if network else id) + (f" ({ip})" if ip else ""))
    for id in draft.clean("networks", "port", ()):
        port = draft.options.ports.find(id)
        names.append(_("port %s") % ((port.name or ", ".join(port.addresses)) if port else id))
    return ", ".join(names) or _("the project's only one")


def _effects(draft: Draft) -> tuple[Effect, ...]:
    flavor, count, least = draft.flavor, draft.count, draft.least
    found = []

    def add(name: str, label: str, each: int, unit: str = "") -> None:
        quota = draft.options.quota(name)
        if quota is not None:
            found.append(Effect(label, quota, each * count, each * least, unit))

    add("instances", _("Servers"), 1)
    add("cores", _("vCPUs"), flavor.vcpus if flavor else 0)
    add("ram", _("RAM"), flavor.ram if flavor else 0, "MiB")
    new = (1 if draft.source in {"new_volume", "volume_snapshot"} else 0) + len(draft.new_disks)
    if new:
        add("volumes", _("Volumes"), new)
        add("gigabytes", _("Volume storage"), draft.new_gigabytes, "GiB")
    return tuple(found)


def _misfits(draft: Draft) -> list[Problem]:
    """What Nova would refuse, because the choices don't go together."""
    found = _gone(draft)
    flavor, image = draft.flavor, draft.image
    reason = draft.why_flavor_does_not_fit(flavor) if flavor is not None else ""
    is_quota = flavor is not None and any(effect.is_over for effect in _effects(draft))
    if reason and not is_quota:
        found.append(Problem(f"{flavor.name if flavor else ''}: {reason}", "flavor", "flavor", _("Flavor")))
    if draft.source == "new_volume" and image is not None and 0 < draft.boot_gigabytes < image.min_disk:
        message = _("%(image)s needs a volume of %(disk)d GiB.") % {"image": image.name, "disk": image.min_disk}
        found.append(Problem(message, "source", "volume_size", _("Size in GiB")))
    if draft.source == "new_volume" and flavor is not None and image is not None and not draft.boot_gigabytes:
        message = _("This flavor and image have no disk size: say how large the volume is to be.")
        found.append(Problem(message, "source", "volume_size", _("Size in GiB")))
    volume = draft.volume
    if draft.source == "volume_snapshot" and volume is not None and 0 < draft.boot_gigabytes < volume.size:
        message = _("The snapshot needs a volume of %(size)d GiB.") % {"size": volume.size}
        found.append(Problem(message, "source", "volume_size", _("Size in GiB")))
    return found


def _gone(draft: Draft) -> list[Problem]:
    """What was chosen and is not there any more."""
    options = draft.options
    parts: dict[str, tuple[Part[Any], str]] = {
        "image": (options.images, _("This image is not offered, or not any more: choose another.")),
        "snapshot": (options.images, _("This snapshot is not offered, or not any more: choose another.")),
        "volume": (options.volumes, _("This volume is not free any more: choose another.")),
        "volume_snapshot": (options.volume_snapshots, _("This snapshot is not there any more: choose another.")),
    }
    pick = PICKS[draft.source]
    part, message = parts[pick]
    found = []
    if draft.value(pick) and part.is_loaded and part.find(draft.value(pick)) is None:
        found.append(Problem(message, "source", pick, str(dict(_KINDS)[draft.source])))
    if draft.value("flavor") and options.flavors.is_loaded and draft.flavor is None:
        message = _("This flavor is not offered any more: choose another.")
        found.append(Problem(message, "flavor", "flavor", _("Flavor")))
    return found


_KINDS = tuple((key, label) for key, label, _about in SOURCES)


def _over(effects: tuple[Effect, ...]) -> list[Problem]:
    found = []
    for effect in effects:
        if effect.is_over:
            left = max(0, (effect.quota.limit or 0) - effect.quota.used)
            message = _("%(label)s: this needs %(needed)s; the quota has %(left)s of %(limit)s left.") % {
                "label": effect.label,
                "needed": f"{effect.least:,}",
                "left": f"{left:,}",
                "limit": f"{effect.quota.limit:,}",
            }
            fields_ = {
                "instances": ("source", "count"),
                "gigabytes": ("source", "volume_size"),
                "volumes": ("source", "count"),
            }
            step, field = fields_.get(effect.quota.name, ("flavor", "flavor"))
            found.append(Problem(message, step, field, effect.label))
    return found


def _warnings(draft: Draft) -> list[Problem]:
    """What may be meant, but often is not."""
    found = []
    line = fields.secret_line(draft.value("user_data"))
    if line:
        message = _(
            "Line %(line)d of the user data looks like a secret. Whoever can log in to the server, or see it in this "
            "project, can read user data."
        ) % {"line": line}
        found.append(Problem(message, "advanced", "user_data", _("User data")))
    key = draft.value("new_key_name") or draft.value("key_name")
    if not key and not draft.value("user_data") and not draft.value("show_password"):
        message = _("Without a key pair, most images can't be logged in to.")
        found.append(Problem(message, "access", "key_name", _("Key pair")))
    networking = draft.clean("networks", "networking", "chosen")
    chosen = [draft.options.networks.find(id) for id in draft.networks]
    if networking == "chosen" and any(network is not None and not network.subnet_ids for network in chosen):
        message = _("A network without a subnet gives no address.")
        found.append(Problem(message, "networks", "", _("Networks")))
    groups = [group for group in draft.options.groups if group.id in draft.clean("networks", "security_group", ())]
    if key and networking != "none" and groups and not any(_lets_ssh_in(group) for group in groups):
        message = _("None of the security groups lets SSH (TCP 22) in from outside.")
        found.append(Problem(message, "networks", "security_group", _("Security groups")))
    return found


def _lets_ssh_in(group: SecurityGroup) -> bool:
    return any(
        rule.protocol in {"", "tcp"}
        and not rule.remote_group_id
        and (rule.port_min is None or rule.port_min <= 22 <= (rule.port_max or rule.port_min))
        for rule in group.ingress
    )
