"""What a new project is to be: one form with its parts, of which only the name is needed."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.project_create import Net

ROWS, MOST_ROWS = 2, 20
KINDS = (("user", gettext_lazy("User")), ("group", gettext_lazy("Group")))


class ProjectForm(forms.Form):
    """The project itself."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=64)
    domain = forms.ChoiceField(label=gettext_lazy("Domain"))
    description = forms.CharField(label=gettext_lazy("Description"), required=False, max_length=255)
    parent = forms.CharField(
        label=gettext_lazy("Parent project"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("Its name or id; empty for none."),
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"), required=False, max_length=500, help_text=gettext_lazy("With commas between.")
    )

    def __init__(self, *args: Any, domains: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["domain"].choices = list(domains.items())  # type: ignore[attr-defined]

    def clean_tags(self) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(part.strip() for part in self.cleaned_data["tags"].split(",") if part.strip()))
        if any("/" in tag for tag in found):
            raise forms.ValidationError(_("A tag can't have a slash in it."))
        if any(len(tag) > 255 for tag in found) or len(found) > 80:
            raise forms.ValidationError(_("At most 80 tags of 255 characters, please."))
        return found


class MemberForm(forms.Form):
    """Somebody who is there already, with a role. Without a name the row counts for nothing."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=KINDS)
    name = forms.CharField(label=gettext_lazy("Name or id"), required=False, max_length=255)
    role = forms.ChoiceField(label=gettext_lazy("Role"))

    def __init__(self, *args: Any, roles: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = list(roles.items())  # type: ignore[attr-defined]


class PersonForm(forms.Form):
    """A new user, with a role in the project. Without a name nobody is made."""

    user_name = forms.CharField(label=gettext_lazy("User name"), required=False, max_length=255)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        max_length=255,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"))

    def __init__(self, *args: Any, roles: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = list(roles.items())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("user_name") and not data.get("password"):
            self.add_error("password", _("A new user needs one."))
        return data


class NetForm(forms.Form):
    """A private network with a way out."""

    is_wanted = forms.BooleanField(label=gettext_lazy("Make a network"), required=False)
    net_name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=255,
        help_text=gettext_lazy("Empty for the project's name."),
    )
    cidr = forms.CharField(
        label=gettext_lazy("Addresses"), required=False, max_length=43, help_text=gettext_lazy("In CIDR notation.")
    )
    external = forms.ChoiceField(
        label=gettext_lazy("External network"),
        required=False,
        help_text=gettext_lazy("A router is made with its gateway there."),
    )
    dns = forms.CharField(
        label=gettext_lazy("DNS servers"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Addresses with commas between; empty for the cloud's own."),
    )

    def __init__(self, *args: Any, external: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.externals = dict(external)
        choices = [*external.items(), ("", _("none: no router is made"))]
        self.fields["external"].choices = choices  # type: ignore[attr-defined]
        self.fields["cidr"].initial = "192.168.1.0/24"
        self.fields["external"].initial = next(iter(external), "")

    def clean_cidr(self) -> str:
        try:
            return str(ipaddress.ip_network(self.cleaned_data["cidr"].strip() or "192.168.1.0/24"))
        except ValueError as error:
            raise forms.ValidationError(_("This is no range of addresses like 192.168.1.0/24.")) from error

    def clean_dns(self) -> tuple[str, ...]:
        found = []
        for part in str(self.cleaned_data["dns"]).replace(",", " ").split():
            try:
                found.append(str(ipaddress.ip_address(part)))
            except ValueError as error:
                raise forms.ValidationError(_("“%(part)s” is no address.") % {"part": part}) from error
        return tuple(found)

    def net(self, project: str) -> Net | None:
        """What was asked for; None if nothing was. The form has to be valid."""
        data = self.cleaned_data
        if not data["is_wanted"]:
            return None
        external = data["external"]
        name = data["net_name"] or project
        return Net(name, data["cidr"], external, self.externals.get(external, external), data["dns"])
