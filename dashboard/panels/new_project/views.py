"""The form of a new project, and its sending: the project and a new user at once, the rest by the workers."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import project_create, quotas
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, Unauthorized
from dashboard.cloud.project_create import Making, Member
from dashboard.cloud.project_search import exactly, search
from dashboard.live import projects as live
from dashboard.live.store import Away
from dashboard.panels.new_project.forms import MOST_ROWS
from dashboard.panels.new_project.page import Parts, parts
from dashboard.ui.errors import told
from dashboard.ui.forms import refused
from dashboard.ui.offers import new_once, why_not_allowed
from dashboard.ui.panel import IDENTITY_MANAGER
from dashboard.ui.sending import finish, key_of, release, sent_before

SUGGESTED = {"projects": ("projects",), "members": ("users", "groups")}


def allowed(request: Request) -> Cloud:
    """Raises PermissionDenied for those who may make no projects here."""
    if why_not := why_not_allowed(request, IDENTITY_MANAGER):
        raise PermissionDenied(why_not)
    return cloud_of(request)


@sensitive_post_parameters("p-password")
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: Request) -> HttpResponse:
    """GET shows the form; POST with ``do`` another row, or another project's quotas; POST makes it."""
    cloud = allowed(request)
    given = request.POST.copy() if request.method == "POST" else None
    do = given.get("do", "create") if given is not None else ""
    limits, like_error = None, ""
    if given is not None and do == "more":
        given["rows"] = str(min(MOST_ROWS, _rows(given) + 2))
    if given is not None and do == "like":
        limits, like_error = _limits_like(cloud, given)
    page = parts(cloud, given, limits)
    page.suggest(urls_for(request, "new-project:names"))
    kept: QueryDict = given if given is not None else QueryDict()
    context: dict[str, Any] = {
        "page": page,
        "here": request.path,
        "rows": len(page.members),
        "once": kept.get("once") or new_once(),
        "made": kept.get("made", ""),
        "like": kept.get("like", ""),
        "like_error": like_error,
        "is_whole": bool(cloud.project_id),
        "do": do,
    }
    if given is None:
        return render(request, "new_project/index.html", context)
    if do != "create":
        # Nothing is sent yet, so nothing is wrong yet.
        for form in page.all:
            form.errors.clear()
        return render(request, "new_project/index.html", context)
    if not page.is_valid():
        return render(request, "new_project/index.html", context, status=422)
    return _create(request, cloud, page, context)


def _rows(given: QueryDict) -> int:
    text = given.get("rows", "")
    return int(text) if text.isdigit() and len(text) < 4 else 0


def _limits_like(cloud: Cloud, given: QueryDict) -> tuple[QueryDict | None, str]:
    """What was sent, with another project's limits in the quotas' fields, or why not."""
    name = given.get("like", "").strip()
    if not name or not cloud.project_id:
        return None, _("Name a project.")
    try:
        other = exactly(cloud, "projects", name, domain_id=given.get("domain", ""))
        if other is None:
            return None, _("There is no project of this name.")
        found = quotas.list_quotas(cloud, other.id)
    except Unauthorized:
        raise
    except CloudError as error:
        return None, told(error, cloud)
    filled = given.copy()
    for item in found:
        for line in item.lines:
            filled[line.key] = "" if line.limit is None else str(line.limit)
    errors = [told(item.error, cloud) for item in found if item.error is not None]
    return filled, " ".join(errors)


