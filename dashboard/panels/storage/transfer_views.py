"""Handing a volume over: its key is on the answer's page, and nowhere else afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dashboard.auth.http import Request, cloud_of, held_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import cinder
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.volume_transfers import create_transfer
from dashboard.cloud.volumes import Volume, get_volume
from dashboard.live import once, watch
from dashboard.panels.storage.fields import name_field
from dashboard.panels.storage.words import title, why_not_free
from dashboard.ui.acting import request_shown
from dashboard.ui.errors import told
from dashboard.ui.forms import refused
from dashboard.ui.offers import new_once, why_not_allowed
from dashboard.ui.panel import MEMBER, Action
from dashboard.ui.sending import ONCE_SECONDS


class GiveForm(forms.Form):
    """A transfer's name, and whether the volume's snapshots go along."""

    transfer_name = name_field(label=gettext_lazy("Name of the transfer"), required=False)
    with_snapshots = forms.BooleanField(label=gettext_lazy("Its snapshots go with it"), required=False, initial=True)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not cinder.speaks(cloud, "3.55"):
            del self.fields["with_snapshots"]


def why_not_give(volume: Volume) -> str:
    """Why it can't be handed over."""
    return why_not_free(volume) or (_("It belongs to a group. Take it out first.") if volume.group_id else "")


def says_give(volumes: Sequence[Volume]) -> str:
    """What handing over means."""
    return _(
        "“%(name)s” is offered to whoever gets the ID and the key that you will see next. Until another project takes "
        "it, it stays here and can't be used."
    ) % {"name": title(volumes[0])}


def _give(cloud: Cloud, volume: Volume, data: Mapping[str, Any]) -> Any:
    return create_transfer(
        cloud, volume_id=volume.id, name=data["transfer_name"], with_snapshots=data.get("with_snapshots", True)
    )


def _run(cloud: Cloud, volume: Volume, data: Mapping[str, Any]) -> None:
    _give(cloud, volume, data)


GIVE: Action[Volume] = Action(
    slug="transfer",
    label=gettext_lazy("Hand over to another project"),
    run=_run,
    says=says_give,
    when=why_not_give,
    form=GiveForm,
    icon="transfer",
    section=gettext_lazy("Owner"),
    is_bulk=False,
    cli=lambda volume, data: ["openstack", "volume", "transfer", "request", "create", volume.id],
)
"""How the menu offers it; the view below is what its address leads to, for the sake of the key."""


@require_http_methods(["GET", "HEAD", "POST"])
def give(request: Request) -> HttpResponse:
    """The dialog, and on POST the key. It is shown in this answer only, which nobody may store."""
    cloud = cloud_of(request)
    params = request.POST if request.method == "POST" else request.GET
    if not params.get("id"):
        raise Http404
    why_not = why_not_allowed(request, MEMBER)
    if why_not and request.method == "POST":
        raise PermissionDenied(why_not)
    volume = get_volume(cloud, params["id"])
    reason = why_not_give(volume)
    form = GiveForm(request.POST, cloud=cloud) if request.method == "POST" else GiveForm(cloud=cloud)
    if request.method != "POST" or reason:
        return _asked(request, volume, form, why_not, reason, status=422 if request.method == "POST" else 200)
    if not form.is_valid():
        return _asked(request, volume, form, why_not, reason, status=422)
    if "show" in request.POST:
        command = GIVE.cli(volume, form.cleaned_data) if GIVE.cli else ()
        more = request_shown(request, lambda: _run(cloud, volume, form.cleaned_data), command)
        if request.htmx:
            return _unstored(render(request, "ui/request.html", more))
        return _asked(request, volume, form, why_not, reason, more=more)
    return _given(request, volume, form)


def _given(request: Request, volume: Volume, form: GiveForm) -> HttpResponse:
    cloud = cloud_of(request)
    sent = request.POST.get("once", "")[:64]
    key = f"{held_of(request).id_hash}:{sent}" if sent else ""
    if key and not once.claim(key, ONCE_SECONDS):
        form.add_error(
            None,
            _(
                "This was sent twice, and done once. If you have not seen the key, cancel the transfer and begin "
                "again: it can't be shown once more."
            ),
        )
        return _asked(request, volume, form, "", "", status=422)
    try:
        made = _give(cloud, volume, form.cleaned_data)
    except Unauthorized:
        once.release(key)
        raise
    except CloudError as error:
        if error.is_unknown_outcome:
            form.add_error(
                None,
                told(error) + " " + _("If the list of transfers has it now, cancel it before you try again."),
            )
        else:
            if key:
                once.release(key)
            refused(form, error)
        return _asked(request, volume, form, "", "", status=422)
    watch.acted(cloud, "volumes", ids=[volume.id])
    context = {
        "volume": volume,
        "transfer": made.transfer,
        "key": made.key,
        "next": urls_for(request, "volume-transfers:index"),
    }
    name = "volumes/given.html#dialog" if request.htmx else "volumes/given.html"
    return _unstored(render(request, name, context))


def _asked(
    request: Request,
    volume: Volume,
    form: GiveForm,
    why_not: str,
    reason: str,
    *,
    status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    context = {
        "panel": {"title": _("Volumes")},
        "action": GIVE,
        "form": form,
        "able": [] if reason else [volume],
        "unable": [(title(volume), reason)] if reason else [],
        "says": says_give([volume]),
        "why_not": why_not,
        "once": request.POST.get("once") or new_once(),
        "url": request.path,
        "next": urls_for(request, "volumes:index"),
        **(more or {}),
    }
    name = "ui/act.html#dialog" if request.htmx else "ui/act.html"
    return _unstored(render(request, name, context, status=status))


def _unstored(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


VOLUME_URLS = (path("act/transfer/", give, name="give"),)
"""Before the general address of actions, see ``dashboard.ui.urls``."""
