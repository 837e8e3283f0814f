"""Service providers: other clouds that let this one's people in (Keystone to Keystone)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import federation
from dashboard.cloud.connection import Cloud
from dashboard.cloud.federation import ServiceProvider
from dashboard.cloud.keystone_rows import SERVICE
from dashboard.panels.federation.words import LOOK
from dashboard.ui.actions import deletion, editing
from dashboard.ui.columns import COPY, DESCRIPTION, NAME, STATUS, column
from dashboard.ui.panel import IDENTITY_ADMIN, Column, Create, Filter, Group, Panel
from dashboard.ui.values import Status

Data = Mapping[str, Any]


class ServiceForm(forms.Form):
    """Where the other cloud is."""

    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    auth_url = forms.URLField(
        label=gettext_lazy("Address to sign in at"),
        max_length=225,
        assume_scheme="https",
        help_text=gettext_lazy("https://other.example.org/v3/OS-FEDERATION/identity_providers/…/protocols/saml2/auth"),
    )
    sp_url = forms.URLField(
        label=gettext_lazy("Address that takes the assertion"),
        max_length=225,
        assume_scheme="https",
        help_text=gettext_lazy("https://other.example.org/Shibboleth.sso/SAML2/ECP"),
    )
    is_enabled = forms.BooleanField(label=gettext_lazy("People may go there"), required=False, initial=True)


class NewForm(ServiceForm):
    """The same with a name, which stays."""

    name = forms.RegexField(
        r"^[A-Za-z0-9._~-]+$",
        label=gettext_lazy("Name"),
        max_length=64,
        help_text=gettext_lazy("Letters, digits and . _ - ~"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("name", "description", "auth_url", "sp_url", "is_enabled")


def _body(data: Data) -> dict[str, Any]:
    return {
        "description": data["description"],
        "auth_url": data["auth_url"],
        "sp_url": data["sp_url"],
        "enabled": data["is_enabled"],
    }


def create(cloud: Cloud, data: Data) -> ServiceProvider:
    """Registers the cloud of the form."""
    return federation.create_service_provider(cloud, data["name"], _body(data))


def edit(cloud: Cloud, row: ServiceProvider, data: Data) -> None:
    """Changes it as the form says."""
    federation.update_service_provider(cloud, row.id, _body(data))


def state(row: ServiceProvider) -> Status:
    """Whether people may go there."""
    return Status(gettext_lazy("Enabled"), "ok") if row.is_enabled else Status(gettext_lazy("Disabled"), "off")


def command(verb: str, data: Data, *last: str) -> Sequence[str]:
    """The ``openstack`` command that does the same."""
    return (
        *("openstack", "service", "provider", verb, "--auth-url", data["auth_url"]),
        *("--service-provider-url", data["sp_url"], "--enable" if data["is_enabled"] else "--disable", *last),
    )


AUTH: Column[ServiceProvider] = column("auth_url", gettext_lazy("Address to sign in at"), cell=COPY)
SP: Column[ServiceProvider] = column("sp_url", gettext_lazy("Address that takes the assertion"), cell=COPY)
PANEL: Panel[ServiceProvider] = Panel(
    slug="service-providers",
    title=gettext_lazy("Service providers"),
    noun=gettext_lazy("service provider"),
    nouns=gettext_lazy("service providers"),
    group="identity",
    icon="share",
    service=SERVICE,
    about=gettext_lazy(
        "A service provider is another cloud that takes this Keystone's word for people, so that they need no second "
        "account there (Keystone to Keystone)."
    ),
    rows=federation.list_service_providers,
    row=federation.get_service_provider,
    raw=federation.get_service_provider_json,
    columns=(
        NAME,
        column("status", gettext_lazy("Status"), state, STATUS),
        DESCRIPTION,
        AUTH,
        replace(SP, is_optional=True),
    ),
    filters=(
        Filter(
            key="enabled",
            label=gettext_lazy("Status"),
            choices=(("yes", gettext_lazy("Enabled")), ("no", gettext_lazy("Disabled"))),
        ),
    ),
    actions=(
        editing(
            run=edit,
            says=lambda rows: _("This concerns everybody who goes to %(name)s from now on.") % {"name": rows[0].name},
            form=ServiceForm,
            roles=IDENTITY_ADMIN,
            is_primary=True,
            cli=lambda row, data: command("set", data, row.id),
        ),
        replace(
            deletion(
                lambda cloud, row: federation.delete_service_provider(cloud, row.id),
                gettext_lazy("Nobody can go from here to %(name)s any more. This can't be undone."),
                gettext_lazy("Nobody can go from here to these any more. This can't be undone."),
                command=("service", "provider", "delete"),
            ),
            roles=IDENTITY_ADMIN,
        ),
    ),
    create=Create(
        label=gettext_lazy("Create a service provider"),
        form=NewForm,
        run=create,
        roles=IDENTITY_ADMIN,
        cli=lambda data: command("create", data, data["name"]),
    ),
    groups=(
        Group(
            label=gettext_lazy("Service provider"),
            facts=(
                column("id", gettext_lazy("Name"), cell=COPY),
                DESCRIPTION,
                AUTH,
                SP,
                column("relay", gettext_lazy("Prefix of the relay state"), "relay_state_prefix"),
            ),
        ),
    ),
    lookup=federation.SERVICE_LOOKUP,
    default_sort="name",
    id_pattern="[^/]+",
    roles=LOOK,
    scopes=("project", "domain", "system"),
    is_minor=True,
)
