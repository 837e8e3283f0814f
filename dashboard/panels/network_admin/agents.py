"""Network agents: which programs do the networks' work on which hosts, and what each looks after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_agents, neutron
from dashboard.cloud import network_extensions as extensions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.network_agents import KIND, Agent, list_agents, list_hosted, list_others
from dashboard.cloud.networks import KIND as NETWORKS
from dashboard.cloud.routers import KIND as ROUTERS
from dashboard.cloud.types import Term
from dashboard.ui.actions import deletion, disabling, editing, enabling
from dashboard.ui.columns import BOOL, DESCRIPTION, ID, LIST, STATUS, TIME, column
from dashboard.ui.netfields import choices
from dashboard.ui.panel import ADMIN, Action, Filter, Group, Panel, Tab
from dashboard.ui.values import Status


class EditForm(forms.Form):
    """What can be changed of an agent."""

    is_admin_up = forms.BooleanField(label=gettext_lazy("Enabled: it is given new work"), required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)


class HostForm(forms.Form):
    """What the agent is to look after as well."""

    item = forms.ChoiceField(label=gettext_lazy("Network or router"))

    def __init__(self, *args: Any, cloud: Cloud, rows: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agent: Agent | None = rows[0] if rows else None
        found: Sequence[Any] = ()
        if agent is not None and agent.hosts:
            has = {item.id for item in list_hosted(cloud, agent)}
            kind: Any = NETWORKS if agent.hosts == "networks" else ROUTERS
            found = [item for item in kind.all(cloud, fields=["id", "name"]) if item.id not in has]
        self.fields["item"].choices = choices(found)  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    """Which agent is to take over."""

    item = forms.CharField(widget=forms.HiddenInput)
    target = forms.ChoiceField(label=gettext_lazy("Move to"))

    def __init__(self, *args: Any, cloud: Cloud, rows: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = {other.id: other for row in rows for other in list_others(cloud, row)}
        say = lambda agent: agent.host  # noqa: E731
        self.fields["target"].choices = choices(self.others.values(), label=say)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The agent itself is what is needed."""
        data = super().clean() or {}
        data["agent"] = self.others.get(str(data.get("target") or ""))
        return data


class ItemForm(forms.Form):
    """What it is about."""

    item = forms.CharField(widget=forms.HiddenInput)


def edit(cloud: Cloud, agent: Agent, data: Mapping[str, Any]) -> None:
    """Changes what was changed in the form."""
    names = {"is_admin_up": "admin_state_up", "description": "description"}
    KIND.update(cloud, agent.id, neutron.changed(agent, data, names))


def switch(is_on: bool) -> Any:
    """Enables or disables an agent."""
    return lambda cloud, agent, data: KIND.update(cloud, agent.id, {"admin_state_up": is_on})


def take(cloud: Cloud, agent: Agent, data: Mapping[str, Any]) -> None:
    """Has it look after what the form names."""
    network_agents.host(cloud, agent, data["item"])


def leave(cloud: Cloud, agent: Agent, data: Mapping[str, Any]) -> None:
    """Has it look after that no more."""
    network_agents.unhost(cloud, agent, data["item"])


def move(cloud: Cloud, agent: Agent, data: Mapping[str, Any]) -> None:
    """Hands it over to another agent."""
    network_agents.move(cloud, agent, data["agent"], data["item"])


def hosted(cloud: Cloud, agent: Agent) -> Mapping[str, Any]:
    """What it looks after, with the states."""
    return {"hosted": list_hosted(cloud, agent), "url_name": f"{agent.hosts}:detail"}


def status(agent: Agent) -> Status:
    """Whether it reports, and whether it is given work."""
    detail = "" if agent.is_admin_up else gettext_lazy("disabled")
    if agent.is_alive:
        return Status(gettext_lazy("Alive"), "ok" if agent.is_admin_up else "off", detail)
    return Status(gettext_lazy("Silent"), "bad", detail)


def named(one: Any, several: Any = "") -> Any:
    """A sentence about one agent, or about several."""
    return lambda rows: str(one) % {"name": rows[0].name} if len(rows) == 1 or not several else str(several)


def why_not_host(agent: Agent) -> str:
    """Most agents look after nothing that could be given or taken."""
    return "" if agent.hosts else _("Only DHCP and L3 agents are given networks or routers.")


def why_not_delete(agent: Agent) -> str:
    """One that is alive comes back by itself."""
    return _("It is alive: stop it on its host first.") if agent.is_alive else ""


def cli(*words: str) -> Any:
    """A command about one agent."""
    return lambda agent, data: ("openstack", "network", "agent", *words, agent.id)


def item_cli(verb: str) -> Any:
    """A command about an agent and what it looks after."""
    kinds = {"networks": ("network", "--dhcp"), "routers": ("router", "--l3")}
    return lambda agent, data: (
        *("openstack", "network", "agent", verb, *kinds.get(agent.hosts, ("", "")), agent.id),
        data["item"],
    )


