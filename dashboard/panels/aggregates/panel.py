"""Host aggregates: hosts that have something in common, for flavors to ask for and zones to be made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import aggregates as do
from dashboard.cloud.aggregates import SERVICE, Aggregate
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.panels.aggregates.forms import AggregateForm, CacheForm, EditForm, HostsForm, MetadataForm
from dashboard.ui.actions import editing, removal
from dashboard.ui.columns import ID, NAME, column
from dashboard.ui.errors import told
from dashboard.ui.panel import ADMIN, THEN, Action, Create, Filter, Group, Panel
from dashboard.ui.values import Part

Data = Mapping[str, Any]
COPY, LIST, TIME = "ui/cell/copy.html", "ui/cell/list.html", "ui/cell/time.html"


def create(cloud: Cloud, data: Data) -> Aggregate:
    """Makes the aggregate of the form."""
    return do.create_aggregate(cloud, name=data["name"], zone=data["zone"])


def _edit(cloud: Cloud, row: Aggregate, data: Data) -> None:
    do.update_aggregate(cloud, id=row.id, name=data["name"], zone=data["zone"] if data["zone"] != row.zone else "")


def _hosts(cloud: Cloud, row: Aggregate, data: Data) -> tuple[Part, ...]:
    """Hosts come and go one by one: what became of each is told if one failed."""
    parts: list[Part] = []
    errors: list[CloudError] = []
    for host, change in (
        *((host, do.remove_host) for host in data["removed"]),
        *((host, do.add_host) for host in data["added"]),
    ):
        try:
            change(cloud, id=row.id, host=host)
            parts.append(Part(host))
        except CloudError as error:
            parts.append(Part(host, told(error, cloud)))
            errors.append(error)
    if errors and len(errors) == len(parts):
        raise errors[0]
    return tuple(parts)


def _metadata(cloud: Cloud, row: Aggregate, data: Data) -> None:
    changes = changed(row, data)
    if changes:
        do.set_metadata(cloud, id=row.id, metadata=changes)


def changed(row: Aggregate, data: Data) -> dict[str, str | None]:
    """What is new or other than before; None for what goes."""
    wanted = data["metadata"]
    found: dict[str, str | None] = {key: text for key, text in wanted.items() if row.metadata.get(key) != text}
    return found | {key: None for key in row.metadata if key not in wanted}


def _cache(cloud: Cloud, row: Aggregate, data: Data) -> None:
    do.cache_images(cloud, id=row.id, images=data["images"])


def _delete(cloud: Cloud, row: Aggregate, data: Data) -> None:
    do.delete_aggregate(cloud, id=row.id)


def names(rows: Sequence[Aggregate]) -> str:
    """The aggregates by name."""
    return ", ".join(row.name for row in rows)


def _cli_hosts(row: Aggregate, data: Data) -> list[str]:
    words: list[str] = []
    for verb, hosts in (("remove", data["removed"]), ("add", data["added"])):
        for host in hosts:
            command = ["openstack", "aggregate", verb, "host", row.id, host]
            words += [THEN, *command] if words else command
    return words


def _cli_metadata(row: Aggregate, data: Data) -> list[str]:
    words: list[str] = []
    changes = changed(row, data)
    new = [word for key, text in changes.items() if text is not None for word in ("--property", f"{key}={text}")]
    gone = [word for key, text in changes.items() if text is None for word in ("--property", key)]
    for verb, options in (("set", new), ("unset", gone)):
        if options:
            command = ["openstack", "aggregate", verb, *options, row.id]
            words += [THEN, *command] if words else command
    return words


def pairs(row: Aggregate) -> list[str]:
    """The metadata, one "key = value" each."""
    return [f"{key} = {value}" for key, value in sorted(row.metadata.items())]


ZONE = column("zone", gettext_lazy("Availability zone"), lambda row: row.zone, sort="zone")
HOSTS = column("hosts", gettext_lazy("Hosts"), lambda row: list(row.hosts), cell=LIST, sort="count")
METADATA = column("metadata", gettext_lazy("Metadata"), pairs, cell=LIST)
PANEL: Panel[Aggregate] = Panel(
    slug="aggregates",
    title=gettext_lazy("Host aggregates"),
    noun=gettext_lazy("host aggregate"),
    nouns=gettext_lazy("host aggregates"),
    group="admin",
    icon="stack-2",
    service=SERVICE,
    about=gettext_lazy(
        "A host aggregate is a set of hosts that have something in common. Flavors ask for it by its metadata; with a "
        "zone, people choose it at a launch."
    ),
    rows=do.list_aggregates,
    row=do.get_aggregate,
    raw=do.get_aggregate_json,
    id_pattern="[^/]+",
    columns=(
        NAME,
        ZONE,
        HOSTS,
        METADATA,
        column("created", gettext_lazy("Created"), lambda row: row.created, cell=TIME, is_optional=True),
        column("id", gettext_lazy("ID"), lambda row: row.uuid, cell=COPY, is_optional=True),
    ),
    groups=(
        Group(
            label=gettext_lazy("Host aggregate"),
            facts=(
                ID,
                column("uuid", gettext_lazy("ID in Placement"), lambda row: row.uuid, cell=COPY),
                ZONE,
                column("created", gettext_lazy("Created"), lambda row: row.created, cell=TIME),
            ),
        ),
        Group(label=gettext_lazy("Hosts"), facts=(HOSTS,)),
        Group(label=gettext_lazy("Metadata"), facts=(METADATA,)),
    ),
    filters=(
        Filter(key="zone", label=gettext_lazy("Availability zone")),
        Filter(key="host", label=gettext_lazy("A host")),
        Filter(key="key", label=gettext_lazy("A key of the metadata")),
    ),
    actions=(
        editing(
            slug="hosts",
            label=gettext_lazy("Hosts"),
            run=_hosts,
            says=lambda rows: (
                _("The hosts that are ticked are in “%(name)s”. Servers that run there stay where they are.")
                % {"name": names(rows)}
            ),
            form=HostsForm,
            icon="server-2",
            roles=ADMIN,
            is_primary=True,
            cli=_cli_hosts,
        ),
        editing(
            run=_edit,
            says=lambda rows: (
                _(
                    "“%(name)s” changes. Nova refuses another zone while servers are on its hosts, since they would "
                    "change theirs."
                )
                % {"name": names(rows)}
            ),
            form=EditForm,
            roles=ADMIN,
            cli=lambda row, data: (
                *("openstack", "aggregate", "set", "--name", data["name"]),
                *(("--zone", data["zone"]) if data["zone"] else ()),
                row.id,
            ),
        ),
        editing(
            slug="metadata",
            label=gettext_lazy("Metadata"),
            run=_metadata,
            says=lambda rows: (
                _("This is all the metadata of “%(name)s”; the scheduler heeds it from now on.") % {"name": names(rows)}
            ),
            form=MetadataForm,
            icon="list-details",
            roles=ADMIN,
            cli=_cli_metadata,
        ),
        Action(
            slug="cache",
            label=gettext_lazy("Cache images"),
            run=_cache,
            says=lambda rows: (
                _(
                    "The hosts of “%(name)s” fetch these images now, so that the first launch of each is quick. Nova "
                    "does it a few hosts at a time, and does not say when it is done."
                )
                % {"name": names(rows)}
            ),
            when=lambda row: "" if row.hosts else _("It has no hosts."),
            form=CacheForm,
            icon="download",
            roles=ADMIN,
            is_bulk=False,
            needs=do.CACHED,
            started=gettext_lazy("The hosts were told"),
            button=gettext_lazy("Cache"),
            cli=lambda row, data: ("openstack", "aggregate", "cache", "image", row.id, *data["images"]),
        ),
        removal(
            run=_delete,
            says=lambda rows: (
                _("%(names)s will be deleted. Flavors that ask for its metadata find no host by it any more.")
                % {"names": names(rows)}
            ),
            when=lambda row: _("It has hosts. Take them out first.") if row.hosts else "",
            roles=ADMIN,
            cli=lambda row, data: ("openstack", "aggregate", "delete", row.id),
        ),
    ),
    create=Create(
        label=gettext_lazy("Create host aggregate"),
        form=AggregateForm,
        run=create,
        roles=ADMIN,
        cli=lambda data: (
            *("openstack", "aggregate", "create"),
            *(("--zone", data["zone"]) if data["zone"] else ()),
            data["name"],
        ),
    ),
    lookup=do.LOOKUP,
    default_sort="name",
    roles=ADMIN,
)
