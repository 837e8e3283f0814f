"""The forms for security groups and their rules, with templates for the usual services."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud.address_groups import list_all_address_groups
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later
from dashboard.cloud.security_group_rules import body_of
from dashboard.cloud.security_groups import Rule, list_all_security_groups
from dashboard.ui.netfields import RangeField, choices
from dashboard.ui.sections import Sectioned

SERVICES: dict[str, tuple[Any, str, str]] = {
    "ssh": (gettext_lazy("SSH (TCP 22)"), "tcp", "22"),
    "ping": (gettext_lazy("Ping (ICMP)"), "icmp", ""),
    "http": (gettext_lazy("HTTP (TCP 80)"), "tcp", "80"),
    "https": (gettext_lazy("HTTPS (TCP 443)"), "tcp", "443"),
    "rdp": (gettext_lazy("Remote desktop, RDP (TCP 3389)"), "tcp", "3389"),
    "dns": (gettext_lazy("DNS (UDP 53)"), "udp", "53"),
    "dns-tcp": (gettext_lazy("DNS (TCP 53)"), "tcp", "53"),
    "mysql": (gettext_lazy("MySQL (TCP 3306)"), "tcp", "3306"),
    "postgresql": (gettext_lazy("PostgreSQL (TCP 5432)"), "tcp", "5432"),
    "mssql": (gettext_lazy("Microsoft SQL (TCP 1433)"), "tcp", "1433"),
    "redis": (gettext_lazy("Redis (TCP 6379)"), "tcp", "6379"),
    "smtp": (gettext_lazy("SMTP (TCP 25)"), "tcp", "25"),
    "smtps": (gettext_lazy("SMTPS (TCP 465)"), "tcp", "465"),
    "imaps": (gettext_lazy("IMAPS (TCP 993)"), "tcp", "993"),
    "ldap": (gettext_lazy("LDAP (TCP 389)"), "tcp", "389"),
    "ntp": (gettext_lazy("NTP (UDP 123)"), "udp", "123"),
    "all-tcp": (gettext_lazy("All TCP"), "tcp", ""),
    "all-udp": (gettext_lazy("All UDP"), "udp", ""),
    "all": (gettext_lazy("Everything"), "", ""),
}
"""By name: what it is called, its protocol and its ports."""
TEMPLATES = (
    ("", gettext_lazy("Something else, as below")),
    *((key, label) for key, (label, _protocol, _ports) in SERVICES.items()),
)
FIRST = ("ssh", "ping", "http", "https", "rdp")
PROTOCOLS = (
    ("tcp", gettext_lazy("TCP")),
    ("udp", gettext_lazy("UDP")),
    ("icmp", gettext_lazy("ICMP")),
    ("", gettext_lazy("Any")),
    ("other", gettext_lazy("Another")),
)
DIRECTIONS = (("ingress", gettext_lazy("Lets in")), ("egress", gettext_lazy("Lets out")))
ETHERTYPES = (
    ("IPv4", gettext_lazy("IPv4")),
    ("IPv6", gettext_lazy("IPv6")),
    ("both", gettext_lazy("IPv4 and IPv6")),
)


class GroupForm(Sectioned):
    """A group's own attributes."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    is_stateful = forms.BooleanField(
        label=gettext_lazy("Answers are let through by themselves (stateful)"), required=False, initial=True
    )

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep(extensions.offered(cloud, "stateful-security-group"), "is_stateful")


class CreateGroupForm(GroupForm):
    """A new group, with rules for the usual services."""

    services = forms.MultipleChoiceField(
        label=gettext_lazy("Let in from anywhere"),
        choices=[(key, SERVICES[key][0]) for key in FIRST],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("By IPv4; more, and narrower, afterwards"),
    )
    field_order = ("name", "description", "services", "is_stateful")


