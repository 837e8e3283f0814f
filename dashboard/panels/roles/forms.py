"""The forms of roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.role_assignments import Asked, list_assignments
from dashboard.cloud.roles import Role, is_circle, order
from dashboard.panels.roles import known

NAMED = 5
"""Holders that are named before a role is deleted."""


class RoleForm(forms.Form):
    """Name, description, and whether it is kept from being changed."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    is_immutable = forms.BooleanField(
        label=gettext_lazy("Immutable"),
        required=False,
        help_text=gettext_lazy("It can't be changed or deleted until this is switched off."),
    )


class EditForm(RoleForm):
    """The same, for a role that may be immutable now."""

    def __init__(self, *args: Any, rows: Sequence[Role] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role = rows[0] if rows else None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        role = self.role
        if role is None or not (role.is_immutable and data.get("is_immutable")):
            return data
        for field in ("name", "description"):
            if field in data and data[field] != getattr(role, field):
                self.add_error(field, _("The role is immutable. Switch that off to change this."))
        return data


class NewRoleForm(RoleForm):
    """The same, for the whole cloud or for one domain."""

    domain_id = forms.ChoiceField(
        label=gettext_lazy("For"),
        required=False,
        help_text=gettext_lazy(
            "A domain's own role can't be assigned to get into a service by itself: it stands for the roles that it "
            "implies."
        ),
    )

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(id, _("Domain %(name)s") % {"name": name or id}) for id, name in known.domains(cloud)]
        self.fields["domain_id"].choices = [("", _("The whole cloud")), *named]  # type: ignore[attr-defined]


class ImplyForm(forms.Form):
    """Another role that comes along with this one."""

    implied = forms.ChoiceField(label=gettext_lazy("Implies"))

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Role] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role = rows[0] if rows else None
        self.inferences, _names = known.inferences(cloud)
        mine = self.role
        there = set(self.inferences.get(mine.id, ())) if mine else set()
        # Only a domain's own roles may imply others of that domain.
        found = [
            role
            for role in sorted(known.beside(cloud, mine.domain_id if mine else ""), key=order)
            if mine is None or (role.id != mine.id and role.id not in there and role.domain_id in {"", mine.domain_id})
        ]
        self.fields["implied"].choices = [  # type: ignore[attr-defined]
            (role.id, f"{role.name} · {role.domain_name or role.domain_id}" if role.domain_id else role.name)
            for role in found
        ]

    def clean_implied(self) -> str:
        wanted = str(self.cleaned_data["implied"])
        if self.role is not None and is_circle(self.inferences, self.role.id, wanted):
            name = dict(self.fields["implied"].choices).get(wanted, wanted)  # type: ignore[attr-defined]
            text = _("%(name)s implies %(role)s already, perhaps over others: both would imply themselves.")
            raise forms.ValidationError(text % {"name": name, "role": self.role.name})
        return wanted


class NoLongerForm(forms.Form):
    """The implied role that is meant: the link names it."""

    implied = forms.RegexField(r"^[0-9A-Za-z_-]{1,64}$", widget=forms.HiddenInput)


class DeleteForm(forms.Form):
    """Says who has the role now, and asks whether that is meant."""

    sure = forms.BooleanField(label="", required=True)

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Role] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = rows[0] if rows else None
        field = self.fields["sure"]
        try:
            found = list_assignments(cloud, Asked(role=role.id), is_effective=False) if role else []
        except Unauthorized:
            raise
        except CloudError:
            field.label = _("I know that everybody who has it loses it. How many these are could not be asked.")
            return
        if not found:
            del self.fields["sure"]
            return
        field.label = ngettext(
            "I know that %(n)d assignment of it goes as well.",
            "I know that %(n)d assignments of it go as well.",
            len(found),
        ) % {"n": len(found)}
        named = list(dict.fromkeys(f"{item.actor.label} ({item.target.label})" for item in found))
        more = _(" and more") if len(named) > NAMED else ""
        field.help_text = ", ".join(named[:NAMED]) + more
