"""The page that answers “can A reach B?”, by a link that can be sent to others."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.redirects import safe_path
from dashboard.auth.scopes import urls_for
from dashboard.cloud import reach, servers
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, NotFound, Unauthorized
from dashboard.cloud.parallel import later
from dashboard.cloud.reach import Wanted
from dashboard.cloud.reach_facts import PortAt, facts_between, port_at, port_behind, ports_of_server
from dashboard.cloud.types import Query, Term
from dashboard.panels.reach.words import line, traffic
from dashboard.ui.errors import fault_of, told
from dashboard.ui.offers import why_not_allowed
from dashboard.ui.panel import MEMBER

OUTSIDE = "internet"
SUGGESTED = 100
"""Servers whose names are suggested as one types."""
PROTOCOLS = (
    ("tcp", "TCP"),
    ("udp", "UDP"),
    ("icmp", "ICMP"),
    ("", gettext_lazy("anything")),
)


ENDS = {"list": "reach-ends", "autocomplete": "off", "placeholder": gettext_lazy("a server, an address, or internet")}


class Question(forms.Form):
    """From whom to whom, and what. An end is a server's name or id, an address, a port's id, or "internet"."""

    source = forms.CharField(label=gettext_lazy("From"), max_length=255, widget=forms.TextInput(ENDS))
    target = forms.CharField(label=gettext_lazy("To"), max_length=255, widget=forms.TextInput(ENDS))
    protocol = forms.ChoiceField(label=gettext_lazy("Protocol"), choices=PROTOCOLS, required=False)
    port = forms.IntegerField(label=gettext_lazy("Port"), min_value=1, max_value=65535, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("source") and data.get("source") == data.get("target"):
            self.add_error("target", _("This is the same as the other end."))
        return data


@dataclass(frozen=True)
class End:
    """One end of the question, found. Without ports it is outside, at ``address`` or anywhere."""

    label: str
    ports: tuple[PortAt, ...] = ()
    address: str = ""
    server_id: str = ""


class Unfound(Exception):
    """Nothing in this project is called so."""


def found_end(cloud: Cloud, text: str) -> End:
    """What a text means. Raises Unfound and CloudError."""
    if text.casefold() == OUTSIDE:
        return End(_("the internet"))
    if _is_address(text):
        port = port_at(cloud, address=text) or port_behind(cloud, text)
        if port is None:
            return End(text, address=text)
        if port.device_owner.startswith("compute:"):
            return End(text, ports_of_server(cloud, port.device_id), server_id=port.device_id)
        return End(text, (port,))
    if _is_id(text):
        ports = ports_of_server(cloud, text)
        if ports:
            return End(text, ports, server_id=text)
        port = port_at(cloud, id=text)
        if port is not None:
            return End(port.name or text, (port,))
        raise Unfound(text)
    page = servers.list_servers(cloud, Query(limit=2, terms=(Term("name", text),)))
    if not page.rows:
        raise Unfound(text)
    if len(page.rows) > 1:
        raise Unfound(_("Several servers are called so: give the id."))
    server = page.rows[0]
    return End(server.name, ports_of_server(cloud, server.id), server_id=server.id)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_id(text: str) -> bool:
    return len(text.replace("-", "")) == 32 and all(letter in "0123456789abcdef-" for letter in text.lower())


@require_GET
def index(request: Request) -> HttpResponse:
    """The form, and the answer once it is filled in."""
    cloud = cloud_of(request)
    asked = request.GET if "source" in request.GET and "target" in request.GET else None
    form = Question(asked, initial={"protocol": "tcp", "port": 22, **request.GET.dict()})
    context: dict[str, Any] = {
        "form": form,
        "why_not": why_not_allowed(request, MEMBER),
        "here": request.get_full_path(),
    }
    suggestions = later(functools.partial(servers.list_servers, cloud, Query(limit=SUGGESTED, sort="name")))
    status = 200
    if form.is_bound and form.is_valid():
        try:
            context |= answer(cloud, form)
        except Unauthorized:
            raise
        except CloudError as error:
            context["fault"] = fault_of(error, cloud)
        status = 422 if form.errors else 200
    context["servers"] = getattr(suggestions.or_else(None), "rows", ())
    return render(request, "reach/index.html", context, status=status)


def answer(cloud: Cloud, form: Question) -> Mapping[str, Any]:
    """What the page says to a question; what can't be found is said on its field. Raises CloudError."""
    data = form.cleaned_data
    waiting = {name: later(functools.partial(_end_or_reason, cloud, data[name])) for name in ("source", "target")}
    ends: dict[str, End] = {}
    for name, soon in waiting.items():
        found = soon.value
        if isinstance(found, End):
            ends[name] = found
        else:
            form.add_error(name, found)
    if form.errors:
        return {}
    source, target = ends["source"], ends["target"]
    for name, end in ends.items():
        if end.server_id and not end.ports:
            form.add_error(name, _("This server is on no network."))
    if not source.ports and not target.ports:
        form.add_error(None, _("Neither end is in this project, so nothing here decides about it."))
    if form.errors:
        return {}
    wanted = Wanted(data["protocol"], (data["port"] or 0) if data["protocol"] in {"tcp", "udp"} else 0)
    facts = facts_between(
        cloud, source.ports, target.ports, source_address=source.address, target_address=target.address
    )
    way = reach.best_way(facts, wanted)
    names = _names(ends.values(), data)
    return {
        "way": way,
        "lines": [line(step, names) for step in way.steps],
        "traffic": traffic(wanted),
        "source": source,
        "target": target,
    }


