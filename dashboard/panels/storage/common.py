"""What lists of volumes, snapshots, backups and groups have in common: columns, filters, and how actions are said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy

from dashboard.panels.storage.words import COPY_STATUSES, copy_status, titles
from dashboard.ui.columns import STATUS, TIME, column
from dashboard.ui.panel import ADMIN, Action, Column, Filter
from dashboard.ui.values import Size

if TYPE_CHECKING:
    from django.forms import Form
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise, Form = str, Any

GIB = 1024**3
STATE = column("status", gettext_lazy("Status"), copy_status, STATUS, sort="status", text=lambda row: row.status)
AGE = column("created", gettext_lazy("Age"), cell=TIME, sort="created")
STATES = Filter(
    key="status",
    label=gettext_lazy("Status"),
    choices=tuple((key, label) for key, (label, _tone) in COPY_STATUSES.items()),
)
WHOLE_NAME = Filter(key="name", label=gettext_lazy("The whole name"))
WHOLE_ID = Filter(key="id", label=gettext_lazy("The whole id"))


def size(**more: Any) -> Column[Any]:
    """How large it is; Cinder gives GiB."""
    return column("size", gettext_lazy("Size"), lambda row: Size(row.size * GIB), "ui/cell/size.html", **more)


SIZE = size(text=lambda row: row.size, sort="size", is_numeric=True)


def about(text: StrOrPromise) -> Callable[[Sequence[Any]], str]:
    """The sentence with ``%(name)s``, for whatever rows."""
    return lambda rows: str(text) % {"name": titles(rows)}


def single(slug: str, label: StrOrPromise, run: Any, text: StrOrPromise, **more: Any) -> Action[Any]:
    """An action for one row at a time, unless said otherwise."""
    given: dict[str, Any] = {"is_bulk": False, **more}
    return Action(slug=slug, label=label, run=run, says=about(text), **given)


RECORD = gettext_lazy("Only Cinder's record of %(name)s changes. Nothing happens on the back end.")


def resetting(*, run: Any, form: type[Form], text: StrOrPromise = RECORD, **more: Any) -> Action[Any]:
    """Writing another state into Cinder's records."""
    return single(
        "reset-status",
        gettext_lazy("Reset the state"),
        run,
        text,
        form=form,
        roles=ADMIN,
        icon="refresh-alert",
        started=gettext_lazy("Reset"),
        **more,
    )


def forced_removal(*, run: Any, **more: Any) -> Action[Any]:
    """Deleting in whatever state."""
    return single(
        "force-delete",
        gettext_lazy("Delete by force"),
        run,
        gettext_lazy("%(name)s will be deleted in whatever state. This can't be undone."),
        roles=ADMIN,
        icon="flame",
        is_bulk=True,
        is_dangerous=True,
        is_removal=True,
        started=gettext_lazy("Deleting"),
        **more,
    )
