"""What administrators do to flavors: make them, say what else their servers get, and who may use them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import flavor_admin as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.flavors import Flavor
from dashboard.live.names import project_names
from dashboard.panels.flavors.forms import AccessForm, DeleteForm, DescriptionForm, NewFlavor, SpecsForm
from dashboard.panels.flavors.spec_words import words_of
from dashboard.ui.actions import editing, removal
from dashboard.ui.panel import ADMIN, THEN, Action, Create, Lead, Tab

Data = Mapping[str, Any]


def create(cloud: Cloud, data: Data) -> Flavor:
    """Makes the flavor of the form with all that belongs to it; where a part is refused, there is no flavor."""
    made = do.create_flavor(
        cloud,
        id=data["flavor_id"],
        ephemeral=data["ephemeral"] or 0,
        swap=data["swap"] or 0,
        **{name: data[name] for name in ("name", "vcpus", "ram", "disk", "description", "is_public")},
    )
    try:
        if data["extra_specs"]:
            do.set_specs(cloud, id=made.id, specs=data["extra_specs"])
        for project_id in data["projects"]:
            do.add_access(cloud, id=made.id, project_id=project_id)
    except CloudError as error:
        if not error.is_unknown_outcome:
            do.delete_flavor(cloud, id=made.id)
        raise
    return made


def _edit(cloud: Cloud, row: Flavor, data: Data) -> None:
    do.describe_flavor(cloud, id=row.id, description=data["description"])


def _specs(cloud: Cloud, row: Flavor, data: Data) -> None:
    wanted = data["extra_specs"]
    changed, gone = differences(row, wanted)
    if changed:
        do.set_specs(cloud, id=row.id, specs=changed)
    for key in gone:
        do.unset_spec(cloud, id=row.id, key=key)


def differences(row: Flavor, wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The extra specs that are new or other than before, and the keys that are gone."""
    changed = {key: text for key, text in wanted.items() if row.extra_specs.get(key) != text}
    return changed, [key for key in row.extra_specs if key not in wanted]


def _access(cloud: Cloud, row: Flavor, data: Data) -> None:
    do.change_access(cloud, id=row.id, wanted=data["projects"])


def _delete(cloud: Cloud, row: Flavor, data: Data) -> None:
    do.delete_flavor(cloud, id=row.id)


def _names(rows: Sequence[Flavor]) -> str:
    return ", ".join(row.name or row.id for row in rows)


def _says_delete(rows: Sequence[Flavor]) -> str:
    return _(
        "%(names)s can't be chosen any more. Servers that are of it go on as they are, but can't be built anew as "
        "before. This can't be undone."
    ) % {"names": _names(rows)}


def why_public(row: Flavor) -> str:
    """The reason why nobody has to be let use it."""
    return _("Every project may use it. Private ones are made so: “New like this” makes one.") if row.is_public else ""


def _cli_create(data: Data) -> list[str]:
    properties = [word for key, text in data["extra_specs"].items() for word in ("--property", f"{key}={text}")]
    words = [
        *("openstack", "flavor", "create", "--vcpus", str(data["vcpus"]), "--ram", str(data["ram"])),
        *("--disk", str(data["disk"])),
        *(["--ephemeral", str(data["ephemeral"])] if data["ephemeral"] else []),
        *(["--swap", str(data["swap"])] if data["swap"] else []),
        *(["--id", data["flavor_id"]] if data["flavor_id"] else []),
        *(["--description", data["description"]] if data["description"] else []),
        "--public" if data["is_public"] else "--private",
        *properties,
        data["name"],
    ]
    for project_id in data["projects"]:
        words += [THEN, "openstack", "flavor", "set", "--project", project_id, data["name"]]
    return words


def _cli_specs(row: Flavor, data: Data) -> list[str]:
    changed, gone = differences(row, data["extra_specs"])
    commands: list[list[str]] = []
    if changed:
        pairs = [word for key, text in changed.items() for word in ("--property", f"{key}={text}")]
        commands.append(["openstack", "flavor", "set", *pairs, row.id])
    if gone:
        keys = [word for key in gone for word in ("--property", key)]
        commands.append(["openstack", "flavor", "unset", *keys, row.id])
    words: list[str] = []
    for command in commands:
        words += [THEN, *command] if words else command
    return words


def _cli_access(row: Flavor, data: Data) -> list[str]:
    words: list[str] = []
    for project_id in data["projects"]:
        command = ["openstack", "flavor", "set", "--project", project_id, row.id]
        words += [THEN, *command] if words else command
    return words or ["openstack", "flavor", "unset", "--project", "$PROJECT", row.id]


def access(cloud: Cloud, row: Flavor) -> Mapping[str, Any]:
    """The projects that may use a private flavor, with their names."""
    found = [] if row.is_public else do.list_access(cloud, id=row.id)
    names = project_names(cloud) if found else {}
    return {"projects": sorted((names.get(id, ""), id) for id in found)}


def specs(cloud: Cloud, row: Flavor) -> Mapping[str, Any]:
    """The extra specs with what each is for."""
    return {"specs": [(key, text, words_of(key)) for key, text in sorted(row.extra_specs.items())]}


def is_admin(cloud: Cloud, row: Flavor) -> bool:
    """Whether whoever looks may be told whose a flavor is."""
    return cloud.has_role("admin")


def _about(text: Any) -> Callable[[Sequence[Flavor]], str]:
    return lambda rows: str(text) % {"name": _names(rows)}


ACTIONS: tuple[Action[Flavor], ...] = (
    editing(
        slug="specs",
        label=gettext_lazy("Extra specs"),
        run=_specs,
        says=_about(
            gettext_lazy(
                "These are all the extra specs of “%(name)s”. They hold for servers that are launched or resized from "
                "now on."
            )
        ),
        form=SpecsForm,
        icon="adjustments-horizontal",
        is_primary=True,
        cli=_cli_specs,
        roles=ADMIN,
    ),
    editing(
        slug="access",
        label=gettext_lazy("Who may use it"),
        run=_access,
        says=_about(gettext_lazy("These projects may launch servers of “%(name)s”. Servers that there are go on.")),
        when=why_public,
        form=AccessForm,
        icon="users",
        cli=_cli_access,
        roles=ADMIN,
    ),
    editing(
        label=gettext_lazy("Edit description"),
        run=_edit,
        says=_about(
            gettext_lazy("Nothing else of “%(name)s” can be changed: for other sizes, make a new one like it.")
        ),
        form=DescriptionForm,
        needs=do.DESCRIBED,
        cli=lambda row, data: ["openstack", "flavor", "set", "--description", data["description"], row.id],
        roles=ADMIN,
    ),
    removal(
        run=_delete,
        says=_says_delete,
        form=DeleteForm,
        roles=ADMIN,
        cli=lambda row, data: ["openstack", "flavor", "delete", row.id],
    ),
)
LEADS: tuple[Lead[Flavor], ...] = (
    Lead(
        label=gettext_lazy("New like this"),
        url_name="flavors:create",
        query=lambda row: {"like": row.id},
        icon="copy",
        roles=ADMIN,
    ),
)
CREATE = Create(label=gettext_lazy("Create flavor"), form=NewFlavor, run=create, roles=ADMIN, cli=_cli_create)
TABS: tuple[Tab[Flavor], ...] = (
    Tab(slug="specs", label=gettext_lazy("Extra specs"), template="flavors/specs.html", load=specs),
    Tab(
        slug="access",
        label=gettext_lazy("Who may use it"),
        template="flavors/access.html",
        load=access,
        is_offered=is_admin,
    ),
)
