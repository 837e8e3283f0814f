"""Metadata definitions: what properties of images, flavors, volumes and more mean, and which values they take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.cloud import metadef_admin as metadefs
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.metadef_admin import LOOKUP, SERVICE, Namespace, get_json, get_namespace, list_namespaces
from dashboard.panels.metadefs.forms import (
    TYPE_WORDS,
    VISIBILITIES,
    AssociateForm,
    CreateForm,
    EditForm,
    ImportForm,
    NameForm,
    ObjectForm,
    PropertyForm,
    TagsForm,
)
from dashboard.ui import errors
from dashboard.ui.actions import deletion, editing
from dashboard.ui.columns import BOOL, COPY, CREATED, DESCRIPTION, LIST, NAME, UPDATED, column
from dashboard.ui.panel import ADMIN, READER, Action, Create, Filter, Group, Lead, Panel, Tab

READS = dict(VISIBILITIES)


def create(cloud: Cloud, data: Mapping[str, Any]) -> Namespace:
    """Makes the empty namespace of the form."""
    return metadefs.import_namespace(cloud, {key: value for key, value in data.items() if value != ""})


def take_in(cloud: Cloud, data: Mapping[str, Any]) -> Namespace:
    """Makes the namespace of the text, with all that is in it."""
    return metadefs.import_namespace(cloud, data["body"])


def edit(cloud: Cloud, space: Namespace, data: Mapping[str, Any]) -> None:
    """Changes what the form says."""
    keys = ("display_name", "description", "visibility", "protected")
    metadefs.update_namespace(cloud, space, **{key: data[key] for key in keys})


def associate(cloud: Cloud, space: Namespace, data: Mapping[str, Any]) -> None:
    """Says what the namespace is for."""
    metadefs.associate(cloud, space.id, name=data["name"], prefix=data["name_prefix"], target=data["target"])


def dissociate(cloud: Cloud, space: Namespace, data: Mapping[str, Any]) -> None:
    """Says that it is for that no more."""
    metadefs.dissociate(cloud, space.id, name=data["name"])


def set_property(cloud: Cloud, space: Namespace, data: Mapping[str, Any]) -> None:
    """Defines the property of the form."""
    metadefs.set_property(cloud, space, before=data["before"], name=data["name"], body=data["body"])


def delete_property(cloud: Cloud, space: Namespace, data: Mapping[str, Any]) -> None:
    """Takes a property's definition away."""
    metadefs.delete_property(cloud, space.id, name=data["name"])


def set_object(cloud: Cloud, space: Namespace, data: Mapping[str, Any]) -> None:
    """Defines the object of the form."""
    metadefs.set_object(cloud, space.id, before=data["before"], body=json.loads(data["text"]))


def delete_object(cloud: Cloud, space: Namespace, data: Mapping[str, Any]) -> None:
    """Takes an object away."""
    metadefs.delete_object(cloud, space.id, name=data["name"])


def set_tags(cloud: Cloud, space: Namespace, data: Mapping[str, Any]) -> None:
    """Gives the namespace the tags of the form."""
    metadefs.set_tags(cloud, space.id, data["tags"])


def protected(space: Namespace) -> str:
    """Why nothing of it can be deleted."""
    return _("It is protected: take that off first.") if space.is_protected else ""


def named(sentence: Any) -> Any:
    """A sentence about one namespace."""
    return lambda rows: str(sentence) % {"name": rows[0].name or rows[0].id}


def part(slug: str, label: Any) -> Tab[Any]:
    """A tab with what is in a namespace; who may change it is offered that."""
    return Tab(
        slug=slug,
        label=label,
        template=f"metadefs/{slug}.html",
        load=lambda cloud, space: {
            "can_change": cloud.has_role(*ADMIN),
            "can_delete": cloud.has_role(*ADMIN) and not space.is_protected,
            "types": TYPE_WORDS,
        },
    )


@require_GET
def export(request: Request) -> HttpResponse:
    """A namespace as the JSON that can be imported elsewhere."""
    id = request.GET.get("namespace", "")
    try:
        found = metadefs.exported(get_json(cloud_of(request), id))
    except CloudError as error:
        return errors.page(request, error)
    text = json.dumps(found, indent=2, ensure_ascii=False)
    response = HttpResponse(f"{text}\n", content_type="application/json; charset=utf-8")
    name = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in id)
    response["Content-Disposition"] = content_disposition_header(True, f"{name or 'namespace'}.json")
    return response


