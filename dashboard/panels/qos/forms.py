"""The forms for QoS policies and their rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import network_extensions as extensions
from dashboard.cloud import neutron, qos
from dashboard.cloud.connection import Cloud
from dashboard.cloud.parallel import later
from dashboard.cloud.qos import QosRule
from dashboard.ui.sections import Sectioned

TYPES = (
    ("bandwidth_limit", gettext_lazy("Bandwidth limit")),
    ("minimum_bandwidth", gettext_lazy("Guaranteed bandwidth")),
    ("dscp_marking", gettext_lazy("DSCP marking")),
    ("packet_rate_limit", gettext_lazy("Packet rate limit")),
    ("minimum_packet_rate", gettext_lazy("Guaranteed packet rate")),
)
DIRECTIONS = (
    ("egress", gettext_lazy("Out of the server")),
    ("ingress", gettext_lazy("Into the server")),
    ("any", gettext_lazy("Both together, for a guaranteed packet rate")),
)
MARKS = tuple((str(mark), str(mark)) for mark in (*range(0, 42, 2), 44, 46, 48, 56) if mark not in {2, 4, 6})


def says_rule(rule: QosRule) -> str:
    """A rule in words."""
    directions = {"egress": _("out"), "ingress": _("in"), "any": _("both ways")}
    words = {"rate": f"{rule.rate:,}", "burst": f"{rule.burst:,}", "way": directions.get(rule.direction, "")}
    match rule.type:
        case "bandwidth_limit" if rule.burst:
            return _("At most %(rate)s kbit/s %(way)s, %(burst)s kbit at a burst") % words
        case "bandwidth_limit":
            return _("At most %(rate)s kbit/s %(way)s") % words
        case "minimum_bandwidth":
            return _("At least %(rate)s kbit/s %(way)s") % words
        case "packet_rate_limit":
            return _("At most %(rate)s thousand packets/s %(way)s") % words
        case "minimum_packet_rate":
            return _("At least %(rate)s thousand packets/s %(way)s") % words
        case "dscp_marking":
            return _("Marked with DSCP %(mark)s") % {"mark": rule.dscp_mark}
    return rule.type


class PolicyForm(Sectioned):
    """A policy's own attributes."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    is_shared = forms.BooleanField(label=gettext_lazy("Shared: every project can use it"), required=False)
    is_default = forms.BooleanField(label=gettext_lazy("The project's default: new networks get it"), required=False)
    sections = ((gettext_lazy("More"), ("is_shared", "is_default")),)

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep(neutron.is_admin(cloud), "is_shared")
        self.keep(extensions.offered(cloud, "qos-default"), "is_default")


class RuleForm(forms.Form):
    """A rule, new or as it is: ``rule`` is the old one's id."""

    type = forms.ChoiceField(label=gettext_lazy("Kind"), choices=TYPES)
    rate = forms.IntegerField(
        label=gettext_lazy("Rate"),
        required=False,
        min_value=0,
        help_text=gettext_lazy("In kbit/s, or thousands of packets per second"),
    )
    burst = forms.IntegerField(
        label=gettext_lazy("Burst"),
        required=False,
        min_value=0,
        help_text=gettext_lazy("How much may come at once, for limits; the cloud's own if empty"),
    )
    direction = forms.ChoiceField(label=gettext_lazy("Direction"), choices=DIRECTIONS, initial="egress")
    mark = forms.ChoiceField(
        label=gettext_lazy("DSCP mark"),
        choices=MARKS,
        required=False,
        initial="26",
        help_text=gettext_lazy("For marking"),
    )
    rule = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, cloud: Cloud, rows: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = later(lambda: qos.list_rule_types(cloud)).or_else(tuple(qos.TYPES))
        wanted = str(self.initial.get("rule") or self.data.get("rule") or "")
        old = next((rule for row in rows for rule in row.rules if wanted and rule.id == wanted), None)
        kinds = [(key, label) for key, label in TYPES if key in known]
        if old is not None:
            kinds = [(key, label) for key, label in TYPES if key == old.type]
            values = {"type": old.type, "rate": old.rate, "burst": old.burst or None, "direction": old.direction}
            self.initial = {**values, "mark": str(old.dscp_mark or 0), **self.initial}
        self.fields["type"].choices = kinds  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """All but marks have a rate."""
        data = super().clean() or {}
        if data.get("type") != "dscp_marking" and data.get("rate") is None and "rate" not in self.errors:
            self.add_error("rate", _("Give the rate."))
        if data.get("direction") == "any" and data.get("type") != "minimum_packet_rate":
            self.add_error("direction", _("Choose one direction."))
        return data


class RuleIdForm(forms.Form):
    """Which rule it is about."""

    rule = forms.CharField(widget=forms.HiddenInput)


def rule_body(data: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as Neutron wants it."""
    kind = data["type"]
    if kind == "dscp_marking":
        return {"dscp_mark": int(data["mark"])}
    rate = next(name for name in qos.VALUES[kind] if name.startswith(("max_k", "min_k")))
    body: dict[str, Any] = {rate: data["rate"], "direction": data["direction"]}
    burst = next((name for name in qos.VALUES[kind] if "burst" in name), "")
    if burst and data.get("burst") is not None:
        body[burst] = data["burst"]
    return body
