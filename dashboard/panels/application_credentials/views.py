"""Making an application credential: its secret is on the answer's page, and nowhere else afterwards."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard.auth.http import Request, cloud_of, held_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import application_credentials as do
from dashboard.cloud import client_files
from dashboard.cloud.config import config
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.live import once
from dashboard.panels.application_credentials.forms import CreateForm, refuse
from dashboard.ui.acting import given_in, request_shown
from dashboard.ui.errors import told
from dashboard.ui.offers import new_once, why_not_allowed
from dashboard.ui.panel import READER

ONCE_SECONDS = 24 * 3600


def made(cloud: Cloud, data: Mapping[str, Any]) -> do.NewAppCredential:
    """Makes what the form says. Raises CloudError."""
    everything = set(data["roles"]) == set(cloud.access.roles)
    return do.create_credential(
        cloud,
        name=data["name"],
        description=data["description"],
        roles=() if everything else data["roles"],
        expires=data["expires"],
        secret=data["secret"],
        rules=data["access_rules"],
        is_unrestricted=data["is_unrestricted"],
    )


def command(data: Mapping[str, Any]) -> Sequence[str]:
    """The ``openstack`` command that does the same."""
    words = ["openstack", "application", "credential", "create"]
    for role in data["roles"]:
        words += ["--role", role]
    if data["description"]:
        words += ["--description", data["description"]]
    if data["expires"]:
        words += ["--expiration", f"{data['expires']:%Y-%m-%dT%H:%M:%S}"]
    if data["secret"]:
        words += ["--secret", "$SECRET"]
    if data["access_rules"]:
        words += ["--access-rules", "$ACCESS_RULES_FILE"]
    if data["is_unrestricted"]:
        words.append("--unrestricted")
    return (*words, data["name"])


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponse:
    """The form, and on POST the secret. It is shown in this answer only, which nobody may store."""
    cloud = cloud_of(request)
    why_not = why_not_allowed(request, READER)
    if request.method != "POST":
        return _form(request, CreateForm(cloud=cloud, initial=given_in(request)), why_not)
    if why_not:
        raise PermissionDenied(why_not)
    form = CreateForm(request.POST, cloud=cloud)
    if not form.is_valid():
        return _form(request, form, why_not, status=422)
    if "show" in request.POST:
        context = request_shown(request, functools.partial(made, cloud, form.cleaned_data), command(form.cleaned_data))
        if request.htmx:
            return _unstored(render(request, "ui/request.html", context))
        return _form(request, form, why_not, more=context)
    sent = request.POST.get("once", "")[:64]
    key = f"{held_of(request).id_hash}:{sent}" if sent else ""
    if key and not once.claim(key, ONCE_SECONDS):
        form.add_error(
            None,
            _(
                "This was sent twice, and made once. If you have not seen its secret, delete “%(name)s” and make a new "
                "one: the secret can't be shown again."
            )
            % {"name": form.cleaned_data["name"]},
        )
        return _form(request, form, why_not, status=409)
    try:
        new = made(cloud, form.cleaned_data)
    except CloudError as error:
        if key:
            once.release(key)
        if isinstance(error, Unauthorized):
            raise
        if error.is_unknown_outcome:
            form.add_error(
                None,
                told(error) + " " + _("If the list has it now, delete it before you try again: its secret is lost."),
            )
        else:
            refuse(form, error)
        return _form(request, form, why_not, status=422)
    return _shown(request, cloud, new)


def _shown(request: Request, cloud: Cloud, new: do.NewAppCredential) -> HttpResponse:
    secret = client_files.Secret(new.credential.id, new.secret)
    given: dict[str, Any] = {"region": cloud.region, "interface": config().interface, "secret": secret}
    context = {
        "row": new.credential,
        "secret": new.secret,
        "clouds_yaml": client_files.clouds_yaml(cloud.access, **given),
        "openrc": client_files.openrc(cloud.access, **given),
        "openrc_name": f"{client_files.file_stem(cloud.access)}-openrc.sh",
        "cloud_name": client_files.cloud_name(cloud.access),
        "index_url": urls_for(request, "application-credentials:index"),
        "detail_url": urls_for(request, "application-credentials:detail", new.credential.id),
    }
    return _unstored(render(request, "application_credentials/created.html", context))


def _form(
    request: Request, form: forms.Form, why_not: str, *, status: int = 200, more: Mapping[str, Any] | None = None
) -> HttpResponse:
    cloud = cloud_of(request)
    context: dict[str, Any] = {
        "form": form,
        "why_not": why_not,
        "once": new_once(),
        "project": cloud.access.scope.name,
        "index_url": urls_for(request, "application-credentials:index"),
        **(more or {}),
    }
    # Where a script asked for the request, what is wrong with the form comes as a whole page all the same.
    name = "application_credentials/create.html"
    if request.htmx:
        name += "#form"
    response = render(request, name, context, status=status)
    if request.htmx:
        response["HX-Retarget"], response["HX-Reswap"] = "#new-credential", "outerHTML"
    return _unstored(response)


def _unstored(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
