"""What a panel is: data that the generic views read. Nothing here has behaviour beyond look-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.utils.translation import gettext_lazy as _

from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Lookup, Page, Query, Term

if TYPE_CHECKING:
    from django.forms import Form
    from django.urls import URLPattern
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

R = TypeVar("R")

MEMBER = ("member", "manager", "admin")
"""Roles that may change things in a project, by OpenStack's secure defaults."""
READER = ("reader", "member", "manager", "admin")
ADMIN = ("admin",)
"""What is for these alone is left out for others: it would only be noise to them."""
THEN = "\n"
"""Among the words of a command: another one begins."""


@dataclass(frozen=True, kw_only=True)
class RolesIn:
    """Roles that differ by the kind of scope, as Keystone's defaults have it; none: nobody may in such a scope."""

    project: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    system: tuple[str, ...] = ()


Roles = tuple[str, ...] | RolesIn
"""Any of these is enough: in every kind of scope, or by kind."""

IDENTITY_READER = RolesIn(project=ADMIN, domain=READER, system=READER)
"""Who may look at users, projects and the like: of their domain, or of all domains."""
IDENTITY_MANAGER = RolesIn(project=ADMIN, domain=("manager", "admin"), system=ADMIN)
"""Who may change them: domain managers what is in their domain, administrators everything."""
IDENTITY_ADMIN = RolesIn(project=ADMIN, domain=ADMIN, system=ADMIN)
"""Who may change what all domains share, e.g. domains, roles and the catalog."""


def roles_in(roles: Roles, kind: str) -> tuple[str, ...]:
    """The roles of which one is enough in this kind of scope; the weakest first."""
    return getattr(roles, kind, ()) if isinstance(roles, RolesIn) else roles


def may(cloud: Cloud, roles: Roles) -> bool:
    """Whether one of these roles is held in the scope that the cloud is asked in."""
    needed = roles_in(roles, cloud.access.scope.kind)
    return bool(needed) and cloud.has_role(*needed)


