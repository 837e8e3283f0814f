"""The forms by which roles are given and taken: who, where, which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import members
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.members import Member
from dashboard.panels.identity.fields import Sought, Warned, look, offer_roles, roles_field, sought
from dashboard.ui.errors import told


class AddMemberForm(forms.Form):
    """Who gets which roles here."""

    who = Sought(
        kinds=("users", "groups"),
        label=gettext_lazy("User or group"),
        help_text=gettext_lazy("A user's name, or group: and the group's name. Type to search."),
    )
    roles = roles_field()

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud = cloud
        look(self, cloud)
        offer_roles(self, cloud)

    def clean_who(self) -> str:
        """As "users:<id>"."""
        kind, row = sought(self.cloud, ("users", "groups"), self.cleaned_data["who"])
        return f"{kind}:{row.id}"


class GiveRoleForm(forms.Form):
    """Where somebody gets which roles."""

    project = Sought(kinds=("projects",), label=gettext_lazy("Project"), help_text=gettext_lazy("Type to search."))
    roles = roles_field()

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud = cloud
        look(self, cloud)
        offer_roles(self, cloud)

    def clean_project(self) -> str:
        """As "projects:<id>"."""
        _kind, row = sought(self.cloud, ("projects",), self.cleaned_data["project"])
        return f"projects:{row.id}"


def place_and_actor(kind: str, row_id: str, other: str) -> tuple[str, str, str, str]:
    """Place, its id, actor, their id: of the page's row and of what a link names ("users:3f…")."""
    other_kind, _sep, other_id = other.partition(":")
    if kind in {"projects", "domains"}:
        return kind, row_id, other_kind, other_id
    return other_kind, other_id, kind, row_id


class RolesOfForm(Warned):
    """The roles that somebody was given in one place; subclasses say which of the two the page is of."""

    kind = "projects"
    other = forms.CharField(widget=forms.HiddenInput)
    roles = roles_field(required=False, help_text=gettext_lazy("None ticked: they have nothing here any more."))

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member: Member | None = None
        other = str((self.data.get("other") if self.is_bound else self.initial.get("other")) or "")
        if len(rows) == 1 and ":" in other:
            self.member = self._given(cloud, rows[0].id, other)
        have = self.member.given if self.member else ()
        if "roles" in self.fields:
            offer_roles(self, cloud, also=[(role.role_id, role.role) for role in have])
            self.initial["roles"] = [role.role_id for role in have]
        if self.member is not None:
            names = ", ".join(role.role for role in have) or _("no role")
            self.warn(_("%(name)s has: %(roles)s") % {"name": self.member.name, "roles": names})

    def _given(self, cloud: Cloud, row_id: str, other: str) -> Member | None:
        place, place_id, actor, actor_id = place_and_actor(self.kind, row_id, other)
        try:
            found = members.list_given(cloud, place, place_id, actor, actor_id)
        except Unauthorized:
            raise
        except CloudError as error:
            self.warn(told(error, cloud))
            return None
        if found is None:
            self.warn(_("They have no role of their own here any more."))
            return None
        return found if self.kind in {"projects", "domains"} else found.place

    def clean_other(self) -> str:
        """It has to name somebody or something."""
        kind, _sep, id = self.cleaned_data["other"].partition(":")
        if kind not in {"users", "groups", "projects", "domains"} or not id:
            raise ValidationError(_("Open this from the list of members."))
        return str(self.cleaned_data["other"])

    def clean(self) -> dict[str, Any]:
        """What is to be given and taken."""
        data = super().clean() or {}
        have = [role.role_id for role in self.member.given] if self.member else []
        wanted = list(data.get("roles") or ())
        data["give"] = [id for id in wanted if id not in have]
        data["take"] = [id for id in have if id not in wanted]
        return data


def roles_form(kind: str, *, is_removal: bool = False) -> type[RolesOfForm]:
    """The form for pages of one kind: "projects", "domains", "users" or "groups"."""
    made: type[RolesOfForm] = type("RolesOfForm", (RolesOfForm,), {"kind": kind})
    if is_removal:
        # All of them are taken, so that nothing is left to be ticked.
        made.base_fields.pop("roles")
    return made
