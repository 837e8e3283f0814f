"""Adopting: a stack that is made of what an abandoned one left, by what Heat exported of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import stack_actions
from dashboard.cloud.connection import Cloud
from dashboard.cloud.stacks import Stack
from dashboard.panels.stacks.forms import NAME, is_name, timeout_field
from dashboard.ui.panel import Create

LARGEST = 8 * 1024 * 1024
"""Bytes of an exported stack."""


class AdoptForm(forms.Form):
    """A file of an export, or its text, and what the stack is to be called."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("What Export gave, or “openstack stack abandon” or “openstack stack export”."),
    )
    text = forms.CharField(
        label=gettext_lazy("Or its text"),
        required=False,
        max_length=LARGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocapitalize": "off"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=255,
        validators=[is_name],
        help_text=gettext_lazy("Left empty, it is called what it was called."),
    )
    timeout_minutes = timeout_field()
    is_rollback_on = forms.BooleanField(
        label=gettext_lazy("If it fails, undo what was done"),
        required=False,
        help_text=gettext_lazy("That may delete what the abandoned stack left."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        field = "file" if data.get("file") else "text"
        if field in self.errors:
            return data
        kept = self._kept(data, field)
        if kept is not None:
            name = str(kept.get("stack_name") or kept.get("name") or "")
            data["kept"] = json.dumps(kept)
            if not data.get("name") and "name" not in self.errors:
                data["name"] = name
                if not NAME.match(name):
                    self.add_error("name", _("It does not say what it was called: give it a name."))
        return data

    def _kept(self, data: Mapping[str, Any], field: str) -> dict[str, Any] | None:
        upload, text = data.get("file"), data.get("text") or ""
        if upload is not None:
            if (upload.size or 0) > LARGEST:
                self.add_error("file", _("%(name)s is larger than 8 MiB.") % {"name": upload.name})
                return None
            text = upload.read().decode(errors="replace")
        if not text.strip():
            self.add_error("file", _("Choose a file, or paste its text."))
            return None
        try:
            kept = json.loads(text)
        except ValueError as error:
            self.add_error(field, _("This is no JSON: %(error)s") % {"error": str(error)[:120]})
            return None
        if not isinstance(kept, dict) or not isinstance(kept.get("template"), dict) or "resources" not in kept:
            self.add_error(field, _("This is no exported stack: it has no template and resources."))
            return None
        return kept


def _adopt(cloud: Cloud, data: Mapping[str, Any]) -> Stack:
    return stack_actions.adopt_stack(
        cloud,
        data["name"],
        data["kept"],
        timeout_minutes=data["timeout_minutes"],
        is_rollback_on=data["is_rollback_on"],
    )


def _command(data: Mapping[str, Any]) -> list[str]:
    words = ["openstack", "stack", "adopt", "--adopt-file", "stack.json"]
    words += ["--timeout", str(data["timeout_minutes"])] if data["timeout_minutes"] else []
    return [*words, *(["--enable-rollback"] if data["is_rollback_on"] else []), data["name"]]


ADOPT = Create(label=gettext_lazy("Adopt a stack"), form=AdoptForm, run=_adopt, cli=_command)
