"""The form for a new volume: empty, or of an image, a snapshot, another volume or a backup."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import cinder
from dashboard.cloud.backups import LIST as BACKUPS
from dashboard.cloud.backups import Backup
from dashboard.cloud.connection import Cloud
from dashboard.cloud.images import Image, list_all_images
from dashboard.cloud.parallel import Later
from dashboard.cloud.snapshots import LIST as SNAPSHOTS
from dashboard.cloud.types import Query, Quota
from dashboard.cloud.volume_groups import list_groups
from dashboard.cloud.volume_types import TypeQuota, VolumeType, list_all_types, list_quotas, quota_of
from dashboard.cloud.volumes import LIST as VOLUMES
from dashboard.panels.storage.common import GIB
from dashboard.panels.storage.fields import MOST, UUID, Lines, asked, description_field, name_field, offer, sized
from dashboard.ui.forms import answered

MORE = ("metadata", "same_host", "different_host", "local_to_instance")
HINTS = ("same_host", "different_host")


def left_words(left: TypeQuota) -> str:
    """What the quota of a type leaves: "990 GiB and 8 volumes left"."""
    if left.gigabytes is not None and left.volumes is not None:
        return _("%(size)d GiB and %(n)d volumes left") % {"size": left.gigabytes, "n": left.volumes}
    if left.gigabytes is not None:
        return _("%(size)d GiB left") % {"size": left.gigabytes}
    return _("%(n)d volumes left") % {"n": left.volumes} if left.volumes is not None else ""


def type_choices(types: list[VolumeType], quotas: Mapping[str, Quota]) -> list[tuple[str, str]]:
    """The types by name, each with its description and what its quota leaves."""
    found = []
    for item in sorted(types, key=lambda kind: kind.name.casefold()):
        shared = _("for several servers at once") if item.is_multiattach else ""
        parts = [item.name, item.description, shared, left_words(quota_of(item.name, quotas))]
        found.append((item.name, " · ".join(part for part in parts if part)))
    return found


def least_size(image: Image) -> int:
    """The GiB that a volume of an image takes at least."""
    return max(1, image.min_disk, math.ceil((image.virtual_size or image.size) / GIB))


def _backups(cloud: Cloud, ready: Query) -> list[Backup]:
    """The backups that a volume can be made of, where the cloud is new enough for that (3.47)."""
    return list(BACKUPS.page(cloud, ready, status="available").rows) if cinder.speaks(cloud, "3.47") else []


class CreateVolume(forms.Form):
    """All that Cinder takes of a new volume. The form's fields are named as links to it name them."""

    template_name = "volumes/create_form.html"
    name = name_field(required=False)
    source = forms.ChoiceField(
        label=gettext_lazy("Made from"),
        required=False,
        help_text=gettext_lazy("Nothing gives an empty disk; an image gives one that servers can boot from."),
    )
    size = forms.IntegerField(
        label=gettext_lazy("Size in GiB"),
        required=False,
        min_value=1,
        help_text=gettext_lazy("Empty: as large as what it is made from."),
    )
    volume_type = forms.ChoiceField(label=gettext_lazy("Type"), required=False)
    description = description_field()
    zone = forms.ChoiceField(label=gettext_lazy("Availability zone"), required=False)
    group = forms.ChoiceField(label=gettext_lazy("Group"), required=False)
    metadata = Lines(label=gettext_lazy("Metadata"))
    same_host = forms.CharField(
        label=gettext_lazy("On the back end of these volumes"),
        required=False,
        help_text=gettext_lazy("IDs of volumes, with commas between them. A hint to Cinder's scheduler."),
    )
    different_host = forms.CharField(
        label=gettext_lazy("On another back end than these volumes"),
        required=False,
        help_text=gettext_lazy("IDs of volumes, with commas between them. A hint to Cinder's scheduler."),
    )
    local_to_instance = forms.CharField(
        label=gettext_lazy("On the host of this server"),
        required=False,
        help_text=gettext_lazy("A server's ID. A hint to Cinder's scheduler."),
    )

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud = cloud
        for kind in ("image", "snapshot", "volume", "backup"):
            if self.initial.get(kind):
                # As links to the form name what it is to be made from.
                self.initial["source"] = f"{kind}:{self.initial[kind]}"
        self.least: dict[str, int] = {}
        """The GiB that a volume of each source takes at least."""
        self._load()

    def first(self) -> list[forms.BoundField]:
        """The fields that most volumes need."""
        return [self[name] for name in self.fields if name not in MORE]

    def more(self) -> list[forms.BoundField]:
        """The fields that are folded away."""
        return [self[name] for name in self.fields if name in MORE]

    def is_more_open(self) -> bool:
        """Whether something in what is folded away needs to be seen."""
        return any(name in self.errors for name in MORE)

    def _load(self) -> None:
        cloud, ready = self.cloud, Query(limit=MOST - 1, sort="name")
        waiting: dict[str, Later[list[Any]]] = {
            "volume_type": asked(lambda: list_all_types(cloud)),
            "zone": asked(lambda: cinder.list_zones(cloud)),
            "group": asked(lambda: list(list_groups(cloud, Query(limit=MOST)).rows)),
            "images": asked(lambda: list(list_all_images(cloud)) if cloud.offers("image") else []),
            "snapshots": asked(lambda: list(SNAPSHOTS.page(cloud, ready, status="available").rows)),
            "volumes": asked(lambda: list(VOLUMES.page(cloud, ready, status="available").rows)),
            "backups": asked(
                lambda: (
                    list(BACKUPS.page(cloud, ready, status="available").rows) if cinder.speaks(cloud, "3.47") else []
                )
            ),
        }
        quotas = asked(lambda: list_quotas(cloud)).or_else({})
        types = answered(self, "volume_type", waiting["volume_type"])
        default = ("", _("The cloud's default"))
        offer(self, "volume_type", [default, *type_choices(types, quotas)])
        offer(self, "zone", [("", _("Any")), *((name, name) for name in answered(self, "zone", waiting["zone"]))])
        groups = [(item.id, item.name or item.id[:8]) for item in answered(self, "group", waiting["group"])]
        offer(self, "group", [("", _("None")), *groups])
        found = {
            kind: answered(self, "source", waiting[kind]) for kind in ("images", "snapshots", "volumes", "backups")
        }
        offer(self, "source", [("", _("Nothing")), *self._sources(found)])
        if not groups:
            del self.fields["group"]

    def _sources(self, found: Mapping[str, list[Any]]) -> list[tuple[Any, Any]]:
        images = [item for item in found["images"] if item.status == "active"]
        parts: list[tuple[Any, list[tuple[str, str]]]] = []
        for item in images:
            self.least[f"image:{item.id}"] = least_size(item)
        parts.append((_("Images"), [(f"image:{i.id}", sized(i.name, i.id, least_size(i))) for i in images]))
        for kind, label in (("snapshot", _("Snapshots")), ("volume", _("Volumes")), ("backup", _("Backups"))):
            rows = found[f"{kind}s"]
            self.least |= {f"{kind}:{item.id}": item.size for item in rows}
            parts.append((label, [(f"{kind}:{item.id}", sized(item.name, item.id, item.size)) for item in rows]))
        return [(label, sorted(rows, key=lambda row: row[1].casefold())[:MOST]) for label, rows in parts if rows]

    def _ids(self, name: str) -> list[str]:
        found = [part.strip() for part in self.cleaned_data.get(name, "").split(",") if part.strip()]
        for part in found:
            if not UUID.fullmatch(part):
                self.add_error(name, _("“%(value)s” is no ID.") % {"value": part[:60]})
        return found

    def clean(self) -> dict[str, Any]:
        """The size follows from the source where it is not given; hints are put together."""
        data = super().clean() or {}
        source, size = data.get("source", ""), data.get("size")
        least = self.least.get(source)
        if size is None and not source and not {"size", "source"} & self.errors.keys():
            self.add_error("size", _("An empty volume needs a size."))
        elif size is not None and least and size < least:
            self.add_error("size", _("What it is made from takes %(size)d GiB at least.") % {"size": least})
        data["size"] = size or least
        kind, _sign, id = source.partition(":")
        data["made_from"] = (kind, id)
        hints: dict[str, Any] = {name: ids for name in HINTS if (ids := self._ids(name))}
        server = self._ids("local_to_instance")
        if server:
            hints["local_to_instance"] = server[0]
        data["hints"] = hints
        return data
