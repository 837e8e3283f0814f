"""Every part of the pages on one page, with made-up data: for whoever builds a panel. Only with DEBUG."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.auth import public
from dashboard.cloud.catalog import Catalog
from dashboard.cloud.connection import Access, Cloud, Person, Scope, ScopeKind
from dashboard.cloud.types import Quota
from dashboard.ui.errors import Fault
from dashboard.ui.shell import Shell
from dashboard.ui.values import Address, Link, Size, Status, Tag

SERVICES = ("compute", "image", "network", "block-storage", "volumev3", "identity")


class SampleForm(forms.Form):
    name = forms.CharField(label="Name", help_text="Letters, digits, dots and dashes.")
    size = forms.IntegerField(label="Size", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "Standard"), ("b", "Fast")])
    note = forms.CharField(label="Description", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    is_shared = forms.BooleanField(label="Shared with everybody", required=False)


def _pretend(request: HttpRequest) -> None:
    """Makes the shell believe that somebody is signed in."""
    kind: ScopeKind = "system" if request.GET.get("scope") == "system" else "project"
    person = Person(id="p", name="alice", domain_id="default", domain_name="Default")
    scope = Scope(kind=kind, id="0" * 32, name="web", domain_id="default", domain_name="Default")
    catalog = Catalog.from_stored(
        (service, service, "RegionOne", "public", f"http://127.0.0.1/{service}") for service in SERVICES
    )
    access = Access(
        token="", expires_at=datetime.now(UTC) + timedelta(hours=1), person=person, scope=scope,
        roles=tuple(request.GET.getlist("role") or ("member", "reader")), catalog=catalog,
    )  # fmt: skip
    sample = {
        "person": person,
        "scope": scope,
        "region": "RegionOne",
        "cloud": Cloud(access=access, region="RegionOne"),
    }
    for name, value in sample.items():
        setattr(request, name, value)


def _context() -> dict[str, object]:
    now = datetime.now(UTC)
    statuses = [
        Status("Active", "ok"), Status("Active", "busy", "resizing"), Status("Degraded", "warn"),
        Status("Error", "bad", title="No valid host was found."), Status("Shut off", "off"),
        Status("Unknown", "unknown"),
    ]  # fmt: skip
    names = (
        "web-1",
        "web-2",
        "queue",
        "db-primary",
        "batch-0042",
        "a-server-with-a-name-far-too-long-for-its-column-01",
    )
    rows = [
        {
            "id": f"8f0c2d1e-0000-4000-8000-00000000000{i}",
            "name": name,
            "status": statuses[i],
            "addresses": [
                Address(f"10.0.0.{i + 3}", "private"),
                *([Address("203.0.113.7", "public", True)] if not i else []),
            ],
            "flavor": Link("m1.small"),
            "size": Size((i + 1) * 5 * 2**30),
            "tags": [Tag("prod"), Tag("eu")] if i % 2 else [],
            "created": now - timedelta(minutes=7 * 9**i),
        }
        for i, name in enumerate(names)
    ]
    quotas = [
        Quota("Servers", 18, 20), Quota("vCPUs", 40, 100), Quota("Memory", 96, 96, "GiB"), Quota("Volumes", 3, None),
    ]  # fmt: skip
    fault = Fault(
        sentence="Block storage (Cinder) did not answer within 8 seconds.", service="volumev3", can_retry=True,
        request_id="req-6f2a1c8e-3f5d-4a5e-9f0e-2b1f7c1d9a10", since=now - timedelta(minutes=3),
    )  # fmt: skip
    bad = SampleForm({"name": "", "size": "x", "kind": "a"})
    bad.is_valid()
    return {
        "now": now, "statuses": statuses, "rows": rows, "quotas": quotas, "fault": fault, "form": SampleForm(),
        "bad_form": bad, "sample_tags": [Tag("prod"), Tag("shared", "busy"), Tag("public", "warn")],
    }  # fmt: skip


@public
def design(request: HttpRequest) -> HttpResponse:
    """The page. ``?scope=system`` and ``?role=admin`` show the other chips."""
    if not settings.DEBUG:
        raise Http404
    _pretend(request)
    return render(request, "ui/design.html", {**_context(), "shell": Shell(request)})


@public
def part(request: HttpRequest, part: str) -> HttpResponse:
    """What the page's own dialog, menu and live element fetch."""
    if not settings.DEBUG:
        raise Http404
    if part == "fails":
        return HttpResponse("no", status=500, content_type="text/plain")
    _pretend(request)
    context = {**_context(), "shell": Shell(request), "part": part, "count": int(request.GET.get("since", "0") or 0)}
    if part == "form" and request.method == "POST":
        form = SampleForm(request.POST)
        context["form"] = form
        if form.is_valid():
            response = HttpResponse(status=204)
            response["HX-Trigger"] = "closeDialog"
            return response
    response = render(request, "ui/design_part.html", context, status=422 if request.method == "POST" else 200)
    if part == "live":
        response["X-Live-Next"] = "2"
        response["X-Live-As-Of"] = datetime.now(UTC).isoformat()
    return response
