"""What is around every page: who you are, where you are, and where you can go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from dashboard.auth import urls_for
from dashboard.auth.scopes import home_of
from dashboard.auth.steps import person_mark
from dashboard.cloud.config import config
from dashboard.cloud.connection import Cloud, Person, Scope
from dashboard.cloud.errors import CloudError
from dashboard.cloud.guard import guard_of
from dashboard.ui import registry
from dashboard.ui.panel import ADMIN, FAMILIES, GROUPS, MEMBER, may, roles_in
from dashboard.ui.static import build

THEMES = ("light", "dark", "auto")
OVERVIEW = "overview"


@dataclass(frozen=True)
class Item:
    """One entry of the menu. ``why_not`` says what is the matter with its service just now."""

    slug: str
    label: str
    icon: str
    url: str
    is_active: bool
    why_not: str = ""


@dataclass(frozen=True)
class MenuGroup:
    """Entries that belong together; ``label`` is "" for the first, which needs none."""

    slug: str
    label: str
    items: tuple[Item, ...]
    minor: tuple[Item, ...] = ()
    """What is rarely needed, and folded away."""

    @property
    def is_open(self) -> bool:
        """Whether the page that is shown is among what is folded away."""
        return any(item.is_active for item in self.minor)


@dataclass(frozen=True)
class Shortcut:
    """``g`` then ``key`` leads to ``url``."""

    key: str
    label: str
    url: str


class Shell:
    """What ``base.html`` needs; everything is worked out when it is asked for, and there may be nobody signed in."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.site_name: str = settings.SITE_NAME
        self.support_url: str = settings.SUPPORT_URL
        self.person: Person | None = getattr(request, "person", None)
        self.scope: Scope | None = getattr(request, "scope", None)
        self.region: str = getattr(request, "region", "") or ""
        self.cloud: Cloud | None = getattr(request, "cloud", None)
        self._held = getattr(request, "held", None)

    @property
    def theme(self) -> str:
        """What the person chose: light, dark, or auto for what the system has."""
        chosen = self._request.COOKIES.get("theme", "auto")
        return chosen if chosen in THEMES else "auto"

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles in this scope, the strongest first; those that another implies are left out."""
        held = self.cloud.roles if self.cloud else frozenset()
        for implied, by in (
            ("reader", ("member", "manager", "admin")),
            ("member", ("manager", "admin")),
            ("manager", ("admin",)),
        ):
            if held.intersection(by):
                held -= {implied}
        # What a service wants besides, heat_stack_owner say, tells less of a person.
        order = {role: place for place, role in enumerate(("admin", "manager", "member", "reader"))}
        return tuple(sorted(held, key=lambda role: (order.get(role, len(order)), role)))

    @property
    def can_change(self) -> bool:
        """Whether the roles in this scope allow more than looking."""
        return self.cloud is not None and self.cloud.has_role(*MEMBER)

    @property
    def scope_kind(self) -> str:
        """Colours the scope's chip: project, domain, system, or admin for whoever may change the whole cloud."""
        if self.scope is None:
            return ""
        if self.scope.kind in {"project", "domain"} and self.cloud and "admin" in self.cloud.roles:
            return "admin"
        return self.scope.kind

    @cached_property
    def wears(self) -> str:
        """What colours the page: "admin" where what is done concerns the whole cloud, "domain" in a domain."""
        if self.scope is None or self.cloud is None:
            return ""
        if self.scope.kind == "system":
            return "admin"
        if self.scope.kind == "domain":
            return "admin" if "admin" in self.cloud.roles else "domain"
        # What is one's own, an application credential say, concerns nobody else.
        is_for_admins = self.shown is not None and roles_in(self.shown.roles, "project") == ADMIN
        return "admin" if is_for_admins and "admin" in self.cloud.roles else ""

    @property
    def wears_words(self) -> str:
        """The same in words, since not everybody sees colours."""
        if self.scope is None or not self.wears:
            return ""
        if self.wears == "domain":
            return _("You are in the domain %(name)s: what you see and change here is the domain's.") % {
                "name": self.scope.name
            }
        if self.scope.kind == "project":
            return _("Administration: what is done on this page concerns the whole cloud, not this project alone.")
        if self.scope.kind == "domain":
            return _("Administration: you are an administrator in the domain %(name)s.") % {"name": self.scope.name}
        return _("Administration: what is done here concerns the whole cloud.")

    @cached_property
    def shown(self) -> Any:
        """The panel that the page belongs to, None if it is of none."""
        match = self._request.resolver_match
        return registry.panel(match.namespaces[-1]) if match and match.namespaces else None

    @cached_property
    def is_elsewhere_too(self) -> bool:
        """Whether the page that is shown is there in other kinds of scope as well."""
        return self.shown is not None and len(registry.kinds_of(self.shown)) > 1

    @property
    def scope_label(self) -> str:
        """The scope's name; the system has none of its own."""
        if self.scope is None:
            return ""
        return _("System") if self.scope.kind == "system" else self.scope.name

    @property
    def expires_at(self) -> datetime | None:
        """When the session ends if nothing is done."""
        return getattr(self._held, "expires_at", None)

    @property
    def is_last_stretch(self) -> bool:
        """Whether staying active no longer puts the end off."""
        return bool(getattr(self._held, "is_last_stretch", False))

    @property
    def person_mark(self) -> str:
        """Whose page this is, so that nobody else goes on with it after signing in again."""
        return person_mark(self._held) if self._held is not None else ""

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions of the catalog."""
        return tuple(self.cloud.access.catalog.regions) if self.cloud else ()

    @property
    def request_id(self) -> str:
        """The id that the log has this request under."""
        return getattr(self._request, "id", "") or ""

    @property
    def build(self) -> str:
        """Which pages and scripts these are."""
        return build()

    @property
    def languages(self) -> list[tuple[str, str]]:
        return list(settings.LANGUAGES)

    @cached_property
    def home_url(self) -> str:
        """The page that this scope starts with."""
        return home_of(self.scope, self.region) if self.scope is not None else "/"

    @property
    def follow_url(self) -> str:
        """Where the page asks whether its roles are still the same."""
        return self._url("roles-here:follow") if self.cloud is not None else ""

    @cached_property
    def menu(self) -> tuple[MenuGroup, ...]:
        """What this catalog and these roles offer, in groups."""
        if self.cloud is None or self.scope is None:
            return ()
        match = self._request.resolver_match
        active = match.namespaces[-1] if match and match.namespaces else ""
        groups = []
        for key, label in GROUPS:
            panels = _first_of_families(
                [panel for panel in registry.panels() if panel.group == key and self._is_offered(panel)]
            )
            major = tuple(self._item(panel, active) for panel in panels if not getattr(panel, "is_minor", False))
            minor = tuple(self._item(panel, active) for panel in panels if getattr(panel, "is_minor", False))
            if major or minor:
                groups.append(MenuGroup(key, "" if key == OVERVIEW else str(label), major, minor))
        return tuple(groups)

    @cached_property
    def place(self) -> str:
        """The title of the panel that is shown, for the browser's title."""
        return next((item.label for group in self.menu for item in (*group.items, *group.minor) if item.is_active), "")

    @property
    def person_links(self) -> tuple[Item, ...]:
        """What the person's menu offers besides theme, language and signing out."""
        found = (
            Item("api-access", _("API access"), "api", self._place("api-access"), False),
            Item("sessions", _("Sessions"), "device-desktop", self.url("auth:sessions"), False),
            Item("password", _("Change password"), "password", self.url("auth:password"), False),
            Item("passcodes", _("Two-factor sign-in"), "shield-lock", self.url("auth:passcodes"), False),
        )
        return tuple(item for item in found if item.url)

    @property
    def shortcuts(self) -> tuple[Shortcut, ...]:
        """``g`` and a letter lead to a page: the first letter of its slug that is not taken."""
        found: dict[str, Shortcut] = {}
        for group in self.menu:
            for item in group.items:
                key = next((letter for letter in item.slug if letter.isalpha() and letter not in found), "")
                if key:
                    found[key] = Shortcut(key, item.label, item.url)
        return tuple(found.values())

    def _is_offered(self, panel: Any) -> bool:
        if self.cloud is None or self.scope is None:
            return False
        if self.scope.kind not in panel.scopes or not panel.is_in_menu:
            return False
        if panel.service and panel.service != "identity" and not self.cloud.offers(panel.service):
            return False
        if not panel.is_offered(self.cloud):
            return False
        return may(self.cloud, panel.roles) and bool(self._url(f"{panel.slug}:index"))

    def _item(self, panel: Any, active: str) -> Item:
        family = getattr(panel, "family", "")
        label, icon = FAMILIES[family] if family else (panel.title, panel.icon)
        shown = registry.panel(active) if family else None
        return Item(
            slug=panel.slug,
            label=str(label),
            icon=icon,
            url=self._url(f"{panel.slug}:index"),
            is_active=panel.slug == active or bool(family and getattr(shown, "family", "") == family),
            why_not=self._trouble(panel.service),
        )

    def _trouble(self, service: str) -> str:
        """Why a service's pages may stay empty: nobody answers at its address at the moment."""
        if not service or self.cloud is None:
            return ""
        try:
            url = self.cloud.url(service)
        except CloudError:
            return ""
        is_down = guard_of(url, config().per_service).down_since is not None
        return _("This service does not answer at the moment") if is_down else ""

    def _url(self, name: str) -> str:
        try:
            return str(urls_for(self._request, name))  # type: ignore[arg-type]
        except NoReverseMatch:
            return ""

    def _place(self, slug: str) -> str:
        """A panel's list, if it is for this kind of scope."""
        panel = registry.panel(slug)
        if panel is None or self.scope is None or self.scope.kind not in registry.kinds_of(panel):
            return ""
        return self._url(f"{slug}:index")

    def url(self, name: str) -> str:
        """An address outside of the scope, "" where this installation has none."""
        try:
            return reverse(name)
        except NoReverseMatch:
            return ""


def context(request: HttpRequest) -> dict[str, Any]:
    """The context processor: costs next to nothing for fragments, which don't ask the shell anything."""
    return {"shell": Shell(request)}


def _first_of_families(panels: list[Any]) -> list[Any]:
    """The panels without those that another one of their family stands for."""
    seen: set[str] = set()
    found = []
    for panel in panels:
        family = getattr(panel, "family", "")
        if not family or family not in seen:
            found.append(panel)
        seen.add(family)
    return found
