"""Forms for unified limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import unified_limits
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.parallel import later
from dashboard.cloud.project_search import exactly
from dashboard.cloud.unified_limits import RegisteredLimit
from dashboard.ui.errors import told
from dashboard.ui.forms import answered

MOST = 2_147_483_647
MODELS = {
    "flat": gettext_lazy("flat: each project's limit counts by itself"),
    "strict_two_level": gettext_lazy("strict two level: all children together stay within their parent's limit"),
}


def limit_field() -> forms.IntegerField:
    """A limit; Keystone writes -1 for none."""
    return forms.IntegerField(
        label=gettext_lazy("Limit"), min_value=-1, max_value=MOST, help_text=gettext_lazy("-1 is no limit.")
    )


class RegisteredForm(forms.Form):
    """A new default."""

    service = forms.ChoiceField(label=gettext_lazy("Service"))
    resource = forms.CharField(
        label=gettext_lazy("Resource"),
        max_length=255,
        help_text=gettext_lazy("As the service names it: image_size_total, servers, class:VCPU."),
    )
    limit = limit_field()
    region = forms.ChoiceField(
        label=gettext_lazy("Region"), required=False, help_text=gettext_lazy("Where it holds; else in all regions.")
    )
    description = forms.CharField(label=gettext_lazy("Description"), required=False, max_length=255)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        services = later(lambda: list(unified_limits.service_names(cloud).items()))
        regions = later(lambda: unified_limits.list_regions(cloud))
        found = sorted(answered(self, "service", services), key=lambda item: item[1])
        self.fields["service"].choices = found  # type: ignore[attr-defined]
        names = [(name, name) for name in answered(self, "region", regions)]
        self.fields["region"].choices = [("", _("all regions")), *names]  # type: ignore[attr-defined]


class EditForm(forms.Form):
    """Another number."""

    limit = limit_field()
    description = forms.CharField(label=gettext_lazy("Description"), required=False, max_length=255)

    def __init__(self, *args: Any, rows: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(rows) == 1:
            row = rows[0]
            self.initial.setdefault("limit", row.default if isinstance(row, RegisteredLimit) else row.limit)
            self.initial.setdefault("description", row.description)


class LimitForm(forms.Form):
    """Another limit than the default, for a project or a domain."""

    registered = forms.ChoiceField(label=gettext_lazy("Of what"))
    kind = forms.ChoiceField(
        label=gettext_lazy("For"),
        choices=(("projects", gettext_lazy("a project")), ("domains", gettext_lazy("a domain"))),
    )
    owner = forms.CharField(label=gettext_lazy("Its name or id"), max_length=255)
    limit = limit_field()

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud = cloud
        waiting = later(lambda: unified_limits.list_all_registered(cloud))
        model = later(lambda: unified_limits.get_model(cloud))
        self.defaults = {item.id: item for item in answered(self, "registered", waiting)}
        self.fields["registered"].choices = [  # type: ignore[attr-defined]
            (item.id, " ".join(part for part in (item.service, item.resource, item.region) if part))
            for item in sorted(self.defaults.values(), key=lambda item: (item.service, item.resource))
        ]
        if not self.defaults:
            self.fields["registered"].help_text = _("There are no default limits yet: one has to be there first.")
        name = model.or_else(("", ""))[0]
        if name:
            words = MODELS.get(name, name)
            self.fields["limit"].help_text = _("-1 is no limit. Keystone's model is %(model)s.") % {"model": words}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("owner") and data.get("kind"):
            try:
                found = exactly(self.cloud, data["kind"], data["owner"].strip(), domain_id="")
            except CloudError as error:
                self.add_error("owner", told(error, self.cloud))
            else:
                if found is None:
                    self.add_error("owner", _("There is nothing of this name, or several; the id tells them apart."))
                else:
                    data["owner_id"] = found.id
        return data
