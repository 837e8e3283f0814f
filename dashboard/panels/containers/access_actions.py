"""Who may get at a container: in public, by rules, and by temporary URLs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.cloud import container_access
from dashboard.cloud import container_changes as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.containers import Container, read_container
from dashboard.panels.containers import forms as own
from dashboard.panels.containers.words import lacks, says, titles
from dashboard.ui.panel import Action
from dashboard.ui.values import Part

Data = Mapping[str, Any]
SECTION = gettext_lazy("Access")


def _access(cloud: Cloud, container: Container, data: Data) -> None:
    do.set_public(cloud, container.name, data["access"])


def _says_access(containers: Sequence[Container]) -> str:
    count = sum(container.objects for container in containers)
    text = ngettext(
        "Who may see %(name)s without signing in. What is public can be found and read by everybody who reaches this "
        "cloud: at the moment that is %(n)d object, and every one that comes later. Rules for others stay as they are.",
        "Who may see %(name)s without signing in. What is public can be found and read by everybody who reaches this "
        "cloud: at the moment these are %(n)d objects, and every one that comes later. Rules for others stay as they "
        "are.",
        count,
    )
    return text % {"name": titles(containers), "n": count}


def _cli_access(container: Container, data: Data) -> list[str]:
    read = container_access.with_public(container.read, data["access"])
    return ["swift", "post", "--read-acl", read, container.name]


def _add_rule(cloud: Cloud, container: Container, data: Data) -> None:
    may = data["may"]
    do.add_rule(cloud, container.name, data["rule"], is_read=may != "write", is_write=may != "read")


def _cli_add_rule(container: Container, data: Data) -> list[str]:
    words = ["swift", "post"]
    if data["may"] != "write":
        words += ["--read-acl", container_access.with_rule(container.read, data["rule"])]
    if data["may"] != "read":
        words += ["--write-acl", container_access.with_rule(container.write, data["rule"])]
    return [*words, container.name]


class OneRuleForm(forms.Form):
    """Which rule; a link names it."""

    rule = forms.CharField(label=gettext_lazy("Rule"), strip=False)
    of = forms.ChoiceField(
        label=gettext_lazy("Of"), choices=(("read", gettext_lazy("reading")), ("write", gettext_lazy("writing")))
    )


def _remove_rule(cloud: Cloud, container: Container, data: Data) -> None:
    do.remove_rule(cloud, container.name, data["rule"], is_write=data["of"] == "write")


def _cli_remove_rule(container: Container, data: Data) -> list[str]:
    is_write = data["of"] == "write"
    left = container_access.without_rule(container.write if is_write else container.read, data["rule"])
    return ["swift", "post", "--write-acl" if is_write else "--read-acl", left, container.name]


# Keys of temporary URLs


def _keys(cloud: Cloud, container: Container, data: Data) -> tuple[Part, ...]:
    name = container.name if data["whose"] == "container" else ""
    if data["what"] == "remove":
        do.set_keys(cloud, name, first=None, second=None)
        return ()
    if data["what"] == "rotate":
        return (Part(_("The new key"), secret=do.rotate_key(cloud, name)),)
    now = read_container(cloud, name) if name else None
    keys = (now.meta("temp-url-key"), now.meta("temp-url-key-2")) if now is not None else do.account_keys(cloud)
    found = [Part(_("Key %(n)d") % {"n": n}, secret=key) for n, key in enumerate(keys, 1) if key]
    return tuple(found) or (Part(_("Keys"), _("None is set.")),)


def _cli_keys(container: Container, data: Data) -> list[str]:
    whose = [container.name] if data["whose"] == "container" else []
    if data["what"] == "show":
        return ["swift", "stat", *whose]
    if data["what"] == "remove":
        return ["swift", "post", "-m", "Temp-URL-Key:", "-m", "Temp-URL-Key-2:", *whose]
    return ["swift", "post", "-m", "Temp-URL-Key:$NEW_KEY", "-m", "Temp-URL-Key-2:$OLD_KEY", *whose]


ACCESS_ACTIONS: tuple[Action[Container], ...] = (
    Action(
        slug="access",
        label=gettext_lazy("Public access"),
        run=_access,
        says=_says_access,
        form=own.AccessForm,
        icon="lock-open",
        section=SECTION,
        is_primary=True,
        started=gettext_lazy("Access changed"),
        cli=_cli_access,
    ),
    Action(
        slug="add-rule",
        label=gettext_lazy("Let others in"),
        run=_add_rule,
        says=says(gettext_lazy("A rule lets people of other projects, or of other roles, get at %(name)s.")),
        form=own.RuleForm,
        icon="users",
        section=SECTION,
        started=gettext_lazy("Rule added"),
        cli=_cli_add_rule,
    ),
    Action(
        slug="remove-rule",
        label=gettext_lazy("Remove the rule"),
        run=_remove_rule,
        says=says(gettext_lazy("This rule will no longer hold for %(name)s. Other rules stay.")),
        form=OneRuleForm,
        icon="trash",
        section=SECTION,
        is_bulk=False,
        is_in_menu=False,
        started=gettext_lazy("Rule removed"),
        cli=_cli_remove_rule,
    ),
    Action(
        slug="keys",
        label=gettext_lazy("Keys of temporary URLs"),
        run=_keys,
        says=says(
            gettext_lazy(
                "Temporary URLs of objects in %(name)s are signed with a key. Who has the key can make any such URL."
            )
        ),
        form=own.KeysForm,
        icon="key",
        section=SECTION,
        is_bulk=False,
        why_not=lacks("tempurl"),
        started=gettext_lazy("Keys changed"),
        cli=_cli_keys,
    ),
)
