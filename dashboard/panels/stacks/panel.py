"""Stacks: everything that a template makes, as one thing."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter

from django.urls import path
from django.utils.translation import gettext_lazy

from dashboard.cloud import heat, stacks
from dashboard.cloud.stacks import Stack
from dashboard.panels.stacks import making, resource, tabs
from dashboard.panels.stacks.actions import ACTIONS, EXPORT, UPDATE
from dashboard.panels.stacks.adopting import ADOPT
from dashboard.panels.stacks.words import STATUSES, stack_status
from dashboard.ui.all_projects import PROJECT_FILTER, of_all
from dashboard.ui.columns import DESCRIPTION, NAME, OPTIONAL_ID, STATUS, TAGS, TIME, column
from dashboard.ui.panel import Column, Create, Filter, Panel
from dashboard.ui.values import Tag

COLUMNS: tuple[Column[Stack], ...] = (
    NAME,
    column("status", gettext_lazy("Status"), stack_status, STATUS, sort="status", text=attrgetter("status")),
    DESCRIPTION,
    column("tags", gettext_lazy("Tags"), lambda stack: [Tag(tag) for tag in stack.tags], TAGS),
    # Not "owner": lists of all projects call the project so.
    column("made_by", gettext_lazy("Made by"), "owner", sort="owner"),
    column("created", gettext_lazy("Age"), cell=TIME, sort="created"),
    column("updated", gettext_lazy("Changed"), cell=TIME, sort="updated", is_optional=True),
    OPTIONAL_ID,
)
FILTERS = (
    Filter(
        key="status",
        label=gettext_lazy("Status"),
        choices=tuple((key, label) for key, (label, _tone) in STATUSES.items() if key != "INIT_COMPLETE"),
    ),
    Filter(
        key="state",
        label=gettext_lazy("How far it got"),
        hint=gettext_lazy("in_progress, complete or failed"),
    ),
    Filter(key="owner", label=gettext_lazy("Who made it")),
    Filter(key="tag", label=gettext_lazy("A tag")),
    Filter(key="name", label=gettext_lazy("The whole name")),
    Filter(key="id", label=gettext_lazy("The whole id")),
)

PANEL: Panel[Stack] = Panel(
    slug="stacks",
    title=gettext_lazy("Stacks"),
    noun=gettext_lazy("stack"),
    nouns=gettext_lazy("stacks"),
    group="orchestration",
    icon="stack-2",
    service=heat.SERVICE,
    about=gettext_lazy(
        "A stack is everything that a template makes, servers and networks and what belongs to them: made together, "
        "changed together, deleted together."
    ),
    rows=stacks.list_stacks,
    row=stacks.get_stack,
    raw=tabs.get_json,
    columns=COLUMNS,
    filters=FILTERS,
    actions=ACTIONS,
    leads=(UPDATE, EXPORT),
    create=Create(label=gettext_lazy("Create a stack"), url_name="stacks:make"),
    also=(ADOPT,),
    tabs=tabs.TABS,
    lookup=stacks.LOOKUP,
    live="stacks",
    default_sort="created",
    is_default_descending=True,
    extra_urls=(
        path("make/", making.create, name="make"),
        path("update/", making.update, name="update"),
        path("export/", tabs.export, name="export"),
        path("<str:row_id>/resource/", resource.resource, name="resource"),
        path("<str:row_id>/progress/", tabs.progress, name="progress"),
        path("<str:row_id>/events/", tabs.more_events, name="events"),
    ),
)


ALL: Panel[Stack] = replace(
    of_all(
        replace(PANEL, rows=stacks.list_all_stacks, joins=""),
        slug="all-stacks",
        title=gettext_lazy("All stacks"),
        about=gettext_lazy("The stacks of every project in this region, for those who run the cloud."),
        everything="",
    ),
    # The first tab has the facts.
    groups=(),
    lookup=stacks.LOOKUP,
    live="all-stacks",
    # Who made a stack is not whose it is.
    filters=(PROJECT_FILTER, *FILTERS),
)
