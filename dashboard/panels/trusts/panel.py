"""Trusts: one person lets another, or a service like Heat, act with some of their roles in one project."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import trusts
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Forbidden
from dashboard.cloud.keystone_rows import SERVICE
from dashboard.cloud.trusts import Trust
from dashboard.cloud.types import Page, Query
from dashboard.live.names import project_names, user_names
from dashboard.ui.actions import deletion
from dashboard.ui.columns import BOOL, COPY, ID, LIST, STATUS, TIME, column
from dashboard.ui.errors import told
from dashboard.ui.expiry import ExpiryForm
from dashboard.ui.panel import ADMIN, READER, Column, Create, Filter, Group, Panel, RolesIn, may
from dashboard.ui.sections import Sectioned
from dashboard.ui.values import Status

EVERYBODYS = RolesIn(project=ADMIN, domain=ADMIN, system=READER)
"""Who may see the trusts of others."""
OWN = RolesIn(project=READER, domain=READER, system=READER)
IN_PROJECT = RolesIn(project=READER)
"""A trust is for the project in scope."""
USER_ID = re.compile(r"[0-9a-f]{32}(?:[0-9a-f]{32})?")
DIRECTIONS: Mapping[str, Any] = {
    "given": gettext_lazy("Given by you"),
    "received": gettext_lazy("Given to you"),
    "other": gettext_lazy("Of others"),
}
STATES: Mapping[str, Status] = {
    "valid": Status(gettext_lazy("Valid"), "ok"),
    "expired": Status(gettext_lazy("Expired"), "off"),
    "used": Status(gettext_lazy("Used up"), "off"),
}


class TrustForm(ExpiryForm, Sectioned):
    """Who may act, with which of one's roles, and until when."""

    trustee = forms.CharField(
        label=gettext_lazy("Who may act for you"),
        max_length=255,
        help_text=gettext_lazy("Their ID, which they find on their page API access; or their name in your domain."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "spellcheck": "false"}),
    )
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("With these of your roles"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Without a role they could do nothing. Tick at least one.")},
    )
    is_impersonation = forms.BooleanField(
        label=gettext_lazy("In your name: what they do looks as if you had done it"), required=False
    )
    remaining_uses = forms.IntegerField(
        label=gettext_lazy("How many times they may sign in by it"),
        required=False,
        min_value=1,
        help_text=gettext_lazy("Left empty: any number of times."),
    )
    redelegations = forms.TypedChoiceField(
        label=gettext_lazy("Passing it on"),
        coerce=int,
        choices=(
            (0, gettext_lazy("Not to anybody")),
            (1, gettext_lazy("To others, who may not pass it on")),
            (2, gettext_lazy("Twice")),
            (3, gettext_lazy("Three times")),
        ),
        initial=0,
        required=False,
        empty_value=None,
    )
    field_order = ("trustee", "roles", "is_impersonation", "lasts", "until", "remaining_uses", "redelegations")
    sections = ((gettext_lazy("More"), ("remaining_uses", "redelegations")),)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud = cloud
        self.choose("roles", [(role, role) for role in cloud.access.roles])

    def clean_trustee(self) -> str:
        """An id, or whose name it is."""
        given = str(self.cleaned_data["trustee"]).strip()
        if USER_ID.fullmatch(given):
            return given
        try:
            found = trusts.find_user(self.cloud, given, self.cloud.access.person.domain_id)
        except Forbidden as error:
            raise forms.ValidationError(
                _("Keystone tells names to administrators alone. Give the ID: they find it on their page API access.")
            ) from error
        except CloudError as error:
            raise forms.ValidationError(told(error)) from error
        if not found:
            raise forms.ValidationError(_("There is nobody of this name in your domain."))
        return found

    def clean(self) -> dict[str, Any]:
        """What Keystone would refuse."""
        data = super().clean() or {}
        if data.get("remaining_uses") and data.get("redelegations"):
            self.add_error("redelegations", _("A trust that may be passed on can't be limited to a number of times."))
        if data.get("trustee") == self.cloud.access.person.id:
            self.add_error("trustee", _("This is you."))
        return data


def list_trusts(cloud: Cloud, query: Query) -> Page[Trust]:
    """The person's trusts; everybody's for who may see them."""
    return trusts.list_trusts(cloud, query, is_everybodys=may(cloud, EVERYBODYS))


def with_names(cloud: Cloud, rows: Sequence[Trust]) -> Sequence[Trust]:
    """The rows with the names of people and projects, for who may know them; others see ids."""
    if not may(cloud, EVERYBODYS):
        return rows
    unknown = [row.trustor_id for row in rows if not row.trustor_name]
    unknown += [row.trustee_id for row in rows if not row.trustee_name]
    people = user_names(cloud, unknown)
    projects = project_names(cloud) if any(row.project_id and not row.project_name for row in rows) else {}
    return [
        replace(
            row,
            trustor_name=row.trustor_name or people.get(row.trustor_id, ""),
            trustee_name=row.trustee_name or people.get(row.trustee_id, ""),
            project_name=row.project_name or projects.get(row.project_id, ""),
        )
        for row in rows
    ]


