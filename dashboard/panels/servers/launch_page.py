"""The launch form as a page shows it: rows to choose from, which are ticked, and why some don't fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import launch_fit
from dashboard.cloud.launch import USER_DATA_LIMIT
from dashboard.cloud.launch_fit import Fit
from dashboard.cloud.launch_options import LaunchOptions, Part
from dashboard.cloud.security_groups import Rule, SecurityGroup
from dashboard.live import cache
from dashboard.panels.servers.launch_choices import (
    BUS_CHOICES,
    MOST_ROWS,
    Choice,
    chosen,
    disks_of,
    files_of,
    flavors_of,
)
from dashboard.panels.servers.launch_draft import NEEDS, Draft
from dashboard.panels.servers.launch_folds import folds_of
from dashboard.panels.servers.launch_forms import FORMS, SOURCES, STEPS
from dashboard.panels.servers.launch_links import LONG_LINK, link_query
from dashboard.panels.servers.launch_rows import file_rows
from dashboard.panels.servers.launch_steps import Problem, Step
from dashboard.panels.servers.launch_summary import summary_of
from dashboard.ui.errors import Fault, fault_of

PAIR_ROWS = 2
FIT_SECONDS = 10


def context_of(
    request: Request,
    draft: Draft,
    once: str,
    *,
    problems: Iterable[Problem] = (),
    is_sent: bool = False,
    has_fit: bool = False,
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
        "images": chosen(draft, (image for image in options.images if not image.is_snapshot), "image", "image_q"),
        "snapshots": chosen(draft, (image for image in options.images if image.is_snapshot), "snapshot", "snapshot_q"),
        "volumes": chosen(draft, (volume for volume in options.volumes if volume.is_bootable), "volume"),
        "volume_snapshots": chosen(draft, options.volume_snapshots, "volume_snapshot"),
        "disks": disks_of(draft),
        "buses": BUS_CHOICES,
        "files": files_of(draft),
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
        "folds": folds_of(draft, errors, is_sent=request.method == "POST"),
        "lacks": {name: version for name, (_step, _label, version) in NEEDS.items() if not options.speaks(version)},
        "fit": _fit(request, draft) if has_fit else None,
        "link": _link(request, draft),
        "user_data_limit": USER_DATA_LIMIT,
        "loaded": data.getlist("loaded"),
        "create_key_url": _create_key_url(request),
    }


def _link(request: Request, draft: Draft) -> dict[str, Any]:
    """The address that fills the form as it is now, and what has to be said of it."""
    url = request.build_absolute_uri(f"{urls_for(request, 'servers:launch')}?{link_query(draft.data)}")
    has_secrets = bool(draft.value("user_data") or draft.files) or any(True for _row in file_rows(draft.data))
    return {"url": url, "is_long": len(url) > LONG_LINK, "length": len(url), "has_left_out": has_secrets}


def _fit(request: Request, draft: Draft) -> Fit | None:
    """How many hosts have room for it, for those whom Placement tells; asked once in a few seconds."""
    cloud, flavor = cloud_of(request), draft.flavor
    if flavor is None or not launch_fit.may_ask(cloud):
        return None
    has_own_disk = not draft.takes_volume
    name = f"launch:fit:{flavor.id}:{has_own_disk:d}"
    found = cache.cached(cloud, name, FIT_SECONDS, lambda: launch_fit.ask(cloud, flavor, has_own_disk=has_own_disk))
    return launch_fit.fit_of(found)


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
    _choices(shown["networks"], "floating_ip", _("None"), _floating(options))
    for name, (step, _label, version) in NEEDS.items():
        if not options.speaks(version):
            field = shown[step].fields[name]
            field.disabled = True
            field.help_text = _("Needs Nova %(version)s; this cloud has an older one.") % {"version": version}
    return shown


def _floating(options: LaunchOptions) -> Iterator[tuple[str, str]]:
    for network in options.external:
        yield f"new:{network.id}", _("A new one from %(network)s") % {"network": network.name or network.id}
    for address in list(options.addresses)[:MOST_ROWS]:
        yield f"have:{address.id}", address.address


def _choices(form: Step, name: str, empty: str, rows: Iterable[tuple[str, str]]) -> None:
    """Makes a field a list to choose from; what was chosen before stays, even if it is not known now."""
    found = [("", empty), *rows]
    chosen = str(form.data.get(name, "")).strip()
    if chosen and chosen not in dict(found):
        found.append((chosen, chosen))
    attrs = {**form.fields[name].widget.attrs, "class": "form-select"}
    attrs.pop("maxlength", None)
    form.fields[name].widget = forms.Select(attrs=attrs, choices=found)


def _ticked(draft: Draft, rows: Iterable[Any], name: str) -> list[Choice]:
    values = draft.data.getlist(name)
    return [Choice(row, row.id in values, tag=draft.value(f"tag-{row.id}")) for row in rows]


def _networks(draft: Draft, errors: dict[str, list[str]]) -> list[Choice]:
    ticked = draft.data.getlist("network")
    return [
        Choice(
            network,
            network.id in ticked,
            fixed_ip=draft.value(f"fixed_ip-{network.id}"),
            order=draft.value(f"order-{network.id}"),
            tag=draft.value(f"tag-{network.id}"),
            error=" ".join((*errors.get(f"fixed_ip-{network.id}", ()), *errors.get(f"tag-{network.id}", ()))),
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
