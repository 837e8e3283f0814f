"""The form for a new application credential."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.application_credentials import NAME_LENGTH, AccessRule, list_all_rules
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, Forbidden, Invalid
from dashboard.cloud.parallel import later
from dashboard.panels.application_credentials.rules_field import RulesField
from dashboard.ui.errors import told
from dashboard.ui.expiry import ExpiryForm
from dashboard.ui.forms import answered, refused
from dashboard.ui.sections import Sectioned

SHORTEST_SECRET = 12
MOST = 1000


class CreateForm(ExpiryForm, Sectioned):
    """Name, roles and end first; what few need folded away."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LENGTH,
        help_text=gettext_lazy("What will use it: “backup script”, for example."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("As few as the program needs: a reader can look and change nothing."),
        error_messages={"required": gettext_lazy("Without a role it could do nothing. Tick at least one.")},
    )
    rules = RulesField(
        label=gettext_lazy("New access rules"),
        required=False,
        help_text=gettext_lazy(
            "With rules it may send these requests and no others. In a path * stands for one part and ** for any rest. "
            "A service that does not check such rules refuses the program altogether."
        ),
    )
    existing = forms.MultipleChoiceField(
        label=gettext_lazy("Access rules that you have"), required=False, widget=forms.CheckboxSelectMultiple
    )
    secret = forms.CharField(
        label=gettext_lazy("A secret of your own"),
        required=False,
        strip=False,
        max_length=255,
        help_text=gettext_lazy("Left empty, Keystone makes a long random one: that is safer."),
        widget=forms.PasswordInput(
            attrs={
                "autocomplete": "new-password",
                "data-password": gettext_lazy("Show"),
                "data-password-hide": gettext_lazy("Hide"),
            }
        ),
    )
    is_unrestricted = forms.BooleanField(
        label=gettext_lazy("Unrestricted: it may make and delete application credentials and trusts in your name"),
        required=False,
        help_text=gettext_lazy(
            "Dangerous: whoever gets hold of it can make further ones with all your roles here, which stay when you "
            "delete this one. Few programs need it; Heat and Magnum may."
        ),
    )
    sections = (
        (gettext_lazy("Access rules: only certain requests"), ("rules", "existing")),
        (gettext_lazy("More"), ("secret", "is_unrestricted")),
    )
    field_order = ("name", "description", "roles", "lasts", "until", "rules", "existing", "secret", "is_unrestricted")

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = list(cloud.access.roles)
        self.choose("roles", [(role, role) for role in held])
        self.initial.setdefault("roles", held)
        waiting = later(lambda: list_all_rules(cloud))
        field: Any = self.fields["rules"]
        field.know(cloud)
        found: list[AccessRule] = answered(self, "existing", waiting)
        choices = sorted((rule_words(rule), rule.id) for rule in found)[:MOST]
        self.choose("existing", [(id, label) for label, id in choices])
        if not choices and waiting.error is None:
            self.drop("existing")

    def clean_secret(self) -> str:
        """A short secret would be guessed."""
        secret: str = self.cleaned_data["secret"]
        if secret and len(secret) < SHORTEST_SECRET:
            raise forms.ValidationError(_("At least 12 characters, please: programs can remember long ones."))
        return secret

    def clean(self) -> dict[str, Any]:
        """All access rules in one list."""
        data = super().clean() or {}
        data["access_rules"] = [*(data.get("rules") or ()), *({"id": id} for id in data.get("existing") or ())]
        return data


def rule_words(rule: AccessRule) -> str:
    """A rule in one line: "compute GET /v2.1/servers"."""
    return f"{rule.service} {rule.method} {rule.path}"


def refuse(form: forms.Form, error: CloudError) -> None:
    """Puts Keystone's refusal where it belongs, in words."""
    if isinstance(error, Conflict):
        form.add_error("name", _("You have an application credential of this name already."))
    elif isinstance(error, Invalid) and "unassigned role" in error.message:
        form.add_error("roles", _("You do not hold one of these roles in this project any more."))
    elif isinstance(error, Invalid) and "expires_at" in error.message:
        form.add_error("lasts", told(error))
    elif isinstance(error, Forbidden) and "application_credential" in error.message:
        form.add_error(
            None,
            _(
                "You are signed in by an application credential that is restricted: such a one can't make others. Sign "
                "in as yourself, or by an unrestricted one."
            ),
        )
    elif "maximum" in error.message:
        form.add_error(None, _("You have as many application credentials as Keystone allows. Delete one first."))
    else:
        refused(form, error)


def names_of(rows: Sequence[Any]) -> str:
    """The rows' names in one line."""
    return ", ".join(row.name or row.id for row in rows)
