"""Trying a mapping's rules on what an identity provider might say of somebody. Nobody is signed in by it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import federation, wire
from dashboard.cloud.federation_rules import Mapped, Unfit, evaluate
from dashboard.panels.federation.fields import EXAMPLE_ASSERTION, AssertionField, RulesForm, as_text
from dashboard.panels.federation.words import (
    LOOK,
    group_words,
    in_domain,
    outcome_words,
    project_words,
    unfit_words,
)
from dashboard.ui.offers import new_once, why_not_allowed
from dashboard.ui.panel import IDENTITY_ADMIN


class TryForm(RulesForm):
    """Rules, which may be other than those saved, and an assertion to try them on."""

    assertion = AssertionField(
        label=gettext_lazy("What the identity provider says"),
        help_text=gettext_lazy(
            "One attribute a line: NAME = value, with ; between several values. A JSON object will do, too. Attributes "
            "that are left empty are not there. It is sent to nobody but this dashboard, and kept nowhere."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: Request) -> HttpResponse:
    """The rules of the mapping named by ``id`` and an assertion; on POST what comes of them."""
    cloud = cloud_of(request)
    why_not = why_not_allowed(request, LOOK)
    if why_not:
        raise PermissionDenied(why_not)
    name = (request.POST if request.method == "POST" else request.GET).get("id", "")
    context: dict[str, Any] = {
        "id": name,
        "once": new_once(),
        "index_url": urls_for(request, "mappings:index"),
        "can_save": bool(name) and not why_not_allowed(request, IDENTITY_ADMIN),
        "save_url": urls_for(request, "mappings:act", "edit"),
    }
    status = 200
    if request.method == "POST":
        form = TryForm(request.POST)
        if form.is_valid():
            context |= _tried(form.cleaned_data)
        else:
            status = 422
    else:
        initial = {"assertion": EXAMPLE_ASSERTION}
        if name:
            mapping = federation.get_mapping(cloud, name)
            initial = {
                "rules": as_text(list(mapping.rules)),
                "schema_version": mapping.schema_version or "1.0",
                "assertion": "".join(f"{attribute} = \n" for attribute in _attributes(mapping)),
            }
        form = TryForm(initial=initial)
    return render(request, "federation/try.html", {**context, "form": form}, status=status)


def _attributes(mapping: federation.Rulebook) -> list[str]:
    """The attributes that the rules ask for, each once."""
    rules = wire.objects(list(mapping.rules))
    asked = [wire.text(item.get("type")) for rule in rules for item in wire.objects(rule.get("remote"))]
    return [name for name in dict.fromkeys(asked) if name]


def _tried(data: dict[str, Any]) -> dict[str, Any]:
    try:
        mapped = evaluate(data["found"], data["assertion"], data["schema_version"])
    except Unfit as error:
        return {"is_tried": True, "refusal": unfit_words(error)}
    verdicts = [
        {
            "number": verdict.number,
            "is_match": verdict.is_match,
            "requirements": [(outcome_words(item), not item.why_not) for item in verdict.requirements],
        }
        for verdict in mapped.verdicts
    ]
    refusal = "" if mapped.is_match else _("No rule matches: Keystone would refuse the sign-in.")
    facts = [] if refusal else _facts(mapped)
    return {"is_tried": True, "verdicts": verdicts, "refusal": refusal, "facts": facts}


def _facts(mapped: Mapped) -> list[tuple[str, list[str]]]:
    user = mapped.user
    name = str(user.get("name") or user.get("id") or "")
    kind = (
        _("a user that there is in this cloud already")
        if user.get("type") == "local"
        else _("made for this sign-in, in the identity provider's domain unless another is named")
    )
    groups = [_("group with the ID %(name)s") % {"name": id} for id in mapped.group_ids]
    groups += [group_words(group) for group in mapped.group_names]
    found = [
        (_("User"), [(name + in_domain(user.get("domain"))) if name else _("no name: Keystone takes REMOTE_USER")]),
        (_("Kind of user"), [kind]),
        (_("Groups"), list(dict.fromkeys(groups)) or [_("none")]),
        (_("Projects"), [project_words(project) for project in mapped.projects] or [_("none")]),
    ]
    if user.get("email"):
        found.insert(1, (_("E-mail address"), [str(user["email"])]))
    if mapped.ignored_users:
        names = [str(other.get("name") or other.get("id") or "") for other in mapped.ignored_users]
        found.append((_("Left out, since a rule before gave a user"), names))
    if not groups and not mapped.projects and user.get("type") != "local":
        found.append((_("Mind"), [_("Without a group or project that gives a role, they could sign in to nothing.")]))
    return found
