"""Who can give one a role that is missing: in names where Keystone tells, else in words."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.seal import Seal
from dashboard.cloud.connection import Cloud
from dashboard.cloud.grants import BY_MANAGERS, Grantor, Grantors, who_grants
from dashboard.store import Away, guarded

SECONDS = 5 * 60
"""How long an answer is good for; who asks again meanwhile asks no service."""
ROLE = re.compile(r"[\w .:@-]{1,64}")


@require_GET
def who(request: Request) -> HttpResponse:
    """Who could give ``?role=`` in this scope: a page, or the inside of the dialog."""
    cloud = cloud_of(request)
    asked = request.GET.get("role", "")
    role = asked if ROLE.fullmatch(asked) else ""
    context = {
        "role": role,
        "found": _kept(cloud, role) if role else Grantors(),
        "rule": rule(cloud, role),
        "scope": cloud.access.scope,
    }
    return render(request, "ui/grants.html#dialog" if request.htmx else "ui/grants.html", context)


def rule(cloud: Cloud, role: str) -> str:
    """Who that is by Keystone's defaults."""
    scope = cloud.access.scope
    if scope.kind == "project" and role in BY_MANAGERS and scope.domain_name:
        return _(
            "Roles in the project %(project)s are given by managers of its domain, %(domain)s, and by "
            "administrators of the cloud."
        ) % {"project": scope.name, "domain": scope.domain_name}
    if scope.kind == "domain" and role in BY_MANAGERS:
        return _("Roles in the domain %(domain)s are given by its managers, and by administrators of the cloud.") % {
            "domain": scope.name
        }
    return _("This role is given by administrators of the cloud alone.")


def _kept(cloud: Cloud, role: str) -> Grantors:
    """The answer of a moment ago, or a new one. Sealed: who may do what is nobody else's."""
    access = cloud.access
    mark = f"{access.keystone} {access.person.id} {access.scope.key} {','.join(sorted(cloud.roles))} {role}"
    key, seal = f"grants:{hashlib.sha256(mark.encode()).hexdigest()}", Seal("grants")
    try:
        with guarded() as redis:
            value: Any = seal.open(redis.get(key), max_age=SECONDS)
        if value is not None:
            people, more, may_ask, is_whole = value
            return Grantors(tuple(Grantor(*one) for one in people), more, may_ask, is_whole)
        found = who_grants(cloud, role)
        people = [list(dataclasses.astuple(one)) for one in found.people]
        with guarded() as redis:
            redis.set(key, seal.close([people, found.more, found.may_ask, found.is_whole]), ex=SECONDS)
    except Away:
        return who_grants(cloud, role)
    return found
