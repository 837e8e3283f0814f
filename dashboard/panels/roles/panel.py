"""Roles: what people may be given in projects, domains and the system; what each implies, and who has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import roles
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Forbidden
from dashboard.cloud.role_assignments import Asked, list_assignments
from dashboard.cloud.roles import Role
from dashboard.panels.roles import known
from dashboard.panels.roles.forms import DeleteForm, EditForm, ImplyForm, NewRoleForm, NoLongerForm
from dashboard.ui.actions import editing
from dashboard.ui.columns import BOOL, ID, NAME, OPTIONAL_ID, TAGS, column
from dashboard.ui.panel import ADMIN, IDENTITY_ADMIN, READER, Action, Create, Filter, Group, Panel, RolesIn, Tab

Data = Mapping[str, Any]

LOOK = RolesIn(project=ADMIN, domain=("manager", "admin"), system=READER)
"""Keystone shows roles to a domain's manager, and not to its readers."""
SHOWN = 200
"""Holders on one page."""


def create(cloud: Cloud, data: Data) -> Role:
    """Makes the role of the form."""
    return roles.create_role(
        cloud,
        name=data["name"],
        description=data["description"],
        domain_id=data["domain_id"],
        is_immutable=data["is_immutable"],
    )


def edit(cloud: Cloud, role: Role, data: Data) -> None:
    """Changes what was changed in the form."""
    roles.update_role(
        cloud, role, name=data["name"], description=data["description"], is_immutable=data["is_immutable"]
    )
    known.forget(cloud)


def delete(cloud: Cloud, role: Role, data: Data) -> None:
    """Deletes it."""
    roles.delete_role(cloud, role.id)
    known.forget(cloud)


def imply(cloud: Cloud, role: Role, data: Data) -> None:
    """Whoever has the role has the other one as well from now on."""
    roles.add_implied(cloud, prior=role.id, implied=data["implied"])
    known.forget(cloud)


def no_longer(cloud: Cloud, role: Role, data: Data) -> None:
    """The other role does not come along any more."""
    roles.remove_implied(cloud, prior=role.id, implied=data["implied"])
    known.forget(cloud)


def implied(cloud: Cloud, role: Role) -> Data:
    """What the role implies, at once and by way of others, and what implies it. Raises CloudError."""
    try:
        found, names = known.inferences(cloud)
    except Forbidden:
        return {"is_hidden": True}
    at_once = list(found.get(role.id, ()))
    over_others = roles.all_implied(found, role.id) - set(at_once)
    by = [prior for prior, all_of_it in found.items() if role.id in all_of_it]

    def called(ids: Any) -> list[tuple[str, str]]:
        return sorted(((id, names.get(id, id)) for id in ids), key=lambda item: item[1].casefold())

    return {
        "implies": called(at_once),
        "over_others": called(over_others),
        "implied_by": called(by),
        "may_change": "admin" in cloud.roles,
        "is_immutable": role.is_immutable,
    }


def holders(cloud: Cloud, role: Role) -> Data:
    """Who was given the role where. Raises CloudError."""
    found = list_assignments(cloud, Asked(role=role.id), is_effective=False)
    found.sort(key=lambda item: (item.target.kind, item.target.label.casefold(), item.actor.label.casefold()))
    return {"held": found[:SHOWN], "count": len(found), "is_cut": len(found) > SHOWN}


def why_not_delete(role: Role) -> Any:
    """An immutable role can't be deleted."""
    return _("It is immutable. Switch that off first.") if role.is_immutable else ""


def _says(text: Any) -> Any:
    def says(rows: Sequence[Role]) -> str:
        return str(text) % {"name": rows[0].name if rows else ""}

    return says


def where(role: Role) -> str:
    """Whose role it is, in words."""
    if not role.domain_id:
        return _("The whole cloud")
    return _("Domain %(name)s") % {"name": role.domain_name or role.domain_id}


def _action(slug: str, label: Any, run: Any, says: Any, **more: Any) -> Action[Role]:
    given: dict[str, Any] = {"is_bulk": False, "roles": IDENTITY_ADMIN, **more}
    return Action(slug=slug, label=label, run=run, says=_says(says), **given)


def _immutable(words: Data) -> tuple[str, ...]:
    return ("--immutable",) if words.get("is_immutable") else ("--no-immutable",)


