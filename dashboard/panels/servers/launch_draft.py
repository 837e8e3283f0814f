"""What somebody has typed of a launch so far: what is wrong with it, and the request that it makes."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.flavors import Flavor
from dashboard.cloud.images import Image
from dashboard.cloud.launch import Interface, LaunchRequest, SourceKind
from dashboard.cloud.launch_disks import Disk
from dashboard.cloud.launch_files import with_files
from dashboard.cloud.launch_options import LaunchOptions
from dashboard.cloud.networks import Network
from dashboard.cloud.volumes import Volume, VolumeSnapshot
from dashboard.panels.servers import launch_fields as fields
from dashboard.panels.servers.launch_forms import FORMS, PICKS, VOLUME_SOURCES
from dashboard.panels.servers.launch_steps import Problem, Step, problems_of

GIB = 1024**3
NEEDS: dict[str, tuple[str, Any, str]] = {
    "hostname": ("source", gettext_lazy("Hostname"), "2.90"),
    "host": ("advanced", gettext_lazy("Host"), "2.74"),
    "hypervisor_hostname": ("advanced", gettext_lazy("Hypervisor hostname"), "2.74"),
    "trusted_certificates": ("advanced", gettext_lazy("Trusted image certificates"), "2.63"),
}
"""What not every Nova has: the step, the label, and the microversion that it came with."""


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
    def boot_gigabytes(self) -> int:
        """GiB of the volume that is made to boot from, 0 if none is."""
        if self.source == "new_volume":
            size = self.clean("source", "volume_size", 0)
            return size or max(self.flavor.disk if self.flavor else 0, self.image.min_disk if self.image else 0)
        if self.source == "volume_snapshot":
            return self.clean("source", "volume_size", 0) or (self.volume.size if self.volume else 0)
        return 0

    @property
    def new_disks(self) -> tuple[Disk, ...]:
        """Those of the further disks for which a volume is made."""
        return tuple(disk for disk in self.disks if disk.kind != "volume")

    @property
    def new_gigabytes(self) -> int:
        """GiB of volumes that one server adds to the quota's use."""
        return self.boot_gigabytes + sum(disk.size or self._size_of(disk) for disk in self.new_disks)

    def _size_of(self, disk: Disk) -> int:
        snapshot = self.options.volume_snapshots.find(disk.source_id)
        return snapshot.size if snapshot is not None else 0

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
        """What is wrong with the fixed addresses of ticked networks, and with the interfaces' tags."""
        found = []
        for id in self.networks:
            try:
                self._fixed_ip(id)
            except ValidationError as error:
                found.append(Problem(error.messages[0], "networks", f"fixed_ip-{id}", _("Fixed address")))
        for id in (*self.networks, *self.clean("networks", "port", ())):
            try:
                self._tag(id)
            except ValidationError as error:
                found.append(Problem(error.messages[0], "networks", f"tag-{id}", _("Tag")))
        return tuple(found)

    def _tag(self, id: str) -> str:
        """What an interface is to be known by, by the id of its network or port."""
        return fields.device_tag(self.value(f"tag-{id}"))

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
            found += self.lacking(step)
            if step == "networks":
                found += self._floating_problems()
            if step == "networks" and self.clean("networks", "networking", "chosen") == "chosen":
                found += self.address_problems
                if not self.networks and not self.clean("networks", "port", ()) and len(self.options.networks) > 1:
                    message = _("Choose a network, or say that it is to have none.")
                    found.append(Problem(message, "networks", "", _("Networks"), is_missing=True))
                if self.clean("networks", "port", ()) and self.count > 1:
                    found.append(Problem(_("A port is for one server."), "networks", "port", _("Ports")))
        return tuple(found)

    def lacking(self, step: str) -> Iterator[Problem]:
        """What is asked for and this cloud's Nova is too old for."""
        for name, (of, label, version) in NEEDS.items():
            if of == step and self.value(name) and not self.options.speaks(version):
                message = _("This needs Nova %(version)s; this cloud has an older one.") % {"version": version}
                yield Problem(message, step, name, str(label))
        if step == "source" and "." in self.value("hostname") and not self.options.speaks("2.94"):
            message = _("With a domain it needs Nova 2.94; this cloud has an older one.")
            yield Problem(message, step, "hostname", _("Hostname"))

    def _floating_problems(self) -> Iterator[Problem]:
        if not self.clean("networks", "floating_ip"):
            return
        if self.count > 1:
            yield Problem(_("A floating IP is for one server."), "networks", "floating_ip", _("Floating IP"))
        if self.clean("networks", "networking", "chosen") == "none":
            message = _("A server without a network has nothing that a floating IP could lead to.")
            yield Problem(message, "networks", "floating_ip", _("Floating IP"))

    @property
    def user_data(self) -> str:
        """The user data that is sent: with the files, if there are any."""
        own = self.clean("advanced", "user_data_file") or self.clean("advanced", "user_data")
        return with_files(own, self.clean("advanced", "files", ()))

    @property
    def disks(self) -> tuple[Disk, ...]:
        """The disks besides the one that it boots from, if all are right."""
        found: tuple[Disk, ...] = self.clean("source", "disks", ())
        return found

    @property
    def takes_volume(self) -> bool:
        """Whether the server boots from a volume instead of a disk of the host."""
        return self.source in VOLUME_SOURCES

    def request(self, once: str) -> LaunchRequest:
        """The request that this makes; only for a draft without problems."""
        source, network, access, more = (
            self.forms[step].cleaned_data for step in ("source", "networks", "access", "advanced")
        )
        kind = cast("SourceKind", source["source"])
        interfaces = [Interface(network_id=id, fixed_ip=self._fixed_ip(id), tag=self._tag(id)) for id in self.networks]
        interfaces += [Interface(port_id=id, tag=self._tag(id)) for id in network["port"]]
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
            volume_size=(source["volume_size"] or self.boot_gigabytes)
            if kind in {"new_volume", "volume_snapshot"}
            else 0,
            volume_type=source["volume_type"] if kind == "new_volume" else "",
            is_volume_deleted=source["delete_on_termination"],
            boot_bus=source["boot_bus"] if kind in VOLUME_SOURCES else "",
            boot_tag=source["boot_tag"] if kind in VOLUME_SOURCES else "",
            disks=source["disks"],
            networking=network["networking"],
            interfaces=tuple(interfaces) if is_chosen else (),
            security_groups=network["security_group"] if has_new_ports or network["networking"] == "auto" else (),
            key_name=access["new_key_name"] or access["key_name"],
            availability_zone=more["availability_zone"],
            user_data=self.user_data,
            metadata=more["metadata"],
            tags=more["tags"],
            has_config_drive=more["config_drive"],
            disk_config=more["disk_config"],
            hints=_hints(more),
            access_ipv4=more["access_ipv4"],
            access_ipv6=more["access_ipv6"],
            hostname=source["hostname"],
            host=more["host"],
            hypervisor=more["hypervisor_hostname"],
            trusted_certificates=more["trusted_certificates"],
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
