"""A mapping's rules, what is wrong with them and what comes of them, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from dashboard.cloud.federation_rules import Requirement, Unfit
from dashboard.cloud.federation_shape import Problem
from dashboard.ui.panel import ADMIN, READER, RolesIn

LOOK = RolesIn(project=ADMIN, domain=ADMIN, system=READER)
"""Who may look at federation: it concerns all domains."""


def problem_words(problem: Problem) -> str:
    """What is wrong, and on which line."""
    detail = problem.detail[:120]
    words = {
        "json": _("This is no JSON here: %(detail)s."),
        "long": _("The text is too long."),
        "deep": _("This is too deeply nested."),
        "no_list": _("The rules are a list: they begin with [ and end with ]."),
        "empty": _("There is no rule."),
        "no_object": _("An object is expected here: { … }. %(detail)s"),
        "no_array": _("“%(detail)s” is a list: [ … ]."),
        "no_text": _("“%(detail)s” is a text in quotes."),
        "no_flag": _("“%(detail)s” is true or false, without quotes."),
        "missing": _("“%(detail)s” is missing."),
        "unknown": _("“%(detail)s” means nothing here."),
        "no_remote": _("A rule needs at least one requirement in “remote”."),
        "several": _("One requirement can have only one of these: %(detail)s. Make two of it."),
        "pattern": _("This is no regular expression: %(detail)s."),
        "user_type": _("“%(detail)s” is no type of user: ephemeral or local."),
        "group": _("A group has either an “id”, or a “name” and a “domain”."),
        "place": _(
            "%(detail)s is filled by nothing. Only requirements without any_one_of and not_any_of bring a value; the "
            "first of them fills {0}."
        ),
    }.get(problem.reason, "%(detail)s")
    text = (words % {"detail": detail}).strip()
    return _("Line %(line)d: %(text)s") % {"line": problem.line, "text": text}


def unfit_words(error: Unfit) -> str:
    """Why Keystone would refuse, though a rule matches."""
    words = {
        "place": _("%(detail)s is filled by nothing."),
        "braces": _("“%(detail)s”: only places like {0} can stand in braces."),
        "domain": _("Groups by name need a “domain” beside them."),
        "pattern": _("A pattern is no regular expression: %(detail)s."),
        "user_type": _("“%(detail)s” is no type of user."),
        "projects": _("What should be a list of projects is none: %(detail)s."),
    }.get(error.reason, "%(detail)s")
    text = words % {"detail": error.detail[:120]}
    return _("Rule %(number)d matches, but Keystone would refuse: %(text)s") % {"number": error.rule, "text": text}


def requirement_words(item: Mapping[str, Any]) -> str:
    """A requirement of a rule: "HTTP_OIDC_GROUPS has one of devs, ops"."""
    name = str(item.get("type", ""))
    kind = next((key for key in ("any_one_of", "not_any_of", "blacklist", "whitelist") if key in item), "")
    values = item.get(kind)
    what = {"name": name, "values": ", ".join(str(value) for value in values) if isinstance(values, list) else ""}
    if item.get("regex"):
        words = {
            "any_one_of": _("a value of %(name)s fits one of the patterns %(values)s"),
            "not_any_of": _("no value of %(name)s fits one of the patterns %(values)s"),
            "blacklist": _("%(name)s is there; its values that fit the patterns %(values)s are left out"),
            "whitelist": _("%(name)s is there; only its values that fit the patterns %(values)s are kept"),
        }
    else:
        words = {
            "any_one_of": _("%(name)s has one of %(values)s"),
            "not_any_of": _("%(name)s has none of %(values)s"),
            "blacklist": _("%(name)s is there; of its values %(values)s are left out"),
            "whitelist": _("%(name)s is there; of its values only %(values)s are kept"),
        }
    return words.get(kind, _("%(name)s is there")) % what


def local_words(item: Mapping[str, Any]) -> list[str]:
    """A local part of a rule: who somebody becomes."""
    found = []
    user = item.get("user")
    if isinstance(user, dict):
        name = user.get("name") or user.get("id") or user.get("email") or ""
        found.append(_("user %(name)s%(domain)s") % {"name": name, "domain": in_domain(user.get("domain"))})
    group = item.get("group")
    if isinstance(group, dict):
        found.append(group_words(group))
    if "groups" in item:
        found.append(_("groups %(name)s%(domain)s") % {"name": item["groups"], "domain": in_domain(item.get("domain"))})
    if "group_ids" in item:
        found.append(_("groups with the IDs %(name)s") % {"name": item["group_ids"]})
    projects = item.get("projects")
    for project in projects if isinstance(projects, list) else ():
        if isinstance(project, dict):
            found.append(project_words(project))
    if isinstance(projects, str) or "projects_json" in item:
        found.append(_("projects as %(name)s says") % {"name": item.get("projects_json") or projects})
    return found


def group_words(group: Mapping[str, Any]) -> str:
    """A group by its name or id."""
    if group.get("id"):
        return _("group with the ID %(name)s") % {"name": group["id"]}
    return _("group %(name)s%(domain)s") % {"name": group.get("name", ""), "domain": in_domain(group.get("domain"))}


def project_words(project: Mapping[str, Any]) -> str:
    """A project with the roles in it."""
    listed = project.get("roles")
    roles = [str(role.get("name", "")) for role in listed if isinstance(role, dict)] if isinstance(listed, list) else []
    return _("project %(name)s%(domain)s with %(roles)s") % {
        "name": project.get("name", ""),
        "domain": in_domain(project.get("domain")),
        "roles": ", ".join(roles) or _("no role"),
    }


def in_domain(domain: Any) -> str:
    """ " in the domain X", or nothing."""
    if not isinstance(domain, dict) or not (domain.get("name") or domain.get("id")):
        return ""
    return _(" in the domain %(name)s") % {"name": domain.get("name") or domain.get("id")}


def rules_told(rules: Sequence[Any]) -> list[dict[str, Any]]:
    """Each rule as what it asks for and what it gives."""

    def objects(value: Any) -> list[dict[str, Any]]:
        return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []

    return [
        {
            "number": number,
            "asks": [requirement_words(item) for item in objects(rule.get("remote"))],
            "gives": [words for item in objects(rule.get("local")) for words in local_words(item)],
        }
        for number, rule in enumerate(rules, 1)
        if isinstance(rule, dict)
    ]


def outcome_words(item: Requirement) -> str:
    """What came of a requirement."""
    asked: dict[str, Any] = {"type": item.type, "regex": item.is_regex}
    if item.kind:
        asked[item.kind] = list(item.wanted)
    words = requirement_words(asked)
    found = {"words": words, "found": ", ".join(item.found)}
    if item.why_not == "missing":
        return _("Not so: %(words)s. The assertion has no such attribute.") % found
    if item.why_not:
        return _("Not so: %(words)s. The assertion says: %(found)s.") % found
    return _("So it is: %(words)s.") % found
