"""Server groups: which servers share a host, and which keep apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.cloud.connection import Cloud
from dashboard.cloud.server_groups import (
    LOOKUP,
    SERVICE,
    ServerGroup,
    create_server_group,
    delete_server_group,
    get_server_group,
    get_server_group_json,
    list_server_groups,
)
from dashboard.live.names import own_server_names
from dashboard.panels.server_groups.forms import GroupForm
from dashboard.ui.actions import removal
from dashboard.ui.columns import ID, NAME, OPTIONAL_ID, column
from dashboard.ui.panel import Create, Filter, Group, Panel
from dashboard.ui.values import Link

SHOWN = 3
"""Members that the list names; the group's page has them all."""
POLICIES: dict[str, Any] = {
    "affinity": gettext_lazy("Together"),
    "anti-affinity": gettext_lazy("Apart"),
    "soft-affinity": gettext_lazy("Together if possible"),
    "soft-anti-affinity": gettext_lazy("Apart if possible"),
}


def joined(cloud: Cloud, groups: Sequence[ServerGroup]) -> Sequence[ServerGroup]:
    """The groups with their members' names, which costs nothing while there are no members."""
    names = own_server_names(cloud, (id for group in groups for id in group.members))
    return [replace(group, names={id: names[id] for id in group.members if id in names}) for group in groups]


def member_links(group: ServerGroup) -> list[Link]:
    """The members by name, with their pages."""
    return [Link(group.names.get(id) or id[:8], "servers:detail", id) for id in group.members]


def first_links(group: ServerGroup) -> list[Link]:
    """The first members, and how many more there are."""
    links = member_links(group)
    rest = len(links) - SHOWN
    more = [Link(ngettext("and %d more", "and %d more", rest) % rest, is_muted=True)] if rest > 0 else []
    return links[:SHOWN] + more


def policy(group: ServerGroup) -> str:
    """The policy in words; one that has no word here as it is."""
    return str(POLICIES.get(group.policy, group.policy))


def create(cloud: Cloud, data: Mapping[str, Any]) -> ServerGroup:
    """Makes the group of the form."""
    return create_server_group(
        cloud, name=data["name"], policy=data["policy"], max_per_host=data.get("max_per_host") or None
    )


def create_words(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The same on a command line."""
    most = data.get("max_per_host")
    rule = ("--rule", f"max_server_per_host={most}") if most else ()
    return ("openstack", "server", "group", "create", "--policy", data["policy"], *rule, data["name"])


def delete(cloud: Cloud, group: ServerGroup, data: Mapping[str, Any]) -> None:
    """Deletes the group."""
    delete_server_group(cloud, id=group.id)


def delete_words(groups: Sequence[ServerGroup]) -> str:
    """What deleting means for the servers in it."""
    about = (
        _("The server group %(name)s will be deleted.") % {"name": groups[0].name or groups[0].id}
        if len(groups) == 1
        else _("These %(n)d server groups will be deleted.") % {"n": len(groups)}
    )
    members = sum(len(group.members) for group in groups)
    if not members:
        return f"{about} " + _("This can't be undone.")
    rest = ngettext(
        "Its %d server goes on running where it is, but from then on no rule says where it may be moved. Servers "
        "can't be put into a group later. This can't be undone.",
        "The %d servers in it go on running where they are, but from then on no rule says where they may be moved. "
        "Servers can't be put into a group later. This can't be undone.",
        members,
    )
    return f"{about} " + rest % members


COPY, LIST = "ui/cell/copy.html", "ui/cell/list.html"
MOST = column("max_per_host", gettext_lazy("Most on one host"), lambda group: group.max_per_host, is_numeric=True)
PANEL: Panel[ServerGroup] = Panel(
    slug="server-groups",
    title=gettext_lazy("Server groups"),
    noun=gettext_lazy("server group"),
    nouns=gettext_lazy("server groups"),
    group="compute",
    icon="stack-2",
    service=SERVICE,
    about=gettext_lazy(
        "A server group says where its servers run: apart, so that a dead host takes but one of them along, or "
        "together, so that they are close. A server joins it when it is launched."
    ),
    rows=list_server_groups,
    row=get_server_group,
    raw=get_server_group_json,
    joined=joined,
    columns=(
        NAME,
        column("policy", gettext_lazy("Policy"), policy, sort="policy", text=lambda group: group.policy),
        MOST,
        column("count", gettext_lazy("Servers"), lambda group: len(group.members), sort="members", is_numeric=True),
        column("members", gettext_lazy("Members"), first_links, cell=LIST, text=lambda group: " ".join(group.members)),
        OPTIONAL_ID,
    ),
    filters=(
        Filter(key="policy", label=gettext_lazy("Policy"), choices=tuple(POLICIES.items())),
        Filter(key="server", label=gettext_lazy("A server's id")),
    ),
    actions=(
        removal(
            run=delete,
            says=delete_words,
            cli=lambda group, data: ("openstack", "server", "group", "delete", group.id),
        ),
    ),
    create=Create(label=gettext_lazy("Create a server group"), form=GroupForm, run=create, cli=create_words),
    groups=(
        Group(
            label=gettext_lazy("Server group"),
            facts=(
                ID,
                column("policy", gettext_lazy("Policy"), policy),
                column("policy_name", gettext_lazy("As Nova calls it"), lambda group: group.policy),
                MOST,
            ),
        ),
        Group(
            label=gettext_lazy("Members"),
            facts=(column("members", gettext_lazy("Servers"), member_links, cell=LIST),),
        ),
    ),
    lookup=LOOKUP,
    default_sort="name",
)