class RuleFields(Sectioned):
    """What a rule lets through, from where or to where."""

    template = forms.ChoiceField(label=gettext_lazy("Service"), choices=TEMPLATES, required=False, initial="ssh")
    direction = forms.ChoiceField(label=gettext_lazy("Direction"), choices=DIRECTIONS, initial="ingress")
    protocol = forms.ChoiceField(label=gettext_lazy("Protocol"), choices=PROTOCOLS, required=False, initial="tcp")
    other = forms.CharField(
        label=gettext_lazy("Another protocol"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("Its name or number: sctp, gre, vrrp, 112"),
    )
    ports = forms.CharField(
        label=gettext_lazy("Ports"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("As in 22 or 8000-8080, all if empty; with ICMP the type, or type/code"),
    )
    prefix = RangeField(  # type: ignore[assignment]
        label=gettext_lazy("Addresses at the other end"),
        required=False,
        help_text=gettext_lazy("As in 203.0.113.0/24; anywhere if empty"),
    )
    group = forms.ChoiceField(label=gettext_lazy("or members of a security group"), required=False)
    address_group = forms.ChoiceField(label=gettext_lazy("or an address group"), required=False)
    ethertype = forms.ChoiceField(label=gettext_lazy("IP version"), choices=ETHERTYPES, initial="IPv4", required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    field_order = ("template", "direction", "prefix", "group", "address_group")
    sections = (
        (gettext_lazy("Something else than a usual service"), ("protocol", "ports", "other")),
        (gettext_lazy("More"), ("ethertype", "description")),
    )

    def prepare(self, cloud: Cloud) -> None:
        """Offers the groups that there are."""
        groups = later(lambda: list_all_security_groups(cloud))
        if extensions.offered(cloud, "security-groups-remote-address-group"):
            found = later(lambda: list_all_address_groups(cloud)).or_else(())
            self.choose("address_group", choices(found, empty=_("None")))
            self.keep(bool(found), "address_group")
        else:
            self.drop("address_group")
        self.choose("group", choices(groups.or_else(()), empty=_("None")))

    def clean_ports(self) -> tuple[int | None, int | None]:
        """First and last, or type and code."""
        text = re.sub(r"\s", "", self.cleaned_data["ports"])
        if not text:
            return None, None
        found = re.fullmatch(r"(\d{1,5})(?:[-:/](\d{1,5}))?", text)
        if not found or int(found[1]) > 65535 or int(found[2] or 0) > 65535:
            raise forms.ValidationError(_("A port is a number up to 65535, a range is as in 8000-8080."))
        return int(found[1]), int(found[2]) if found[2] else None

    def clean_other(self) -> str:
        """A name or number that Neutron may know."""
        text: str = self.cleaned_data["other"].strip().lower()
        if text and not re.fullmatch(r"[a-z0-9-]+", text):
            raise forms.ValidationError(_("This is no protocol."))
        if text.isdigit() and int(text) > 255:
            raise forms.ValidationError(_("Protocols have numbers up to 255."))
        return text

    def clean(self) -> dict[str, Any]:
        """One other end, and ports only where there are some."""
        data = super().clean() or {}
        if self.errors:
            return data
        if sum(bool(data.get(name)) for name in ("prefix", "group", "address_group")) > 1:
            self.add_error("prefix", _("One of these three: addresses, a security group, or an address group."))
        if data.get("protocol") == "other" and not data.get("template") and not data.get("other"):
            self.add_error("other", _("Name the protocol."))
        first, last = data.get("ports") or (None, None)
        has_ports = data.get("protocol") in {"tcp", "udp"} or data.get("other") in {"sctp", "dccp", "udplite"}
        if data.get("protocol") != "icmp" and last is not None and first is not None and last < first:
            self.add_error("ports", _("The last port is before the first."))
        if not data.get("template") and first is not None and not has_ports and data.get("protocol") != "icmp":
            self.add_error("ports", _("Only TCP, UDP and the like have ports."))
        if data.get("prefix"):
            data["ethertype"] = "IPv6" if ":" in data["prefix"] else "IPv4"
        return data


class RuleForm(RuleFields):
    """A further rule of a group."""

    def __init__(self, *args: Any, cloud: Cloud, rows: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare(cloud)


class EditRuleForm(RuleFields):
    """A rule of a group as it is, to be replaced."""

    rule = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, cloud: Cloud, rows: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare(cloud)
        wanted = str(self.initial.get("rule") or self.data.get("rule") or "")
        self.old = next((rule for row in rows for rule in row.rules if rule.id == wanted), None)
        if self.old is not None:
            self.initial = {**values_of(self.old), **self.initial}

    def clean(self) -> dict[str, Any]:
        """The rule has to be there still."""
        if self.old is None:
            raise forms.ValidationError(_("This rule is gone."))
        return super().clean()


class RuleIdForm(forms.Form):
    """Which rule it is about."""

    rule = forms.CharField(widget=forms.HiddenInput)


class DefaultRuleForm(RuleFields):
    """A rule for new groups."""

    is_for_default = forms.BooleanField(
        label=gettext_lazy('For the group "default" that each new project gets'), required=False
    )
    is_for_others = forms.BooleanField(label=gettext_lazy("For every other new group"), required=False, initial=True)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drop("address_group")
        self.choose("group", [("", _("None")), ("PARENT", _("The new group itself"))])

    def clean(self) -> dict[str, Any]:
        """It has to be for something."""
        data = super().clean()
        if not (data.get("is_for_default") or data.get("is_for_others")):
            self.add_error("is_for_default", _("Choose at least one kind of group."))
        return data


def values_of(rule: Rule) -> dict[str, Any]:
    """A rule as the form shows it."""
    known = {key for key, _label in PROTOCOLS}
    same = (
        key for key, (_label, protocol, ports) in SERVICES.items() if (protocol, ports) == (rule.protocol, rule.ports)
    )
    return {
        "template": next(same, ""),
        "direction": rule.direction,
        "protocol": rule.protocol if rule.protocol in known else "other",
        "other": "" if rule.protocol in known else rule.protocol,
        "ports": rule.ports,
        "prefix": rule.remote_prefix,
        "group": rule.remote_group_id,
        "address_group": rule.remote_address_group_id,
        "ethertype": rule.ethertype,
        "description": rule.description,
    }


def service_rule(name: str) -> dict[str, Any]:
    """A rule that lets a usual service in from anywhere."""
    _label, protocol, ports = SERVICES[name]
    number = int(ports) if ports else None
    return body_of(
        Rule("", direction="ingress", protocol=protocol, port_min=number, port_max=number, remote_prefix="0.0.0.0/0")
    )


def rule_bodies(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the form asks for as Neutron wants it: a rule, or one for each IP version."""
    if data.get("template"):
        _label, protocol, ports = SERVICES[data["template"]]
        first = last = int(ports) if ports else None
    else:
        protocol = data.get("other") or "" if data.get("protocol") == "other" else data.get("protocol") or ""
        first, last = data.get("ports") or (None, None)
        if last is None and protocol != "icmp":
            last = first
    both = data.get("ethertype") == "both"
    found = []
    for ethertype in ("IPv4", "IPv6") if both else (data.get("ethertype") or "IPv4",):
        rule = Rule(
            "",
            direction=data["direction"],
            ethertype=ethertype,
            protocol="ipv6-icmp" if protocol == "icmp" and ethertype == "IPv6" else protocol,
            port_min=first,
            port_max=last,
            remote_prefix=data.get("prefix") or "",
            remote_group_id=data.get("group") or "",
            remote_address_group_id=data.get("address_group") or "",
            description=data.get("description") or "",
        )
        found.append(body_of(rule))
    return found
