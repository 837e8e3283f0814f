"""Metering labels: which traffic a cloud counts for a project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.network_extras import LABEL_RULES, LABELS, MeteringLabel, create_label_rule, list_label_rules
from dashboard.ui.actions import deletion
from dashboard.ui.columns import ALL_PROJECTS, BOOL, DESCRIPTION, ID, NAME, PROJECT, column
from dashboard.ui.netfields import RangeField
from dashboard.ui.panel import ADMIN, Action, Create, Filter, Group, Panel, Tab

DIRECTIONS = (("ingress", gettext_lazy("In")), ("egress", gettext_lazy("Out")))


class LabelForm(forms.Form):
    """A new label."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    target = forms.CharField(
        label=gettext_lazy("For the project"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("Its ID; this project if empty"),
    )
    is_shared = forms.BooleanField(label=gettext_lazy("Counts for every project"), required=False)


class RuleForm(forms.Form):
    """Which traffic counts."""

    direction = forms.ChoiceField(label=gettext_lazy("Direction"), choices=DIRECTIONS)
    source = RangeField(label=gettext_lazy("From"), required=False, help_text=gettext_lazy("Anywhere if empty"))
    destination = RangeField(label=gettext_lazy("To"), required=False, help_text=gettext_lazy("Anywhere if empty"))
    is_excluded = forms.BooleanField(label=gettext_lazy("This traffic does not count"), required=False)

    def clean(self) -> dict[str, Any]:
        """Something has to be said."""
        data = super().clean() or {}
        if not (data.get("source") or data.get("destination") or self.errors):
            data["destination" if data.get("direction") == "egress" else "source"] = "0.0.0.0/0"
        return data


class RuleIdForm(forms.Form):
    """Which rule it is about."""

    rule = forms.CharField(widget=forms.HiddenInput)


def create(cloud: Cloud, data: Mapping[str, Any]) -> MeteringLabel:
    """Makes the label of the form."""
    body: dict[str, Any] = {"name": data["name"], "description": data["description"]}
    if data.get("target"):
        body["project_id"] = data["target"].strip()
    if data.get("is_shared"):
        body["shared"] = True
    return LABELS.create(cloud, body)


def add_rule(cloud: Cloud, label: MeteringLabel, data: Mapping[str, Any]) -> None:
    """Counts the traffic of the form."""
    body = {"direction": data["direction"], "excluded": data["is_excluded"]}
    for key in ("source", "destination"):
        if data.get(key):
            body[f"{key}_ip_prefix"] = data[key]
    create_label_rule(cloud, label.id, body)


def delete_rule(cloud: Cloud, label: MeteringLabel, data: Mapping[str, Any]) -> None:
    """Counts that traffic no more."""
    LABEL_RULES.delete(cloud, data["rule"])


def rules(cloud: Cloud, label: MeteringLabel) -> Mapping[str, Any]:
    """The rules of a label."""
    return {"rules": list_label_rules(cloud, label.id), "can_change": cloud.has_role("admin")}


def named(sentence: Any) -> Any:
    """A sentence about one label."""
    return lambda rows: str(sentence) % {"name": rows[0].name or rows[0].id}


SHARED = column("shared", gettext_lazy("For every project"), "is_shared", BOOL)
PANEL: Panel[Any] = Panel(
    slug="metering-labels",
    title=gettext_lazy("Metering labels"),
    noun=gettext_lazy("metering label"),
    nouns=gettext_lazy("metering labels"),
    group="admin",
    icon="activity",
    service="network",
    roles=ADMIN,
    is_offered=lambda cloud: extensions.has(cloud, "metering"),
    about=gettext_lazy(
        "A metering label counts traffic through routers; its rules say which. Telemetry gets what is counted."
    ),
    rows=LABELS.page,
    row=LABELS.get,
    raw=LABELS.get_json,
    columns=(NAME, DESCRIPTION, SHARED, PROJECT),
    filters=(
        Filter(key="shared", label=gettext_lazy("For every project"), hint=gettext_lazy("yes or no")),
        ALL_PROJECTS,
    ),
    actions=(
        Action(
            slug="add-rule",
            label=gettext_lazy("Add rule"),
            run=add_rule,
            says=named(gettext_lazy("This traffic counts under %(name)s from now on.")),
            form=RuleForm,
            icon="plus",
            is_bulk=False,
            is_primary=True,
            roles=ADMIN,
            started=gettext_lazy("Rule added"),
        ),
        Action(
            slug="delete-rule",
            label=gettext_lazy("Delete rule"),
            run=delete_rule,
            says=named(gettext_lazy("This traffic counts under %(name)s no more.")),
            form=RuleIdForm,
            is_bulk=False,
            is_dangerous=True,
            is_in_menu=False,
            roles=ADMIN,
            started=gettext_lazy("Rule deleted"),
        ),
        deletion(
            lambda cloud, label: LABELS.delete(cloud, label.id),
            gettext_lazy("The metering label %(name)s will be deleted with its rules. This can't be undone."),
            gettext_lazy("These metering labels will be deleted with their rules. This can't be undone."),
            roles=ADMIN,
            command=("network", "meter", "delete"),
        ),
    ),
    create=Create(label=gettext_lazy("Create metering label"), form=LabelForm, run=create, roles=ADMIN),
    groups=(Group(label=gettext_lazy("Metering label"), facts=(ID, DESCRIPTION, SHARED, PROJECT)),),
    tabs=(Tab(slug="rules", label=gettext_lazy("Rules"), template="network_extras/metering_rules.html", load=rules),),
    default_sort="name",
)
