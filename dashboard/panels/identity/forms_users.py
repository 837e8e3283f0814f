"""The forms of users and groups: who they are, how they sign in, and what they are members of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.users import FLAGS, RULES, User
from dashboard.panels.identity.fields import (
    Sought,
    Warned,
    description_field,
    domain_field,
    domain_of,
    look,
    name_field,
    offer_domains,
    offer_roles,
    sought,
)
from dashboard.panels.identity.names import project_known
from dashboard.panels.identity.words import OPTIONS, WAYS, way_words
from dashboard.ui.sections import Sectioned

MOST_AT_ONCE = 200


def password_field(**more: Any) -> forms.CharField:
    """A password that is typed, or made by a button: never shown again, never kept."""
    attrs = {
        "autocomplete": "new-password",
        "data-password": gettext_lazy("Show"),
        "data-password-hide": gettext_lazy("Hide"),
        "data-password-make": gettext_lazy("Make one"),
    }
    given = {"label": gettext_lazy("Password"), "max_length": 4096, "strip": False}
    return forms.CharField(**{**given, "widget": forms.PasswordInput(attrs=attrs), **more})


class OptionFields(forms.Form):
    """How somebody signs in. Only what is changed is sent."""

    lock_password = forms.BooleanField(label=OPTIONS["lock_password"], required=False)
    ignore_change_password_upon_first_use = forms.BooleanField(
        label=OPTIONS["ignore_change_password_upon_first_use"], required=False
    )
    ignore_password_expiry = forms.BooleanField(label=OPTIONS["ignore_password_expiry"], required=False)
    ignore_lockout_failure_attempts = forms.BooleanField(
        label=OPTIONS["ignore_lockout_failure_attempts"], required=False
    )
    ignore_user_inactivity = forms.BooleanField(label=OPTIONS["ignore_user_inactivity"], required=False)
    multi_factor_auth_enabled = forms.BooleanField(label=OPTIONS["multi_factor_auth_enabled"], required=False)
    ways = forms.MultipleChoiceField(
        label=gettext_lazy("Ways to sign in"),
        required=False,
        choices=WAYS,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Any one of them is enough. They hold while the rules are on; without a way that somebody can go, they "
            "can't sign in any more."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Rules that let nobody in are no rules."""
        data = super().clean() or {}
        if data.get("multi_factor_auth_enabled") and not data.get("ways"):
            self.add_error("ways", _("Tick at least one way."))
        data["flags"] = {name: bool(data.get(name)) for name in FLAGS}
        data[RULES] = [way.split("+") for way in data.get("ways") or ()]
        return data


