"""Forms as Django renders them, in the look of the rest."""

from __future__ import annotations

import inspect
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

from dashboard.cloud.errors import CloudError, Invalid
from dashboard.ui.errors import told


class Renderer(TemplatesSetting):
    """Forms and fields from ``templates/ui``, widgets from ``templates/django/forms/widgets``."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"


def made(form: type[forms.Form], *args: Any, cloud: Any = None, rows: Any = None, **kwargs: Any) -> forms.Form:
    """A form, given ``cloud`` and ``rows`` if its constructor takes them."""
    takes = inspect.signature(form.__init__).parameters
    given: dict[str, Any] = {key: value for key, value in (("cloud", cloud), ("rows", rows)) if key in takes}
    make: Any = form
    made_form: forms.Form = make(*args, **kwargs, **given)
    return made_form


def refused(form: forms.Form, error: CloudError) -> None:
    """Puts a service's refusal on the form: on the field that it names, else at the top."""
    message = told(error)
    if isinstance(error, Invalid):
        for name in form.fields:
            # Nova and Neutron name the attribute: "Invalid input for field/attribute name. ..."
            if f"attribute {name}." in error.message or f"'{name}'" in error.message:
                form.add_error(name, message)
                return
    form.add_error(None, message)
