"""Making a key pair: its private key is on the answer's page, and nowhere else afterwards."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dashboard.auth.http import Request, cloud_of, held_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud.errors import CloudError, Conflict
from dashboard.cloud.keypairs import create_keypair
from dashboard.live import once
from dashboard.panels.keypairs.forms import CreateForm
from dashboard.ui.errors import told
from dashboard.ui.forms import refused
from dashboard.ui.offers import new_once, why_not_allowed
from dashboard.ui.panel import MEMBER

ONCE_SECONDS = 24 * 3600


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponse:
    """The form, and on POST the private key. It is shown in this answer only, which nobody may store."""
    cloud = cloud_of(request)
    why_not = why_not_allowed(request, MEMBER)
    if request.method != "POST":
        return _form(request, CreateForm(), why_not)
    if why_not:
        raise PermissionDenied(why_not)
    form = CreateForm(request.POST)
    if not form.is_valid():
        return _form(request, form, why_not, status=422)
    name = form.cleaned_data["name"]
    sent = request.POST.get("once", "")[:64]
    key = f"{held_of(request).id_hash}:{sent}" if sent else ""
    if key and not once.claim(key, ONCE_SECONDS):
        form.add_error(
            None,
            _(
                "This was sent twice, and made once. If you have not seen its private key, delete the key pair "
                "%(name)s and make a new one: the key can't be shown again."
            )
            % {"name": name},
        )
        return _form(request, form, why_not, status=409)
    try:
        made = create_keypair(cloud, name=name, algorithm=form.cleaned_data["algorithm"])
    except CloudError as error:
        if key:
            once.release(key)
        if isinstance(error, Conflict):
            form.add_error("name", _("You have a key pair of this name already."))
        elif error.is_unknown_outcome:
            form.add_error(
                None,
                told(error)
                + " "
                + _("If the list has the key pair now, delete it before you try again: its private key is lost."),
            )
        else:
            refused(form, error)
        return _form(request, form, why_not, status=422)
    context = {
        "keypair": made.keypair,
        "private_key": made.private_key,
        "file_name": f"{made.keypair.name.replace(' ', '_')}.pem",
        "index_url": urls_for(request, "keypairs:index"),
        "detail_url": urls_for(request, "keypairs:detail", made.keypair.id),
    }
    return _unstored(render(request, "keypairs/created.html", context))


def _form(request: Request, form: CreateForm, why_not: str, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "why_not": why_not,
        "once": new_once(),
        "index_url": urls_for(request, "keypairs:index"),
        "import_url": urls_for(request, "keypairs:create"),
    }
    return _unstored(render(request, "keypairs/create.html", context, status=status))


def _unstored(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
