"""Key pairs: the SSH keys that servers let their owner in with. They are a person's own, in every project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.connection import Cloud
from dashboard.cloud.keypairs import (
    LOOKUP,
    KeyPair,
    delete_keypair,
    get_keypair,
    get_keypair_json,
    import_keypair,
    list_keypairs,
)
from dashboard.panels.keypairs.forms import ImportForm
from dashboard.panels.keypairs.views import create
from dashboard.ui.actions import removal
from dashboard.ui.panel import Column, Create, Filter, Group, Panel


def delete_words(keypairs: Sequence[KeyPair]) -> str:
    """What deleting does, above the button."""
    if len(keypairs) > 1:
        return _(
            "These key pairs will be deleted from the cloud. Servers that have them keep letting their holders in. "
            "This can't be undone."
        )
    return _(
        "The key pair %(name)s will be deleted from the cloud. Servers that have it keep letting its holder in. "
        "This can't be undone."
    ) % {"name": keypairs[0].name}


def delete(cloud: Cloud, keypair: KeyPair, data: Mapping[str, Any]) -> None:
    """Deletes the key pair."""
    delete_keypair(cloud, name=keypair.name)


def take(cloud: Cloud, data: Mapping[str, Any]) -> KeyPair:
    """Imports the public key of the form."""
    return import_keypair(cloud, name=data["name"], public_key=data["public_key"])


PANEL: Panel[KeyPair] = Panel(
    slug="keypairs",
    title=gettext_lazy("Key pairs"),
    noun=gettext_lazy("key pair"),
    nouns=gettext_lazy("key pairs"),
    group="compute",
    icon="key",
    service="compute",
    about=gettext_lazy(
        "A key pair lets you sign in to your servers by SSH. The cloud knows the public key and puts it into new "
        "servers; the private key stays with you."
    ),
    rows=list_keypairs,
    row=get_keypair,
    raw=get_keypair_json,
    columns=(
        Column(
            key="name",
            label=gettext_lazy("Name"),
            value=lambda keypair: keypair.name,
            cell="ui/cell/name.html",
            sort="name",
        ),
        Column(
            key="algorithm",
            label=gettext_lazy("Algorithm"),
            value=lambda keypair: keypair.algorithm or keypair.type,
            sort="algorithm",
        ),
        Column(
            key="sha256",
            label=gettext_lazy("Fingerprint"),
            value=lambda keypair: keypair.sha256 or keypair.fingerprint,
            cell="ui/cell/copy.html",
        ),
        Column(
            key="type", label=gettext_lazy("Type"), value=lambda keypair: keypair.type, sort="type", is_optional=True
        ),
        Column(
            key="fingerprint",
            label=gettext_lazy("Fingerprint in hex"),
            value=lambda keypair: keypair.fingerprint,
            cell="ui/cell/copy.html",
            is_optional=True,
        ),
    ),
    filters=(
        Filter(key="type", label=gettext_lazy("Type"), choices=(("ssh", "SSH"), ("x509", "X.509"))),
        Filter(key="algorithm", label=gettext_lazy("Algorithm"), hint="algorithm:ed25519"),
    ),
    actions=(
        removal(
            run=delete,
            says=delete_words,
        ),
    ),
    create=Create(label=gettext_lazy("Create a key pair"), url_name="keypairs:generate"),
    also=(Create(label=gettext_lazy("Import a public key"), form=ImportForm, run=take),),
    groups=(
        Group(
            label=gettext_lazy("Key pair"),
            facts=(
                Column(key="name", label=gettext_lazy("Name"), value=lambda k: k.name, cell="ui/cell/copy.html"),
                Column(key="algorithm", label=gettext_lazy("Algorithm"), value=lambda k: k.algorithm),
                Column(key="type", label=gettext_lazy("Type"), value=lambda k: k.type),
                Column(
                    key="created", label=gettext_lazy("Created"), value=lambda k: k.created, cell="ui/cell/time.html"
                ),
            ),
        ),
        Group(
            label=gettext_lazy("Fingerprints"),
            facts=(
                Column(key="sha256", label="SHA-256", value=lambda k: k.sha256, cell="ui/cell/copy.html"),
                Column(
                    key="fingerprint",
                    label=gettext_lazy("In hex, as Nova has it"),
                    value=lambda k: k.fingerprint,
                    cell="ui/cell/copy.html",
                ),
            ),
        ),
        Group(
            label=gettext_lazy("Public key"),
            facts=(
                Column(
                    key="public_key",
                    label=gettext_lazy("Public key"),
                    value=lambda k: k.public_key,
                    cell="ui/cell/copy.html",
                ),
            ),
        ),
    ),
    lookup=LOOKUP,
    default_sort="name",
    # Older names may hold nearly anything; upstream they are quoted.
    id_pattern=".+",
    extra_urls=(path("create/generate/", create, name="generate"),),
)
