"""What filters a server, and what is written on it: security groups, metadata, tags; and its forgotten password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import server_access, server_addresses, server_labels
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later
from dashboard.cloud.server_parts import ServerPort, list_groups_of, list_server_ports
from dashboard.cloud.servers import Server
from dashboard.panels.servers.actions_rules import commands_of, name_of, unless, why_locked
from dashboard.panels.servers.part_actions_network import OnePort, port_words, when_networked, why_no_network
from dashboard.panels.servers.part_actions_volumes import SECTION
from dashboard.panels.servers.part_forms import PartForm, named
from dashboard.panels.servers.part_labels import Pairs, definitions, own_tags
from dashboard.ui.actions import editing
from dashboard.ui.panel import Action

Data = Mapping[str, Any]
LABELS = gettext_lazy("Labels")


def _groups_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=gettext_lazy("Security groups"), required=False, widget=forms.CheckboxSelectMultiple
    )


def _choices(cloud: Cloud, ports: Sequence[ServerPort]) -> list[tuple[str, str]]:
    """The project's groups, and those that the ports have from elsewhere."""
    used = later(lambda: list_groups_of(cloud, ports))
    found = {item.id: named(item.name, item.id) for item in server_addresses.list_groups(cloud)}
    found |= {item.id: named(item.name, item.id) for item in used.or_else(())}
    found |= {id: found.get(id, id) for port in ports for id in port.group_ids}
    return sorted(found.items(), key=lambda item: item[1].casefold())


class ServerGroups(PartForm):
    """The groups of all ports at once; what is left as it is stays as it is on each port."""

    groups = _groups_field()

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Server], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ports = list_server_ports(cloud, id=rows[0].id) if rows else ()
        self.ports = tuple(port for port in ports if port.is_filtered)
        self.before = {id for port in self.ports for id in port.group_ids}
        self.initial["groups"] = sorted(self.before)
        self.offer("groups", _choices(cloud, self.ports))
        if not self.ports:
            self.sentence = _("It has no port that security groups apply to.")
        elif len({frozenset(port.group_ids) for port in self.ports}) > 1:
            self.sentence = _("Its ports have different groups: what you tick or untick here changes on all of them.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = set(data.get("groups", ()))
        added, removed = chosen - self.before, self.before - chosen
        data["changes"] = [
            (port.id, sorted((set(port.group_ids) - removed) | added))
            for port in self.ports
            if (set(port.group_ids) - removed) | added != set(port.group_ids)
        ]
        if not self.ports:
            raise forms.ValidationError(self.sentence)
        return data


class PortGroups(OnePort):
    """The groups of one port."""

    groups = _groups_field()

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Server], **kwargs: Any) -> None:
        super().__init__(*args, cloud=cloud, rows=rows, **kwargs)
        given = str(self.data.get("port_id") or self.initial.get("port_id") or "")
        port = next((item for item in self.ports if item.id == given), None)
        self.initial["groups"] = list(port.group_ids) if port is not None else []
        self.offer("groups", _choices(cloud, self.ports))
        if port is not None and rows:
            self.sentence = port_words(port, rows[0])


class EditMetadata(PartForm):
    """Keys and values in rows; a row without a key goes."""

    metadata = Pairs(label=gettext_lazy("Metadata"), required=False)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["metadata"]
        assert isinstance(field, Pairs)
        field.know(definitions(cloud))