WHERE = column("domain", gettext_lazy("For"), where, sort="domain")
IMPLIES = column("implies", gettext_lazy("Implies"), cell=TAGS)
IMMUTABLE = column("immutable", gettext_lazy("Immutable"), "is_immutable", BOOL)
DESCRIPTION = column("description", gettext_lazy("Description"))
PANEL: Panel[Role] = Panel(
    slug="roles",
    title=gettext_lazy("Roles"),
    noun=gettext_lazy("role"),
    nouns=gettext_lazy("roles"),
    group="identity",
    icon="id",
    service=roles.SERVICE,
    about=gettext_lazy(
        "A role says what somebody may do in a project, a domain or the system. Services know reader, member, manager "
        "and admin; others matter where an operator's policies name them."
    ),
    rows=known.page,
    row=roles.get_role,
    raw=roles.get_json,
    joined=known.joined,
    columns=(
        NAME,
        WHERE,
        IMPLIES,
        DESCRIPTION,
        IMMUTABLE,
        OPTIONAL_ID,
    ),
    filters=(
        Filter(
            key="kind",
            label=gettext_lazy("For"),
            choices=(("global", gettext_lazy("The whole cloud")), ("domain", gettext_lazy("One domain"))),
        ),
        Filter(
            key="domain",
            label=gettext_lazy("Domain"),
            hint=gettext_lazy("a domain's name or ID"),
            names=lambda cloud: dict(known.domains(cloud)),
        ),
        Filter(key="immutable", label=gettext_lazy("Immutable"), hint=gettext_lazy("yes or no")),
    ),
    actions=(
        editing(
            run=edit,
            says=_says(
                gettext_lazy("Services know roles by their names: policies that name “%(name)s” follow no new name.")
            ),
            form=EditForm,
            is_primary=True,
            cli=lambda role, data: [
                *("openstack", "role", "set", "--name", data["name"]),
                *("--description", data["description"], *_immutable(data), role.id),
            ],
            roles=IDENTITY_ADMIN,
        ),
        _action(
            "imply",
            gettext_lazy("Imply another role"),
            imply,
            gettext_lazy("Whoever has “%(name)s” has the other role as well from then on, everywhere."),
            form=ImplyForm,
            icon="git-fork",
            started=gettext_lazy("Changed"),
            button=gettext_lazy("Imply"),
            cli=lambda role, data: [
                *("openstack", "implied", "role", "create", "--implied-role", data["implied"], role.id)
            ],
        ),
        _action(
            "no-longer",
            gettext_lazy("Imply it no longer"),
            no_longer,
            gettext_lazy("Who has “%(name)s” and was not given the other role by itself loses that, everywhere."),
            form=NoLongerForm,
            is_in_menu=False,
            is_dangerous=True,
            started=gettext_lazy("Changed"),
            cli=lambda role, data: [
                *("openstack", "implied", "role", "delete", "--implied-role", data["implied"], role.id)
            ],
        ),
        _action(
            "delete",
            gettext_lazy("Delete"),
            delete,
            gettext_lazy("“%(name)s” is taken away from everybody who has it. This can't be undone."),
            when=why_not_delete,
            form=DeleteForm,
            icon="trash",
            is_dangerous=True,
            is_removal=True,
            started=gettext_lazy("Deleted"),
            cli=lambda role, data: ["openstack", "role", "delete", role.id],
        ),
    ),
    create=Create(
        label=gettext_lazy("Create role"),
        form=NewRoleForm,
        run=create,
        roles=IDENTITY_ADMIN,
        cli=lambda data: [
            *("openstack", "role", "create", "--description", data["description"]),
            *(("--domain", data["domain_id"]) if data["domain_id"] else ()),
            *_immutable(data),
            data["name"],
        ],
    ),
    groups=(
        Group(
            label=gettext_lazy("Role"),
            facts=(ID, WHERE, DESCRIPTION, IMMUTABLE, IMPLIES),
        ),
    ),
    tabs=(
        Tab(slug="implied", label=gettext_lazy("Implied roles"), template="roles/implied.html", load=implied),
        Tab(slug="holders", label=gettext_lazy("Who has it"), template="roles/holders.html", load=holders),
    ),
    lookup=roles.LOOKUP,
    default_sort="name",
    roles=LOOK,
    scopes=("project", "domain", "system"),
)
