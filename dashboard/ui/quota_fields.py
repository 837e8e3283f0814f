"""Quotas of several services as fields of one form: empty is no limit, and only what was changed is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from dashboard.cloud.quotas import QuotaLine, ServiceQuotas
from dashboard.ui.quota_sections import TITLES, label_of

MOST = 2_147_483_647
"""The largest number that the services take."""


@dataclass(frozen=True)
class FieldRow:
    """One quota with its field."""

    line: QuotaLine
    label: str
    field: forms.BoundField


class QuotasForm(forms.Form):
    """The quotas of every service that answered. What it takes is given by ``found``."""

    def __init__(self, *args: Any, found: Iterable[ServiceQuotas], only: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines: dict[str, QuotaLine] = {}
        for item in found:
            if only and item.service not in only:
                continue
            for line in item.lines:
                self.lines[line.key] = line
                label = label_of(line)
                widget = forms.NumberInput(
                    {"id": f"quota-{len(self.lines)}", "placeholder": _("no limit"), "size": "8"}
                )
                self.fields[line.key] = forms.IntegerField(
                    label=f"{label} ({line.unit})" if line.unit else label,
                    required=False,
                    min_value=-1,
                    max_value=MOST,
                    initial=line.limit,
                    show_hidden_initial=True,
                    widget=widget,
                )

    def sections(self) -> list[tuple[str, list[FieldRow]]]:
        """The fields by service, with its title."""
        found: dict[str, list[FieldRow]] = {}
        for key, line in self.lines.items():
            bound = self[key]
            found.setdefault(line.service, []).append(FieldRow(line, str(self.fields[key].label), bound))
        return [(str(TITLES[service]), rows) for service, rows in found.items()]

    def changes(self) -> dict[str, dict[str, int | None]]:
        """By service: the quotas that were changed here, and are not so already. The form has to be valid."""
        found: dict[str, dict[str, int | None]] = {}
        for key in self.changed_data:
            line, value = self.lines[key], self.cleaned_data.get(key)
            limit = None if value is None or value < 0 else int(value)
            if limit != line.limit:
                found.setdefault(line.service, {})[line.name] = limit
        return found

    def below_use(self) -> list[QuotaLine]:
        """Quotas that are to become less than what is in use."""
        changes = self.changes()
        found = []
        for line in self.lines.values():
            limit = changes.get(line.service, {}).get(line.name)
            if limit is not None and not line.is_cap and line.used > limit:
                found.append(line)
        return found
