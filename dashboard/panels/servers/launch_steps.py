"""What the steps of a launch have in common: how a step's form is read, and what is told when it is not right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms


def area(rows: int, **attrs: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "spellcheck": "false", "autocomplete": "off", **attrs})


class Step(forms.Form):
    """One step's form. It is always bound: what is typed so far tells what is still missing."""

    use_required_attribute = False

    def __init__(self, data: Any, files: Any = None) -> None:
        super().__init__(data, files, auto_id="%s", label_suffix="")
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.CheckboxInput | forms.RadioSelect):
                css = "form-check-input"
            else:
                css = "form-select" if isinstance(widget, forms.Select) else "form-control"
            widget.attrs.setdefault("class", css)


def values(data: Mapping[str, Any], name: str) -> list[str]:
    """All values that were sent under a name."""
    return list(data.getlist(name)) if hasattr(data, "getlist") else []


@dataclass(frozen=True)
class Problem:
    """Something that keeps a launch from going on; ``field`` is "" for what no field can change."""

    message: str
    step: str = ""
    field: str = ""
    label: str = ""
    is_missing: bool = False
    """Nothing is wrong yet: it only has not been filled in."""

    @property
    def anchor(self) -> str:
        """The element that a link to the problem leads to."""
        return self.field or (f"step-{self.step}" if self.step else "review")


def problems_of(step: str, form: Step) -> Iterator[Problem]:
    """What a step's form says is wrong or missing."""
    for name, errors in form.errors.as_data().items():
        field = form.fields.get(name)
        for error in errors:
            for message in error.messages:
                yield Problem(
                    str(message),
                    step,
                    "" if name == "__all__" else name,
                    str(field.label or "") if field else "",
                    error.code == "required",
                )