@dataclass(frozen=True, kw_only=True)
class Column(Generic[R]):
    """One column of a list, or one fact of a detail page.

    ``value`` gives what is shown, from the row alone. ``cell`` is the template that shows
    it, given ``value`` and ``row``: one per kind of value, see ``templates/ui/cell/``.
    ``sort`` is the key that the list can be sorted by. ``is_optional`` columns are off until
    the person chooses them; optional facts are left out where there is nothing to tell.
    ``text`` gives the value for CSV and JSON where it is not ``value``.
    """

    key: str
    label: StrOrPromise
    value: Callable[[R], Any]
    cell: str = "ui/cell/text.html"
    sort: str = ""
    is_optional: bool = False
    is_numeric: bool = False
    text: Callable[[R], Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One key that a list can be narrowed by: ``key:value`` in the filter bar.

    ``choices`` are shown as chips, with counts where the page has them; without choices
    the key is only typed.
    """

    key: str
    label: StrOrPromise
    choices: tuple[tuple[str, StrOrPromise], ...] = ()
    hint: StrOrPromise = ""
    names: Callable[[Cloud], Mapping[str, str]] | None = None
    """Other names of the values, by value: of images' ids, say. Either may be typed. Not to take long."""
    wrong: Callable[[str], StrOrPromise] = lambda value: ""
    """What is the matter with a value that was typed, "" if nothing is."""


@dataclass(frozen=True, kw_only=True)
class Action(Generic[R]):
    """Something that can be done to rows.

    ``run(cloud, row, data)`` does it to one row; ``data`` is the form's cleaned data. It may
    give a tuple of ``values.Part``: what became of each thing that it did, or made. ``when(row)``
    gives the reason why it can't be done to this row now, or "" if it can; it is asked to offer
    and again to run. ``says(rows)`` is the sentence above the dialog's button: what will happen
    to what, and what can't be undone. ``started`` is what is told afterwards. ``run`` sends what
    it changes through the shared session alone: for "Show request" it is run dry, and what it
    would send is shown.
    """

    slug: str
    label: StrOrPromise
    run: Callable[[Cloud, R, Mapping[str, Any]], Any]
    says: Callable[[Sequence[R]], StrOrPromise]
    when: Callable[[R], StrOrPromise] = lambda row: ""
    form: type[Form] | None = None
    """A Form; if it takes ``cloud`` and ``rows`` keyword arguments it is given them."""
    icon: str = ""
    roles: Roles = MEMBER
    is_bulk: bool = True
    is_dangerous: bool = False
    is_primary: bool = False
    """Shown as a button in the detail page's header, not only in the menu."""
    is_removal: bool = False
    """The row is expected to go away."""
    started: StrOrPromise = ""
    button: StrOrPromise = ""
    """The word on the dialog's button, where it is not the label."""
    section: StrOrPromise = ""
    """The heading in the menu that it stands under, where a panel has many; those of one stand together."""
    needs: str = ""
    """The microversion of the panel's service that it takes, e.g. "2.93"."""
    why_not: Callable[[Cloud], StrOrPromise] = lambda cloud: ""
    """The reason why this cloud does not let anybody do it, or "": no volume service, say."""
    is_in_menu: bool = True
    """Otherwise only links lead to it, which name in their query what it is about."""
    cli: Callable[[R, Mapping[str, Any]], Sequence[str]] | None = None
    """The words of the ``openstack`` command that does the same, given the form's cleaned data; "$PASSWORD" for
    what must not be shown. ``THEN`` stands between several commands."""


@dataclass(frozen=True, kw_only=True)
class Create:
    """The panel's one primary button. ``run(cloud, data)`` makes the thing and gives its row, or None.

    With ``url_name`` the button only leads there (a wizard). ``form`` takes ``cloud``. The
    others are as an Action's.
    """

    label: StrOrPromise
    form: type[Form] | None = None
    run: Callable[[Cloud, Mapping[str, Any]], Any] | None = None
    url_name: str = ""
    roles: Roles = MEMBER
    why_not: Callable[[Cloud], StrOrPromise] = lambda cloud: ""
    cli: Callable[[Mapping[str, Any]], Sequence[str]] | None = None


@dataclass(frozen=True, kw_only=True)
class Lead(Generic[R]):
    """A page that a row leads to, e.g. a wizard filled in from it; it stands among the actions in the row's menu.

    ``query(row)`` is what the page is given; ``when`` is as an Action's.
    """

    label: StrOrPromise
    url_name: str
    query: Callable[[R], Mapping[str, str]]
    icon: str = ""
    roles: Roles = MEMBER
    when: Callable[[R], StrOrPromise] = lambda row: ""
    section: StrOrPromise = ""
    is_primary: bool = False


@dataclass(frozen=True, kw_only=True)
class Group(Generic[R]):
    """Facts that belong together on a detail page."""

    label: StrOrPromise
    facts: tuple[Column[R], ...]


@dataclass(frozen=True, kw_only=True)
class Tab(Generic[R]):
    """A tab of a detail page: ``?tab=<slug>``.

    ``load(cloud, row)`` gives the template's context; it is called only when the tab is
    shown. A CloudError costs the tab, not the page. With ``lists`` the tab is the list of
    another panel (its slug), narrowed by ``terms(row)``: no ``template`` then.
    """

    slug: str
    label: StrOrPromise
    template: str = "ui/tab_list.html"
    is_live: bool = False
    """Rendered anew when the row changes; not for what people scroll or type in."""
    load: Callable[[Cloud, R], Mapping[str, Any]] = lambda cloud, row: {}
    load_for: Callable[[Any, R], Mapping[str, Any]] | None = None
    """In place of ``load``, given the request: for a tab whose content the address says more of."""
    lists: str = ""
    terms: Callable[[R], tuple[Term, ...]] = lambda row: ()
    is_offered: Callable[[Cloud, R], bool] = lambda cloud, row: True
    """Whether this cloud and this row have such a part at all."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A page of the menu that lists no rows, e.g. the overview. ``urls`` are below ``<slug>/``."""

    slug: str
    title: StrOrPromise
    group: str
    icon: str
    urls: tuple[URLPattern, ...]
    service: str = ""
    roles: Roles = READER
    scopes: tuple[str, ...] = ("project",)
    """The kinds of scope that have it in their menu: project, domain, system."""
    is_offered: Callable[[Cloud], bool] = lambda cloud: True
    """As a Panel's."""
    about: StrOrPromise = ""
    """What the page is for, in a sentence."""
    is_in_menu: bool = True
    asks: StrOrPromise = ""
    """For a page that answers ``?q=``: what the search over everything offers it with, with ``%(text)s`` in it."""


GROUPS: tuple[tuple[str, StrOrPromise], ...] = (
    ("overview", _("Overview")),
    ("compute", _("Compute")),
    ("network", _("Network")),
    ("storage", _("Storage")),
    ("object-store", _("Object store")),
    ("orchestration", _("Orchestration")),
    ("identity", _("Identity")),
    ("admin", _("Admin")),
)
"""The menu's groups, in order."""


FAMILIES: dict[str, tuple[StrOrPromise, str]] = {"all-projects": (_("All projects"), "stack-2")}
"""Families of panels: their entry in the menu, and its icon."""


@dataclass(frozen=True, kw_only=True)
class Panel(Generic[R]):
    """A kind of resource, as people see it: a list, its detail pages, and what can be done.

    ``rows(cloud, query)`` gives one page and ``row(cloud, id)`` one resource; both raise
    CloudError. ``live`` names the kind in ``dashboard.live.kinds`` whose snapshot the list
    follows, "" for lists that don't change by themselves. ``raw(cloud, id)`` gives the JSON
    as the service sent it. What the fields cannot say goes to a function view in ``extra_urls``.
    """

    slug: str
    title: StrOrPromise
    noun: StrOrPromise
    nouns: StrOrPromise
    group: str
    """One of ``GROUPS``' keys."""
    icon: str
    service: str
    """The service type that the catalog must have for the panel to be offered."""
    rows: Callable[[Cloud, Query], Page[R]]
    columns: tuple[Column[R], ...]
    about: StrOrPromise
    """What the thing is for, in a sentence or two: the empty list says it."""
    row: Callable[[Cloud, str], R] | None = None
    raw: Callable[[Cloud, str], Mapping[str, Any]] | None = None
    joined: Callable[[Cloud, Sequence[R]], Sequence[R]] | None = None
    """Adds what other services know of the rows on show, e.g. images' names, from what is cached."""
    joins: str = ""
    """The only column that ``joined`` is for, if there is one: where that is not shown, nothing is asked."""
    filters: tuple[Filter, ...] = ()
    actions: tuple[Action[R], ...] = ()
    leads: tuple[Lead[R], ...] = ()
    """Pages that rows lead to, last in their menus."""
    create: Create | None = None
    also: tuple[Create, ...] = ()
    """Further buttons beside the primary one, e.g. "Import"."""
    groups: tuple[Group[R], ...] = ()
    tabs: tuple[Tab[R], ...] = ()
    header: str = ""
    """A template that the detail page puts below its header, given ``row``."""
    above: str = ""
    """A template that is put above the list, given what the list is given (``page.about``)."""
    foot: str = ""
    """A template that is put below the list, given what the list is given (``rows``)."""
    lookup: Lookup[R] | None = None
    """How the live snapshot's rows are searched and sorted; needed with ``live``."""
    find: Callable[[Cloud, str], Sequence[tuple[str, str]]] | None = None
    """For the search over everything, where a list is too long to be read for it: ids and labels of what the service
    has by a text, such as a whole address. Asks nothing for texts of another kind."""
    live: str = ""
    default_sort: str = ""
    is_default_descending: bool = False
    roles: Roles = READER
    """Any of these is needed to be offered the panel."""
    id_pattern: str = "[0-9a-fA-F-]{32,36}"
    """What an id in this panel's URLs looks like; ids go upstream only through ``wire.path_id``."""
    extra_urls: tuple[URLPattern, ...] = ()
    scopes: tuple[str, ...] = ("project",)
    """The kinds of scope that have it in their menu: project, domain, system."""
    is_in_menu: bool = True
    is_minor: bool = False
    """Rarely needed: its entry is folded away at the end of the group."""
    parent: str = ""
    """The slug of the panel whose pages lead here, for one that is not in the menu."""
    family: str = ""
    """One of ``FAMILIES``: those of a family share one entry of the menu, and their lists have tabs to each other."""
    tab: StrOrPromise = ""
    """What its family's tab calls it, where that is not the title."""
    is_offered: Callable[[Cloud], bool] = lambda cloud: True
    """Whether this cloud has it at all, beyond ``service``: a Neutron extension, say. Asked on every page: it must
    not wait for a service."""

    def action(self, slug: str) -> Action[R] | None:
        """The action with this slug."""
        return next((action for action in self.actions if action.slug == slug), None)
