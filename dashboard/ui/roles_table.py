"""What each role is offered on each page, for the documents: made of the panels themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import override

from dashboard.ui import registry
from dashboard.ui.panel import GROUPS, Panel, roles_in

WHO: tuple[tuple[str, str], ...] = (
    ("project", "reader"),
    ("project", "member"),
    ("project", "manager"),
    ("project", "admin"),
    ("domain", "reader"),
    ("domain", "manager"),
    ("domain", "admin"),
    ("system", "reader"),
    ("system", "admin"),
)
"""The kinds of scope and the roles that the table has columns for."""
IMPLIED = {
    "reader": ("reader",),
    "member": ("reader", "member"),
    "manager": ("reader", "member", "manager"),
    "admin": ("reader", "member", "manager", "admin"),
}
HEAD = "| page | " + " | ".join(f"{kind} {role}" for kind, role in WHO) + " |\n|" + " --- |" * (len(WHO) + 1)
NOTHING = "–"


def is_for(roles: Any, kind: str, role: str) -> bool:
    """Whether somebody with this role, and those that it implies, is enough."""
    return bool(set(roles_in(roles, kind)).intersection(IMPLIED[role]))


def things(panel: Any) -> list[tuple[str, Any]]:
    """What can be done on a page, by its label: what makes something, what is done to rows, where rows lead to."""
    if not isinstance(panel, Panel):
        return []
    creates = [item for item in (panel.create, *panel.also) if item is not None]
    found: list[tuple[str, Any]] = []
    every: list[Any] = [*creates, *panel.actions, *panel.leads]
    for item in every:
        label = str(item.label)
        if label not in [known for known, _roles in found]:
            found.append((label, item.roles))
    return found


def cell(panel: Any, kind: str, role: str) -> str:
    """What is offered there: nothing, to look, or how much of what can be done."""
    if kind not in panel.scopes or not is_for(panel.roles, kind, role):
        return NOTHING
    all_of = things(panel)
    offered = [label for label, roles in all_of if is_for(roles, kind, role)]
    if not offered:
        return "look"
    return "look, all" if len(offered) == len(all_of) else f"look, {len(offered)} of {len(all_of)}"


def least(roles: Any, kind: str) -> str:
    """The weakest role that is enough in a kind of scope; "" if none is."""
    return next((role for role in IMPLIED if is_for(roles, kind, role)), "")


def details(panel: Any) -> list[str]:
    """Which things take which role at least, a line for each kind of scope; kinds that are alike share one."""
    lines: dict[str, list[str]] = {}
    for kind in ("project", "domain", "system"):
        if kind not in panel.scopes or not roles_in(panel.roles, kind):
            continue
        by_role: dict[str, list[str]] = {}
        for label, roles in things(panel):
            role = least(roles, kind)
            if role:
                by_role.setdefault(role, []).append(label)
        words = "; ".join(f"*{role}*: {', '.join(by_role[role])}" for role in IMPLIED if role in by_role)
        if words:
            lines.setdefault(words, []).append(kind)
    where = {"project": "in a project", "domain": "in a domain", "system": "on the system"}
    return [f"{' or '.join(where[kind] for kind in kinds)}: {words}" for words, kinds in lines.items()]


def roles_table() -> str:
    """A table for each group of the menu, and below it what takes which role; as Markdown, in English."""
    with override("en"):
        parts = []
        for key, label in GROUPS:
            group = [panel for panel in registry.panels() if panel.group == key]
            if group:
                parts.append(_section(str(label), group))
        return "\n\n".join(parts)


def _section(label: str, group: Sequence[Any]) -> str:
    rows = [
        f"| {name_of(panel)} | " + " | ".join(cell(panel, kind, role) for kind, role in WHO) + " |" for panel in group
    ]
    lines = [f"- **{name_of(panel)}** {'; '.join(found)}" for panel in group if (found := details(panel))]
    return "\n".join([f"## {label}", "", HEAD, *rows, *(["", *lines] if lines else [])])


def name_of(panel: Any) -> str:
    """The page's title; with what leads to it, for one that is not in the menu."""
    parent = registry.panel(getattr(panel, "parent", ""))
    return f"{panel.title} (of {parent.title})" if parent is not None else str(panel.title)
