"""What is made (a template with its environment and files), and the parameters that the template asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import Later
from dashboard.cloud.stack_actions import Order
from dashboard.cloud.stack_choices import Choice, ask_choices
from dashboard.cloud.stack_templates import Parameter, Template
from dashboard.panels.stacks import fields
from dashboard.ui.forms import answered

LARGEST = 512 * 1024
"""Bytes of a template, an environment or one file; Heat's own limit by default."""
MOST_FILES = 50
PREFIX = "param-"
KEPT = "file-"
NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_.-]*\Z")
is_name = RegexValidator(
    NAME,
    gettext_lazy("Heat takes names that begin with a letter, of letters, digits, “_”, “-” and “.” alone."),
)
"""What Heat takes for names of stacks."""


class ManyFiles(forms.FileInput):
    """Several files in one field; the form reads them all itself."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.get(name)


class SourceForm(forms.Form):
    """Where the template comes from. What was uploaded is kept in the page's own fields until it is sent."""

    source = forms.ChoiceField(
        label=gettext_lazy("Template"),
        choices=(
            ("text", gettext_lazy("As text")),
            ("file", gettext_lazy("A file")),
            ("url", gettext_lazy("From a URL")),
        ),
        widget=forms.RadioSelect,
        initial="text",
    )
    template = forms.CharField(
        label=gettext_lazy("The template's text"),
        required=False,
        max_length=LARGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "autocapitalize": "off", "wrap": "off"}),
    )
    template_file = forms.FileField(label=gettext_lazy("Template file"), required=False, allow_empty_file=True)
    template_url = forms.URLField(
        label=gettext_lazy("URL"),
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("Heat gets it from there itself, so it has to reach that address."),
    )
    environment = forms.CharField(
        label=gettext_lazy("Environment"),
        required=False,
        max_length=LARGEST,
        strip=False,
        help_text=gettext_lazy("Parameters and a resource registry, as YAML or JSON. Leave it empty if there is none."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocapitalize": "off", "wrap": "off"}),
    )
    environment_file = forms.FileField(label=gettext_lazy("Environment file"), required=False, allow_empty_file=True)
    more_files = forms.FileField(
        label=gettext_lazy("Further files"),
        required=False,
        widget=ManyFiles(attrs={"multiple": True}),
        help_text=gettext_lazy("Nested templates and what get_file names, under the names that the template has."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept: dict[str, str] = {}

    def clean_template_url(self) -> str:
        url = str(self.cleaned_data["template_url"])
        if url and not url.startswith(("http://", "https://")):
            raise forms.ValidationError(_("Only addresses that begin with http:// or https:// can be fetched."))
        return url

    def clean(self) -> dict[str, Any]:
        """What was uploaded becomes text; the files kept so far and the new ones are put together."""
        data = super().clean() or {}
        for name in ("template", "environment"):
            upload = data.get(f"{name}_file")
            if upload is not None and (text := self._text(upload, f"{name}_file")) is not None:
                data[name] = text
        source = data.get("source")
        if source == "url" and not data.get("template_url") and "template_url" not in self.errors:
            self.add_error("template_url", _("Say where the template is."))
        if source != "url" and not (data.get("template") or "").strip() and "template_file" not in self.errors:
            self.add_error("template_file" if source == "file" else "template", _("There is no template yet."))
        self.kept = {key[len(KEPT) :]: value for key, value in self.data.items() if key.startswith(KEPT)}
        for upload in self.files.getlist("more_files") if hasattr(self.files, "getlist") else ():
            if (text := self._text(upload, "more_files")) is not None:
                self.kept[str(upload.name)] = text
        if len(self.kept) > MOST_FILES:
            self.add_error("more_files", _("At most %d files, please.") % MOST_FILES)
        data["kept"] = self.kept
        return data

    def _text(self, upload: UploadedFile[bytes], field: str) -> str | None:
        if (upload.size or 0) > LARGEST:
            self.add_error(field, _("%(name)s is larger than 512 KiB.") % {"name": upload.name})
            return None
        try:
            return upload.read().decode()
        except UnicodeDecodeError:
            self.add_error(field, _("%(name)s is no text.") % {"name": upload.name})
            return None

    def order(self) -> Order:
        """The part of an order that says what is made."""
        data = self.cleaned_data
        is_url = data["source"] == "url"
        return Order(
            template="" if is_url else data["template"],
            template_url=data["template_url"] if is_url else "",
            environment=data["environment"],
            files=data["kept"],
        )


def timeout_field() -> forms.IntegerField:
    """How long Heat may take to make or change a stack."""
    return forms.IntegerField(
        label=gettext_lazy("Give up after"),
        required=False,
        min_value=1,
        max_value=24 * 60,
        help_text=gettext_lazy("Minutes. Empty: the cloud's default, an hour mostly."),
    )


class StackForm(forms.Form):
    """The stack's own fields, and one for each parameter of the template."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, validators=[is_name])
    timeout_minutes = timeout_field()
    is_rollback_on = forms.BooleanField(
        label=gettext_lazy("If it fails, undo what was done"), required=False, initial=True
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"), required=False, max_length=400, help_text=gettext_lazy("With commas between them.")
    )

    def __init__(
        self,
        *args: Any,
        cloud: Cloud,
        template: Template,
        known: Mapping[str, Any] | None = None,
        is_update: bool = False,
        **kwargs: Any,
    ) -> None:
        """``known``: the parameters that the stack has now, where it is to be updated."""
        super().__init__(*args, **kwargs)
        self.template = template
        self.known = known or {}
        self.is_update = is_update
        if is_update:
            del self.fields["name"]
        asked = ask_choices(cloud, (item.picks for item in template.parameters.values() if _may_choose(item)))
        for parameter in template.parameters.values():
            now = self.known.get(parameter.name, parameter.default)
            self.fields[PREFIX + parameter.name] = fields.field_of(parameter, now=now, is_update=is_update)
        for parameter in template.parameters.values():
            if parameter.picks in asked and _may_choose(parameter):
                self._offer(parameter, asked[parameter.picks])
        if self.is_bound:
            self._add_defaults()

    def clean_tags(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tag.strip() for tag in self.cleaned_data["tags"].split(",") if tag.strip()))

    def parameters(self) -> dict[str, Any]:
        """What was given; what was left at the template's default is not sent."""
        found = {}
        for parameter in self.template.parameters.values():
            value = self.cleaned_data.get(PREFIX + parameter.name)
            if isinstance(value, bool):
                value = "true" if value else "false"
            if value in (None, "", []) and (not parameter.is_required or (self.is_update and parameter.is_hidden)):
                continue
            found[parameter.name] = fields.sent_as(value)
        return found

    def keeps(self) -> bool:
        """Whether there are secrets that stay as they are."""
        hidden = (item for item in self.template.parameters.values() if item.is_hidden)
        return self.is_update and any(not self.cleaned_data.get(PREFIX + item.name) for item in hidden)

    def cleared(self) -> tuple[str, ...]:
        """The parameters that the stack has and that were emptied here: back to the template's default."""
        given = self.parameters()
        shown = (item.name for item in self.template.parameters.values() if not item.is_hidden)
        return tuple(name for name in shown if name in self.known and name not in given)

    def unbind(self) -> None:
        """What was typed stays, unchecked: it is shown again as if nothing had been sent."""
        self.initial = {bound.name: bound.data for bound in self if bound.data is not None}
        self.is_bound = False

    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """The parameters' fields as the template groups them: label, description, fields; the rest come first."""
        grouped = {name for group in self.template.groups for name in group.names}
        rest = [name for name in self.template.parameters if name not in grouped]
        found = [("", "", [self[PREFIX + name] for name in rest])] if rest else []
        found += [
            (group.label, group.description, [self[PREFIX + name] for name in group.names])
            for group in self.template.groups
            if group.names
        ]
        return found

    def own(self) -> list[forms.BoundField]:
        """The stack's own fields."""
        return [self[name] for name in self.fields if not name.startswith(PREFIX)]

    def asked(self) -> str:
        """The parameters that the page has fields for; its template may be changed before it is sent."""
        return " ".join(self.template.parameters)

    def _add_defaults(self) -> None:
        """A Boolean that the page had no field for yet is its default: of one that is off nothing is sent either."""
        data = MultiValueDict(self.data)
        had = data.get("parameters", "").split()
        for parameter in self.template.parameters.values():
            key = PREFIX + parameter.name
            if parameter.type == "Boolean" and parameter.name not in had and self.fields[key].initial:
                data[key] = "on"
        self.data = data

    def _offer(self, parameter: Parameter, asked: Later[list[Choice]]) -> None:
        key = PREFIX + parameter.name
        found = answered(self, key, asked)
        if found or asked.error is None:
            self.fields[key] = fields.offered(parameter, self.fields[key], found)


def _may_choose(parameter: Parameter) -> bool:
    """Whether what there is may be shown; what is hidden is typed."""
    return not parameter.choices and not parameter.is_hidden
