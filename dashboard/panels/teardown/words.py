"""What a project holds and what becomes of it, in words: kinds, states and what is in the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.cloud.connection import Cloud
from dashboard.cloud.project_contents import KINDS, Contents, Thing
from dashboard.cloud.project_teardown import Item, Teardown
from dashboard.ui.errors import Fault, fault_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

LABELS: dict[str, StrOrPromise] = {
    "server": gettext_lazy("Servers"),
    "server-group": gettext_lazy("Server groups"),
    "floating-ip": gettext_lazy("Floating IPs"),
    "router": gettext_lazy("Routers"),
    "trunk": gettext_lazy("Trunks"),
    "port": gettext_lazy("Ports"),
    "network": gettext_lazy("Networks"),
    "network-sharing": gettext_lazy("Network sharings"),
    "subnet-pool": gettext_lazy("Subnet pools"),
    "address-scope": gettext_lazy("Address scopes"),
    "qos-policy": gettext_lazy("QoS policies"),
    "backup": gettext_lazy("Backups"),
    "group-snapshot": gettext_lazy("Group snapshots"),
    "snapshot": gettext_lazy("Volume snapshots"),
    "volume-group": gettext_lazy("Volume groups"),
    "volume": gettext_lazy("Volumes"),
    "image": gettext_lazy("Images"),
    "address-group": gettext_lazy("Address groups"),
    "security-group": gettext_lazy("Security groups"),
}
NOTES: dict[str, StrOrPromise] = {
    "server": gettext_lazy("Their own disks go with them; volumes come later."),
    "router": gettext_lazy("Their interfaces are removed first."),
    "network": gettext_lazy("Their subnets go along."),
    "volume-group": gettext_lazy("Their volumes go along."),
    "image": gettext_lazy("Servers of other projects that were made from them go on running."),
}
WHY: dict[str, StrOrPromise] = {
    "protected": gettext_lazy("It is protected from deletion. Take the protection away first."),
    "new": gettext_lazy("New things go on coming. Look who makes them."),
}
NOT_COVERED: dict[str, StrOrPromise] = {
    "orchestration": gettext_lazy("stacks (Heat)"),
    "object-store": gettext_lazy("containers and objects (Swift)"),
    "load-balancer": gettext_lazy("load balancers (Octavia)"),
    "dns": gettext_lazy("zones (Designate)"),
    "key-manager": gettext_lazy("secrets (Barbican)"),
    "share": gettext_lazy("shares (Manila)"),
    "sharev2": gettext_lazy("shares (Manila)"),
    "container-infra": gettext_lazy("clusters (Magnum)"),
}
"""What this teardown does not look at, by the service that may have it."""
STATES: dict[str, StrOrPromise] = {
    "waiting": gettext_lazy("waits"),
    "asked": gettext_lazy("is being deleted"),
    "gone": gettext_lazy("gone"),
    "failed": gettext_lazy("still there"),
}
SHOWN = 200
"""Names of one kind that are listed."""


@dataclass(frozen=True)
class Planned:
    """One kind in the plan: what of it there is, or why nobody knows."""

    label: StrOrPromise
    note: StrOrPromise = ""
    things: tuple[tuple[Thing, StrOrPromise], ...] = ()
    more: int = 0
    total: int = 0
    fault: Fault | None = None


@dataclass(frozen=True)
class Going:
    """One kind while it goes."""

    label: StrOrPromise
    total: int
    gone: int
    failed: int
    items: tuple[tuple[Item, StrOrPromise, StrOrPromise], ...]
    """Those that are still there: the item, its state, and why."""

    @property
    def is_over(self) -> bool:
        return self.gone + self.failed == self.total


def plan(cloud: Cloud, found: Contents) -> list[Planned]:
    """What will go, in order; kinds of which there is nothing are left out."""
    result = []
    for kind in KINDS:
        error = found.errors.get(kind.key)
        label, note = LABELS[kind.key], NOTES.get(kind.key, "")
        if error is not None:
            result.append(Planned(label, fault=fault_of(error, cloud)))
            continue
        things = found.of(kind.key)
        if things:
            shown = tuple((thing, WHY.get(thing.why_not, thing.why_not)) for thing in things[:SHOWN])
            result.append(Planned(label, note, shown, max(0, len(things) - SHOWN), len(things)))
    return result


def blocks(cloud: Cloud, found: Contents) -> list[str]:
    """What will keep some of it, or the project itself, from being deleted, and what is not seen from here."""
    said = []
    others = [name for name in cloud.access.catalog.regions if name != cloud.region]
    if others:
        text = _(
            "Only this region is looked at. Take it down in the others first, and delete the project last: %(names)s."
        )
        said.append(text % {"names": ", ".join(others)})
    for code, name, count in found.blocks:
        if code == "children":
            said.append(
                _("The project %(name)s is below it: a project with others below it can't be deleted.") % {"name": name}
            )
        else:
            text = ngettext(
                "%(count)d port of another project is on the network %(name)s: the network will stay.",
                "%(count)d ports of other projects are on the network %(name)s: the network will stay.",
                count,
            )
            said.append(text % {"count": count, "name": name})
    protected = [thing.name for thing in found.things if thing.why_not == "protected"]
    if protected:
        said.append(_("Protected images will stay: %(names)s.") % {"names": ", ".join(protected[:20])})
    return said


def not_covered(cloud: Cloud) -> list[str]:
    """What the services of this cloud may hold besides, by name."""
    return list(dict.fromkeys(str(words) for service, words in NOT_COVERED.items() if cloud.offers(service)))


def going(work: Teardown) -> list[Going]:
    """How far each kind is, in order."""
    result = []
    for kind in KINDS:
        items = [item for item in work.items if item.kind == kind.key]
        if not items:
            continue
        left = [item for item in items if item.state != "gone"]
        shown = tuple((item, STATES[item.state], WHY.get(item.why, item.why)) for item in left[:SHOWN])
        gone = sum(item.state == "gone" for item in items)
        failed = sum(item.state == "failed" for item in items)
        result.append(Going(LABELS[kind.key], len(items), gone, failed, shown))
    return result


def own_steps(work: Teardown) -> Iterable[tuple[StrOrPromise, bool, StrOrPromise]]:
    """What was done to the project itself: the word, whether it went well, and why not."""
    words = {
        "disable": (_("The project is disabled"), _("The project could not be disabled, so nothing was deleted")),
        "look": (_("Nothing new came"), _("Not all is known to be gone, so the project stays")),
        "project": (_("The project is deleted"), _("The project could not be deleted")),
    }
    for key, (done, failed) in words.items():
        if key in work.steps:
            why = work.steps[key]
            yield (failed if why else done), not why, WHY.get(why, why)
