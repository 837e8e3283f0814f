"""Fields that the forms of people, groups and projects share: who is meant, by typing, and what to be warned of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.auth.scopes import scoped_reverse
from dashboard.cloud import groups, keystone_lists, members, projects, users
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Invalid, Unauthorized
from dashboard.cloud.keystone_lists import Kind
from dashboard.panels.identity.names import domain_names, own_domain, several_domains
from dashboard.ui.errors import told

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

KINDS: dict[str, Kind[Any]] = {"users": users.USERS, "groups": groups.GROUPS, "projects": projects.PROJECTS}
GROUP = "group:"
"""Before a group's name, where a user may be meant as well."""
MANAGED = ("reader", "member", "manager")
"""What Keystone's defaults let a domain's manager give."""
FIRST_ROLES = ("member", "reader", "manager", "admin")


def name_field(*, longest: int = 255) -> forms.CharField:
    """A name, as Keystone takes it."""
    return forms.CharField(
        label=gettext_lazy("Name"), max_length=longest, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


def description_field() -> forms.CharField:
    """A description."""
    return forms.CharField(
        label=gettext_lazy("Description"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


def domain_field() -> forms.ChoiceField:
    """The domain that something new is made in; ``offer_domains`` fills it."""
    return forms.ChoiceField(label=gettext_lazy("Domain"))


def offer_domains(form: forms.Form, cloud: Cloud) -> None:
    """The domains to choose from; no question where there is but one."""
    names = domain_names(cloud)
    own = own_domain(cloud)
    if not several_domains(cloud):
        form.fields.pop("domain")
        return
    found: Any = form.fields["domain"]
    found.choices = sorted(names.items(), key=lambda item: item[1].casefold())
    form.initial.setdefault("domain", own)


def domain_of(form: forms.Form, cloud: Cloud) -> str:
    """The domain that was chosen, or the only one."""
    return str(form.cleaned_data.get("domain") or own_domain(cloud))


class Search(forms.TextInput):
    """A name that is looked for while it is typed. Without scripts it is typed in full, or an id is."""

    template_name = "people/search_widget.html"
    url = ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["search_url"] = f"{self.url}&field={name}" if self.url else ""
        return context


class Sought(forms.CharField):
    """Somebody or something by name, with the domain in brackets where that is needed, or by id.

    ``kinds`` are what it may be. ``found`` gives kind and row once the form knows the cloud; see ``look``.
    """

    def __init__(self, *, kinds: tuple[str, ...], **kwargs: Any) -> None:
        kwargs.setdefault("widget", Search(attrs={"autocomplete": "off", "spellcheck": "false"}))
        super().__init__(max_length=320, **kwargs)
        self.kinds = kinds


def look(form: forms.Form, cloud: Cloud) -> None:
    """Lets a form's fields of this kind search as one types."""
    for field in form.fields.values():
        if isinstance(field, Sought) and isinstance(field.widget, Search):
            try:
                url = scoped_reverse(cloud.access.scope, cloud.region, "users:find")
            except NoReverseMatch:
                continue
            field.widget.url = f"{url}?kinds={','.join(field.kinds)}"


def named(cloud: Cloud, kind: str, row: Any) -> str:
    """How something is written into such a field."""
    name = row.name
    if several_domains(cloud):
        domain = domain_names(cloud).get(row.domain_id, "")
        name = f"{name} ({domain})" if domain else name
    return f"{GROUP}{name}" if kind == "groups" else str(name)


def sought(cloud: Cloud, kinds: Sequence[str], text: str) -> tuple[str, Any]:
    """Kind and row of who is meant. Raises ValidationError where nobody is, or several are."""
    text = text.strip()
    if text.startswith(GROUP) and "groups" in kinds:
        kinds, text = ("groups",), text.removeprefix(GROUP).strip()
    bracketed = re.fullmatch(r"(.+) \(([^()]+)\)", text)
    by_name = {name.casefold(): id for id, name in domain_names(cloud).items()}
    found: list[tuple[str, Any]] = []
    try:
        for kind in kinds:
            rows: list[Any] = []
            if bracketed and bracketed[2].casefold() in by_name:
                domain = by_name[bracketed[2].casefold()]
                rows = keystone_lists.exactly(cloud, KINDS[kind], bracketed[1], domain_id=domain)
            rows = rows or keystone_lists.exactly(cloud, KINDS[kind], text)
            found += [(kind, row) for row in rows]
    except Unauthorized:
        raise
    except CloudError as error:
        raise ValidationError(told(error, cloud)) from error
    if not found:
        raise ValidationError(_("Nothing is called “%(name)s” here.") % {"name": text})
    if len(found) > 1:
        own = [item for item in found if getattr(item[1], "domain_id", "") == own_domain(cloud)]
        if len(own) == 1:
            return own[0]
        several = ", ".join(named(cloud, kind, row) for kind, row in found[:5])
        raise ValidationError(_("Several are called so. Which one: %(names)s?") % {"names": several})
    return found[0]


def roles_field(**more: Any) -> forms.MultipleChoiceField:
    """Roles to be ticked; ``offer_roles`` fills it."""
    given = {"label": gettext_lazy("Roles"), "widget": forms.CheckboxSelectMultiple}
    return forms.MultipleChoiceField(**{**given, **more})


def role_choices(cloud: Cloud, *, also: Iterable[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    """The roles that can be given here, the usual ones first. Raises CloudError."""
    found = members.list_roles(cloud)
    scope = cloud.access.scope
    if scope.kind == "domain" and not cloud.has_role("admin"):
        found = [role for role in found if role.name in MANAGED]
    order = {name: place for place, name in enumerate(FIRST_ROLES)}
    known = {role.id: role.name for role in sorted(found, key=lambda role: (order.get(role.name, 9), role.name))}
    return list({**known, **dict(also)}.items())


def offer_roles(form: forms.Form, cloud: Cloud, name: str = "roles", *, also: Iterable[tuple[str, str]] = ()) -> None:
    """Fills a field of roles; where they can't be had, it says why."""
    field: Any = form.fields[name]
    try:
        field.choices = role_choices(cloud, also=also)
    except Unauthorized:
        raise
    except CloudError as error:
        field.choices = list(also)
        field.help_text = told(error, cloud)
        return
    if cloud.access.scope.kind == "domain" and not cloud.has_role("admin"):
        field.help_text = field.help_text or _("Others only an administrator can give.")


class Warned(forms.Form):
    """A form with something to be read before it is sent: ``notices``, each a text, or a text, address and label."""

    template_name = "people/warned_form.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notices: list[tuple[StrOrPromise, str, StrOrPromise]] = []

    def warn(self, text: StrOrPromise, url: str = "", label: StrOrPromise = "") -> None:
        """One more thing to be read first."""
        self.notices.append((text, url, label))

    def ask_twice(self, text: StrOrPromise, label: StrOrPromise) -> None:
        """A warning that has to be ticked."""
        self.warn(text)
        self.fields["sure"] = forms.BooleanField(label=label)


def is_own(cloud: Cloud, row: Any) -> bool:
    """Whether it is one's own account, or the project or domain that one works in or signs in to."""
    return row.id in {cloud.access.person.id, cloud.access.scope.id, cloud.access.person.domain_id}


def spare_own(cloud: Cloud, row: Any, data: Mapping[str, Any]) -> None:
    """Among many, what is one's own is left out; by itself it is done when that was ticked. Raises Invalid."""
    if is_own(cloud, row) and not data.get("sure"):
        raise Invalid(_("It is your own: do it by itself, so that you are warned."), service="identity")


def texts_of(one: StrOrPromise, several: StrOrPromise) -> Callable[[Sequence[Any]], str]:
    """``one`` is the sentence for one thing, with ``%(name)s``; ``several`` that for more."""
    return lambda rows: str(several) if len(rows) != 1 else str(one) % {"name": rows[0].name or rows[0].id}
