"""Until when something is to hold: one of a few spans, or a moment in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NEVER, AT = "never", "at"
SPANS = (
    ("1", gettext_lazy("One day")),
    ("7", gettext_lazy("A week")),
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("365", gettext_lazy("A year")),
    (AT, gettext_lazy("Until a moment of your choice")),
    (NEVER, gettext_lazy("Without an end")),
)


class ExpiryForm(forms.Form):
    """``cleaned_data["expires"]`` is the moment in UTC, or None for no end."""

    lasts = forms.ChoiceField(label=gettext_lazy("For how long"), choices=SPANS, initial="30")
    until = forms.DateTimeField(
        label=gettext_lazy("Until (UTC)"),
        required=False,
        help_text=gettext_lazy("Only for a moment of your choice. Date and time are in UTC, not in your time zone."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean(self) -> dict[str, Any]:
        """Turns both fields into one moment."""
        data = super().clean() or {}
        data["expires"] = None
        now = datetime.now(UTC)
        lasts = data.get("lasts")
        if lasts == AT:
            until = data.get("until")
            if until is None:
                if "until" not in self.errors:
                    self.add_error("until", _("Choose a date and a time."))
            elif until <= now:
                self.add_error("until", _("This is over already: it is %s UTC now.") % f"{now:%Y-%m-%d %H:%M}")
            data["expires"] = until
        elif lasts and lasts != NEVER:
            data["expires"] = (now + timedelta(days=int(lasts))).replace(microsecond=0)
        return data
