"""Whom and what the page is about: names as people type them, to what Keystone has by them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import role_assignments as do
from dashboard.cloud import roles
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Forbidden, Invalid, NotFound
from dashboard.cloud.role_assignments import SYSTEM, Asked, Ref
from dashboard.panels.assignments import names

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

SPLIT = " · "
"""Between a name and its domain's, as suggested."""
ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}|default")
LABELS: Mapping[str, StrOrPromise] = {
    "user": gettext_lazy("Person"),
    "group": gettext_lazy("Group"),
    "project": gettext_lazy("Project"),
    "domain": gettext_lazy("Domain"),
    "role": gettext_lazy("Role"),
}


@dataclass
class Wanted:
    """What was typed, what it means, and what is unclear about it."""

    typed: dict[str, str] = field(default_factory=dict)
    found: dict[str, Ref] = field(default_factory=dict)
    unclear: dict[str, list[Ref]] = field(default_factory=dict)
    """What may be meant, where it is not one; empty where there is nothing of the kind."""
    notes: list[str] = field(default_factory=list)

    @property
    def is_clear(self) -> bool:
        return not self.unclear

    def asked(self, *, is_system: bool, has_subtree: bool) -> Asked:
        """The question to Keystone."""
        ids = {kind: ref.id for kind, ref in self.found.items()}
        return Asked(
            user=ids.get("user", ""),
            group=ids.get("group", ""),
            project=ids.get("project", ""),
            domain=ids.get("domain", ""),
            role=ids.get("role", ""),
            is_system=is_system,
            has_subtree=has_subtree,
        )


def wanted(cloud: Cloud, given: Mapping[str, str]) -> Wanted:
    """Looks up what was typed into each field. Raises CloudError."""
    result = Wanted(typed={kind: given.get(kind, "").strip()[:255] for kind in LABELS})
    for kind, text in result.typed.items():
        if not text:
            continue
        meant = _roles_meant(cloud, text) if kind == "role" else meant_by(cloud, kind, text)
        if len(meant) == 1:
            result.found[kind] = meant[0]
            result.typed[kind] = said(cloud, meant[0])
        else:
            result.unclear[kind] = meant
    return result


def said(cloud: Cloud, ref: Ref) -> str:
    """As it is suggested, and understood again: "alice · Default"."""
    domain = ref.domain_name or names.domain(cloud, ref.domain_id)
    return f"{ref.label}{SPLIT}{domain}" if domain else ref.label


def meant_by(cloud: Cloud, kind: str, text: str) -> list[Ref]:
    """What somebody means by an id, a name, a name with its domain's, or a part of a name. Raises CloudError."""
    if ID.fullmatch(text):
        try:
            return [do.by_id(cloud, kind, text)]
        except (NotFound, Invalid):
            pass
        except Forbidden:
            # One may not look at it, and may still ask who has something there.
            return [Ref(kind, text)]
    own = scoped_domain(cloud)
    exact = do.named(cloud, kind, text, domain_id=own)
    if not exact and SPLIT in text:
        name, _split, domain = text.rpartition(SPLIT)
        exact = [ref for ref in do.named(cloud, kind, name, domain_id=own) if _is_in(cloud, ref, domain)]
    return exact or do.find(cloud, kind, text, domain_id=own)


def scoped_domain(cloud: Cloud) -> str:
    """The domain that one is limited to; "" for none."""
    return cloud.access.scope.id if cloud.access.scope.kind == "domain" else ""


def _is_in(cloud: Cloud, ref: Ref, domain: str) -> bool:
    return domain in {ref.domain_id, ref.domain_name, names.domain(cloud, ref.domain_id)}


def _roles_meant(cloud: Cloud, text: str) -> list[Ref]:
    try:
        known = names.roles(cloud)
    except Forbidden:
        # A domain's reader may look at assignments, and not at the list of roles.
        return [Ref("role", text)] if ID.fullmatch(text) else []
    exact = [role for role in known if text in {role.id, role.name}]
    if len(exact) > 1:
        exact = [role for role in exact if not role.domain_id] or exact
    near = exact or [role for role in known if text.casefold() in role.name.casefold()]
    return [Ref("role", role.id, role.name) for role in sorted(near, key=roles.order)]


def contradiction(given: Wanted, *, is_system: bool) -> str:
    """Why these filters can't be combined; "" if they can."""
    if "user" in given.found and "group" in given.found:
        return _("An assignment is a person's or a group's: name one of them.")
    places = [kind for kind in ("project", "domain") if kind in given.found]
    if len(places) + is_system > 1:
        return _("An assignment is in one project, one domain or the system: name one of them.")
    return ""


def target_of(given: Wanted, *, is_system: bool) -> Ref | None:
    """The one place that the page is about, if there is one."""
    if is_system:
        return SYSTEM
    return given.found.get("project") or given.found.get("domain")


def suggestions(cloud: Cloud, kind: str, text: str) -> Sequence[str]:
    """What the field may be completed to. Raises CloudError."""
    if kind == "role":
        return [ref.label for ref in _roles_meant(cloud, text)][: do.NEAR]
    found = do.find(cloud, kind, text.partition(SPLIT)[0].strip(), domain_id=scoped_domain(cloud))
    return [said(cloud, ref) for ref in found]
