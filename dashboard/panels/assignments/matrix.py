"""The matrix of one place: who has which role there, what of it may be changed, and what changing it would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from dashboard.cloud import role_assignments as do
from dashboard.cloud import roles as role_list
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.parallel import later
from dashboard.cloud.role_assignments import Asked, Assignment, Grant, Ref
from dashboard.cloud.roles import DOMAIN_MANAGED, USUAL, Role
from dashboard.panels.assignments import names, showing
from dashboard.ui.panel import IDENTITY_MANAGER, THEN, may

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

SHOWN = 100
"""People and groups on one page."""
STRONG = ("admin", "manager")
"""Without these one may not be able to give oneself a role again."""


@dataclass(frozen=True)
class Head:
    """A column: a role. ``is_more``: one that few need; ``why_not``: why this person can't grant it."""

    role: Ref
    is_more: bool = False
    why_not: StrOrPromise = ""


@dataclass(frozen=True)
class Cell:
    """One person's one role: whether it is granted, as ticked, and what else gives it."""

    head: Head
    key: str
    label: str
    is_granted: bool
    is_ticked: bool
    why_not: StrOrPromise = ""
    reasons: tuple[str, ...] = ()

    @property
    def is_changed(self) -> bool:
        return self.is_granted != self.is_ticked


@dataclass(frozen=True)
class Line:
    """A person or a group, and their cells."""

    actor: Ref
    cells: tuple[Cell, ...]
    is_new: bool = False


@dataclass(frozen=True)
class Change:
    """One role to be given or taken away."""

    grant: Grant
    actor: Ref
    role: Ref
    is_added: bool

    @property
    def key(self) -> str:
        return f"{'+' if self.is_added else '-'}{self.grant.key}"

    @property
    def words(self) -> str:
        """As in "alice: + member"."""
        return f"{self.actor.label}: {'+' if self.is_added else '−'} {self.role.label}"


@dataclass
class Place:
    """What Keystone has for one place just now. ``is_below``: what holds on the projects below it."""

    target: Ref
    is_below: bool
    heads: tuple[Head, ...]
    granted: list[Assignment]
    effective: list[Assignment]
    names: Mapping[tuple[str, str], str]
    actors: dict[str, Ref] = field(default_factory=dict)
    """By key, in the order of the lines."""
    why_not: StrOrPromise = ""
    """Why nothing can be changed here, "" if something can."""

    @property
    def keys(self) -> set[str]:
        """The grants that there are."""
        return {item.grant.key for item in self.granted}


def load(cloud: Cloud, target: Ref, *, is_below: bool, more: Iterable[Ref] = ()) -> Place:
    """Reads it all, side by side. ``more`` are people and groups to be given a line. Raises CloudError."""
    asked = Asked(
        project=target.id if target.kind == "project" else "",
        domain=target.id if target.kind == "domain" else "",
        is_system=target.kind == "system",
    )
    roles = later(lambda: _roles(cloud, target))
    in_effect = None
    if not is_below and target.kind != "system":
        in_effect = later(lambda: do.list_assignments(cloud, asked, is_effective=True))
    all_granted = do.list_assignments(cloud, asked, is_effective=False)
    granted = [item for item in all_granted if item.is_inherited == is_below and item.target.kind == target.kind]
    if target.kind == "system":
        effective = do.in_effect(cloud, granted, *names.inferences(cloud)) if granted else []
    else:
        effective = in_effect.value if in_effect is not None else []
    actors = {item.actor.key: item.actor for item in (*granted, *effective)}
    ordered = dict(sorted(actors.items(), key=lambda item: (item[1].kind, item[1].label.casefold())))
    ordered |= {ref.key: ref for ref in more if ref.key not in ordered}
    held = {item.role.id for item in granted}
    called = next((item.target for item in (*granted, *effective) if item.target.id == target.id), target)
    return Place(
        target=called if called.name else target,
        is_below=is_below,
        heads=_heads(cloud, target, roles.value, held),
        granted=granted,
        effective=effective,
        names=names.explained(cloud, effective),
        actors=ordered,
        why_not=why_not_here(cloud, target),
    )


def _roles(cloud: Cloud, target: Ref) -> list[Role]:
    found = names.roles(cloud)
    domain = target.id if target.kind == "domain" else target.domain_id
    if domain and "admin" in cloud.roles:
        try:
            found = [*found, *role_list.list_of_domain(cloud, domain)]
        except Unauthorized:
            raise
        except CloudError:
            pass
    return sorted(found, key=role_list.order)


def _heads(cloud: Cloud, target: Ref, roles: Sequence[Role], held: set[str]) -> tuple[Head, ...]:
    return tuple(
        Head(
            Ref("role", role.id, role.name),
            is_more=(role.name not in USUAL or bool(role.domain_id)) and role.id not in held,
            why_not=_why_not_role(cloud, role),
        )
        for role in roles
    )


def _is_manager_only(cloud: Cloud) -> bool:
    return "admin" not in cloud.roles


