"""Quotas in words and in sections: sums with their meters, limits of single things, and those of volume types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.quotas import QuotaLine, ServiceQuotas, type_of
from dashboard.ui.errors import Fault, fault_of
from dashboard.ui.words import quota_label

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

TITLES: dict[str, StrOrPromise] = {
    "compute": gettext_lazy("Compute"),
    "network": gettext_lazy("Network"),
    "block-storage": gettext_lazy("Storage"),
}
KINDS: dict[str, StrOrPromise] = {
    "volumes": gettext_lazy("Volumes"),
    "gigabytes": gettext_lazy("Volume storage"),
    "snapshots": gettext_lazy("Volume snapshots"),
}


@dataclass(frozen=True)
class Labelled:
    """A quota with what people call it."""

    label: str
    line: QuotaLine


@dataclass
class Section:
    """One service's quotas, or why there are none."""

    service: str
    title: StrOrPromise
    sums: list[Labelled] = field(default_factory=list)
    caps: list[Labelled] = field(default_factory=list)
    types: dict[str, list[Labelled]] = field(default_factory=dict)
    fault: Fault | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.sums or self.caps or self.types)


def label_of(line: QuotaLine) -> str:
    """What a quota is of: "vCPUs", "Volume storage of type ssd"."""
    of = type_of(line.name) if line.service == "block-storage" else ""
    if of:
        kind = KINDS[line.name.split("_")[0]]
        return _("%(kind)s of type %(type)s") % {"kind": kind, "type": of}
    return quota_label(line.name)


def sections(cloud: Cloud, found: Iterable[ServiceQuotas]) -> list[Section]:
    """What the page shows, service by service."""
    result = []
    for item in found:
        section = Section(item.service, TITLES[item.service])
        if item.error is not None:
            section.fault = fault_of(item.error, cloud)
        for line in item.lines:
            of = type_of(line.name) if item.service == "block-storage" else ""
            if of:
                kind = str(KINDS[line.name.split("_")[0]])
                section.types.setdefault(of, []).append(Labelled(kind, line))
            else:
                (section.caps if line.is_cap else section.sums).append(Labelled(label_of(line), line))
        result.append(section)
    return result


def notes(found: Iterable[ServiceQuotas]) -> list[str]:
    """What stands out: more in use than allowed, or all of it."""
    over, full = [], []
    for item in found:
        for line in item.lines:
            if line.is_cap:
                continue
            if line.is_over:
                over.append(label_of(line))
            elif line.is_full:
                full.append(label_of(line))
    said = []
    if over:
        said.append(
            _("More is in use than allowed: %(names)s. It stays; no more can be made.") % {"names": ", ".join(over)}
        )
    if full:
        said.append(_("Used up: %(names)s.") % {"names": ", ".join(full)})
    return said
