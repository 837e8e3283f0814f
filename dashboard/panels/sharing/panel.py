"""Sharing: which project may use whose network, security group, QoS policy, …"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import neutron, rbac
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.parallel import later
from dashboard.cloud.rbac import KIND, TYPES, Sharing
from dashboard.live import cache
from dashboard.ui.actions import deletion
from dashboard.ui.columns import ALL_PROJECTS, COPY, ID, LINK, OPTIONAL_PROJECT, PROJECT, column
from dashboard.ui.panel import Create, Filter, Group, Panel
from dashboard.ui.values import Link

KINDS = {
    "network": (gettext_lazy("Network"), "networks:detail"),
    "security_group": (gettext_lazy("Security group"), "security-groups:detail"),
    "qos_policy": (gettext_lazy("QoS policy"), "qos-policies:detail"),
    "address_scope": (gettext_lazy("Address scope"), "address-scopes:detail"),
    "subnetpool": (gettext_lazy("Subnet pool"), "subnet-pools:detail"),
    "address_group": (gettext_lazy("Address group"), "address-groups:detail"),
}
USES = (
    ("access_as_shared", gettext_lazy("Use it")),
    ("access_as_external", gettext_lazy("Use it as an external network")),
)
NAMES_SECONDS = 300


def projects(cloud: Cloud) -> dict[str, str]:
    """Names of projects by id, as far as this person knows them; read once in a while."""
    try:
        found: dict[str, str] = cache.cached(
            cloud, "sharing-projects", NAMES_SECONDS, lambda: dict(rbac.list_projects(cloud)), is_own=True
        )
    except CloudError:
        return {}
    return found


class ShareForm(forms.Form):
    """Who may use what."""

    object = forms.ChoiceField(label=gettext_lazy("What is shared"))
    target = forms.ChoiceField(label=gettext_lazy("With the project"), required=False)
    target_id = forms.CharField(
        label=gettext_lazy("or another project's ID"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("Its members find it on the page API access"),
    )
    use = forms.ChoiceField(label=gettext_lazy("They may"), choices=USES, initial="access_as_shared")

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [kind for kind in TYPES if extensions.offered(cloud, TYPES[kind][2])]
        waiting = [(kind, later(lambda kind=kind: rbac.list_own(cloud, kind))) for kind in kinds]  # type: ignore[misc]
        found = []
        for kind, rows in waiting:
            own = [(f"{kind}/{id}", name or id) for id, name in rows.or_else(())]
            if own:
                found.append((KINDS[kind][0], sorted(own, key=lambda item: item[1].casefold())))
        given, kind = str(self.initial.get("object") or ""), str(self.initial.get("type") or "")
        if given and kind:
            self.initial["object"] = f"{kind}/{given}"
        self.fields["object"].choices = found  # type: ignore[attr-defined]
        known = sorted(projects(cloud).items(), key=lambda item: item[1].casefold())
        others = [(id, name) for id, name in known if id != cloud.project_id]
        everybody = [(rbac.EVERYBODY, _("Every project"))] if neutron.is_admin(cloud) else []
        self.fields["target"].choices = [("", _("Choose")), *everybody, *others]  # type: ignore[attr-defined]
        if not neutron.is_admin(cloud):
            self.fields.pop("use")

    def clean(self) -> dict[str, Any]:
        """One project, or all."""
        data = super().clean() or {}
        target = (data.get("target_id") or "").strip() or data.get("target") or ""
        if not target:
            self.add_error("target", _("Choose a project, or give its ID."))
        elif target != rbac.EVERYBODY and not re.fullmatch(r"[0-9a-zA-Z-]{1,64}", target):
            self.add_error("target_id", _("This is no project's ID."))
        if data.get("use") == "access_as_external" and not str(data.get("object", "")).startswith("network/"):
            self.add_error("use", _("Only a network can be external."))
        data["target"] = target
        return data


def share(cloud: Cloud, data: Mapping[str, Any]) -> Sharing:
    """Lets the project of the form use the thing of the form."""
    kind, _slash, id = data["object"].partition("/")
    return KIND.create(
        cloud,
        {
            "object_type": kind,
            "object_id": id,
            "action": data.get("use") or "access_as_shared",
            "target_tenant": data["target"],
        },
    )


def share_cli(data: Mapping[str, Any]) -> Sequence[str]:
    """The command that does the same."""
    kind, _slash, id = data["object"].partition("/")
    to = ["--target-all-projects"] if data["target"] == rbac.EVERYBODY else ["--target-project", data["target"]]
    action = data.get("use") or "access_as_shared"
    return ("openstack", "network", "rbac", "create", "--type", kind, "--action", action, *to, id)


def joined(cloud: Cloud, rows: Sequence[Sharing]) -> Sequence[Sharing]:
    """The rows with the names of things and projects."""
    if all(row.object_name for row in rows):
        return rows
    return rbac.with_names(cloud, rows, projects(cloud))


def get_named(cloud: Cloud, id: str) -> Sharing:
    """One sharing with its names."""
    return joined(cloud, (KIND.get(cloud, id),))[0]


def shared_thing(row: Sharing) -> Link:
    """What is shared."""
    _label, url = KINDS.get(row.object_type, ("", ""))
    return Link(row.name, url, row.object_id)


def target(row: Sharing) -> str:
    """Who may use it."""
    return _("Every project") if row.is_for_all else row.target_name or row.target


KIND_COLUMN = column(
    "type",
    gettext_lazy("Kind"),
    lambda row: KINDS[row.object_type][0] if row.object_type in KINDS else row.object_type,
    sort="type",
    text=lambda row: row.object_type,
)
OBJECT = column("object", gettext_lazy("What"), shared_thing, LINK, text=lambda row: row.object_id)
TARGET = column("target", gettext_lazy("Shared with"), target)
TARGET_ID = column("target_id", gettext_lazy("Project's ID"), "target", COPY, is_optional=True)
USE = column("action", gettext_lazy("They may"), lambda row: dict(USES).get(row.action, row.action))
PANEL: Panel[Any] = Panel(
    slug="network-sharing",
    title=gettext_lazy("Network sharing"),
    noun=gettext_lazy("sharing"),
    nouns=gettext_lazy("sharings"),
    group="network",
    is_minor=True,
    icon="share",
    service="network",
    is_offered=lambda cloud: extensions.has(cloud, "rbac-policies"),
    about=gettext_lazy(
        "A network, security group, QoS policy, subnet pool, address scope or address group of this project can be "
        "shared with another project, whose members then use it as if it were theirs."
    ),
    rows=KIND.page,
    row=get_named,
    raw=KIND.get_json,
    joined=joined,
    columns=(
        column("name", gettext_lazy("Sharing"), cell="ui/cell/name.html"),
        KIND_COLUMN,
        OBJECT,
        TARGET,
        USE,
        TARGET_ID,
        OPTIONAL_PROJECT,
    ),
    filters=(
        Filter(
            key="type",
            label=gettext_lazy("Kind"),
            choices=tuple((kind, label) for kind, (label, _url) in KINDS.items()),
        ),
        Filter(key="object", label=gettext_lazy("The id of what is shared")),
        Filter(key="target", label=gettext_lazy("A project's id, or *")),
        ALL_PROJECTS,
    ),
    actions=(
        deletion(
            lambda cloud, row: KIND.delete(cloud, row.id),
            gettext_lazy(
                "The other project can use %(name)s no more. That takes that nothing of its own is on it any longer."
            ),
            gettext_lazy(
                "The other projects can use these no more. That takes that nothing of their own is on them any longer."
            ),
            command=("network", "rbac", "delete"),
        ),
    ),
    create=Create(label=gettext_lazy("Share"), form=ShareForm, run=share, cli=share_cli),
    groups=(Group(label=gettext_lazy("Sharing"), facts=(ID, KIND_COLUMN, OBJECT, TARGET, TARGET_ID, USE, PROJECT)),),
    default_sort="type",
)