def _why_not_role(cloud: Cloud, role: Role) -> str:
    if not _is_manager_only(cloud) or (role.name in DOMAIN_MANAGED and not role.domain_id):
        return ""
    return _("A domain's manager may grant reader, member and manager only.")


def why_not_here(cloud: Cloud, target: Ref) -> str:
    """Why this person can change nothing in this place; "" if they can."""
    scope = cloud.access.scope
    if not may(cloud, IDENTITY_MANAGER):
        return _("You may look at this, and not change it.")
    if not _is_manager_only(cloud):
        return ""
    if target.kind == "system":
        return _("Only administrators give roles on the system.")
    domain = target.id if target.kind == "domain" else target.domain_id
    if domain and domain != scope.id:
        return _("It is in another domain than the one that you manage.")
    return ""


def why_not_actor(cloud: Cloud, actor: Ref) -> str:
    """Why this person can change nothing of somebody's."""
    if _is_manager_only(cloud) and actor.domain_id and actor.domain_id != cloud.access.scope.id:
        return _("%(name)s is in another domain than the one that you manage.") % {"name": actor.label}
    return ""


def lines(cloud: Cloud, place: Place, changes: Mapping[str, bool], *, text: str = "") -> list[Line]:
    """The rows, with ``changes`` (key of a grant: whether it is wanted) as if they were made."""
    granted = place.keys
    known = {item.actor.key for item in (*place.granted, *place.effective)}
    reasons: dict[str, list[str]] = {}
    for item in place.effective:
        if not item.why.is_direct:
            reasons.setdefault(f"{item.actor.key}:{item.role.id}", []).append(showing.reason(item.why, place.names))
    found = []
    for actor in place.actors.values():
        if text and text.casefold() not in actor.label.casefold() and actor.key in known:
            continue
        why_not = place.why_not or why_not_actor(cloud, actor)
        cells = []
        for head in place.heads:
            key = f"{actor.key}:{head.role.id}"
            is_granted = key in granted
            refusal = why_not or head.why_not
            cells.append(
                Cell(
                    head=head,
                    key=key,
                    label=_("%(role)s for %(name)s") % {"role": head.role.label, "name": actor.label},
                    is_granted=is_granted,
                    is_ticked=is_granted if refusal else changes.get(key, is_granted),
                    why_not=refusal,
                    reasons=tuple(sorted(set(reasons.get(key, ())))),
                )
            )
        found.append(Line(actor, tuple(cells), is_new=actor.key not in known))
    return found


def changes_of(cloud: Cloud, place: Place, wanted: Mapping[str, bool]) -> list[Change]:
    """What would be sent: of what is wanted, what is not so yet, and may be changed; what is given comes first."""
    found = []
    for line in lines(cloud, place, wanted):
        for cell in line.cells:
            if cell.is_changed:
                grant = Grant(line.actor, place.target, cell.head.role.id, place.is_below)
                found.append(Change(grant, line.actor, cell.head.role, cell.is_ticked))
    return sorted(found, key=lambda change: not change.is_added)


def meanwhile(place: Place, seen: set[str], wanted: Mapping[str, bool]) -> list[str]:
    """What somebody else changed since the page was made, in words; what was wanted anyway is not told."""
    roles = {head.role.id: head.role for head in place.heads}
    found = []
    for key in sorted(place.keys ^ seen):
        is_there = key in place.keys
        if wanted.get(key) == is_there:
            continue
        actor_key, _colon, role_id = key.rpartition(":")
        actor = place.actors.get(actor_key)
        if actor is not None and role_id in roles:
            found.append(f"{actor.label}: {'+' if is_there else '−'} {roles[role_id].label}")
    return found


def locks_out(cloud: Cloud, place: Place, changes: Sequence[Change]) -> list[Change]:
    """Which of these take a strong role away from the person who is signed in, by themselves or by a group."""
    me = cloud.access.person.id
    through = {item.why.group.id for item in place.effective if item.why.group is not None and item.actor.id == me}
    return [
        change
        for change in changes
        if not change.is_added
        and change.role.name in STRONG
        and (change.actor.id == me or (change.actor.kind == "group" and change.actor.id in through))
    ]


def is_where_one_is(cloud: Cloud, target: Ref) -> bool:
    """Whether it is the scope that the page is in."""
    return (cloud.access.scope.kind, cloud.access.scope.id) == (target.kind, target.id)


def command(changes: Sequence[Change]) -> tuple[str, ...]:
    """The ``openstack`` commands that do the same."""
    words: list[str] = []
    for change in changes:
        if words:
            words.append(THEN)
        grant = change.grant
        place = ("--system", "all") if grant.target.kind == "system" else (f"--{grant.target.kind}", grant.target.id)
        below = ("--inherited",) if grant.is_inherited else ()
        verb = "add" if change.is_added else "remove"
        words += ["openstack", "role", verb, f"--{grant.actor.kind}", grant.actor.id, *place, *below, grant.role_id]
    return tuple(words)


def send(cloud: Cloud, change: Change) -> Any:
    """Gives or takes the one role. Raises CloudError."""
    if change.is_added:
        return do.grant(cloud, change.grant)
    return do.revoke(cloud, change.grant)
