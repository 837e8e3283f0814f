"""A parameter of a template as a field: what kind it is, what it may be, and what is said of that beforehand."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.stack_choices import Choice
from dashboard.cloud.stack_templates import Parameter

KINDS = {"CommaDelimitedList": gettext_lazy("Several values, with commas between them."), "Json": gettext_lazy("JSON.")}
CHECKED = {
    "net_cidr": gettext_lazy("As in 192.168.1.0/24 or 2001:db8::/64"),
    "ip_addr": gettext_lazy("An IP address."),
    "ip_or_cidr": gettext_lazy("An IP address or a range of addresses."),
    "mac_addr": gettext_lazy("A MAC address, as in fa:16:3e:00:00:01."),
    "dns_name": gettext_lazy("A DNS name."),
    "rel_dns_name": gettext_lazy("A DNS name."),
    "timezone": gettext_lazy("A time zone, as in Europe/Berlin."),
    "cron_expression": gettext_lazy("A time as in a crontab: 0 3 * * *"),
    "expiration": gettext_lazy("A moment in UTC, as in 2030-01-31T12:00:00."),
}
"""What Heat looks at by itself, in words; there is nothing to choose from."""
TRUE = {"true", "t", "yes", "y", "on", "1"}


def words_of(parameter: Parameter) -> list[str]:
    """What a value has to be, before anybody types one."""
    said = [str(KINDS[parameter.type])] if parameter.type in KINDS and not parameter.choices else []
    said.append(str(CHECKED.get(parameter.picks, "")))
    low, high = parameter.least, parameter.most
    if low is not None and high is not None:
        said.append(_("From %(low)s to %(high)s.") % {"low": _plain(low), "high": _plain(high)})
    elif low is not None:
        said.append(_("At least %(low)s.") % {"low": _plain(low)})
    elif high is not None:
        said.append(_("At most %(high)s.") % {"high": _plain(high)})
    if parameter.step:
        said.append(_step(parameter))
    if parameter.pattern and not parameter.explained:
        said.append(_("It has to match %(pattern)s") % {"pattern": parameter.pattern})
    said.append(_size(parameter))
    return [part for part in said if part]


def _step(parameter: Parameter) -> str:
    if parameter.offset:
        return _("A multiple of %(step)s, and %(offset)s more.") % {
            "step": _plain(parameter.step),
            "offset": _plain(parameter.offset),
        }
    return _("A multiple of %(step)s.") % {"step": _plain(parameter.step)}


def _size(parameter: Parameter) -> str:
    """How long it has to be: characters of a text, values of a list."""
    low, high = parameter.shortest or 0, parameter.longest
    if not low and high is None:
        return ""
    limits = f"{low}+" if high is None else "–".join(dict.fromkeys((str(low), str(high))))
    if parameter.type == "String":
        return _("Length: %(limits)s characters.") % {"limits": limits}
    return _("Length: %(limits)s values.") % {"limits": limits}


def _plain(value: float | None) -> str:
    return f"{value:g}" if value is not None else ""


def initial_of(parameter: Parameter, now: Any) -> Any:
    """A value that is known as the field shows it."""
    if parameter.is_hidden:
        return ""
    if parameter.type == "CommaDelimitedList":
        found = now.split(",") if isinstance(now, str) else now
        return ",".join(str(item) for item in found) if isinstance(found, list) else ""
    return json.dumps(now, ensure_ascii=False) if isinstance(now, dict | list) else now


def field_of(parameter: Parameter, *, now: Any, is_update: bool) -> forms.Field:
    """The field; ``now`` is what the stack has, or the template's default."""
    keeps = is_update and parameter.is_hidden
    about = [parameter.description, parameter.explained, *words_of(parameter)]
    if keeps:
        about.append(_("Left empty, it stays what it is."))
    elif parameter.is_hidden and not parameter.is_required:
        about.append(_("Left empty, it is the template's default."))
    common: dict[str, Any] = {
        "label": parameter.label or parameter.name,
        "required": parameter.is_required and not keeps,
        "help_text": " ".join(part for part in about if part),
        "initial": initial_of(parameter, now),
        "disabled": parameter.is_immutable and is_update,
    }
    if parameter.type == "Boolean" and keeps:
        # A tick says yes or no; what it is now is not known here.
        return forms.ChoiceField(choices=[("", "–"), ("true", "true"), ("false", "false")], **common)
    if parameter.type == "Boolean":
        return forms.BooleanField(**{**common, "required": False, "initial": str(now).lower() in TRUE})
    if parameter.choices and not parameter.is_hidden:
        return _chosen(parameter, [(value, value) for value in parameter.choices], common)
    if parameter.type == "Number" and not parameter.is_hidden:
        least, most = _number(parameter.least), _number(parameter.most)
        return forms.DecimalField(min_value=least, max_value=most, validators=_validators(parameter), **common)
    widget: forms.Widget = forms.TextInput()
    if parameter.is_hidden:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True)
    elif parameter.type == "Json":
        widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
    if parameter.type == "String":
        # A pattern is not tried here: one can be made to take for ever. Heat tries it.
        common |= {"min_length": parameter.shortest, "max_length": parameter.longest}
    return forms.CharField(strip=False, widget=widget, validators=_validators(parameter), **common)


