"""A project's panel made into that of every project's things, for administrators: with whose each of them is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.types import Page, Query, Term
from dashboard.live.names import project_names
from dashboard.ui.columns import COPY, LINK, column
from dashboard.ui.panel import ADMIN, Column, Filter, Group, Panel
from dashboard.ui.values import Link

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

FAMILY = "all-projects"
PROJECT_FILTER = Filter(key="project", label=gettext_lazy("A project's name or id"), names=project_names)


def owner_column(project_id: str = "project_id") -> Column[Any]:
    """Whose a row is: the project's name, which leads to its page."""
    read = attrgetter(project_id)
    return column(
        "project",
        gettext_lazy("Project"),
        lambda row: Link(row.project_name or read(row), "projects:detail", read(row)),
        LINK,
        text=lambda row: row.project_name or read(row),
    )


def of_all(
    own: Panel[Any],
    *,
    slug: str,
    title: StrOrPromise,
    about: StrOrPromise,
    project_id: str = "project_id",
    key: str = "project",
    everything: str = "all",
    after: int = 2,
) -> Panel[Any]:
    """The panel of every project's, made from that of a project's own.

    ``project_id`` is the row's attribute for its project, and ``key`` what its list calls that in a query;
    ``everything`` is the value there that means all of them, "" if nothing does. The project's column stands
    after so many others. What is made is made in a project, so there is no button for it here.
    """
    own_rows, own_joined, read = own.rows, own.joined, attrgetter(project_id)

    def rows(cloud: Cloud, query: Query) -> Page[Any]:
        terms = tuple(replace(term, key=key) if term.key == "project" else term for term in query.terms)
        if everything and not any(term.key == key and not term.is_negated for term in terms):
            terms = (*terms, Term(key, everything))
        return own_rows(cloud, replace(query, terms=terms))

    def joined(cloud: Cloud, found: Sequence[Any]) -> Sequence[Any]:
        if not found:
            return found
        names = project_names(cloud)
        named = own_joined(cloud, found) if own_joined is not None else found
        return [replace(row, project_name=names.get(read(row), "")) for row in named]

    owner = owner_column(project_id)
    get = _named(own.row, project_id) if own.row is not None else None
    columns = tuple(item for item in own.columns if item.key not in {"project", "owner", "launch"})
    ids = column("project_id", gettext_lazy("Project's ID"), read, COPY, is_optional=True)
    fact = replace(ids, is_optional=False)
    return replace(
        own,
        slug=slug,
        title=title,
        group="admin",
        about=about,
        rows=rows,
        row=get,
        joined=joined,
        joins="",
        columns=(*columns[:after], owner, *columns[after:], ids),
        filters=(PROJECT_FILTER, *(item for item in own.filters if item.key not in {"project", "owner", "scope"})),
        groups=(Group(label=gettext_lazy("Whose it is"), facts=(owner, fact)), *_less(own.groups)),
        create=None,
        also=(),
        leads=(),
        extra_urls=(),
        lookup=None,
        find=None,
        live="",
        roles=ADMIN,
        is_minor=False,
        parent="",
        family=FAMILY,
        tab=own.title,
    )


def _named(get: Callable[[Cloud, str], Any], project_id: str) -> Callable[[Cloud, str], Any]:
    """One row with its project's name."""

    def row(cloud: Cloud, id: str) -> Any:
        found = get(cloud, id)
        return replace(found, project_name=project_names(cloud).get(getattr(found, project_id), ""))

    return row


def _less(groups: Sequence[Group[Any]]) -> tuple[Group[Any], ...]:
    """The facts without the project's id, which stands above them."""
    return tuple(
        replace(group, facts=tuple(fact for fact in group.facts if fact.key not in {"project", "owner"}))
        for group in groups
    )