TARGETS = column(
    "for", gettext_lazy("For"), lambda space: [item.name for item in space.associations], LIST, is_optional=False
)
NAMESPACE = column("namespace", gettext_lazy("Namespace"), "id", COPY, sort="namespace")
VISIBILITY = column(
    "visibility",
    gettext_lazy("Who sees it"),
    lambda space: READS.get(space.visibility, space.visibility),
    sort="visibility",
    text=lambda space: space.visibility,
)
PROTECTED = column("protected", gettext_lazy("Protected"), "is_protected", BOOL)
ACTIONS: tuple[Action[Any], ...] = (
    editing(
        run=edit,
        says=named(gettext_lazy("%(name)s is changed for everybody who sees it.")),
        form=EditForm,
        icon="edit",
        roles=ADMIN,
        is_primary=True,
    ),
    editing(
        slug="property",
        label=gettext_lazy("Define property"),
        run=set_property,
        says=named(gettext_lazy("Forms that offer the properties of %(name)s have it at once.")),
        form=PropertyForm,
        icon="plus",
        roles=ADMIN,
        started=gettext_lazy("Property saved"),
    ),
    editing(
        slug="object",
        label=gettext_lazy("Define object"),
        run=set_object,
        says=named(gettext_lazy("An object of %(name)s is a set of properties that are used together.")),
        form=ObjectForm,
        icon="plus",
        roles=ADMIN,
        started=gettext_lazy("Object saved"),
    ),
    editing(
        slug="tags",
        label=gettext_lazy("Edit tags"),
        run=set_tags,
        says=named(gettext_lazy("%(name)s has these tags then, and no others.")),
        form=TagsForm,
        icon="tag",
        roles=ADMIN,
        started=gettext_lazy("Tags saved"),
    ),
    Action(
        slug="associate",
        label=gettext_lazy("Associate"),
        run=associate,
        says=named(gettext_lazy("The properties of %(name)s are offered for this kind of resource.")),
        form=AssociateForm,
        icon="link",
        roles=ADMIN,
        is_bulk=False,
        started=gettext_lazy("Associated"),
    ),
    Action(
        slug="dissociate",
        label=gettext_lazy("Remove association"),
        run=dissociate,
        says=named(
            gettext_lazy("The properties of %(name)s are no longer offered there. Those that are set already stay.")
        ),
        when=protected,
        form=NameForm,
        icon="unlink",
        roles=ADMIN,
        is_bulk=False,
        is_in_menu=False,
        is_dangerous=True,
        started=gettext_lazy("Association removed"),
    ),
    Action(
        slug="delete-property",
        label=gettext_lazy("Delete property"),
        run=delete_property,
        says=named(
            gettext_lazy("This definition goes from %(name)s, for good. Where the property is set already, it stays.")
        ),
        when=protected,
        form=NameForm,
        icon="trash",
        roles=ADMIN,
        is_bulk=False,
        is_in_menu=False,
        is_dangerous=True,
        started=gettext_lazy("Property deleted"),
    ),
    Action(
        slug="delete-object",
        label=gettext_lazy("Delete object"),
        run=delete_object,
        says=named(gettext_lazy("This object goes from %(name)s, for good, with the properties in it.")),
        when=protected,
        form=NameForm,
        icon="trash",
        roles=ADMIN,
        is_bulk=False,
        is_in_menu=False,
        is_dangerous=True,
        started=gettext_lazy("Object deleted"),
    ),
    deletion(
        lambda cloud, space: metadefs.delete_namespace(cloud, space.id),
        gettext_lazy(
            "%(name)s and all definitions in it will be deleted. Where its properties are set already, they stay. "
            "This can't be undone."
        ),
        gettext_lazy(
            "These namespaces and all definitions in them will be deleted. Where their properties are set already, "
            "they stay. This can't be undone."
        ),
        when=protected,
        roles=ADMIN,
        command=("image", "metadef", "namespace", "delete"),
    ),
)
PANEL: Panel[Any] = Panel(
    slug="metadata-definitions",
    title=gettext_lazy("Metadata definitions"),
    noun=gettext_lazy("namespace"),
    nouns=gettext_lazy("namespaces"),
    group="compute",
    is_minor=True,
    icon="list-details",
    service=SERVICE,
    about=gettext_lazy(
        "A namespace says what properties of images, flavors, volumes and servers mean, and which values they take. "
        "Forms offer them by it."
    ),
    rows=list_namespaces,
    row=get_namespace,
    raw=get_json,
    columns=(NAME, NAMESPACE, TARGETS, VISIBILITY, PROTECTED, UPDATED),
    filters=(
        Filter(key="visibility", label=gettext_lazy("Who sees it"), choices=VISIBILITIES),
        Filter(key="protected", label=gettext_lazy("Protected"), hint="protected:yes"),
        Filter(key="for", label=gettext_lazy("A kind of resource"), hint="for:OS::Nova::Flavor"),
    ),
    actions=ACTIONS,
    leads=(
        Lead(
            label=gettext_lazy("Export"),
            url_name="metadata-definitions:export",
            query=lambda space: {"namespace": space.id},
            icon="download",
            roles=READER,
        ),
    ),
    create=Create(label=gettext_lazy("Create namespace"), form=CreateForm, run=create, roles=ADMIN),
    also=(Create(label=gettext_lazy("Import"), form=ImportForm, run=take_in, roles=ADMIN),),
    groups=(
        Group(
            label=gettext_lazy("Namespace"),
            facts=(
                NAMESPACE,
                DESCRIPTION,
                VISIBILITY,
                PROTECTED,
                column("owner", gettext_lazy("Owner"), cell=COPY),
                CREATED,
                UPDATED,
            ),
        ),
    ),
    tabs=(
        part("properties", gettext_lazy("Properties")),
        part("objects", gettext_lazy("Objects")),
        part("tags", gettext_lazy("Tags")),
        part("associations", gettext_lazy("For")),
    ),
    lookup=LOOKUP,
    default_sort="name",
    id_pattern="[^/]{1,80}",
    extra_urls=(path("export/", export, name="export"),),
)
