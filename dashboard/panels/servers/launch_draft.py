"""What somebody has typed of a launch so far: what is wrong with it, and the request that it makes."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from dashboard.cloud.flavors import Flavor
from dashboard.cloud.images import Image
from dashboard.cloud.launch import Interface, LaunchRequest, SourceKind
from dashboard.cloud.launch_options import LaunchOptions
from dashboard.cloud.networks import Network
from dashboard.cloud.volumes import Volume, VolumeSnapshot
from dashboard.panels.servers import launch_fields as fields
from dashboard.panels.servers.launch_forms import FORMS, PICKS
from dashboard.panels.servers.launch_steps import Problem, Step, problems_of

GIB = 1024**3
PREFILLED = {
    "source",
    "image",
    "snapshot",
    "volume",
    "volume_snapshot",
    "flavor",
    "name",
    "availability_zone",
    "network",
}
"""What a link to the form may fill in. Nothing secret: a link lies in histories and logs."""


@dataclass(frozen=True)
class Draft:
    """The whole form as it is now, against what there is to choose."""

    data: QueryDict
    options: LaunchOptions
    files: Mapping[str, Any] = field(default_factory=dict)

    @functools.cached_property
    def forms(self) -> dict[str, Step]:
        """Each step's form, bound to what was typed."""
        return {step: form(self.data, self.files) for step, form in FORMS.items()}

    def value(self, name: str) -> str:
        """What a field holds, as typed."""
        return str(self.data.get(name, "")).strip()

    def clean(self, step: str, name: str, default: Any = "") -> Any:
        """A field's value after its checks, or ``default`` if it did not pass them."""
        form = self.forms[step]
        form.is_valid()
        found = form.cleaned_data.get(name)
        return default if found is None else found

    @property
    def source(self) -> str:
        kind = self.value("source")
        return kind if kind in PICKS else "image"

    @property
    def count(self) -> int:
        return max(1, self.clean("source", "count", 1))

    @property
    def least(self) -> int:
        """The fewest servers that will do."""
        return self.clean("source", "min_count", 0) or self.count

    @property
    def image(self) -> Image | None:
        """The chosen image or snapshot, if the source is one and it is known."""
        return (
            self.options.images.find(self.value(PICKS[self.source]))
            if PICKS[self.source] in {"image", "snapshot"}
            else None
        )

    @property
    def volume(self) -> Volume | VolumeSnapshot | None:
        """The chosen volume or volume snapshot, if known."""
        if self.source == "volume":
            return self.options.volumes.find(self.value("volume"))
        return (
            self.options.volume_snapshots.find(self.value("volume_snapshot"))
            if self.source == "volume_snapshot"
            else None
        )

    @property
    def flavor(self) -> Flavor | None:
        return self.options.flavors.find(self.value("flavor"))

    @functools.cached_property
    def networks(self) -> tuple[str, ...]:
        """The ids of the ticked networks, in the order that was given."""
        ticked: tuple[str, ...] = self.clean("networks", "network", ())

        def place(id: str) -> int:
            text = self.value(f"order-{id}")
            return int(text) if text.isdecimal() and len(text) < 4 else 999

        return tuple(sorted(ticked, key=place))

    @property
    def new_gigabytes(self) -> int:
        """GiB of volumes that one server adds to the quota's use."""
        if self.source == "new_volume":
            size = self.clean("source", "volume_size", 0)
            return size or max(self.flavor.disk if self.flavor else 0, self.image.min_disk if self.image else 0)
        if self.source == "volume_snapshot":
            return self.clean("source", "volume_size", 0) or (self.volume.size if self.volume else 0)
        return 0

    def why_flavor_does_not_fit(self, flavor: Flavor) -> str:
        """The reason why a flavor can't be chosen with this source and what the quota leaves; "" if it can."""
        image = self.image
        if image is not None and flavor.ram < image.min_ram:
            return _("%(image)s needs %(ram)d MiB of RAM.") % {"image": image.name, "ram": image.min_ram}
        if image is not None and self.source in {"image", "snapshot"} and flavor.disk:
            needed = max(image.min_disk, -(-max(image.virtual_size, image.size) // GIB) if image.size else 0)
            if flavor.disk < needed and not image.is_volume_backed:
                return _("%(image)s needs a disk of %(disk)d GiB.") % {"image": image.name, "disk": needed}
        volume = self.volume
        if isinstance(volume, Volume) and flavor.ram < volume.image_min_ram:
            return _("The system on this volume needs %(ram)d MiB of RAM.") % {"ram": volume.image_min_ram}
        for name, each, label in (
            ("cores", flavor.vcpus, _("vCPUs")),
            ("ram", flavor.ram, _("MiB of RAM")),
        ):
            quota = self.options.quota(name)
            if quota is None or quota.limit is None:
                continue
            left = max(0, quota.limit - quota.used)
            if each * self.least > left:
                return _("Needs %(needed)s %(what)s; the quota has %(left)s left.") % {
                    "needed": f"{each * self.least:,}",
                    "what": label,
                    "left": f"{left:,}",
                }
        return ""

    @functools.cached_property
    def address_problems(self) -> tuple[Problem, ...]:
        """What is wrong with the fixed addresses of ticked networks."""
        found = []
        for id in self.networks:
            try:
                self._fixed_ip(id)
            except ValidationError as error:
                found.append(Problem(error.messages[0], "networks", f"fixed_ip-{id}", _("Fixed address")))
        return tuple(found)

    def _fixed_ip(self, id: str) -> str:
        text = self.value(f"fixed_ip-{id}")
        if not text:
            return ""
        ip = fields.address(text)
        if self.count > 1:
            raise ValidationError(_("A fixed address is for one server; you want %(count)d.") % {"count": self.count})
        network: Network | None = self.options.networks.find(id)
        if network is None or not network.subnets:
            return ip
        subnet = next((subnet for subnet in network.subnets if subnet.has(ip)), None)
        if subnet is None:
            ranges = ", ".join(subnet.cidr for subnet in network.subnets)
            raise ValidationError(
                _("%(ip)s is not on %(network)s, which has %(ranges)s.")
                % {"ip": ip, "network": network.name, "ranges": ranges}
            )
        if ip == subnet.gateway:
            raise ValidationError(_("%(ip)s is the gateway of %(network)s.") % {"ip": ip, "network": network.name})
        return ip

    @functools.cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What has to be put right before this can be sent, in the order of the steps."""
        found: list[Problem] = []
        for step, form in self.forms.items():
            found += problems_of(step, form)
            if step == "networks" and self.clean("networks", "networking", "chosen") == "chosen":
                found += self.address_problems
                if not self.networks and not self.clean("networks", "port", ()) and len(self.options.networks) > 1:
                    message = _("Choose a network, or say that it is to have none.")
                    found.append(Problem(message, "networks", "", _("Networks"), is_missing=True))
                if self.clean("networks", "port", ()) and self.count > 1:
                    found.append(Problem(_("A port is for one server."), "networks", "port", _("Ports")))
        return tuple(found)

    def request(self, once: str) -> LaunchRequest:
        """The request that this makes; only for a draft without problems."""
        source, network, access, more = (
            self.forms[step].cleaned_data for step in ("source", "networks", "access", "advanced")
        )
        kind = cast("SourceKind", source["source"])
        interfaces = [Interface(network_id=id, fixed_ip=self._fixed_ip(id)) for id in self.networks]
        interfaces += [Interface(port_id=id) for id in network["port"]]
        is_chosen = network["networking"] == "chosen"
        # Nova leaves the groups of existing ports alone, and refuses none: so say nothing for them.
        has_new_ports = is_chosen and (bool(self.networks) or not interfaces)
        return LaunchRequest(
            once=once,
            name=source["name"],
            description=source["description"],
            count=source["count"] or 1,
            min_count=source["min_count"] or 0,
            flavor_id=self.forms["flavor"].cleaned_data["flavor"],
            source=kind,
            source_id=source[PICKS[kind]],
            volume_size=(source["volume_size"] or self.new_gigabytes)
            if kind in {"new_volume", "volume_snapshot"}
            else 0,
            volume_type=source["volume_type"] if kind == "new_volume" else "",
            is_volume_deleted=source["delete_on_termination"],
            networking=network["networking"],
            interfaces=tuple(interfaces) if is_chosen else (),
            security_groups=network["security_group"] if has_new_ports or network["networking"] == "auto" else (),
            key_name=access["new_key_name"] or access["key_name"],
            availability_zone=more["availability_zone"],
            user_data=more["user_data_file"] or more["user_data"],
            metadata=more["metadata"],
            tags=more["tags"],
            has_config_drive=more["config_drive"],
            disk_config=more["disk_config"],
            hints=_hints(more),
            access_ipv4=more["access_ipv4"],
            access_ipv6=more["access_ipv6"],
        )


def _hints(more: Mapping[str, Any]) -> dict[str, Any]:
    given = {
        "group": more["server_group"],
        "same_host": more["hint_same_host"],
        "different_host": more["hint_different_host"],
        "query": more["hint_query"],
        "build_near_host_ip": more["hint_build_near_host_ip"],
        "cidr": more["hint_cidr"],
        **more["hint"],
    }
    return {key: value for key, value in given.items() if value}


def started(options: LaunchOptions, given: QueryDict) -> QueryDict:
    """The form as it is when it is opened: defaults, and what the link asked for."""
    data = QueryDict(mutable=True)
    data["source"] = "image"
    data["count"] = "1"
    data["networking"] = "chosen"
    usable = [network for network in options.networks if network.subnet_ids]
    own = [network for network in usable if network.is_own]
    if own or len(usable) == 1:
        data["network"] = (own or usable)[0].id
    for group in options.groups:
        if group.name == "default":
            data["security_group"] = group.id
            break
    if len(options.keypairs) == 1:
        data["key_name"] = options.keypairs.rows[0].name
    for name in PREFILLED:
        if given.get(name):
            data[name] = str(given[name])[:255]
    if given.get("key"):
        data["key_name"] = str(given["key"])[:255]
    if not given.get("source"):
        image = options.images.find(data.get("image", ""))
        if image is not None and image.is_snapshot:
            data["snapshot"] = image.id
        for name in ("volume_snapshot", "volume", "snapshot"):
            if data.get(name):
                data["source"] = name
                break
    return data
