"""The form, the preview of what will be made, and what became of it."""

from __future__ import annotations

import ipaddress
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud.connected_network import Choices, Outcome, Plan, free_range, list_choices, make
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.ui.errors import fault_of, told
from dashboard.ui.offers import new_once, why_not_allowed
from dashboard.ui.panel import MEMBER
from dashboard.ui.sending import finish, key_of, release, sent_before

NEW = "new"


class ConnectedForm(forms.Form):
    """What is to be connected to what. A router of the project is taken, or one made with a gateway."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    cidr = forms.CharField(
        label=gettext_lazy("Addresses"),
        max_length=43,
        help_text=gettext_lazy("A range in CIDR notation; this one is free in the project."),
    )
    router = forms.ChoiceField(label=gettext_lazy("Router"))
    external = forms.ChoiceField(
        label=gettext_lazy("External network"),
        help_text=gettext_lazy("Where a new router has its gateway."),
        required=False,
    )
    dns = forms.CharField(
        label=gettext_lazy("DNS servers"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Addresses with commas between; empty for the cloud's own."),
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken = choices.taken
        self.routers = {item.id: item.name for item in choices.routers}
        self.externals = {item.id: item.name for item in choices.external}
        if choices.external:
            self.routers[NEW] = _("a new router")
        for name, offered in (("router", self.routers), ("external", self.externals)):
            self.fields[name].choices = list(offered.items())  # type: ignore[attr-defined]

    def clean_cidr(self) -> str:
        text = str(self.cleaned_data["cidr"]).strip()
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            raise forms.ValidationError(_("This is no range of addresses like 192.168.1.0/24.")) from error
        for other in self.taken:
            if network.overlaps(ipaddress.ip_network(other)):
                # A router can't have both; Neutron would refuse it at the last step.
                raise forms.ValidationError(_("It overlaps %(other)s, which is in use.") % {"other": other})
        return str(network)

    def clean_dns(self) -> tuple[str, ...]:
        found = []
        for part in str(self.cleaned_data["dns"]).replace(",", " ").split():
            try:
                found.append(str(ipaddress.ip_address(part)))
            except ValueError as error:
                raise forms.ValidationError(_("“%(part)s” is no address.") % {"part": part}) from error
        return tuple(found)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("router") == NEW and not data.get("external"):
            self.add_error("external", _("A new router needs one."))
        return data

    def plan(self) -> Plan:
        """What was asked for. The form has to be valid."""
        data = self.cleaned_data
        is_new = data["router"] == NEW
        return Plan(
            name=data["name"],
            cidr=data["cidr"],
            external_id=data["external"] if is_new else "",
            router_id="" if is_new else data["router"],
            dns=data["dns"],
        )


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: Request) -> HttpResponse:
    """GET shows the form, POST with ``preview`` what will be made, and POST makes it."""
    cloud = cloud_of(request)
    why_not = why_not_allowed(request, MEMBER)
    if request.method == "POST" and why_not:
        raise PermissionDenied(why_not)
    context: dict[str, Any] = {"why_not": why_not, "here": request.path, "once": request.POST.get("once") or new_once()}
    try:
        choices = list_choices(cloud)
    except Unauthorized:
        raise
    except CloudError as error:
        return render(request, "connected/index.html", context | {"fault": fault_of(error, cloud)})
    context["has_way_out"] = bool(choices.external or choices.routers)
    given = request.POST if request.method == "POST" else None
    form = ConnectedForm(given, choices=choices, initial={"cidr": free_range(choices.taken)})
    context["form"] = form
    if given is None:
        return render(request, "connected/index.html", context)
    if not form.is_valid():
        return render(request, "connected/index.html", context, status=422)
    if "preview" in given:
        context["steps"] = steps(form.plan(), form.routers, form.externals)
        return render(request, "connected/index.html", context)
    return _made(request, cloud, form, context)


def steps(plan: Plan, routers: dict[str, str], externals: dict[str, str]) -> list[str]:
    """What will be made, in order."""
    name = {"name": plan.name}
    found = [
        _("the network %(name)s") % name,
        _("its subnet %(cidr)s, with DHCP and a gateway") % {"cidr": plan.cidr},
    ]
    if not plan.router_id:
        external = {"name": plan.name, "external": externals.get(plan.external_id, plan.external_id)}
        found.append(_("the router %(name)s, with its gateway on %(external)s") % external)
    router = routers.get(plan.router_id, plan.router_id) if plan.router_id else plan.name
    return [*found, _("an interface of the router %(router)s on the subnet") % {"router": router}]


def _made(request: Request, cloud: Cloud, form: ConnectedForm, context: dict[str, Any]) -> HttpResponse:
    key = key_of(request)
    before = sent_before(key)
    if before is not None:
        return HttpResponseRedirect(before or urls_for(request, "networks:index"))
    outcome = make(cloud, form.plan())
    if outcome.error is None:
        target = urls_for(request, "topology:index")
        finish(key, target)
        messages.success(request, _("The network is there, and leads to the internet."))
        return HttpResponseRedirect(target)
    if outcome.left:
        finish(key, urls_for(request, "left-overs:index"))
    else:
        release(key)
    if isinstance(outcome.error, Unauthorized) and not outcome.left:
        raise outcome.error
    form.add_error(None, _failed(outcome))
    context |= {"left": outcome.left, "once": new_once()}
    return render(request, "connected/index.html", context, status=422)


WHAT = {
    "network": gettext_lazy("network"),
    "subnet": gettext_lazy("subnet"),
    "router": gettext_lazy("router"),
    "interface": gettext_lazy("interface"),
}


def _failed(outcome: Outcome) -> str:
    assert outcome.error is not None
    text = _("The %(what)s could not be made: %(why)s") % {"what": WHAT[outcome.failed], "why": told(outcome.error)}
    if outcome.left:
        names = ", ".join(f"{WHAT[item.what]} {item.id}" for item in outcome.left)
        return text + " " + _("This was made before and could not be taken back: %(names)s.") % {"names": names}
    return text + " " + _("What was made before it was taken back.")
