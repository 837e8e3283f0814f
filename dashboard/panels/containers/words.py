"""Who may read and write a container, in words; and what else is said of containers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import swift
from dashboard.cloud.connection import Cloud
from dashboard.cloud.container_access import Public, Rule, parsed, public_of
from dashboard.cloud.containers import Container
from dashboard.live.names import project_names, user_names
from dashboard.ui.values import Status

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

ID = re.compile(r"[0-9a-f]{32}")
PUBLIC: dict[Public, StrOrPromise] = {
    "private": gettext_lazy("Private: only people whom the project or a rule lets in"),
    "read": gettext_lazy("Public: everybody who knows an object's address may read it"),
    "listing": gettext_lazy("Public with list: everybody may also see what is in it"),
}


def access_of(container: Container) -> Status:
    """Who may get at it, in a word."""
    if not container.is_told or not container.is_whole:
        title = _("Swift tells only those who may change it.")
        return Status(_("Not told"), "unknown", title=title if not container.is_told else "")
    public = public_of(container.read)
    if public != "private":
        return Status(_("Public"), "warn", detail=_("with list") if public == "listing" else "")
    if container.read or container.write:
        return Status(_("Shared"), "ok", title=_("Rules let others in."))
    return Status(_("Private"), "off")


@dataclass(frozen=True)
class ShownRule:
    """A rule, and what it says."""

    rule: Rule
    words: str
    is_write: bool = False

    @property
    def is_public(self) -> bool:
        return self.rule.is_public


class Names:
    """Names of the projects and users in rules, of those that can be had; an id stays an id."""

    def __init__(self, cloud: Cloud, rules: Iterable[Rule]) -> None:
        rules = list(rules)
        scope, person = cloud.access.scope, cloud.access.person
        self._projects = {scope.id: scope.name}
        self._users = {person.id: person.name}
        if any(ID.fullmatch(rule.project) and rule.project not in self._projects for rule in rules):
            self._projects = {**project_names(cloud), **self._projects}
        unknown = [rule.user for rule in rules if ID.fullmatch(rule.user) and rule.user not in self._users]
        if unknown:
            self._users = {**user_names(cloud, unknown), **self._users}

    def project(self, id: str) -> str:
        return self._projects.get(id) or id

    def user(self, id: str) -> str:
        return self._users.get(id) or id


def rule_words(rule: Rule, names: Names) -> str:
    """Whom a rule lets in."""
    about = {"project": names.project(rule.project), "user": names.user(rule.user), "value": rule.value}
    words = {
        "everybody": _("Everybody, without signing in"),
        "listings": _("Who may read without signing in may also see the list of objects"),
        "site": _("Visitors who say that they come from a page of %(value)s; anybody can say so"),
        "not-site": _("Not visitors who say that they come from a page of %(value)s"),
        "project": _("Everybody in the project %(project)s"),
        "user": _("The user %(user)s, in any project"),
        "member": _("The user %(user)s in the project %(project)s"),
        "anybody": _("Everybody who is signed in to this cloud"),
        "role": _("Whoever has the role %(value)s in this project"),
        "unknown": _("A rule of a kind not known here, kept as it is"),
    }
    return words[rule.kind] % about


def shown_rules(cloud: Cloud, container: Container) -> tuple[list[ShownRule], list[ShownRule]]:
    """Those of reading and those of writing."""
    read, write = parsed(container.read), parsed(container.write)
    names = Names(cloud, (*read, *write))
    return (
        [ShownRule(rule, rule_words(rule, names)) for rule in read],
        [ShownRule(rule, rule_words(rule, names), is_write=True) for rule in write],
    )


def titles(containers: Sequence[Container]) -> str:
    """Their names, for a sentence."""
    return ", ".join(container.name for container in containers)


def why_not_changed(container: Container) -> str:
    """Why nothing can be done to it at the moment."""
    if container.emptying is not None and not container.emptying[0].is_over:
        return _("It is being emptied.")
    return ""


def says(text: Any) -> Callable[[Sequence[Container]], str]:
    """A sentence about the containers that are named in it."""
    return lambda containers: str(text) % {"name": titles(containers)}


def lacks(*parts: str) -> Callable[[Cloud], str]:
    """Why this cloud does not let anybody do it: a part of Swift that it does not have."""

    def why(cloud: Cloud) -> str:
        info = swift.info(cloud)
        return "" if not info.is_known or any(info.has(part) for part in parts) else _("This cloud does not offer it.")

    return why
