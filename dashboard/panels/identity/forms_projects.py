"""The forms of projects and domains: what they are called, where they belong, and what goes with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.auth.scopes import scoped_reverse
from dashboard.cloud import projects
from dashboard.cloud.connection import Cloud
from dashboard.cloud.domains import Domain
from dashboard.cloud.projects import Project
from dashboard.panels.identity.fields import (
    Sought,
    Warned,
    description_field,
    domain_field,
    domain_of,
    is_own,
    look,
    name_field,
    offer_domains,
    sought,
)

MOST_TAGS, LONGEST_TAG = 80, 255
ASKED_OF = 5
"""What a project holds is asked for when no more than so many are to be deleted at once."""


class TagsField(forms.CharField):
    """Tags, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        given = {
            "label": gettext_lazy("Tags"),
            "required": False,
            "help_text": gettext_lazy("One a line."),
            "widget": forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        }
        super().__init__(**{**given, **kwargs})

    def to_python(self, value: Any) -> Any:
        lines = "" if value is None else str(value)
        return list(dict.fromkeys(line.strip() for line in lines.splitlines() if line.strip()))

    def validate(self, value: Any) -> None:
        if len(value) > MOST_TAGS:
            raise ValidationError(_("At most %d tags, please.") % MOST_TAGS)
        for tag in value:
            if len(tag) > LONGEST_TAG or re.search("[,/]", tag):
                raise ValidationError(
                    _("“%(tag)s” is no tag: up to 255 characters, neither commas nor slashes.") % {"tag": tag}
                )

    def run_validators(self, value: Any) -> None:
        """Its length as a text does not matter."""


class ProjectForm(forms.Form):
    """A new project."""

    name = name_field(longest=64)
    description = description_field()
    domain = domain_field()
    parent = Sought(
        kinds=("projects",),
        label=gettext_lazy("Parent project"),
        required=False,
        help_text=gettext_lazy("Empty: it is at the top. A parent can't be changed later."),
    )
    tag_lines = TagsField()
    enabled = forms.BooleanField(label=gettext_lazy("Enabled"), required=False, initial=True)
    immutable = forms.BooleanField(
        label=gettext_lazy("Protected: it can't be changed or deleted until this is taken away"), required=False
    )

    def __init__(self, *args: Any, cloud: Cloud, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud = cloud
        offer_domains(self, cloud)
        look(self, cloud)

    def clean(self) -> dict[str, Any]:
        """The parent's id, and its domain, which is then the project's, too."""
        data = super().clean() or {}
        data["domain_id"] = domain_of(self, self.cloud)
        text = data.get("parent")
        if text:
            try:
                _kind, found = sought(self.cloud, ("projects",), text)
            except ValidationError as error:
                self.add_error("parent", error)
            else:
                data.update(parent_id=found.id, domain_id=found.domain_id)
        return data


class EditForm(forms.Form):
    """What a project is called."""

    name = name_field(longest=64)
    description = description_field()


class TagsForm(forms.Form):
    """All tags of a project."""

    tag_lines = TagsField()

    def __init__(self, *args: Any, rows: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(rows) == 1:
            self.initial.setdefault("tag_lines", "\n".join(rows[0].tags))


class OwnForm(Warned):
    """Asks twice where one would lock oneself out."""

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if any(is_own(cloud, row) for row in rows or ()):
            self.ask_twice(
                _("You are working in it at this moment: you would be signed out of it, and might not get in again."),
                _("I know; do it all the same"),
            )


class DeleteProjectForm(OwnForm):
    """What would be left behind, and where it can be cleared away first."""

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Project] = (), **kwargs: Any) -> None:
        super().__init__(*args, cloud=cloud, rows=rows, **kwargs)
        if self.is_bound or not rows or len(rows) > ASKED_OF:
            return
        for row in rows:
            held = projects.list_held(cloud, row.id)
            if projects.holds(held, "projects"):
                self.warn(_("%(name)s has subprojects: Keystone refuses until they are deleted.") % {"name": row.name})
            left = [words(item) for item in held if item.kind != "projects" and item.count]
            if left:
                url, label = teardown(cloud, row.id)
                self.warn(
                    _("%(name)s still holds %(things)s. They would stay, cost, and belong to nobody.")
                    % {"name": row.name, "things": ", ".join(left)},
                    url,
                    label,
                )
        if cloud.access.scope.kind != "project":
            self.warn(
                _("Whether it holds servers or volumes can't be asked from here: an administrator's project can.")
            )


def words(item: projects.Held) -> str:
    """How many of what: "3 servers"."""
    count = item.count or 0
    kinds = {
        "servers": ngettext("%(n)s server", "%(n)s servers", count),
        "volumes": ngettext("%(n)s volume", "%(n)s volumes", count),
        "networks": ngettext("%(n)s network", "%(n)s networks", count),
        "images": ngettext("%(n)s image", "%(n)s images", count),
    }
    return kinds.get(item.kind, "%(n)s") % {"n": f"{count}+" if count >= 50 else count}


def teardown(cloud: Cloud, id: str) -> tuple[str, str]:
    """Where a project is cleared, if there is such a page; and what the link is called."""
    try:
        url = scoped_reverse(cloud.access.scope, cloud.region, "teardown:index")
    except NoReverseMatch:
        return "", ""
    return f"{url}?project={id}", _("Clear it away first")


class DomainForm(forms.Form):
    """A new domain."""

    name = name_field(longest=64)
    description = description_field()
    enabled = forms.BooleanField(label=gettext_lazy("Enabled"), required=False, initial=True)


class DeleteDomainForm(OwnForm):
    """A domain's name is typed before everything in it is deleted."""

    typed = forms.CharField(label=gettext_lazy("The domain's name, to be sure"), required=True)

    def __init__(self, *args: Any, cloud: Cloud, rows: Sequence[Domain] = (), **kwargs: Any) -> None:
        super().__init__(*args, cloud=cloud, rows=rows, **kwargs)
        self.names = [row.name for row in rows or ()]
        if len(self.names) != 1:
            self.fields.pop("typed")

    def clean_typed(self) -> str:
        """It has to be the name."""
        if self.cleaned_data["typed"] not in self.names:
            raise ValidationError(_("That is not the domain's name."))
        return str(self.cleaned_data["typed"])
