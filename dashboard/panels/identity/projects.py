"""Projects: what owns servers and networks, as a tree, with who is a member of which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import projects as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.projects import LOOKUP, Project
from dashboard.cloud.types import Page, Query, Term
from dashboard.panels.identity.columns import (
    DOMAIN,
    DOMAIN_FILTER,
    ENABLED,
    ENABLED_FILTER,
    EXTRA,
    SCOPES,
    switches,
)
from dashboard.panels.identity.fields import spare_own, texts_of
from dashboard.panels.identity.forms_projects import DeleteProjectForm, EditForm, OwnForm, ProjectForm, TagsForm
from dashboard.panels.identity.membership import member_actions, members_tab
from dashboard.panels.identity.names import domain_names, forget_project, with_paths
from dashboard.ui.actions import editing, removal
from dashboard.ui.columns import BOOL, DESCRIPTION, ID, LINK, TAGS, column
from dashboard.ui.panel import (
    ADMIN,
    IDENTITY_MANAGER,
    IDENTITY_READER,
    Action,
    Create,
    Filter,
    Group,
    Lead,
    Panel,
    RolesIn,
    Tab,
)
from dashboard.ui.values import Link

Data = Mapping[str, Any]


def rows(cloud: Cloud, query: Query) -> Page[Project]:
    """One page of the projects, each below its parent."""
    return do.list_projects(cloud, query, domain_names(cloud))


def above(project: Project) -> Link:
    """What it is below."""
    if not project.parent_id:
        return Link(_("none: it is at the top"), is_muted=True)
    label = " / ".join(project.path) or project.parent_id
    return Link(label, "projects:detail", project.parent_id)


def protected(project: Project) -> Any:
    """Why nothing of it can be changed, if so."""
    return _("It is protected. Take the protection away first.") if project.is_immutable else ""


def create(cloud: Cloud, data: Data) -> Project:
    """Makes the project of the form."""
    body: dict[str, Any] = {
        "name": data["name"],
        "description": data["description"],
        "domain_id": data["domain_id"],
        "enabled": data["enabled"],
    }
    if data.get("parent_id"):
        body["parent_id"] = data["parent_id"]
    if data["tag_lines"]:
        body["tags"] = data["tag_lines"]
    if data["immutable"]:
        body["options"] = {"immutable": True}
    return do.create_project(cloud, body)


def create_cli(data: Data) -> Sequence[str]:
    """The command that does the same."""
    words = ["openstack", "project", "create", "--domain", data["domain_id"]]
    if data.get("parent_id"):
        words += ["--parent", data["parent_id"]]
    if data["description"]:
        words += ["--description", data["description"]]
    for tag in data["tag_lines"]:
        words += ["--tag", tag]
    words += [] if data["enabled"] else ["--disable"]
    words += ["--immutable"] if data["immutable"] else []
    return [*words, data["name"]]


def edit(cloud: Cloud, row: Project, data: Data) -> None:
    """Changes what was changed in the form."""
    given = {key: data[key] for key in ("name", "description") if data[key] != getattr(row, key)}
    do.update_project(cloud, row.id, given)
    forget_project(cloud, row.id)


def set_enabled(cloud: Cloud, row: Project, is_on: bool) -> None:
    """Switches it on or off."""
    do.update_project(cloud, row.id, {"enabled": is_on})


def tag(cloud: Cloud, row: Project, data: Data) -> None:
    """Gives it the tags of the form, and no others."""
    do.set_tags(cloud, row.id, data["tag_lines"])


def protect(cloud: Cloud, row: Project, data: Data) -> None:
    """Protects it, or takes the protection away."""
    do.update_project(cloud, row.id, {"options": {"immutable": not row.is_immutable or None}})


def delete(cloud: Cloud, row: Project, data: Data) -> None:
    """Deletes it."""
    spare_own(cloud, row, data)
    do.delete_project(cloud, row.id)


ACTIONS: tuple[Action[Any], ...] = (
    *member_actions("projects"),
    editing(
        run=edit,
        says=texts_of(gettext_lazy("What %(name)s is called. Its id stays."), ""),
        when=protected,
        form=EditForm,
        roles=IDENTITY_MANAGER,
        cli=lambda row, data: (
            *("openstack", "project", "set", "--name", data["name"]),
            *("--description", data["description"], row.id),
        ),
    ),
    Action(
        slug="tags",
        label=gettext_lazy("Edit tags"),
        form=TagsForm,
        run=tag,
        says=texts_of(
            gettext_lazy("These are all the tags of %(name)s."),
            gettext_lazy("These will be all the tags of each of them; what they have now is replaced."),
        ),
        when=protected,
        icon="tag",
        roles=IDENTITY_MANAGER,
        started=gettext_lazy("Tagged"),
        button=gettext_lazy("Save"),
        cli=lambda row, data: (
            *("openstack", "project", "set", "--clear-tags"),
            *(word for item in data["tag_lines"] for word in ("--tag", item)),
            row.id,
        ),
    ),
    *switches(
        set_enabled,
        command="project",
        form=OwnForm,
        disabled=(
            gettext_lazy(
                "Nobody can work in %(name)s any more, and tokens for it end at once. Its servers run on; nothing is "
                "deleted."
            ),
            gettext_lazy(
                "Nobody can work in them any more, and tokens for them end at once. Their servers run on; nothing is "
                "deleted."
            ),
        ),
        when=protected,
    ),
    Action(
        slug="protect",
        label=gettext_lazy("Protect, or not"),
        run=protect,
        says=lambda rows: (
            _("The protection is taken away: it can be changed and deleted again.")
            if rows[0].is_immutable
            else _("It can't be changed or deleted until the protection is taken away again.")
        ),
        icon="shield-lock",
        roles=IDENTITY_MANAGER,
        is_bulk=False,
        started=gettext_lazy("Changed"),
        button=gettext_lazy("Change"),
        cli=lambda row, data: (
            *("openstack", "project", "set", "--no-immutable" if row.is_immutable else "--immutable"),
            row.id,
        ),
    ),
    removal(
        run=delete,
        says=texts_of(
            gettext_lazy(
                "%(name)s goes, and with it all roles in it, its quotas and application credentials. That can't be "
                "undone."
            ),
            gettext_lazy(
                "They go, and with them all roles in them, their quotas and application credentials. That can't be "
                "undone."
            ),
        ),
        when=protected,
        form=DeleteProjectForm,
        roles=IDENTITY_MANAGER,
        cli=lambda row, data: ("openstack", "project", "delete", row.id),
    ),
)

PANEL: Panel[Any] = Panel(
    slug="projects",
    title=gettext_lazy("Projects"),
    noun=gettext_lazy("project"),
    nouns=gettext_lazy("projects"),
    group="identity",
    icon="folder",
    service="identity",
    scopes=SCOPES,
    roles=IDENTITY_READER,
    about=gettext_lazy(
        "A project owns servers, volumes and networks, and has quotas. People work in it with the roles that they are "
        "given there."
    ),
    rows=rows,
    row=do.get_project,
    raw=do.get_project_json,
    joined=with_paths,
    columns=(
        column("name", gettext_lazy("Name"), cell="people/tree_name.html", sort="tree"),
        ENABLED,
        DOMAIN,
        column("description", gettext_lazy("Description")),
        column("tags", gettext_lazy("Tags"), lambda row: list(row.tags), TAGS),
        column("parent", gettext_lazy("Below"), above, LINK, is_optional=True),
        column("id", gettext_lazy("ID"), cell="ui/cell/copy.html", is_optional=True),
        column("protected", gettext_lazy("Protected"), "is_immutable", BOOL, is_optional=True),
    ),
    filters=(
        ENABLED_FILTER,
        DOMAIN_FILTER,
        Filter(key="parent", label=gettext_lazy("Parent project"), hint=gettext_lazy("its id")),
        Filter(key="tag", label=gettext_lazy("A tag")),
    ),
    actions=ACTIONS,
    leads=(
        Lead(
            label=gettext_lazy("Roles of people and groups"),
            url_name="assignments:matrix",
            query=lambda row: {"project": row.id},
            icon="shield-lock",
            roles=IDENTITY_READER,
        ),
        Lead(
            label=gettext_lazy("Quotas"),
            url_name="quotas:index",
            query=lambda row: {"project": row.id},
            icon="adjustments-horizontal",
            roles=RolesIn(project=ADMIN),
        ),
        Lead(
            label=gettext_lazy("Take down"),
            url_name="teardown:index",
            query=lambda row: {"project": row.id},
            icon="trash",
            roles=RolesIn(project=ADMIN),
        ),
    ),
    create=Create(
        label=gettext_lazy("Create project"),
        form=ProjectForm,
        run=create,
        roles=IDENTITY_MANAGER,
        cli=create_cli,
    ),
    also=(Create(label=gettext_lazy("All in one go"), url_name="new-project:index", roles=IDENTITY_MANAGER),),
    groups=(
        Group(
            label=gettext_lazy("Project"),
            facts=(
                ID,
                DESCRIPTION,
                DOMAIN,
                column("parent", gettext_lazy("Below"), above, LINK),
                column("tags", gettext_lazy("Tags"), lambda row: list(row.tags), TAGS),
                column("protected", gettext_lazy("Protected"), "is_immutable", BOOL),
            ),
        ),
        EXTRA,
    ),
    tabs=(
        members_tab("projects"),
        Tab(
            slug="subprojects",
            label=gettext_lazy("Subprojects"),
            lists="projects",
            terms=lambda row: (Term("parent", row.id),),
        ),
    ),
    lookup=LOOKUP,
    find=lambda cloud, text: [(item.id, item.name) for item in do.find_projects(cloud, text, limit=7)],
    default_sort="tree",
    id_pattern="[0-9A-Za-z_-]{1,64}",
)