def _chosen(parameter: Parameter, choices: Sequence[tuple[str, Any]], common: dict[str, Any]) -> forms.Field:
    """One of what there is; any number of them for a list."""
    if parameter.type == "CommaDelimitedList":
        common = {**common, "initial": as_list(common["initial"])}
        size = min(8, max(3, len(choices)))
        return forms.MultipleChoiceField(choices=choices, widget=forms.SelectMultiple(attrs={"size": size}), **common)
    has_value = common["initial"] not in (None, "")
    first = [] if common["required"] and has_value else [("", _("Choose one"))]
    initial = common["initial"]
    common = {**common, "initial": initial if initial is None else str(initial)}
    return forms.ChoiceField(choices=[*first, *choices], **common)


def offered(parameter: Parameter, field: forms.Field, found: Sequence[Choice]) -> forms.Field:
    """The same field as a choice of what the project has. What stands there now may be another project's."""
    common: dict[str, Any] = {
        "label": field.label,
        "required": field.required,
        "help_text": field.help_text,
        "initial": field.initial,
        "disabled": field.disabled,
    }
    choices = [(item.value, item.label or item.value) for item in found]
    # Names do as well as ids.
    by_label = {item.label: item.value for item in reversed(found)}
    values = {item.value for item in found}
    now = [by_label.get(item, item) if item not in values else item for item in as_list(field.initial)]
    choices = [*((item, item) for item in now if item not in values), *choices]
    if parameter.type == "CommaDelimitedList":
        kinds = str(KINDS[parameter.type])
        common |= {"initial": now, "help_text": str(field.help_text).replace(kinds, "").strip()}
    else:
        common["initial"] = now[0] if now else ""
    return _chosen(parameter, choices, common)


def as_list(value: Any) -> list[str]:
    """The values of a field that may have several."""
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return [part.strip() for part in str(value).split(",") if part.strip()] if value not in (None, "") else []


def _validators(parameter: Parameter) -> list[Callable[[Any], None]]:
    def is_in_step(value: Decimal) -> None:
        step, offset = Decimal(str(parameter.step)), Decimal(str(parameter.offset))
        if (value - offset) % step:
            raise forms.ValidationError(_step(parameter))

    def is_long_enough(value: str) -> None:
        count = _count(parameter, value)
        if count is None:
            return
        if count < (parameter.shortest or 0) or (parameter.longest is not None and count > parameter.longest):
            raise forms.ValidationError(_size(parameter))

    def is_json(value: str) -> None:
        try:
            json.loads(value)
        except ValueError as error:
            raise forms.ValidationError(_("This is no JSON: %(error)s") % {"error": str(error)[:120]}) from error

    if parameter.is_hidden:
        return []
    if parameter.type == "Number":
        return [is_in_step] if parameter.step else []
    found: list[Callable[[Any], None]] = []
    if parameter.type == "Json":
        found.append(is_json)
    return [*found, is_long_enough] if parameter.type in {"Json", "CommaDelimitedList"} else found


def _count(parameter: Parameter, value: str) -> int | None:
    if parameter.type == "CommaDelimitedList":
        return len(value.split(","))
    try:
        found = json.loads(value)
    except ValueError:
        return None
    return len(found) if isinstance(found, dict | list) else None


def sent_as(value: Any) -> str:
    """A field's value as Heat is sent it."""
    if isinstance(value, list | tuple):
        return ",".join(value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _number(value: float | None) -> Any:
    return int(value) if value is not None and value == int(value) else value
