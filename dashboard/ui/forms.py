"""Forms as Django renders them, in the look of the rest."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, TypeVar

from django import forms
from django.forms.renderers import TemplatesSetting

from dashboard.cloud.errors import CloudError, Invalid, Unauthorized
from dashboard.cloud.parallel import Later
from dashboard.ui.errors import told

T = TypeVar("T")


class Renderer(TemplatesSetting):
    """Forms and fields from ``templates/ui``, widgets from ``templates/django/forms/widgets``."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"


def made(
    form: type[forms.Form], *args: Any, cloud: Any = None, rows: Any = None, is_job: bool = False, **kwargs: Any
) -> forms.Form:
    """A form, given ``cloud``, ``rows`` and ``is_job`` if its constructor takes them.

    ``is_job``: what it says is done to many later on, by a worker that has no ``rows`` then. Such a form must not
    offer what depends on the rows.
    """
    takes = inspect.signature(form.__init__).parameters
    may_have = (("cloud", cloud), ("rows", rows), ("is_job", is_job))
    given: dict[str, Any] = {key: value for key, value in may_have if key in takes}
    make: Any = form
    made_form: forms.Form = make(*args, **kwargs, **given)
    return made_form


def answered(
    form: forms.Form, name: str, waiting: Later[list[T]] | Later[tuple[T, ...]] | Later[Sequence[T]]
) -> list[T]:
    """A field's choices. What can't be had costs its own field, which says so. Raises Unauthorized."""
    found: Sequence[T] = waiting.or_else(())
    if isinstance(waiting.error, Unauthorized):
        raise waiting.error
    if waiting.error is not None and name in form.fields:
        form.fields[name].help_text = told(waiting.error)
    return list(found)


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
