"""What decides about a way, step by step, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from dashboard.cloud.reach import Missing, Step, Wanted
from dashboard.ui.values import Link, Tone
from dashboard.ui.words import rule_words


@dataclass(frozen=True)
class Line:
    """A step as the page shows it."""

    tone: Tone
    label: str
    """"Yes", "No" or "Unknown", for those who don't see the colour."""
    text: str
    link: Link | None = None
    missing: Missing | None = None
    missing_words: str = ""


def traffic(wanted: Wanted) -> str:
    """What is to get through: "TCP 443"."""
    if not wanted.protocol:
        return _("anything")
    return f"{wanted.protocol.upper()} {wanted.port or ''}".strip()


def line(step: Step, names: dict[str, str]) -> Line:
    """A step in words; ``names`` has the servers' by id."""
    tone, label = TONES[step.is_ok]
    text, link = _said(step, names)
    return Line(tone, str(label()), text, link, step.missing, _missing(step.missing) if step.missing else "")


TONES: dict[bool | None, tuple[Tone, Any]] = {
    True: ("ok", lambda: _("Yes")),
    False: ("bad", lambda: _("No")),
    None: ("unknown", lambda: _("Unknown")),
}


def _who(step: Step, names: dict[str, str]) -> str:
    port = step.port
    if port is None:
        return ""
    return names.get(port.device_id) or port.name or (port.places[0].address if port.places else port.id[:8])


def _missing(missing: Missing) -> str:
    what = traffic(Wanted(missing.protocol.replace("ipv6-icmp", "icmp"), missing.port))
    values = {"what": what, "range": missing.remote_prefix, "group": missing.group.name}
    if missing.direction == "ingress":
        return _("Allow %(what)s from %(range)s in the group %(group)s") % values
    return _("Allow %(what)s to %(range)s in the group %(group)s") % values


def _said(step: Step, names: dict[str, str]) -> tuple[str, Link | None]:
    who = _who(step, names)
    if step.code in {"egress", "ingress"}:
        return _filtered(step, who)
    router = step.router
    values = {
        "who": who,
        "address": step.address or (step.floating.address if step.floating else ""),
        "router": (router.name or router.id[:8]) if router else "",
        "group": step.group.name if step.group else "",
    }
    return SENTENCES[step.code]() % values, None


def _filtered(step: Step, who: str) -> tuple[str, Link | None]:
    group = step.group
    link = Link(group.name, "security-groups:detail", group.id) if group else None
    if step.rule is not None and group is not None:
        values = {"who": who, "rule": rule_words(step.rule)}
        if step.code == "egress":
            return _("%(who)s may send it: %(rule)s") % values, link
        return _("%(who)s may get it: %(rule)s") % values, link
    if step.is_ok is None:
        return _("Not every security group of %(who)s can be seen from this project.") % {"who": who}, None
    if group is None:
        return _("%(who)s has no security group, so nothing gets through.") % {"who": who}, None
    if step.code == "egress":
        return _("No rule in the security groups of %(who)s lets it out.") % {"who": who}, link
    return _("No rule in the security groups of %(who)s lets it in.") % {"who": who}, link


SENTENCES: dict[str, Any] = {
    "off": lambda: _("The port of %(who)s is switched off."),
    "down": lambda: _("Neutron calls the port of %(who)s down: its server may be off, or its host not ready."),
    "same-network": lambda: _("Both are on one network."),
    "routed": lambda: _("The router %(router)s has an interface on both sides."),
    "no-gateway": lambda: _("The subnet %(address)s of %(who)s has no gateway and no route there."),
    "no-router": lambda: _("No router answers at %(address)s, the gateway that %(who)s is told to use."),
    "router-down": lambda: _("The router %(router)s is switched off."),
    "no-interface": lambda: _("The router %(router)s knows no way to %(address)s."),
    "way-back": lambda: _("The answers of %(who)s do not find the way back."),
    "floating": lambda: _("The floating IP %(address)s leads in and out."),
    "no-floating": lambda: _("%(who)s has no floating IP for %(address)s, so nothing outside finds it."),
    "floating-down": lambda: _("The floating IP %(address)s is down at the moment."),
    "snat": lambda: _("The router %(router)s sends it on with its own address %(address)s."),
    "no-snat": lambda: _("The router %(router)s does not translate addresses, and there is no floating IP."),
    "no-external": lambda: _("The router %(router)s has no gateway to an external network."),
    "external-network": lambda: _("It is on an external network; how that goes on is not seen from here."),
    "unseen": lambda: _("The subnet of %(who)s belongs to others and can't be seen."),
    "stateless": lambda: _("The group %(group)s is stateless: answers need a rule of their own."),
    "no-firewall": lambda: _("Port security is off for %(who)s: nothing is held back."),
    "no-address": lambda: _("There is no address at one of the ends."),
}
"""By a step's code; asked for in the language of whoever reads it."""
