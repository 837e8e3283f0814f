"""Refusals for a quota in words: which one, how much of it is used, and what would have been needed."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NAMES = {
    "instances": gettext_lazy("servers"),
    "cores": gettext_lazy("vCPUs"),
    "ram": gettext_lazy("RAM (MiB)"),
    "volumes": gettext_lazy("volumes"),
    "gigabytes": gettext_lazy("GiB of volumes and snapshots"),
    "snapshots": gettext_lazy("snapshots"),
    "backups": gettext_lazy("backups"),
    "backup_gigabytes": gettext_lazy("GiB of backups"),
    "groups": gettext_lazy("volume groups"),
}
SIZE = re.compile(
    r"allowed (?P<name>\w+) quota\. Requested (?P<wanted>\d+)G, quota is (?P<limit>\d+)G and (?P<used>\d+)G",
    re.IGNORECASE,
)
"""Cinder: "Requested volume or snapshot exceeds allowed gigabytes quota. Requested 5G, quota is 9G and 7G …"."""
COUNT = re.compile(
    r"Maximum number of (?P<kind>\w+) allowed \((?P<limit>\d+)\) exceeded(?: for quota '(?P<name>[^']+)')?",
    re.IGNORECASE,
)
"""Cinder: "Maximum number of volumes allowed (10) exceeded for quota 'volumes'."."""


def quota_name(name: str) -> str:
    """What a quota is of, by its name in the service; Cinder has some for single types ("gigabytes_ssd")."""
    if name in NAMES:
        return str(NAMES[name])
    kind, _sign, type_name = name.partition("_")
    if kind in NAMES and type_name:
        return _("%(kind)s of type %(type)s") % {"kind": NAMES[kind], "type": type_name}
    return name


def quota_words(message: str) -> str:
    """A service's refusal with its numbers, "" for one that is not known."""
    size = SIZE.search(message)
    if size:
        return _("The quota for %(name)s is %(limit)s; %(used)s are in use, and this needs %(wanted)s.") % {
            "name": quota_name(size["name"]),
            "limit": size["limit"],
            "used": size["used"],
            "wanted": size["wanted"],
        }
    count = COUNT.search(message)
    if count:
        return _("The quota for %(name)s is %(limit)s, and all of it is used.") % {
            "name": quota_name(count["name"] or count["kind"].lower()),
            "limit": count["limit"],
        }
    return ""
