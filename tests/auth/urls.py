"""Pages to try sessions and scopes with."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.http import require_POST

from dashboard.auth import Request, cloud_of, scope_urls, urls_for
from dashboard.auth.http import public
from dashboard.cloud.errors import Unauthorized
from dashboard.ui import tray


def index(request: Request) -> HttpResponse:
    cloud = cloud_of(request)
    assert request.scope is not None
    return JsonResponse(
        {"project": request.scope.name, "region": request.region, "roles": sorted(cloud.roles), "token": ""}
        | {"url": urls_for(request, "things:detail", "a b")}
    )


def detail(request: Request, thing: str) -> HttpResponse:
    return HttpResponse(thing)


@require_POST
def make(request: Request) -> HttpResponse:
    cloud_of(request).post("compute", "/servers", {"name": request.POST.get("name", "")})
    return HttpResponse("made")


def ask(request: Request) -> HttpResponse:
    return JsonResponse(cloud_of(request).get("compute", "/servers"))


def refused(request: Request) -> HttpResponse:
    raise Unauthorized("no", service="compute", status=401)


@public
def form(request: Request) -> HttpResponse:
    return render(request, "auth/sign_in.html", {})


def broken(request: Request) -> HttpResponse:
    raise ValueError("a fault of ours")


things = [
    path("", index, name="index"),
    path("make/", make, name="make"),
    path("ask/", ask, name="ask"),
    path("live/", index, name="live"),
    path("refused/", refused, name="refused"),
    path("broken/", broken, name="broken"),
    path("<str:thing>/", detail, name="detail"),
]
overview = [path("", index, name="index")]
urlpatterns = [
    path("", include("dashboard.auth.urls")),
    path("", include("dashboard.ui.own_urls")),
    *scope_urls(
        [
            path("things/", include((things, "things"))),
            path("overview/", include((overview, "overview"))),
            path("", include((tray.urlpatterns, tray.app_name))),
        ]
    ),
]
handler400 = "dashboard.ui.errors.bad_request"
handler403 = "dashboard.ui.errors.forbidden"
handler404 = "dashboard.ui.errors.not_found"
handler500 = "dashboard.ui.errors.server_error"
