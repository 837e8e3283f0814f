"""The launch form as a page shows it: rows to choose from, which are ticked, and why some don't fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud.launch import USER_DATA_LIMIT
from dashboard.cloud.launch_options import LaunchOptions, Part
from dashboard.cloud.security_groups import Rule, SecurityGroup
from dashboard.panels.servers.launch_draft import Draft
from dashboard.panels.servers.launch_forms import FORMS, SOURCES, STEPS
from dashboard.panels.servers.launch_steps import Problem, Step
from dashboard.panels.servers.launch_summary import summary_of
from dashboard.ui.errors import Fault, fault_of

MOST_ROWS = 300
"""Images or flavors that the page lists; a longer list has to be narrowed by a link with the id."""
PAIR_ROWS = 2


@dataclass(frozen=True)
class Choice:
    """One row that can be chosen."""

    item: Any
    is_chosen: bool = False
    why_not: str = ""
    words: tuple[str, ...] = ()
    fixed_ip: str = ""
    order: str = ""
    error: str = ""


def context_of(
    request: Request, draft: Draft, once: str, *, problems: Iterable[Problem] = (), is_sent: bool = False
) -> dict[str, Any]:
    """What ``servers/launch/page.html`` and its parts are given; ``problems`` are shown on their fields."""
    problems = tuple(problems)
    errors: dict[str, list[str]] = defaultdict(list)
    for problem in problems:
        errors[problem.field].append(problem.message)
    options, data = draft.options, draft.data
    shown = _shown(draft, problems)
    return {
        "once": once,
        "draft": draft,
        "forms": shown,
        "errors": dict(errors),
        "problems": problems,
        "is_sent": is_sent,
        "steps": [(slug, label, any(problem.step == slug for problem in problems)) for slug, label in STEPS],
        "summary": summary_of(draft),
        "options": options,
        "faults": faults_of(request, options),
        "sources": [source for source in SOURCES if options.has_volumes or source[0] in {"image", "snapshot"}],
        "source": draft.source,
        "images": _chosen(draft, (image for image in options.images if not image.is_snapshot), "image"),
        "snapshots": _chosen(draft, (image for image in options.images if image.is_snapshot), "snapshot"),
        "volumes": _chosen(draft, options.volumes, "volume"),
        "volume_snapshots": _chosen(draft, options.volume_snapshots, "volume_snapshot"),
        "flavors": flavors_of(draft),
        "networks": _networks(draft, errors),
        "networking": draft.value("networking") or "chosen",
        "ports": _ticked(draft, options.ports, "port"),
        "groups": [
            Choice(group, group.id in data.getlist("security_group"), words=lets_in(group, options.groups))
            for group in options.groups
        ],
        "metadata": _pairs(draft, "metadata"),
        "hints": _pairs(draft, "hint"),
        "user_data_limit": USER_DATA_LIMIT,
        "loaded": data.getlist("loaded"),
        "create_key_url": _create_key_url(request),
    }


def _create_key_url(request: Request) -> str:
    try:
        return urls_for(request, "keypairs:generate")
    except NoReverseMatch:
        return ""


def faults_of(request: Request, options: LaunchOptions) -> dict[str, Fault]:
    """Why a part could not be read, by its name."""
    found = {}
    for name, part in vars(options).items():
        if isinstance(part, Part) and part.error is not None:
            found[name] = fault_of(part.error, cloud_of(request))
    return found


def _shown(draft: Draft, problems: tuple[Problem, ...]) -> dict[str, Step]:
    """The forms to draw, with the errors that are to be shown and no others."""
    shown = {step: form(draft.data) for step, form in FORMS.items()}
    for form in shown.values():
        # Bound forms check themselves when they are drawn; what is merely missing is no error yet.
        form._errors = ErrorDict()  # type: ignore[attr-defined]
        form.cleaned_data = {}
    for problem in problems:
        if problem.step in shown and problem.field in shown[problem.step].fields:
            shown[problem.step].add_error(problem.field, problem.message)
    options = draft.options
    _choices(shown["source"], "volume_type", _("The cloud's default"), ((t.name, t.name) for t in options.volume_types))
    _choices(shown["access"], "key_name", _("None"), ((key.name, key.name) for key in options.keypairs))
    zones = ((z.name, z.name) for z in options.zones if z.is_available)
    _choices(shown["advanced"], "availability_zone", _("Any"), zones)
    groups = ((g.id, f"{g.name} ({g.policy})") for g in options.server_groups)
    _choices(shown["advanced"], "server_group", _("None"), groups)
    return shown


def _choices(form: Step, name: str, empty: str, rows: Iterable[tuple[str, str]]) -> None:
    """Makes a field a list to choose from; what was chosen before stays, even if it is not known now."""
    found = [("", empty), *rows]
    chosen = str(form.data.get(name, "")).strip()
    if chosen and chosen not in dict(found):
        found.append((chosen, chosen))
    attrs = {**form.fields[name].widget.attrs, "class": "form-select"}
    attrs.pop("maxlength", None)
    form.fields[name].widget = forms.Select(attrs=attrs, choices=found)


def _chosen(draft: Draft, rows: Iterable[Any], name: str) -> list[Choice]:
    value = draft.value(name)
    found = [Choice(row, row.id == value) for row in rows]
    # A chosen one is never cut off.
    return found[:MOST_ROWS] + [choice for choice in found[MOST_ROWS:] if choice.is_chosen]


def _ticked(draft: Draft, rows: Iterable[Any], name: str) -> list[Choice]:
    values = draft.data.getlist(name)
    return [Choice(row, row.id in values) for row in rows]


def flavors_of(draft: Draft) -> list[Choice]:
    """The flavor table: those that don't fit are greyed and say why."""
    value = draft.value("flavor")
    return [
        Choice(flavor, flavor.id == value, why_not=draft.why_flavor_does_not_fit(flavor))
        for flavor in list(draft.options.flavors)[:MOST_ROWS]
    ]


