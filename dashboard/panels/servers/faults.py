"""Why a server is as it is: what the usual faults of Nova mean, and what to try next."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

OPERATOR = gettext_lazy("Try once more; if it fails again, tell your operator the id of the request.")

FAULTS: tuple[tuple[str, StrOrPromise, StrOrPromise], ...] = (
    (
        r"no valid host",
        gettext_lazy("No host has room for this server, or none fits what it asks for."),
        gettext_lazy("Try a smaller flavor, another availability zone, or fewer conditions (hints, server group)."),
    ),
    (
        r"exhausted all hosts|exceeded max(imum)? (number of )?(scheduling|retries|scheduling attempts)",
        gettext_lazy("Building failed on every host that was tried."),
        OPERATOR,
    ),
    (
        r"(quota|maximum number of ports).*\bports?\b|\bports?\b.*quota|maximum number of ports exceeded",
        gettext_lazy("The project's quota of ports is used up."),
        gettext_lazy("Delete ports that nothing uses, or ask for more quota."),
    ),
    (
        r"volumelimitexceeded|maximum number of volumes|quota.*(volume|gigabytes)|(volume|gigabytes).*quota",
        gettext_lazy("The project's quota of volumes or volume storage is used up."),
        gettext_lazy("Delete volumes or snapshots that are not needed, or ask for more quota."),
    ),
    (
        r"quota|overlimit|over limit",
        gettext_lazy("A quota of the project is used up."),
        gettext_lazy("Delete what is not needed, or ask for more quota."),
    ),
    (
        r"port binding failed|binding failed for port|vif_type=binding_failed|unexpected vif_type",
        gettext_lazy("The network could not be connected on the host."),
        gettext_lazy("Try another network; if it fails again, tell your operator."),
    ),
    (
        r"virtual interface creation failed|vif plugging|network-vif-plugged",
        gettext_lazy("The network did not answer in time that the server is connected."),
        OPERATOR,
    ),
    (
        r"no more ip|no fixed ip|ipaddressgenerationfailure|no more fixed ips|free ips",
        gettext_lazy("The subnet has no free address left."),
        gettext_lazy("Release addresses that are not used, or choose another network."),
    ),
    (
        r"requires a subnet|no subnet|networkrequiressubnet",
        gettext_lazy("The network has no subnet, so that the server could get no address."),
        gettext_lazy("Add a subnet to the network, or choose another."),
    ),
    (
        r"fixed ip.*already in use|already in use.*(address|ip)|ipaddressalreadyallocated|ip address .* already",
        gettext_lazy("The address that was asked for is in use already."),
        gettext_lazy("Choose another address, or let Neutron choose one."),
    ),
    (
        r"port .* (is )?still in use|portinuse",
        gettext_lazy("The port belongs to another server already."),
        gettext_lazy("Take it off that server first, or choose another port."),
    ),
    (
        r"(connection to neutron|neutron).*(failed|unreachable|refused|timed out|unavailable)|neutronadmincredential"
        r"|unable to establish connection to .*:9696",
        gettext_lazy("The network service did not answer when Nova needed it."),
        gettext_lazy("Try once more in a moment; if it fails again, tell your operator."),
    ),
    (
        r"memory is too small|flavormemorytoosmall",
        gettext_lazy("The flavor has less memory than the image needs."),
        gettext_lazy("Choose a flavor with more RAM."),
    ),
    (
        r"(disk|flavor).*(too small|smaller than)|flavordisksmallerthan|minimum size specified in image",
        gettext_lazy("The flavor's disk is too small for the image."),
        gettext_lazy("Choose a flavor with a larger disk, or boot from a new volume."),
    ),
    (
        r"resize down|unable to resize disk down|disk.*shrink",
        gettext_lazy("A disk can't become smaller."),
        gettext_lazy("Choose a flavor whose disk is at least as large as now."),
    ),
    (
        r"did not finish being created",
        gettext_lazy("The volume was not ready in time."),
        gettext_lazy("Look at the volume; create it first and launch from it when it is available."),
    ),
    (
        r"block device mapping is invalid|failed to get volume|bootable volume|unable to create volume|volume.*error",
        gettext_lazy("A volume of the server could not be made or connected."),
        gettext_lazy("Look at the volume's own status; make it first, and launch from it when it is available."),
    ),
    (
        r"(connection to cinder|cinder).*(failed|unreachable|refused|timed out|unavailable)",
        gettext_lazy("The volume service did not answer when Nova needed it."),
        gettext_lazy("Try once more in a moment; if it fails again, tell your operator."),
    ),
    (
        r"image .*(could not be found|not found|is not active|unacceptable|corrupt)|imagenotfound",
        gettext_lazy("The image is not there any more, or can't be used."),
        gettext_lazy("Choose another image, or ask who made this one."),
    ),
    (
        r"(connection to glance|glance).*(failed|unreachable|refused|timed out|unavailable)",
        gettext_lazy("The image service did not answer when Nova needed it."),
        gettext_lazy("Try once more in a moment; if it fails again, tell your operator."),
    ),
    (
        r"no space left|not enough free space|insufficient (free )?disk",
        gettext_lazy("The host's disk is full."),
        gettext_lazy("Try once more, so that another host is chosen; if it fails again, tell your operator."),
    ),
    (
        r"insufficient compute resources|insufficient (free )?memory|claim (failed|unsuccessful)",
        gettext_lazy("The chosen host had no room any more when it came to it."),
        gettext_lazy("Try once more, so that another host is chosen."),
    ),
    (
        r"affinity",
        gettext_lazy("The server group's rule leaves no host for it."),
        gettext_lazy("Choose another server group, or one with a soft rule."),
    ),
    (
        r"guest agent|qemu agent|agent is not (enabled|responding|connected)",
        gettext_lazy("The agent inside the server does not answer."),
        gettext_lazy("Install and start the guest agent, or do it from inside the server."),
    ),
    (
        r"messagingtimeout|timed out waiting for a reply|compute service .* unavailable|host .* is down",
        gettext_lazy("The host that the server is on does not answer."),
        gettext_lazy("Tell your operator: the host may be down."),
    ),
    (
        r"build of instance .* aborted",
        gettext_lazy("Nova gave up building it on the host that it had chosen."),
        OPERATOR,
    ),
)
"""What the usual faults mean and what to try next, by a pattern in Nova's message; the first that fits is told."""

_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), meaning, advice) for pattern, meaning, advice in FAULTS)


def explained(message: str) -> tuple[str, str]:
    """What a fault means and what to try, "" for one that is not known."""
    for pattern, meaning, advice in _PATTERNS:
        if pattern.search(message):
            return str(meaning), str(advice)
    return "", ""