class EditTags(PartForm):
    """One tag a line."""

    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("One a line, at most 50, of up to 60 characters without “/” and “,”."),
    )

    def __init__(self, *args: Any, rows: Sequence[Server], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hidden = tuple(tag for row in rows[:1] for tag in row.tags if tag not in own_tags(row))
        if rows:
            self.initial["tags"] = "\n".join(own_tags(rows[0]))

    def clean_tags(self) -> tuple[str, ...]:
        found = dict.fromkeys(tag.strip() for tag in self.cleaned_data["tags"].splitlines() if tag.strip())
        for tag in found:
            if len(tag) > 60 or "/" in tag or "," in tag:
                raise forms.ValidationError(_("“%(tag)s” can't be a tag.") % {"tag": tag[:80]})
        # What the dashboard itself finds a launch by is not on show, and is not lost.
        found |= dict.fromkeys(self.hidden)
        if len(found) > 50:
            raise forms.ValidationError(_("A server has at most 50 tags."))
        return tuple(found)


def _set_groups(cloud: Cloud, server: Server, data: Data) -> None:
    for port_id, ids in data["changes"]:
        server_addresses.set_port_groups(cloud, port_id=port_id, group_ids=ids)


def _set_port_groups(cloud: Cloud, server: Server, data: Data) -> None:
    server_addresses.set_port_groups(cloud, port_id=data["port_id"], group_ids=data["groups"])


def _set_metadata(cloud: Cloud, server: Server, data: Data) -> None:
    server_labels.set_metadata(cloud, id=server.id, metadata=data["metadata"])


def _set_tags(cloud: Cloud, server: Server, data: Data) -> None:
    server_labels.set_tags(cloud, id=server.id, tags=data["tags"])


def _clear_password(cloud: Cloud, server: Server, data: Data) -> None:
    server_access.clear_password(cloud, id=server.id)


def _say_groups(servers: Sequence[Server]) -> str:
    return _("What may reach “%(name)s” changes at once. With no group ticked, nothing gets in.") % {
        "name": name_of(servers)
    }


def _say_metadata(servers: Sequence[Server]) -> str:
    return _("“%(name)s” can read it from inside, and everybody in the project sees it: nothing secret here.") % {
        "name": name_of(servers)
    }


def _say_tags(servers: Sequence[Server]) -> str:
    return _("Lists can be narrowed to what has a tag. Everybody in the project sees the tags of “%(name)s”.") % {
        "name": name_of(servers)
    }


def _say_clear(servers: Sequence[Server]) -> str:
    if len(servers) > 1:
        return _(
            "Nova forgets the encrypted passwords. Inside the servers they stay what they are; who has not noted them "
            "can't get them here any more."
        )
    return _(
        "Nova forgets the encrypted password. Inside “%(name)s” it stays what it is; who has not noted it can't get "
        "it here any more."
    ) % {"name": name_of(servers)}


def _cli_groups(server: Server, data: Data) -> tuple[str, ...]:
    return commands_of(
        *(
            ("openstack", "port", "set", "--no-security-group", *_options("--security-group", ids), port_id)
            for port_id, ids in data["changes"]
        )
    )


def _cli_metadata(server: Server, data: Data) -> tuple[str, ...]:
    after = data["metadata"]
    gone = [key for key in server.metadata if key not in after]
    new = [f"{key}={value}" for key, value in after.items() if server.metadata.get(key) != value]
    return commands_of(*_set_and_unset(server, "--property", new, gone))


def _cli_tags(server: Server, data: Data) -> tuple[str, ...]:
    gone = [tag for tag in server.tags if tag not in data["tags"]]
    new = [tag for tag in data["tags"] if tag not in server.tags]
    return commands_of(*_set_and_unset(server, "--tag", new, gone))


def _set_and_unset(server: Server, option: str, new: Sequence[str], gone: Sequence[str]) -> list[tuple[str, ...]]:
    """What is new is set, what is not wanted any more is unset; the rest stays."""
    return [
        ("openstack", "server", verb, *_options(option, values), server.id)
        for verb, values in (("set", new), ("unset", gone))
        if values
    ]


def _options(name: str, values: Sequence[str]) -> list[str]:
    return [word for value in values for word in (name, value)]


when_labelled = unless(
    lambda server: server.can_change_metadata,
    gettext_lazy("Its tags can be changed while it is active, paused, suspended or shut off."),
    minds_lock=False,
)


def when_metadata(server: Server) -> str:
    if server.can_change_metadata:
        return why_locked(server)
    return _("Its metadata can be changed while it is active, paused, suspended or shut off.")


LABEL_ACTIONS: tuple[Action[Server], ...] = (
    editing(
        slug="security-groups",
        label=gettext_lazy("Security groups"),
        run=_set_groups,
        says=_say_groups,
        when=when_networked,
        form=ServerGroups,
        icon="shield",
        section=SECTION,
        why_not=why_no_network,
        started=gettext_lazy("Changed the security groups"),
        cli=_cli_groups,
    ),
    editing(
        slug="port-groups",
        label=gettext_lazy("Security groups of a port"),
        run=_set_port_groups,
        says=_say_groups,
        when=when_networked,
        form=PortGroups,
        icon="shield",
        started=gettext_lazy("Changed the security groups"),
        is_in_menu=False,
        cli=lambda server, data: (
            "openstack",
            "port",
            "set",
            "--no-security-group",
            *_options("--security-group", data["groups"]),
            data["port_id"],
        ),
    ),
    editing(
        slug="metadata",
        label=gettext_lazy("Metadata"),
        run=_set_metadata,
        says=_say_metadata,
        when=when_metadata,
        form=EditMetadata,
        icon="list-details",
        section=LABELS,
        started=gettext_lazy("Saved the metadata"),
        cli=_cli_metadata,
    ),
    editing(
        slug="tags",
        label=gettext_lazy("Tags"),
        run=_set_tags,
        says=_say_tags,
        when=when_labelled,
        form=EditTags,
        icon="tag",
        section=LABELS,
        needs="2.26",
        started=gettext_lazy("Saved the tags"),
        cli=_cli_tags,
    ),
    Action(
        slug="clear-password",
        label=gettext_lazy("Clear the password"),
        icon="trash",
        run=_clear_password,
        says=_say_clear,
        started=gettext_lazy("Cleared the password"),
        button=gettext_lazy("Clear"),
        is_bulk=False,
        is_dangerous=True,
        is_in_menu=False,
    ),
)