def _networks(draft: Draft, errors: dict[str, list[str]]) -> list[Choice]:
    ticked = draft.data.getlist("network")
    return [
        Choice(
            network,
            network.id in ticked,
            fixed_ip=draft.value(f"fixed_ip-{network.id}"),
            order=draft.value(f"order-{network.id}"),
            error=" ".join(errors.get(f"fixed_ip-{network.id}", ())),
        )
        for network in draft.options.networks
    ]


def _pairs(draft: Draft, name: str) -> list[tuple[str, str]]:
    """The rows of a grid of keys and values: those that were filled in, and some empty ones."""
    keys, values = draft.data.getlist(f"{name}_key"), draft.data.getlist(f"{name}_value")
    filled = [(key, value) for key, value in zip(keys, values, strict=False) if key or value]
    return [*filled, *[("", "")] * PAIR_ROWS]


def lets_in(group: SecurityGroup, groups: Iterable[SecurityGroup]) -> tuple[str, ...]:
    """What a security group lets in, in words: one line for each source."""
    names = {other.id: other.name for other in groups}
    by_source: dict[str, list[str]] = defaultdict(list)
    for rule in group.ingress:
        source = _source(rule, group, names)
        traffic = rule.traffic or _("everything")
        if traffic not in by_source[source]:
            by_source[source].append(traffic)
    if not by_source:
        return (_("Lets nothing in."),)
    return tuple(
        _("Lets in %(what)s from %(where)s.") % {"what": ", ".join(what), "where": where}
        for where, what in by_source.items()
    )


def _source(rule: Rule, group: SecurityGroup, names: dict[str, str]) -> str:
    if rule.remote_group_id == group.id:
        return _("servers with this group")
    if rule.remote_group_id:
        return _("servers with the group %s") % names.get(rule.remote_group_id, rule.remote_group_id)
    if rule.remote_address_group_id:
        return _("an address group")
    if rule.remote_prefix in {"", "0.0.0.0/0", "::/0"}:
        return _("anywhere")
    return rule.remote_prefix
