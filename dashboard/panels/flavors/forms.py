"""What administrators are asked about flavors: sizes, extra specs, and who may use them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.cloud import flavor_admin
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.flavors import Flavor, get_flavor
from dashboard.panels.flavors.projects import ProjectsField
from dashboard.panels.flavors.spec_words import definitions
from dashboard.ui.pairs import Pairs

ID = re.compile(r"[a-zA-Z0-9_.\- ]+")
LARGEST = 2_147_483_647


def number(label: Any, *, initial: int = 0, least: int = 0, hint: Any = "", **more: Any) -> forms.IntegerField:
    """A size."""
    return forms.IntegerField(label=label, min_value=least, max_value=LARGEST, initial=initial, help_text=hint, **more)


class WithSpecs(forms.Form):
    """A form with extra specs: what Nova refuses of them is told on the row."""

    def add_error(self, field: str | None, error: Any) -> None:
        """Puts a refusal that names a key, or its value, on that row."""
        specs = self.fields.get("extra_specs")
        if field is None and isinstance(specs, Pairs):
            text = error if isinstance(error, str) else " ".join(getattr(error, "messages", [str(error)]))
            if key := specs.blame(text):
                field, error = "extra_specs", _("Nova refuses “%(key)s”.") % {"key": key}
        super().add_error(field, error)


class NewFlavor(WithSpecs):
    """A new size, perhaps like one that there is."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, widget=forms.TextInput({"autocomplete": "off"}))
    vcpus = number(gettext_lazy("vCPUs"), initial=1, least=1)
    ram = number(gettext_lazy("RAM in MiB"), initial=1024, least=1)
    disk = number(
        gettext_lazy("Root disk in GiB"),
        initial=10,
        hint=gettext_lazy("0: as large as the image. Of those, members can only launch servers from volumes."),
    )
    ephemeral = number(gettext_lazy("Ephemeral disk in GiB"), required=False)
    swap = number(gettext_lazy("Swap in MiB"), required=False)
    flavor_id = forms.CharField(
        label=gettext_lazy("ID"), max_length=255, required=False, help_text=gettext_lazy("Left empty, Nova gives one.")
    )
    description = forms.CharField(
        label=gettext_lazy("Description"), max_length=65535, required=False, widget=forms.Textarea({"rows": 2})
    )
    is_public = forms.BooleanField(label=gettext_lazy("Every project may use it"), required=False, initial=True)
    projects = ProjectsField(
        label=gettext_lazy("Else these projects"), help_text=gettext_lazy("Names or ids; for a private flavor alone.")
    )
    extra_specs = Pairs(label=gettext_lazy("Extra specs"), required=False)
    like = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        know(self, cloud)
        like = str(self.initial.get("like") or "")
        if like and not self.is_bound:
            self._start_like(cloud, like)

    def _start_like(self, cloud: Cloud, id: str) -> None:
        try:
            found = get_flavor(cloud, id)
            allowed = [] if found.is_public else flavor_admin.list_access(cloud, id=id)
        except CloudError:
            # The form is of use without.
            return
        names = ("vcpus", "ram", "disk", "ephemeral", "swap", "description", "is_public", "extra_specs")
        self.initial = {**{name: getattr(found, name) for name in names}, "projects": allowed, **self.initial}

    def clean_flavor_id(self) -> str:
        id = str(self.cleaned_data["flavor_id"]).strip()
        if id and not ID.fullmatch(id):
            raise forms.ValidationError(_("An id has letters, digits, spaces and “.-_” alone."))
        return id

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("is_public") and data.get("projects"):
            self.add_error("projects", _("Every project may use a public flavor. Make it private, or name none."))
        return data


class DescriptionForm(forms.Form):
    """All that can be changed of a flavor itself."""

    description = forms.CharField(
        label=gettext_lazy("Description"), max_length=65535, required=False, widget=forms.Textarea({"rows": 3})
    )


class SpecsForm(WithSpecs):
    """All extra specs, in rows."""

    extra_specs = Pairs(label=gettext_lazy("Extra specs"), required=False)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        know(self, cloud)


class AccessForm(forms.Form):
    """The projects that may use a private flavor."""

    projects = ProjectsField()

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Flavor] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        know(self, cloud)
        if rows and not rows[0].is_public and not self.is_bound:
            self.initial["projects"] = flavor_admin.list_access(cloud, id=rows[0].id)


class DeleteForm(forms.Form):
    """Nothing to fill in; it says how many servers are of the flavor."""

    template_name = "flavors/delete_form.html"
    sentence = ""

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Flavor] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(rows) == 1 and not self.is_bound:
            self.sentence = servers_words(cloud, rows[0])


def servers_words(cloud: Cloud, row: Flavor) -> str:
    """How many servers are of a flavor; nothing where that can't be had."""
    try:
        count, is_more = flavor_admin.count_servers(cloud, id=row.id)
    except CloudError:
        return ""
    if is_more:
        return _("More than %(n)d servers are of it.") % {"n": count}
    if not count:
        return _("No server is of it.")
    return ngettext("%(n)d server is of it.", "%(n)d servers are of it.", count) % {"n": count}


def know(form: forms.Form, cloud: Cloud) -> None:
    """Gives the form's fields what they suggest."""
    for field in form.fields.values():
        if isinstance(field, ProjectsField):
            field.know(cloud)
        elif isinstance(field, Pairs):
            field.know(definitions(cloud))
