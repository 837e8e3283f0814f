"""Identity providers: systems that vouch for people of elsewhere, and the protocols by which they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import federation, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import NotFound
from dashboard.cloud.federation import IdentityProvider
from dashboard.cloud.keystone_rows import SERVICE
from dashboard.cloud.parallel import later
from dashboard.panels.federation.fields import LinesField
from dashboard.panels.federation.words import LOOK
from dashboard.ui.actions import deletion, disabling, editing, enabling
from dashboard.ui.columns import COPY, DESCRIPTION, LIST, NAME, STATUS, column
from dashboard.ui.forms import answered
from dashboard.ui.panel import IDENTITY_ADMIN, Action, Column, Create, Filter, Group, Panel, Tab, may
from dashboard.ui.values import Status

Data = Mapping[str, Any]
MOST = 1000


class ProviderForm(forms.Form):
    """What can be changed of an identity provider."""

    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    is_enabled = forms.BooleanField(label=gettext_lazy("People may sign in by it"), required=False, initial=True)
    remote_ids = LinesField(
        label=gettext_lazy("Remote IDs"),
        required=False,
        help_text=gettext_lazy(
            "What it calls itself, one a line: the issuer's address for OpenID Connect, the entity ID for SAML. No "
            "other identity provider may have the same."
        ),
    )
    ttl = forms.IntegerField(
        label=gettext_lazy("Minutes that memberships last"),
        required=False,
        min_value=0,
        max_value=525_600,
        help_text=gettext_lazy(
            "For so long after a sign-in its people keep the groups that the mapping gave them, e.g. for application "
            "credentials. Left empty: as Keystone is set up."
        ),
    )


class NewForm(ProviderForm):
    """The same with a name and a domain, which stay."""

    name = forms.RegexField(
        r"^[A-Za-z0-9._~-]+$",
        label=gettext_lazy("Name"),
        max_length=64,
        help_text=gettext_lazy("Letters, digits and . _ - ~; it is a part of addresses, and stays as it is."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    domain = forms.ChoiceField(
        label=gettext_lazy("Domain of its people"),
        required=False,
        help_text=gettext_lazy("It can't be changed later."),
    )
    field_order = ("name", "description", "remote_ids", "domain", "ttl", "is_enabled")

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = answered(self, "domain", later(lambda: federation.list_domains(cloud)))
        field: Any = self.fields["domain"]
        field.choices = [("", _("A new one, made for it")), *sorted(found, key=lambda item: item[1].casefold())[:MOST]]


class ProtocolForm(forms.Form):
    """A protocol with its mapping."""

    protocol = forms.RegexField(
        r"^[A-Za-z0-9._~-]+$",
        label=gettext_lazy("Protocol"),
        max_length=64,
        help_text=gettext_lazy("As Keystone's web server has it: openid, saml2, mapped, for example."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "list": "protocols-known"}),
    )
    mapping = forms.ChoiceField(label=gettext_lazy("Mapping"))
    attribute = forms.CharField(
        label=gettext_lazy("Attribute with the remote ID"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("HTTP_OIDC_ISS, for example. Left empty: as Keystone is set up."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = answered(self, "mapping", later(lambda: federation.list_all_mappings(cloud)))
        field: Any = self.fields["mapping"]
        field.choices = sorted((mapping.id, mapping.id) for mapping in found)[:MOST]
        if not found:
            field.help_text = field.help_text or _("There is no mapping yet. Create one first.")


class EditProtocolForm(ProtocolForm):
    """The same for a protocol that there is."""

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, cloud=cloud, **kwargs)
        self.fields["protocol"].widget = forms.HiddenInput()


class ProtocolIdForm(forms.Form):
    """Which protocol it is about."""

    protocol = forms.CharField(widget=forms.HiddenInput)


def create(cloud: Cloud, data: Data) -> IdentityProvider:
    """Registers the identity provider of the form."""
    return federation.create_provider(cloud, data["name"], domain_id=data["domain"], **_changes(data))


def _changes(data: Data) -> dict[str, Any]:
    return {key: data[key] for key in ("description", "is_enabled", "remote_ids", "ttl")}


def edit(cloud: Cloud, row: IdentityProvider, data: Data) -> None:
    """Changes it as the form says."""
    federation.update_provider(cloud, row.id, **_changes(data))


def add_protocol(cloud: Cloud, row: IdentityProvider, data: Data) -> None:
    """Adds a protocol."""
    federation.create_protocol(cloud, row.id, data["protocol"], mapping=data["mapping"], attribute=data["attribute"])


def edit_protocol(cloud: Cloud, row: IdentityProvider, data: Data) -> None:
    """Gives a protocol another mapping."""
    federation.update_protocol(cloud, row.id, data["protocol"], mapping=data["mapping"], attribute=data["attribute"])


def delete_protocol(cloud: Cloud, row: IdentityProvider, data: Data) -> None:
    """Takes a protocol away. Raises NotFound if there is none of the name."""
    if data["protocol"] not in {protocol.id for protocol in federation.list_protocols(cloud, row.id)}:
        raise NotFound(_("There is no such protocol any more."), service=SERVICE)
    federation.delete_protocol(cloud, row.id, data["protocol"])


def protocols(cloud: Cloud, row: IdentityProvider) -> Data:
    """The protocols, and where people sign in by each."""
    root = f"{cloud.access.keystone}/auth/OS-FEDERATION/identity_providers/{wire.path_id(row.id)}/protocols"
    return {
        "protocols": [
            (protocol, f"{root}/{wire.path_id(protocol.id)}/websso")
            for protocol in federation.list_protocols(cloud, row.id)
        ],
        "can_change": may(cloud, IDENTITY_ADMIN),
    }


def state(row: IdentityProvider) -> Status:
    """Whether people may sign in by it."""
    return Status(gettext_lazy("Enabled"), "ok") if row.is_enabled else Status(gettext_lazy("Disabled"), "off")


def named(sentence: Any) -> Any:
    """A sentence about one or several."""
    return lambda rows: str(sentence) % {"name": ", ".join(row.name for row in rows)}


def _action(slug: str, label: Any, run: Any, says: Any, **more: Any) -> Action[IdentityProvider]:
    given: dict[str, Any] = {"is_bulk": False, "roles": IDENTITY_ADMIN, "started": gettext_lazy("Changed"), **more}
    return Action(slug=slug, label=label, run=run, says=named(says), **given)


def cli(*words: str) -> Any:
    """The ``openstack`` command about one."""
    return lambda row, data: ("openstack", "identity", "provider", "set", *words, row.id)


def protocol_cli(verb: str) -> Any:
    """The ``openstack`` command about one of its protocols."""

    def words(row: IdentityProvider, data: Data) -> Sequence[str]:
        given = ["--mapping", data["mapping"]] if "mapping" in data else []
        provider = ["--identity-provider", row.id] if verb != "delete" else [row.id]
        return ("openstack", "federation", "protocol", verb, *given, *provider, data["protocol"])

    return words


STATE: Column[IdentityProvider] = column("status", gettext_lazy("Status"), state, STATUS)
REMOTE: Column[IdentityProvider] = column("remote_ids", gettext_lazy("Remote IDs"), lambda r: list(r.remote_ids), LIST)
DOMAIN: Column[IdentityProvider] = column("domain", gettext_lazy("Domain of its people"), "domain_id", COPY)
PANEL: Panel[IdentityProvider] = Panel(
    slug="identity-providers",
    title=gettext_lazy("Identity providers"),
    noun=gettext_lazy("identity provider"),
    nouns=gettext_lazy("identity providers"),
    group="identity",
    icon="world",
    service=SERVICE,
    about=gettext_lazy(
        "An identity provider is a system that knows people, such as a company's sign-in; they sign in here by it, "
        "without a password of this cloud. It needs a protocol, and a mapping that says who they are here."
    ),
    rows=federation.list_providers,
    row=federation.get_provider,
    raw=federation.get_provider_json,
    columns=(NAME, STATE, DESCRIPTION, REMOTE, replace(DOMAIN, is_optional=True)),
    filters=(
        Filter(
            key="enabled",
            label=gettext_lazy("Status"),
            choices=(("yes", gettext_lazy("Enabled")), ("no", gettext_lazy("Disabled"))),
        ),
        Filter(key="domain", label=gettext_lazy("Domain's ID")),
    ),
    actions=(
        editing(
            run=edit,
            says=named(gettext_lazy("This concerns everybody who signs in by %(name)s from now on.")),
            form=ProviderForm,
            is_primary=True,
            cli=cli("--description", "$DESCRIPTION"),
            roles=IDENTITY_ADMIN,
        ),
        enabling(
            run=lambda cloud, row, data: federation.enable_provider(cloud, row.id, True),
            says=named(gettext_lazy("People may sign in by %(name)s again.")),
            when=lambda row: _("It is enabled.") if row.is_enabled else "",
            icon="check",
            cli=cli("--enable"),
            roles=IDENTITY_ADMIN,
        ),
        disabling(
            run=lambda cloud, row, data: federation.enable_provider(cloud, row.id, False),
            says=named(
                gettext_lazy(
                    "Nobody can sign in by %(name)s until it is enabled again; tokens that were got by it end."
                )
            ),
            when=lambda row: "" if row.is_enabled else _("It is disabled."),
            is_dangerous=True,
            cli=cli("--disable"),
            roles=IDENTITY_ADMIN,
        ),
        _action(
            "add-protocol",
            gettext_lazy("Add protocol"),
            add_protocol,
            gettext_lazy("People can sign in by %(name)s and this protocol at once."),
            form=ProtocolForm,
            icon="plus",
            started=gettext_lazy("Protocol added"),
            cli=protocol_cli("create"),
        ),
        editing(
            slug="edit-protocol",
            label=gettext_lazy("Edit protocol"),
            run=edit_protocol,
            says=named(gettext_lazy("This concerns everybody who signs in by %(name)s and this protocol from now on.")),
            form=EditProtocolForm,
            is_in_menu=False,
            cli=protocol_cli("set"),
            roles=IDENTITY_ADMIN,
            icon="",
        ),
        _action(
            "delete-protocol",
            gettext_lazy("Delete protocol"),
            delete_protocol,
            gettext_lazy("Nobody can sign in by %(name)s and this protocol any more."),
            form=ProtocolIdForm,
            is_in_menu=False,
            is_dangerous=True,
            started=gettext_lazy("Protocol deleted"),
            cli=protocol_cli("delete"),
        ),
        replace(
            deletion(
                lambda cloud, row: federation.delete_provider(cloud, row.id),
                gettext_lazy(
                    "Nobody can sign in by %(name)s any more; its protocols go with it. The domain of its people and "
                    "its mapping stay. This can't be undone."
                ),
                gettext_lazy(
                    "Nobody can sign in by these any more; their protocols go with them. The domains of their people "
                    "and their mappings stay. This can't be undone."
                ),
                command=("identity", "provider", "delete"),
            ),
            roles=IDENTITY_ADMIN,
        ),
    ),
    create=Create(
        label=gettext_lazy("Create an identity provider"),
        form=NewForm,
        run=create,
        roles=IDENTITY_ADMIN,
        cli=lambda data: (
            *("openstack", "identity", "provider", "create"),
            *(word for remote in data["remote_ids"] for word in ("--remote-id", remote)),
            *(("--domain", data["domain"]) if data["domain"] else ()),
            data["name"],
        ),
    ),
    groups=(
        Group(
            label=gettext_lazy("Identity provider"),
            facts=(
                column("id", gettext_lazy("Name"), cell=COPY),
                DESCRIPTION,
                REMOTE,
                DOMAIN,
                column("ttl", gettext_lazy("Minutes that memberships last")),
            ),
        ),
    ),
    tabs=(
        Tab(slug="protocols", label=gettext_lazy("Protocols"), template="federation/protocols.html", load=protocols),
    ),
    lookup=federation.PROVIDER_LOOKUP,
    default_sort="name",
    id_pattern="[^/]+",
    roles=LOOK,
    scopes=("project", "domain", "system"),
    is_minor=True,
)
