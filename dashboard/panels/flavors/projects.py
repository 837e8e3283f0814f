"""Projects by name or id, in rows with suggestions: a cloud may have more of them than can be ticked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import flavor_admin
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.live.names import project_names

SPARE = 2
SUGGESTED = 500
ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class ProjectsWidget(forms.Widget):
    """A row for each project, and some empty ones."""

    template_name = "flavors/projects_widget.html"
    names: Mapping[str, str] = {}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        given = [value] if isinstance(value, str) else list(value or ())
        context["rows"] = [*(shown(id, self.names) for id in given if id), *([""] * SPARE)]
        context["suggested"] = sorted(self.names.values(), key=str.casefold)[:SUGGESTED]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [item.strip() for item in data.getlist(name) if item.strip()]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_1"


def shown(id: str, names: Mapping[str, str]) -> str:
    """A project's name if it is the only one of that name, else its id."""
    name = names.get(id, "")
    return name if name and list(names.values()).count(name) == 1 else id


class ProjectsField(forms.Field):
    """Names or ids; cleaned, a list of ids. Give it ``cloud`` before it is used."""

    widget = ProjectsWidget
    cloud: Cloud | None = None

    def __init__(self, **more: Any) -> None:
        given = {
            "label": gettext_lazy("Projects"),
            "required": False,
            "help_text": gettext_lazy("Names or ids. A row that is emptied goes."),
        }
        super().__init__(**{**given, **more})

    def know(self, cloud: Cloud) -> None:
        """Has the rows suggest the cloud's projects."""
        self.cloud = cloud
        widget: Any = self.widget
        widget.names = project_names(cloud)

    def clean(self, value: Any) -> list[str]:
        widget: Any = self.widget
        return list(dict.fromkeys(self._found(item, widget.names) for item in value or ()))

    def _found(self, text: str, names: Mapping[str, str]) -> str:
        if text in names:
            return text
        found = [id for id, name in names.items() if name == text]
        if not found and self.cloud is not None:
            # One that was made a moment ago is not among the names that are kept.
            try:
                found = flavor_admin.find_project(self.cloud, text)
            except CloudError:
                found = []
        if not found and ID.fullmatch(text):
            return text
        if not found:
            raise ValidationError(_("There is no project “%(name)s”.") % {"name": text[:80]})
        if len(found) > 1:
            raise ValidationError(
                _("There are several projects “%(name)s”. Give the id of the one that is meant.") % {"name": text[:80]}
            )
        return found[0]
