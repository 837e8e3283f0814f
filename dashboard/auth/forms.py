"""The forms of signing in: name and password, a new password, a passcode."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dashboard.cloud.config import Keystone, config


def _password(label: Any, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(
            attrs={"autocomplete": autocomplete, "data-password": _("Show"), "data-password-hide": _("Hide")}
        ),
    )


class SignInForm(forms.Form):
    """Name, password, domain; Keystone and region where there is a choice."""

    error_css_class = "is-invalid"

    keystone = forms.TypedChoiceField(label=_("Cloud"), coerce=int)
    region = forms.ChoiceField(label=_("Region"), required=False)
    domain = forms.CharField(
        label=_("Domain"),
        max_length=255,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "organization"}),
    )
    name = forms.CharField(
        label=_("User name"),
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = _password(_("Password"), "current-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keystones = config().keystones
        if len(keystones) > 1:
            choice = [(index, keystone.name or keystone.url) for index, keystone in enumerate(keystones)]
            self._choices("keystone", choice)
        else:
            del self.fields["keystone"]
        regions = list(dict.fromkeys(region for keystone in keystones for region in keystone.regions))
        if len(regions) > 1:
            self._choices("region", [(region, region) for region in regions])
        else:
            del self.fields["region"]
        if settings.SIGN_IN_DOMAINS:
            self.fields["domain"] = forms.ChoiceField(
                label=_("Domain"), choices=[(domain, domain) for domain in settings.SIGN_IN_DOMAINS]
            )
        elif settings.SIGN_IN_DOMAIN_TYPED:
            self.fields["domain"].initial = settings.SIGN_IN_DOMAIN
        else:
            del self.fields["domain"]
        self.order_fields(["keystone", "region", "domain", "name", "password"])
        # The password is never kept: after a refusal it is what is missing.
        self.fields["password" if self.data.get("name") else "name"].widget.attrs["autofocus"] = True

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def chosen_keystone(self) -> Keystone:
        """The chosen Keystone; the address is never taken from the request, only its place in the settings."""
        index: int = self.cleaned_data.get("keystone", 0)
        return config().keystones[index]

    @property
    def chosen_domain(self) -> str:
        """The chosen, typed or configured domain's name."""
        return str(self.cleaned_data.get("domain") or settings.SIGN_IN_DOMAIN)

    @property
    def chosen_region(self) -> str:
        """The chosen region, else the Keystone's first, else "" for the catalog's first."""
        regions = self.chosen_keystone.regions
        chosen = str(self.cleaned_data.get("region") or "")
        return chosen if chosen in regions else (regions[0] if regions else "")


class PasscodeForm(forms.Form):
    """The second step where a time-based passcode is needed."""

    passcode = forms.CharField(
        label=_("Passcode"),
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


class PasswordForm(forms.Form):
    """The current password, and the new one twice."""

    current = _password(_("Current password"), "current-password")
    new = _password(_("New password"), "new-password")
    again = _password(_("New password, again"), "new-password")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            self.add_error("again", _("This is not the same as the new password."))
        if data.get("new") and data.get("new") == data.get("current"):
            self.add_error("new", _("This is the current password. Choose another one."))
        return data