def create(cloud: Cloud, data: Mapping[str, Any]) -> Trust:
    """Gives the trust of the form."""
    return trusts.create_trust(
        cloud,
        trustee_id=data["trustee"],
        roles=data["roles"],
        expires=data["expires"],
        is_impersonation=data["is_impersonation"],
        remaining_uses=data["remaining_uses"],
        redelegations=data["redelegations"] or 0,
    )


def command(data: Mapping[str, Any]) -> Sequence[str]:
    """The ``openstack`` command that does the same."""
    words = ["openstack", "trust", "create", "--project", "$OS_PROJECT_ID"]
    for role in data["roles"]:
        words += ["--role", role]
    if data["is_impersonation"]:
        words.append("--impersonate")
    if data["expires"]:
        words += ["--expiration", f"{data['expires']:%Y-%m-%dT%H:%M:%S}"]
    return (*words, "$OS_USER_ID", data["trustee"])


def why_not_delete(trust: Trust) -> str:
    """Who received it can't end it; an administrator may."""
    return _("Only who gave it can end it, or an administrator.") if trust.direction == "received" else ""


def uses(trust: Trust) -> Any:
    """How often it can be used yet."""
    return _("any number") if trust.remaining_uses is None else trust.remaining_uses


def passing_on(trust: Trust) -> Any:
    """How often it may be passed on."""
    return trust.redelegation_count or _("not possible")


TRUSTOR: Column[Trust] = column("trustor", gettext_lazy("From"), lambda row: row.trustor_name or row.trustor_id)
TRUSTEE: Column[Trust] = column("trustee", gettext_lazy("To"), lambda row: row.trustee_name or row.trustee_id)
PROJECT: Column[Trust] = column("project", gettext_lazy("Project"), lambda row: row.project_name or row.project_id)
EXPIRES: Column[Trust] = column("expires", gettext_lazy("Expires"), cell=TIME, sort="expires")
IMPERSONATION: Column[Trust] = column("impersonation", gettext_lazy("In their name"), "is_impersonation", BOOL)
USES: Column[Trust] = column("uses", gettext_lazy("Uses left"), uses)
PANEL: Panel[Trust] = Panel(
    slug="trusts",
    title=gettext_lazy("Trusts"),
    noun=gettext_lazy("trust"),
    nouns=gettext_lazy("trusts"),
    group="identity",
    icon="share",
    service=SERVICE,
    about=gettext_lazy(
        "By a trust you let somebody act with some of your roles in this project, without your password. Services like "
        "Heat have trusts, too, to go on with what you ordered when you are away."
    ),
    rows=list_trusts,
    row=trusts.get_trust,
    raw=trusts.get_json,
    joined=with_names,
    columns=(
        column("name", gettext_lazy("Trust"), cell="ui/cell/name.html", sort="name"),
        column("status", gettext_lazy("Status"), lambda row: STATES[row.state], STATUS),
        column("direction", gettext_lazy("Whose"), lambda row: DIRECTIONS[row.direction], sort="direction"),
        PROJECT,
        EXPIRES,
        USES,
        replace(IMPERSONATION, is_optional=True),
        replace(ID, is_optional=True),
    ),
    filters=(
        Filter(key="direction", label=gettext_lazy("Whose"), choices=tuple(DIRECTIONS.items())),
        Filter(
            key="state",
            label=gettext_lazy("Status"),
            choices=tuple((key, status.label) for key, status in STATES.items()),
        ),
        Filter(key="trustor", label=gettext_lazy("From (ID)")),
        Filter(key="trustee", label=gettext_lazy("To (ID)")),
        Filter(key="project", label=gettext_lazy("Project")),
    ),
    actions=(
        replace(
            deletion(
                lambda cloud, row: trusts.delete_trust(cloud, row.id),
                gettext_lazy(
                    "Nobody can act by the trust %(name)s any more; tokens that were got by it end. What a service "
                    "needed it for stops. This can't be undone."
                ),
                gettext_lazy(
                    "Nobody can act by these trusts any more; tokens that were got by them end. What services needed "
                    "them for stops. This can't be undone."
                ),
                when=why_not_delete,
                command=("trust", "delete"),
            ),
            roles=OWN,
        ),
    ),
    create=Create(label=gettext_lazy("Create a trust"), form=TrustForm, run=create, roles=IN_PROJECT, cli=command),
    groups=(
        Group(
            label=gettext_lazy("Trust"),
            facts=(
                ID,
                TRUSTOR,
                column("trustor_id", gettext_lazy("From (ID)"), cell=COPY),
                TRUSTEE,
                column("trustee_id", gettext_lazy("To (ID)"), cell=COPY),
            ),
        ),
        Group(
            label=gettext_lazy("What it allows"),
            facts=(
                column("roles", gettext_lazy("Roles"), lambda row: list(row.roles), LIST),
                PROJECT,
                EXPIRES,
                USES,
                IMPERSONATION,
                column("passing_on", gettext_lazy("Can be passed on"), passing_on),
                column("from", gettext_lazy("Passed on from"), "redelegated_from", COPY, is_optional=True),
            ),
        ),
    ),
    lookup=trusts.LOOKUP,
    default_sort="name",
    roles=OWN,
    scopes=("project", "domain", "system"),
    is_minor=True,
)