ACTIONS: tuple[Action[Any], ...] = (
    enabling(
        run=switch(True),
        says=named(gettext_lazy("%(name)s is given work again."), gettext_lazy("These are given work again.")),
        when=lambda agent: _("It is enabled.") if agent.is_admin_up else "",
        roles=ADMIN,
        cli=cli("set", "--enable"),
    ),
    disabling(
        run=switch(False),
        says=named(
            gettext_lazy("%(name)s is given no new work. A DHCP agent stops serving its networks, too."),
            gettext_lazy("These are given no new work. DHCP agents stop serving their networks, too."),
        ),
        when=lambda agent: "" if agent.is_admin_up else _("It is disabled."),
        roles=ADMIN,
        cli=cli("set", "--disable"),
    ),
    editing(
        run=edit,
        says=named(gettext_lazy("%(name)s keeps what it looks after.")),
        form=EditForm,
        icon="edit",
        roles=ADMIN,
        cli=lambda agent, data: (
            *("openstack", "network", "agent", "set", "--description", data["description"]),
            agent.id,
        ),
    ),
    Action(
        slug="host",
        label=gettext_lazy("Add network or router"),
        run=take,
        says=named(gettext_lazy("%(name)s will look after it as well.")),
        when=why_not_host,
        form=HostForm,
        icon="plus",
        is_bulk=False,
        roles=ADMIN,
        started=gettext_lazy("Added"),
        cli=item_cli("add"),
    ),
    Action(
        slug="move",
        label=gettext_lazy("Move"),
        run=move,
        says=named(
            gettext_lazy(
                "It moves from %(name)s to another agent. A router passes nothing until the other agent has it; if "
                "that can't take it, it comes back."
            )
        ),
        when=why_not_host,
        form=MoveForm,
        is_bulk=False,
        is_in_menu=False,
        roles=ADMIN,
        started=gettext_lazy("Moved"),
    ),
    Action(
        slug="unhost",
        label=gettext_lazy("Remove from agent"),
        run=leave,
        says=named(gettext_lazy("%(name)s looks after it no more; it goes without unless another agent has it, too.")),
        when=why_not_host,
        form=ItemForm,
        is_bulk=False,
        is_dangerous=True,
        is_in_menu=False,
        roles=ADMIN,
        started=gettext_lazy("Removed"),
        cli=item_cli("remove"),
    ),
    deletion(
        lambda cloud, agent: KIND.delete(cloud, agent.id),
        gettext_lazy("%(name)s is forgotten, with what it looked after. It comes back if it reports again."),
        gettext_lazy("These are forgotten, with what they looked after. They come back if they report again."),
        when=why_not_delete,
        roles=ADMIN,
        command=("network", "agent", "delete"),
    ),
)
TYPES = (
    ("dhcp", gettext_lazy("DHCP agent")),
    ("l3", gettext_lazy("L3 agent")),
    ("ovs", gettext_lazy("Open vSwitch agent")),
    ("metadata", gettext_lazy("Metadata agent")),
    ("ovn", gettext_lazy("OVN Controller agent")),
    ("ovn-metadata", gettext_lazy("OVN Metadata agent")),
    ("ovn-gateway", gettext_lazy("OVN Controller Gateway agent")),
    ("linuxbridge", gettext_lazy("Linux bridge agent")),
    ("sriov", gettext_lazy("NIC Switch agent")),
    ("metering", gettext_lazy("Metering agent")),
)
HOST = column("host", gettext_lazy("Host"), sort="host")
HEARTBEAT = column("heartbeat", gettext_lazy("Last heard of"), cell=TIME, sort="heartbeat")
ZONE = column("zone", gettext_lazy("Availability zone"))
PANEL: Panel[Any] = Panel(
    slug="network-agents",
    title=gettext_lazy("Network agents"),
    noun=gettext_lazy("network agent"),
    nouns=gettext_lazy("network agents"),
    group="admin",
    icon="transfer",
    service="network",
    roles=ADMIN,
    is_offered=lambda cloud: extensions.has(cloud, "agent"),
    about=gettext_lazy("Network agents are programs on the hosts that give out addresses, route and filter."),
    rows=list_agents,
    row=KIND.get,
    raw=KIND.get_json,
    columns=(
        column("name", gettext_lazy("Agent"), "type", "ui/cell/name.html", sort="name"),
        column("status", gettext_lazy("Status"), status, STATUS, text=lambda agent: agent.is_alive),
        HOST,
        ZONE,
        HEARTBEAT,
        column("up", gettext_lazy("Enabled"), "is_admin_up", BOOL, is_optional=True),
        column("binary", gettext_lazy("Program"), is_optional=True),
    ),
    filters=(
        Filter(key="type", label=gettext_lazy("Kind"), choices=TYPES),
        Filter(key="alive", label=gettext_lazy("Alive"), hint=gettext_lazy("yes or no")),
        Filter(key="up", label=gettext_lazy("Enabled"), hint=gettext_lazy("yes or no")),
        Filter(key="host", label=gettext_lazy("A host")),
        Filter(key="zone", label=gettext_lazy("An availability zone")),
        Filter(key="network_id", label=gettext_lazy("DHCP agents of a network's id")),
        Filter(key="router_id", label=gettext_lazy("L3 agents of a router's id")),
    ),
    actions=ACTIONS,
    groups=(
        Group(
            label=gettext_lazy("Network agent"),
            facts=(
                ID,
                column("type", gettext_lazy("Kind")),
                HOST,
                DESCRIPTION,
                ZONE,
                HEARTBEAT,
                column("started", gettext_lazy("Started"), cell=TIME),
                column("binary", gettext_lazy("Program")),
            ),
        ),
        Group(
            label=gettext_lazy("Configuration"),
            facts=(
                column(
                    "configuration",
                    gettext_lazy("Configuration"),
                    lambda agent: [f"{key} = {value}" for key, value in sorted(agent.configuration.items())],
                    LIST,
                ),
            ),
        ),
    ),
    tabs=(
        Tab(
            slug="hosted",
            label=gettext_lazy("Looks after"),
            template="network_admin/hosted.html",
            load=hosted,
            is_offered=lambda cloud, agent: bool(agent.hosts),
        ),
        Tab(
            slug="ports",
            label=gettext_lazy("Ports on the host"),
            lists="ports",
            terms=lambda agent: (Term("host", agent.host), Term("project", "all")),
        ),
    ),
    default_sort="name",
)
