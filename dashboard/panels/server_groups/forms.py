"""The form for a new server group: its name, where its servers are to run, and how much of the quota is left."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import versions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.server_groups import RULES, list_group_quotas
from dashboard.ui.errors import told

POLICIES = (
    ("anti-affinity", gettext_lazy("Apart: never two on one host")),
    ("affinity", gettext_lazy("Together: all on one host")),
    ("soft-anti-affinity", gettext_lazy("Apart if possible: on one host rather than not at all")),
    ("soft-affinity", gettext_lazy("Together if possible: on several hosts rather than not at all")),
)


def quota_words(cloud: Cloud) -> str:
    """How many groups the project has of those that it may have, and how large one may be."""
    try:
        groups, members = list_group_quotas(cloud)
    except CloudError as error:
        return _("The quota can't be shown. %(why)s") % {"why": told(error)}
    parts = []
    if groups.limit is not None:
        parts.append(
            _("The project has %(used)d of %(limit)d server groups.") % {"used": groups.used, "limit": groups.limit}
        )
    if members.limit is not None:
        parts.append(_("A group may have up to %(n)d servers.") % {"n": members.limit})
    return " ".join(parts)


class GroupForm(forms.Form):
    """A server group; its policy can't be changed later."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    policy = forms.ChoiceField(
        label=gettext_lazy("Policy"), choices=POLICIES, initial="anti-affinity", widget=forms.RadioSelect
    )
    max_per_host = forms.IntegerField(
        label=gettext_lazy("Most servers on one host"),
        min_value=1,
        max_value=10_000,
        required=False,
        help_text=gettext_lazy("For servers that keep apart: so many of them may share a host after all."),
    )

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields["name"].help_text = quota_words(cloud)
        self.has_rules = versions.speaks(cloud, "compute", RULES)
        if not self.has_rules:
            self.fields["max_per_host"].disabled = True
            self.fields["max_per_host"].help_text = _("This cloud is too old for it: Nova %(version)s is needed.") % {
                "version": RULES
            }

    def clean(self) -> dict[str, Any]:
        """Nova takes the number with one policy alone."""
        data = super().clean() or self.cleaned_data
        if data.get("max_per_host") and data.get("policy") not in {"anti-affinity", None}:
            self.add_error("max_per_host", _("This goes with “never two on one host” alone."))
        return data
