"""What can be done to users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from dashboard.cloud import groups, members
from dashboard.cloud import users as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.users import RULES, User
from dashboard.panels.identity.columns import switches
from dashboard.panels.identity.fields import spare_own, texts_of
from dashboard.panels.identity.forms_users import (
    EditUserForm,
    GroupOfForm,
    OptionsForm,
    PasswordForm,
    SelfForm,
)
from dashboard.panels.identity.membership import place_actions
from dashboard.ui.actions import editing, removal
from dashboard.ui.panel import IDENTITY_MANAGER, Action

Data = Mapping[str, Any]
CLI_OPTIONS = {
    "lock_password": ("--enable-lock-password", "--disable-lock-password"),
    "ignore_change_password_upon_first_use": (
        "--ignore-change-password-upon-first-use",
        "--no-ignore-change-password-upon-first-use",
    ),
    "ignore_password_expiry": ("--ignore-password-expiry", "--no-ignore-password-expiry"),
    "ignore_lockout_failure_attempts": (
        "--ignore-lockout-failure-attempts",
        "--no-ignore-lockout-failure-attempts",
    ),
    "multi_factor_auth_enabled": ("--enable-multi-factor-auth", "--disable-multi-factor-auth"),
}
"""Those that ``openstack user`` knows."""


def create(cloud: Cloud, data: Data) -> User:
    """Makes the user of the form, and gives them the role in their first project."""
    body: dict[str, Any] = {"name": data["name"], "domain_id": data["domain_id"], "enabled": data["enabled"]}
    for name in ("password", "email", "description"):
        if data[name]:
            body[name] = data[name]
    if data.get("project_id"):
        body["default_project_id"] = data["project_id"]
    options = do.options_of(data["flags"], data[RULES])
    if options:
        body["options"] = options
    user = do.create_user(cloud, body)
    if data.get("project_id") and data["role"]:
        members.grant(cloud, "projects", data["project_id"], "users", user.id, data["role"])
    return user


def create_cli(data: Data) -> Sequence[str]:
    """The commands that do the same."""
    words = ["openstack", "user", "create", "--domain", data["domain_id"]]
    if data["password"]:
        words += ["--password", "$PASSWORD"]
    for name in ("email", "description"):
        if data[name]:
            words += [f"--{name}", data[name]]
    if data.get("project_id"):
        words += ["--project", data["project_id"]]
    words += [] if data["enabled"] else ["--disable"]
    words += _options(data, None)
    words.append(data["name"])
    if data.get("project_id") and data["role"]:
        words += ["\n", "openstack", "role", "add", "--project", data["project_id"]]
        words += ["--user", data["name"], "--user-domain", data["domain_id"], data["role"]]
    return words


def _options(data: Data, before: User | None) -> list[str]:
    words = []
    for name, (on, off) in CLI_OPTIONS.items():
        is_on, was_on = bool(data["flags"].get(name)), bool(before and before.options.get(name))
        if is_on != was_on:
            words.append(on if is_on else off)
    if [list(rule) for rule in (before.rules if before else ())] != data[RULES]:
        words += [word for rule in data[RULES] for word in ("--multi-factor-auth-rule", ",".join(rule))]
    return words


def edit(cloud: Cloud, row: User, data: Data) -> None:
    """Changes what was changed in the form; fields of others stay."""
    given = {key: data[key] for key in ("name", "email", "description") if data[key] != getattr(row, key)}
    if data["project"] != row.default_project_id:
        given["default_project_id"] = data["project"] or None
    do.update_user(cloud, row.id, given)


def edit_cli(row: User, data: Data) -> Sequence[str]:
    """The command that does the same."""
    words = ["openstack", "user", "set", "--name", data["name"]]
    words += ["--email", data["email"], "--description", data["description"]]
    words += ["--project", data["project"]] if data["project"] else []
    return [*words, row.id]


def password(cloud: Cloud, row: User, data: Data) -> None:
    """Gives them another password."""
    do.update_user(cloud, row.id, {"password": data["password"]})


def options(cloud: Cloud, row: User, data: Data) -> None:
    """Changes how they sign in."""
    found = do.options_of(data["flags"], data[RULES], row)
    do.update_user(cloud, row.id, {"options": found} if found else {})


def set_enabled(cloud: Cloud, row: User, is_on: bool) -> None:
    """Switches the account on or off."""
    do.update_user(cloud, row.id, {"enabled": is_on})


def delete(cloud: Cloud, row: User, data: Data) -> None:
    """Deletes them; oneself only after having been asked twice."""
    spare_own(cloud, row, data)
    do.delete_user(cloud, row.id)


def join(cloud: Cloud, row: User, data: Data) -> None:
    """Puts them into a group."""
    groups.add_member(cloud, data["group"], row.id)


def leave(cloud: Cloud, row: User, data: Data) -> None:
    """Takes them out of a group."""
    groups.remove_member(cloud, data["group"], row.id)


ACTIONS: tuple[Action[Any], ...] = (
    editing(
        run=edit,
        says=texts_of(gettext_lazy("Who %(name)s is. The id stays, and what they own."), ""),
        form=EditUserForm,
        roles=IDENTITY_MANAGER,
        cli=edit_cli,
    ),
    Action(
        slug="password",
        label=gettext_lazy("Set password"),
        form=PasswordForm,
        run=password,
        says=texts_of(
            gettext_lazy("%(name)s signs in with this one from now on, and is signed out wherever they are."), ""
        ),
        icon="key",
        roles=IDENTITY_MANAGER,
        is_bulk=False,
        started=gettext_lazy("Password set"),
        cli=lambda row, data: ("openstack", "user", "set", "--password", "$PASSWORD", row.id),
    ),
    editing(
        slug="options",
        label=gettext_lazy("How they sign in"),
        run=options,
        says=texts_of(gettext_lazy("What holds for %(name)s alone, whatever holds for everybody."), ""),
        form=OptionsForm,
        icon="shield-lock",
        roles=IDENTITY_MANAGER,
        cli=lambda row, data: ["openstack", "user", "set", *_options(data, row), row.id],
    ),
    *place_actions("users"),
    Action(
        slug="add-to-group",
        label=gettext_lazy("Add to group"),
        form=GroupOfForm,
        run=join,
        says=texts_of(
            gettext_lazy("%(name)s gets the roles that the group has."),
            gettext_lazy("They get the roles that the group has."),
        ),
        icon="users",
        roles=IDENTITY_MANAGER,
        started=gettext_lazy("Added to the group"),
        button=gettext_lazy("Add"),
        cli=lambda row, data: ("openstack", "group", "add", "user", data["group"], row.id),
    ),
    Action(
        slug="remove-from-group",
        label=gettext_lazy("Remove from group"),
        form=GroupOfForm,
        run=leave,
        says=texts_of(
            gettext_lazy("%(name)s loses the roles that they have by the group alone, at once."),
            gettext_lazy("They lose the roles that they have by the group alone, at once."),
        ),
        icon="minus",
        roles=IDENTITY_MANAGER,
        is_dangerous=True,
        started=gettext_lazy("Removed from the group"),
        button=gettext_lazy("Remove"),
        cli=lambda row, data: ("openstack", "group", "remove", "user", data["group"], row.id),
    ),
    *switches(
        set_enabled,
        command="user",
        form=SelfForm,
        disabled=(
            gettext_lazy("%(name)s can't sign in any more and is signed out at once. What they made stays."),
            gettext_lazy("They can't sign in any more and are signed out at once. What they made stays."),
        ),
    ),
    removal(
        run=delete,
        says=texts_of(
            gettext_lazy(
                "%(name)s goes, with their roles, application credentials and trusts. Servers and "
                "volumes that they made stay in their projects. That can't be undone; disabling can."
            ),
            gettext_lazy(
                "They go, with their roles, application credentials and trusts. Servers and volumes that they made "
                "stay in their projects. That can't be undone; disabling can."
            ),
        ),
        form=SelfForm,
        roles=IDENTITY_MANAGER,
        cli=lambda row, data: ("openstack", "user", "delete", row.id),
    ),
)