class UserForm(OptionFields, Sectioned):
    """A new user, with a first project if one is named."""

    name = name_field()
    domain = domain_field()
    password = password_field(
        required=False, help_text=gettext_lazy("Empty: they can't sign in by password until they are given one.")
    )
    email = forms.EmailField(label=gettext_lazy("Email"), required=False, max_length=320)
    description = description_field()
    project = Sought(
        kinds=("projects",),
        label=gettext_lazy("Project"),
        required=False,
        help_text=gettext_lazy("They start there after signing in. Type to search."),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role in the project"), required=False)
    enabled = forms.BooleanField(label=gettext_lazy("Enabled"), required=False, initial=True)
    sections = ((gettext_lazy("Signing in"), (*FLAGS, "ways")),)
    field_order = ("name", "domain", "password", "email", "description", "project", "role", "enabled")

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud = cloud
        offer_domains(self, cloud)
        look(self, cloud)
        offer_roles(self, cloud, "role")
        field: Any = self.fields["role"]
        self.initial.setdefault("role", next((id for id, _name in field.choices), ""))
        field.choices = [*field.choices, ("", _("None"))]

    def clean(self) -> dict[str, Any]:
        """The project's id, and the domain's."""
        data = super().clean() or {}
        data["domain_id"] = domain_of(self, self.cloud)
        text = data.get("project")
        if text:
            try:
                _kind, found = sought(self.cloud, ("projects",), text)
            except ValidationError as error:
                self.add_error("project", error)
            else:
                data["project_id"] = found.id
        return data


class EditUserForm(forms.Form):
    """Who somebody is."""

    name = name_field()
    email = forms.EmailField(label=gettext_lazy("Email"), required=False, max_length=320)
    description = description_field()
    project = Sought(
        kinds=("projects",),
        label=gettext_lazy("Default project"),
        required=False,
        help_text=gettext_lazy("They start there after signing in, if they have a role in it. Type to search."),
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud, self.before = cloud, ""
        look(self, cloud)
        if len(rows) == 1 and rows[0].default_project_id:
            self.before = rows[0].default_project_id
            known = project_known(cloud, self.before)
            self.initial["project"] = known.name if known else self.before
            self.same = {self.initial["project"], self.before}
        else:
            self.same = set()

    def clean_project(self) -> str:
        """Its id; one that is gone may stay."""
        text = str(self.cleaned_data["project"])
        if not text or text in self.same:
            return self.before if text else ""
        _kind, found = sought(self.cloud, ("projects",), text)
        return str(found.id)


class PasswordForm(Warned):
    """Another password for somebody else."""

    password = password_field()

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if any(row.id == cloud.access.person.id for row in rows or ()):
            self.warn(_("This is your own account: all your sessions end, this one too."))
        if any(row.options.get("lock_password") for row in rows or ()):
            self.warn(_("The password is locked: they can't change it by themselves afterwards."))


class OptionsForm(OptionFields, Warned):
    """How somebody signs in."""

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(rows) != 1:
            return
        for name in FLAGS:
            self.initial.setdefault(name, bool(rows[0].options.get(name)))
        own = ["+".join(rule) for rule in rows[0].rules]
        known = {way for way, _words in WAYS}
        field: Any = self.fields["ways"]
        field.choices = [*WAYS, *((way, way_words(way.split("+"))) for way in own if way not in known)]
        self.initial.setdefault("ways", own)
        if rows[0].id == cloud.access.person.id:
            self.warn(_("This is your own account: rules that you can't meet lock you out."))


class SelfForm(Warned):
    """Asks twice before somebody takes away their own account."""

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if any(row.id == cloud.access.person.id for row in rows or ()):
            self.ask_twice(
                _("Your own account is among them. You would be signed out at once, and only others can undo it."),
                _("I know that I lock myself out"),
            )


class GroupForm(forms.Form):
    """A new group."""

    name = name_field(longest=64)
    description = description_field()
    domain = domain_field()

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud = cloud
        offer_domains(self, cloud)

    def clean(self) -> dict[str, Any]:
        """The domain's id."""
        data = super().clean() or {}
        data["domain_id"] = domain_of(self, self.cloud)
        return data


class EditGroupForm(forms.Form):
    """What a group is called."""

    name = name_field(longest=64)
    description = description_field()


class AddUsersForm(forms.Form):
    """One or many who come into a group."""

    user = Sought(
        kinds=("users",), label=gettext_lazy("User"), required=False, help_text=gettext_lazy("Type to search.")
    )
    several = forms.CharField(
        label=gettext_lazy("Several at once"),
        required=False,
        help_text=gettext_lazy("A name or id a line."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud = cloud
        look(self, cloud)

    def clean(self) -> dict[str, Any]:
        """Everybody's id and name; who can't be found is named, and nobody is added."""
        data = super().clean() or {}
        typed = [data.get("user") or "", *(data.get("several") or "").splitlines()]
        texts = list(dict.fromkeys(text.strip() for text in typed if text.strip()))
        if not texts:
            self.add_error("user", _("Say who."))
        if len(texts) > MOST_AT_ONCE:
            self.add_error("several", _("At most %d at once, please.") % MOST_AT_ONCE)
            return data
        people = []
        for text in texts:
            try:
                people.append(sought(self.cloud, ("users",), text)[1])
            except ValidationError as error:
                self.add_error("user" if text == (data.get("user") or "").strip() else "several", error)
        data["people"] = people
        return data


class GroupOfForm(forms.Form):
    """The group that users come into, or leave."""

    group = Sought(kinds=("groups",), label=gettext_lazy("Group"), help_text=gettext_lazy("Type to search."))

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud = cloud
        look(self, cloud)

    def clean_group(self) -> str:
        """Its id."""
        _kind, found = sought(self.cloud, ("groups",), self.cleaned_data["group"])
        return str(found.id)


class LeaveForm(forms.Form):
    """Who leaves a group, as a link names them."""

    user = forms.CharField(widget=forms.HiddenInput)
