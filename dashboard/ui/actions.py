"""Short ways to say the actions that nearly every panel has: changing, deleting, switching on and off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Required, TypedDict, Unpack

from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.ui.panel import Action, R, Roles

if TYPE_CHECKING:
    from django.forms import Form
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise, Form = str, Any

EDIT, CHANGED = gettext_lazy("Edit"), gettext_lazy("Changed")
DELETE, DELETED = gettext_lazy("Delete"), gettext_lazy("Deleted")


class Common(TypedDict, Generic[R], total=False):
    """What any action says beyond its kind, as the fields of ``Action``."""

    run: Required[Callable[[Cloud, R, Mapping[str, Any]], Any]]
    says: Required[Callable[[Sequence[R]], StrOrPromise]]
    when: Callable[[R], StrOrPromise]
    roles: Roles
    is_primary: bool
    is_in_menu: bool
    section: StrOrPromise
    needs: str
    why_not: Callable[[Cloud], StrOrPromise]
    cli: Callable[[R, Mapping[str, Any]], Sequence[str]] | None


def editing(
    *,
    form: type[Form],
    slug: str = "edit",
    label: StrOrPromise = EDIT,
    icon: str = "pencil",
    started: StrOrPromise = CHANGED,
    **more: Unpack[Common[R]],
) -> Action[R]:
    """A form about one row, which is saved."""
    return Action(
        slug=slug,
        label=label,
        form=form,
        icon=icon,
        is_bulk=False,
        started=started,
        button=gettext_lazy("Save"),
        **more,
    )


def removal(
    *,
    form: type[Form] | None = None,
    slug: str = "delete",
    label: StrOrPromise = DELETE,
    icon: str = "trash",
    started: StrOrPromise = DELETED,
    **more: Unpack[Common[R]],
) -> Action[R]:
    """What rows go away by, of which several may be ticked."""
    return Action(
        slug=slug,
        label=label,
        form=form,
        icon=icon,
        is_dangerous=True,
        is_removal=True,
        started=started,
        **more,
    )


def enabling(
    *,
    icon: str = "player-play",
    **more: Unpack[Common[R]],
) -> Action[R]:
    """Switching on."""
    return Action(
        slug="enable",
        label=gettext_lazy("Enable"),
        icon=icon,
        started=gettext_lazy("Enabled"),
        **more,
    )


def disabling(
    *,
    form: type[Form] | None = None,
    icon: str = "player-pause",
    is_dangerous: bool = False,
    **more: Unpack[Common[R]],
) -> Action[R]:
    """Switching off, perhaps with a reason that is asked for."""
    return Action(
        slug="disable",
        label=gettext_lazy("Disable"),
        form=form,
        icon=icon,
        is_dangerous=is_dangerous,
        started=gettext_lazy("Disabled"),
        **more,
    )


def deletion(
    run: Callable[[Cloud, Any], Any],
    one: StrOrPromise,
    several: StrOrPromise,
    *,
    command: Sequence[str] = (),
    **more: Any,
) -> Action[Any]:
    """Deleting: ``one`` is the sentence for one thing, with ``%(name)s``; ``several`` that for more.

    ``command`` is what ``openstack`` calls it, to which the id is added.
    """

    def says(rows: Sequence[Any]) -> str:
        return str(several) if len(rows) != 1 else str(one) % {"name": rows[0].name or rows[0].id}

    def delete(cloud: Cloud, row: Any, data: Mapping[str, Any]) -> None:
        run(cloud, row)

    return removal(
        run=delete,
        says=says,
        cli=(lambda row, data: ("openstack", *command, row.id)) if command else None,
        **more,
    )