def _end_or_reason(cloud: Cloud, text: str) -> End | str:
    try:
        return found_end(cloud, text.strip())
    except Unfound as error:
        if str(error) != text.strip():
            return str(error)
        return _("Nothing in this project is called “%(text)s”.") % {"text": text}


def _names(ends: Any, data: Mapping[str, Any]) -> dict[str, str]:
    return {end.server_id: end.label for end in ends if end.server_id}


class Allowance(forms.Form):
    """The rule that is missing, as the page offers it."""

    group = forms.CharField(max_length=64)
    direction = forms.ChoiceField(choices=[("ingress", ""), ("egress", "")])
    ethertype = forms.ChoiceField(choices=[("IPv4", ""), ("IPv6", "")])
    protocol = forms.ChoiceField(choices=[(name, "") for name in ("tcp", "udp", "icmp", "ipv6-icmp")], required=False)
    port = forms.IntegerField(min_value=0, max_value=65535, required=False)
    remote = forms.CharField(max_length=64)


@require_POST
def allow(request: Request) -> HttpResponse:
    """Adds the missing rule, and shows the answer anew."""
    if why_not := why_not_allowed(request, MEMBER):
        raise PermissionDenied(why_not)
    target = safe_path(request, request.POST.get("next", "")) or urls_for(request, "reach:index")
    form = Allowance(request.POST)
    if not form.is_valid():
        messages.error(request, _("This is no rule that could be added."))
        return HttpResponseRedirect(target)
    data = form.cleaned_data
    rule: dict[str, Any] = {
        "security_group_id": data["group"],
        "direction": data["direction"],
        "ethertype": data["ethertype"],
        "remote_ip_prefix": data["remote"],
    }
    if data["protocol"]:
        rule["protocol"] = data["protocol"]
    if data["port"]:
        rule |= {"port_range_min": data["port"], "port_range_max": data["port"]}
    try:
        cloud_of(request).post("network", "/v2.0/security-group-rules", {"security_group_rule": rule})
        messages.success(request, _("The rule was added."))
    except Unauthorized:
        raise
    except Conflict as error:
        messages.warning(request, told(error))
    except NotFound:
        messages.error(request, _("The security group is gone."))
    except CloudError as error:
        messages.error(request, told(error))
    return HttpResponseRedirect(target)
