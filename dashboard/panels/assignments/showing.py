"""Assignments as rows: one for each person, place and role, with every reason why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard.cloud.role_assignments import Assignment, Ref, Why
from dashboard.cloud.roles import USUAL
from dashboard.panels.assignments.names import label

Names = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Row:
    """Somebody's role somewhere, and why."""

    actor: Ref
    target: Ref
    role: Ref
    reasons: tuple[str, ...]
    is_direct: bool
    is_inherited: bool


def reason(why: Why, names: Names) -> str:
    """Where a role comes from, in words; "" where it was given as it is."""
    parts = []
    if why.group is not None:
        parts.append(_("through the group %(name)s") % {"name": label(names, why.group)})
    if why.above is not None:
        words = {"name": label(names, why.above)}
        if why.above.kind == "domain":
            parts.append(_("inherited from the domain %(name)s") % words)
        else:
            parts.append(_("inherited from the project %(name)s") % words)
    if why.role is not None:
        parts.append(_("implied by the role %(name)s") % {"name": label(names, why.role)})
    return ", ".join(parts)


def rows(found: Sequence[Assignment], names: Names) -> list[Row]:
    """In the order of people, places and what the roles allow, the strongest first."""
    together: dict[tuple[str, str, str, bool], list[Assignment]] = {}
    for item in found:
        together.setdefault((item.actor.key, item.target.key, item.role.id, item.is_inherited), []).append(item)
    made = []
    for items in together.values():
        first = items[0]
        direct = [item for item in items if item.why.is_direct]
        reasons = [_("given on the projects below it") if first.is_inherited else _("given directly")] if direct else []
        reasons += sorted({reason(item.why, names) for item in items if not item.why.is_direct})
        made.append(Row(first.actor, first.target, first.role, tuple(reasons), bool(direct), first.is_inherited))
    return sorted(made, key=_order)


def strength(role: Ref) -> tuple[int, str]:
    """Keystone's own roles, the strongest first, then the others by name."""
    order = ("admin", "manager", "member", "reader", "service")
    assert set(order) == set(USUAL)
    return order.index(role.name) if role.name in order else len(order), role.label.casefold()


def _order(row: Row) -> tuple[str, str, str, str, tuple[int, str]]:
    actor, target = row.actor, row.target
    return actor.label.casefold(), actor.id, target.kind, target.label.casefold() + target.id, strength(row.role)


def actors(found: Iterable[Assignment]) -> int:
    """How many people and groups these are about."""
    return len({item.actor.key for item in found})
