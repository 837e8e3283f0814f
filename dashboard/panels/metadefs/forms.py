"""The forms for metadata definitions: importing, changing, and what is in a namespace."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.metadef_admin import (
    TYPES,
    Namespace,
    Wrong,
    list_resource_types,
    property_faults,
    read,
)
from dashboard.cloud.parallel import later
from dashboard.ui.forms import answered

LARGEST = 512 * 1024
TAG_LENGTH = 80
VISIBILITIES = (("public", gettext_lazy("Everybody")), ("private", gettext_lazy("The owner's project")))
TYPE_WORDS = {
    "string": gettext_lazy("Text"),
    "integer": gettext_lazy("Whole number"),
    "number": gettext_lazy("Number"),
    "boolean": gettext_lazy("Yes or no"),
    "array": gettext_lazy("List"),
}
MONO = {"spellcheck": "false", "autocomplete": "off"}


def wrong_words(wrong: Wrong) -> str:
    """What is the matter with a text, and where."""
    words = {
        "json": _("This is no JSON: %(message)s.") % {"message": wrong.message or "?"},
        "object": _("An object in braces is expected%(where)s.") % {"where": f": {wrong.name}" if wrong.name else ""},
        "key": _("A namespace has no “%(name)s”.") % {"name": wrong.name},
        "name": _("The namespace has no name: “namespace” is missing."),
        "list": _("“%(name)s” has to be a list.") % {"name": wrong.name},
        "names": _("Each of “%(name)s” needs a name.") % {"name": wrong.name},
        "title": _("The property “%(name)s” has no title.") % {"name": wrong.name},
        "type": _("The property “%(name)s” has no type that there is; there are: %(types)s.")
        % {"name": wrong.name, "types": ", ".join(TYPES)},
    }[wrong.what]
    return _("Line %(line)d: %(words)s") % {"line": wrong.line, "words": words} if wrong.line else words


class ImportForm(forms.Form):
    """A namespace as JSON, pasted or from a file."""

    text = forms.CharField(
        label=gettext_lazy("JSON"),
        required=False,
        max_length=LARGEST,
        widget=forms.Textarea(attrs={**MONO, "rows": 12}),
        help_text=gettext_lazy("As Glance's own files have it: namespace, display_name, properties, objects, tags, …"),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        text, file = data.get("text") or "", data.get("file")
        if self.errors:
            return data
        if file is not None:
            if file.size > LARGEST:
                raise forms.ValidationError({"file": _("The file is larger than 512 KiB.")})
            try:
                text = file.read().decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise forms.ValidationError({"file": _("The file is no text in UTF-8.")}) from error
        place = "file" if file is not None else "text"
        if not text.strip():
            raise forms.ValidationError({"text": _("Paste a namespace here, or choose a file.")})
        data["body"], wrong = read(text)
        if wrong:
            raise forms.ValidationError({place: [wrong_words(item) for item in wrong[:20]]})
        return data


class NamespaceForm(forms.Form):
    """What a namespace is called, and who sees it."""

    display_name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    description = forms.CharField(
        label=gettext_lazy("Description"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    visibility = forms.ChoiceField(label=gettext_lazy("Who sees it"), choices=VISIBILITIES, initial="public")
    protected = forms.BooleanField(
        label=gettext_lazy("Protected"),
        required=False,
        help_text=gettext_lazy("Nothing of it can be deleted."),
    )


class CreateForm(NamespaceForm):
    """A new namespace, with nothing in it yet."""

    namespace = forms.RegexField(
        r"^[^/]{1,80}$",
        label=gettext_lazy("Namespace"),
        help_text=gettext_lazy("As in OS::Compute::Watchdog; it can't be changed later."),
        widget=forms.TextInput(attrs=MONO),
    )
    field_order = ("namespace", "display_name")


class EditForm(NamespaceForm):
    """Begins with what the namespace has."""

    def __init__(self, *args: Any, rows: Sequence[Namespace] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for space in rows[:1]:
            self.initial = {
                "display_name": space.name,
                "description": space.description,
                "visibility": space.visibility,
                "protected": space.is_protected,
                **self.initial,
            }


class AssociateForm(forms.Form):
    """The kind of resource that a namespace is for."""

    name = forms.ChoiceField(label=gettext_lazy("Kind of resource"))
    name_prefix = forms.CharField(
        label=gettext_lazy("Prefix"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Stands before the properties' names there, as in hw_ for images or hw: for flavors."),
        widget=forms.TextInput(attrs=MONO),
    )
    target = forms.CharField(
        label=gettext_lazy("Part of the resource"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Where it has several kinds of properties: image or metadata, say."),
        widget=forms.TextInput(attrs=MONO),
    )

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Namespace] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has = {item.name for space in rows for item in space.associations}
        found = answered(self, "name", later(lambda: list_resource_types(cloud)))
        self.fields["name"].choices = [(name, name) for name in found if name not in has]  # type: ignore[attr-defined]


class NameForm(forms.Form):
    """Which of them; links name it."""

    name = forms.CharField(widget=forms.HiddenInput, max_length=255)


class PropertyForm(forms.Form):
    """A property's definition; ``before`` is what the one that is changed was called."""

    before = forms.CharField(required=False, widget=forms.HiddenInput, max_length=80)
    name = forms.RegexField(r"^[^/]{1,80}$", label=gettext_lazy("Key"), widget=forms.TextInput(attrs=MONO))
    title = forms.CharField(label=gettext_lazy("Title"), max_length=80)
    description = forms.CharField(
        label=gettext_lazy("Description"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    type = forms.ChoiceField(label=gettext_lazy("Type"), choices=tuple(TYPE_WORDS.items()), initial="string")
    choices = forms.CharField(
        label=gettext_lazy("Values there may be"),
        required=False,
        widget=forms.Textarea(attrs={**MONO, "rows": 3}),
        help_text=gettext_lazy("One a line; anything if empty."),
    )
    default = forms.CharField(label=gettext_lazy("Default"), required=False, max_length=255)
    minimum = forms.FloatField(label=gettext_lazy("Smallest"), required=False)
    maximum = forms.FloatField(label=gettext_lazy("Largest"), required=False)

    def __init__(self, *args: Any, rows: Sequence[Namespace] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.old: Mapping[str, Any] = {}
        before = str(self.data.get("before") or self.initial.get("before") or "")
        found = rows[0].definition(before) if rows and before else None
        if found is None:
            return
        self.old = found.json
        self.initial = {
            "name": found.name,
            "title": found.title,
            "description": found.description,
            "type": found.type,
            "choices": "\n".join(found.choices),
            "default": "" if found.json.get("default") is None else _plain(found.json["default"]),
            "minimum": found.json.get("minimum"),
            "maximum": found.json.get("maximum"),
            **self.initial,
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        kind = data["type"]
        try:
            choices = [_typed(line.strip(), kind) for line in data["choices"].splitlines() if line.strip()]
        except ValueError as error:
            raise forms.ValidationError({"choices": _("Each has to be of the type that is chosen.")}) from error
        try:
            default = _typed(data["default"], kind) if data["default"] else None
        except ValueError as error:
            raise forms.ValidationError({"default": _("It has to be of the type that is chosen.")}) from error
        # What this form does not show stays as it is.
        body = {key: value for key, value in self.old.items() if key not in {"enum", "default", "minimum", "maximum"}}
        body |= {"title": data["title"], "description": data["description"], "type": kind}
        if kind == "array":
            items = {key: value for key, value in dict(body.get("items") or {}).items() if key != "enum"}
            body["items"] = {"type": "string", **items, **({"enum": choices} if choices else {})}
        else:
            body.pop("items", None)
            body |= {"enum": choices} if choices else {}
        body |= {"default": default} if default is not None else {}
        for key in ("minimum", "maximum"):
            if kind in {"integer", "number"} and data[key] is not None:
                body[key] = int(data[key]) if data[key] == int(data[key]) else data[key]
        data["body"] = body
        return data


def _typed(text: str, kind: str) -> Any:
    """A value as JSON has it. Raises ValueError."""
    if kind == "integer":
        return int(text)
    if kind == "number":
        return float(text)
    if kind == "boolean":
        if text.casefold() not in {"true", "false"}:
            raise ValueError(text)
        return text.casefold() == "true"
    if kind == "array" and text.startswith("["):
        found = json.loads(text)
        return found if isinstance(found, list) else [text]
    return text


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


class ObjectForm(forms.Form):
    """An object as JSON: a name, and properties that are only used together."""

    before = forms.CharField(required=False, widget=forms.HiddenInput, max_length=80)
    text = forms.CharField(
        label=gettext_lazy("JSON"),
        max_length=LARGEST,
        widget=forms.Textarea(attrs={**MONO, "rows": 14}),
        help_text=gettext_lazy("With name, description, required (a list of keys) and properties."),
    )

    def __init__(self, *args: Any, rows: Sequence[Namespace] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        before = str(self.data.get("before") or self.initial.get("before") or "")
        found = rows[0].object(before) if rows and before else None
        example: Mapping[str, Any] = {"name": "", "description": "", "required": [], "properties": {}}
        if found is not None:
            example = {key: value for key, value in found.json.items() if key not in {"self", "schema"}}
            example = {key: value for key, value in example.items() if not key.endswith("_at")}
        self.initial = {"text": json.dumps(example, indent=2, ensure_ascii=False), **self.initial}

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        try:
            body = json.loads(text)
        except (ValueError, RecursionError) as error:
            wrong = Wrong("json", getattr(error, "lineno", 0), message=getattr(error, "msg", ""))
            raise forms.ValidationError(wrong_words(wrong)) from error
        if not isinstance(body, dict):
            raise forms.ValidationError(wrong_words(Wrong("object", 1)))
        if not isinstance(body.get("name"), str) or not body["name"].strip():
            raise forms.ValidationError(_("The object needs a name."))
        properties = body.get("properties", {})
        if not isinstance(properties, dict):
            raise forms.ValidationError(wrong_words(Wrong("object", 0, "properties")))
        wrong_ones = property_faults(properties, text)
        if wrong_ones:
            raise forms.ValidationError([wrong_words(item) for item in wrong_ones[:20]])
        self.body = body
        return text


class TagsForm(forms.Form):
    """A namespace's tags, one a line."""

    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("One a line; those that are left out go."),
    )

    def __init__(self, *args: Any, rows: Sequence[Namespace] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for space in rows[:1]:
            self.initial = {"tags": "\n".join(space.tags), **self.initial}

    def clean_tags(self) -> list[str]:
        found = list(dict.fromkeys(line.strip() for line in self.cleaned_data["tags"].splitlines() if line.strip()))
        if any(len(tag) > TAG_LENGTH for tag in found):
            raise forms.ValidationError(_("A tag has 80 characters at most."))
        return found
