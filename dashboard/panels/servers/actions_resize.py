"""Another flavor for a server: each with what it has more or less than now, and why some don't fit."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.flavors import Flavor
from dashboard.cloud.images import Image
from dashboard.cloud.launch_options import LaunchOptions, load_options
from dashboard.cloud.servers import Server
from dashboard.live import cache
from dashboard.ui.errors import told
from dashboard.ui.widgets import Cell, Choice, Head, TableChoiceField

GIB = 1024**3
MOST = 1000
HEADS = (
    Head(gettext_lazy("Name")),
    Head(gettext_lazy("vCPUs"), is_numeric=True),
    Head(gettext_lazy("RAM"), is_numeric=True),
    Head(gettext_lazy("Disk"), is_numeric=True),
)


class ResizeForm(forms.Form):
    """The flavors, with the difference to the present one."""

    flavor = TableChoiceField(label=gettext_lazy("Flavor"), heads=HEADS)

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Server], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The server's own flavor comes without an id, and is not to be chosen.
        self.initial = {key: value for key, value in self.initial.items() if isinstance(value, str)}
        field: Any = self.fields["flavor"]
        needs_images = any(server.image_id for server in rows)
        names = ("flavors", "quotas", "images") if needs_images else ("flavors", "quotas")
        options = load_options(cloud, names, keep=functools.partial(cache.cached, cloud))
        flavors = sorted(options.flavors, key=lambda flavor: (flavor.ram, flavor.vcpus, flavor.disk, flavor.name))
        field.rows = tuple(row_of(flavor, rows, options) for flavor in flavors[:MOST])
        if options.flavors.error is not None:
            field.widget.empty = _("The flavors can't be listed. %(why)s") % {"why": told(options.flavors.error)}
        if len(flavors) > MOST:
            field.help_text = _("These are the first %(n)d; there are more.") % {"n": MOST}


def row_of(flavor: Flavor, servers: Sequence[Server], options: LaunchOptions) -> Choice:
    """A flavor as a row: compared with the server's own if there is one server."""
    now = servers[0].flavor if len(servers) == 1 else None
    is_now = now is not None and now.name == flavor.name
    reasons = (why_not(flavor, server, options) for server in servers)
    return Choice(
        value=flavor.id,
        cells=(
            flavor.name,
            Cell(str(flavor.vcpus), *_change(flavor.vcpus - now.vcpus if now else 0)),
            Cell(memory(flavor.ram), *_change(flavor.ram - now.ram if now else 0, memory)),
            Cell(
                f"{flavor.disk} GiB" if flavor.disk else _("as the image"),
                *_change(flavor.disk - now.disk if now and flavor.disk else 0, lambda size: f"{size} GiB"),
            ),
        ),
        why_not=_("It has this flavor now.")
        if is_now
        else next((reason for reason in reasons if reason), "") or _quota_reason(flavor, servers, options),
        note=_("The present flavor") if is_now else "",
    )


def memory(mib: int) -> str:
    """ "512 MiB", "1.5 GiB"."""
    return f"{mib / 1024:g} GiB" if mib >= 1024 else f"{mib} MiB"


def _change(amount: int, words: Any = str) -> tuple[str, bool]:
    if not amount:
        return "", False
    return f"{'+' if amount > 0 else '−'}{words(abs(amount))}", amount < 0


def why_not(flavor: Flavor, server: Server, options: LaunchOptions) -> str:
    """Why this server can't get this flavor, whatever the quota; "" if it can, or nobody knows before Nova."""
    image = options.images.find(server.image_id) if server.image_id else None
    if image is not None and flavor.ram < image.min_ram:
        return _("%(image)s needs %(ram)s of RAM.") % {"image": image.name, "ram": memory(image.min_ram)}
    if server.is_volume_booted:
        # Its disk is the volume, which stays as large as it is.
        return ""
    if server.flavor.disk and not flavor.disk:
        return _("It has no disk of its own, which is for servers that start from volumes.")
    if flavor.disk < server.flavor.disk:
        return _("Its disk is smaller than the one that the server has: disks can't shrink.")
    if flavor.ephemeral < server.flavor.ephemeral:
        return _("Its ephemeral disk is smaller than the one that the server has: disks can't shrink.")
    if image is not None and flavor.disk and flavor.disk < _disk_of(image):
        return _("%(image)s needs a disk of %(disk)d GiB.") % {"image": image.name, "disk": _disk_of(image)}
    return ""


def _disk_of(image: Image) -> int:
    return max(image.min_disk, -(-image.size // GIB))


def _quota_reason(flavor: Flavor, servers: Sequence[Server], options: LaunchOptions) -> str:
    """Why the project's quota does not allow it: what is more than now is what counts."""
    for name, label, more in (
        ("cores", _("vCPUs"), sum(max(0, flavor.vcpus - server.flavor.vcpus) for server in servers)),
        ("ram", _("MiB of RAM"), sum(max(0, flavor.ram - server.flavor.ram) for server in servers)),
    ):
        quota = options.quota(name)
        if quota is None or quota.limit is None:
            continue
        left = max(0, quota.limit - quota.used)
        if more > left:
            return _("Needs %(more)s more %(what)s; the quota has %(left)s left.") % {
                "more": f"{more:,}",
                "what": label,
                "left": f"{left:,}",
            }
    return ""