def _create(request: Request, cloud: Cloud, page: Parts, context: dict[str, Any]) -> HttpResponse:
    data = page.project.cleaned_data
    members, parent = _resolved(cloud, page)
    if members is None:
        return render(request, "new_project/index.html", context, status=422)
    key = key_of(request)
    before = sent_before(key)
    if before is not None:
        return HttpResponseRedirect(before or urls_for(request, "new-project:index"))
    made_project, _colon, made_user = context["made"].partition(":")
    try:
        if not (
            made_project and project_create.is_project(cloud, made_project, name=data["name"], domain_id=data["domain"])
        ):
            made_user = ""
            made_project = project_create.create_project(
                cloud,
                name=data["name"],
                domain_id=data["domain"],
                description=data["description"],
                parent_id=parent,
                tags=data["tags"],
            )
    except CloudError as error:
        release(key)
        if isinstance(error, Unauthorized):
            raise
        if isinstance(error, Conflict):
            page.project.add_error("name", _("This domain has a project of this name."))
        else:
            refused(page.project, error)
        return render(request, "new_project/index.html", context | {"once": new_once()}, status=422)
    person = page.person.cleaned_data
    try:
        if person["user_name"] and not made_user:
            made_user = project_create.create_user(
                cloud,
                name=person["user_name"],
                domain_id=data["domain"],
                password=person["password"],
                email=person["email"],
                project_id=made_project,
            )
        if made_user:
            roles = dict(page.person.fields["role"].choices)  # type: ignore[attr-defined]
            members.append(
                Member("user", made_user, person["user_name"], person["role"], str(roles.get(person["role"], "")))
            )
        work = Making(
            made_project,
            data["name"],
            members,
            page.quotas.changes() if page.quotas is not None else {},
            page.net.net(data["name"]) if page.net is not None else None,
        ).plan()
        url = urls_for(request, "new-project:progress", live.begin_making(cloud, work))
    except CloudError as error:
        release(key)
        if isinstance(error, Unauthorized):
            raise
        if isinstance(error, Conflict):
            page.person.add_error("user_name", _("This domain has a user of this name."))
        else:
            page.person.add_error("password", told(error, cloud))
    except Away:
        release(key)
        page.project.add_error(None, _("What is needed to follow the rest does not answer at the moment."))
    else:
        finish(key, url)
        return HttpResponseRedirect(url)
    again = {"made": f"{made_project}:{made_user}", "once": new_once(), "is_begun": True}
    return render(request, "new_project/index.html", context | again, status=422)


def _resolved(cloud: Cloud, page: Parts) -> tuple[list[Member] | None, str]:
    """Who is meant by the names, and the parent's id; None and errors on the forms for what is not there."""
    domain, parent = page.project.cleaned_data["domain"], page.project.cleaned_data["parent"].strip()
    members: list[Member] = []
    is_fine, parent_id = True, ""
    if parent:
        try:
            found = exactly(cloud, "projects", parent, domain_id=domain)
            parent_id = found.id if found is not None else ""
            if found is None:
                page.project.add_error("parent", _("There is no project of this name."))
        except CloudError as error:
            page.project.add_error("parent", told(error, cloud))
        is_fine = "parent" not in page.project.errors
    for form in page.members:
        row = form.cleaned_data
        name = row["name"].strip()
        if not name:
            continue
        try:
            found = exactly(cloud, f"{row['kind']}s", name, domain_id=domain)
        except CloudError as error:
            form.add_error("name", told(error, cloud))
            is_fine = False
            continue
        if found is None:
            form.add_error("name", _("There is nobody of this name, or several; the id tells them apart."))
            is_fine = False
            continue
        roles = dict(form.fields["role"].choices)  # type: ignore[attr-defined]
        members.append(Member(row["kind"], found.id, found.name, row["role"], str(roles.get(row["role"], ""))))
    return (members if is_fine else None), parent_id


@never_cache
@require_GET
def names(request: Request) -> HttpResponse:
    """Names that begin with or contain what is typed, for the fields' lists."""
    cloud = allowed(request)
    kind = request.GET.get("of", "")
    typed = [request.GET.get(key, "").strip() for key in request.GET if key != "of"]
    text = next((text for text in typed if text), "")[:100]
    found: list[Any] = []
    if text:
        try:
            for each in SUGGESTED.get(kind, ()):
                found += search(cloud, each, text, most=10)
        except Unauthorized:
            raise
        except CloudError:
            # Typing goes on without help.
            found = []
    return render(request, "new_project/names.html", {"found": found})
