"""Rows of access rules: service, method and path, with what this cloud has as hints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.application_credentials import METHODS, PATH_LENGTH
from dashboard.cloud.connection import Cloud

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

SPARE = 3
VERSIONS = {"network": "/v2.0", "image": "/v2", "identity": "/v3"}
"""What stands before the paths of services whose addresses in the catalog often say no version."""
EXAMPLES: tuple[tuple[str, str, str, StrOrPromise], ...] = (
    ("compute", "GET", "/servers/**", gettext_lazy("look at servers")),
    ("compute", "POST", "/servers", gettext_lazy("launch servers")),
    ("compute", "POST", "/servers/*/action", gettext_lazy("start, stop and the like")),
    ("network", "GET", "/networks/**", gettext_lazy("look at networks")),
    ("image", "GET", "/images/**", gettext_lazy("look at images")),
    ("block-storage", "GET", "/volumes/**", gettext_lazy("look at volumes")),
    ("object-store", "GET", "/**", gettext_lazy("read objects")),
)


@dataclass(frozen=True)
class Example:
    """A rule that makes sense in this cloud."""

    service: str
    method: str
    path: str
    what: StrOrPromise


def services_of(cloud: Cloud) -> list[str]:
    """The service types of the catalog, as access rules name them."""
    return sorted({endpoint.service for endpoint in cloud.access.catalog.endpoints})


def examples_for(cloud: Cloud) -> list[Example]:
    """Rules for the services that this cloud has, with the paths that its addresses begin with."""
    found = []
    for service, method, path, what in EXAMPLES:
        if not cloud.offers(service):
            continue
        before = urlsplit(cloud.url(service)).path.rstrip("/").replace(f"/AUTH_{cloud.project_id}", "/*")
        before = before.replace(cloud.project_id, "*") if cloud.project_id else before
        if not any(part.startswith("v") and part[1:2].isdigit() for part in before.split("/")):
            before += VERSIONS.get(service, "")
        found.append(Example(service, method, before + path, what))
    return found


class RulesWidget(forms.Widget):
    """A row for each rule, and a few empty ones."""

    template_name = "application_credentials/rules_widget.html"
    services: Sequence[str] = ()
    examples: Sequence[Example] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        empty = {"service": "", "method": "GET", "path": ""}
        context["rows"] = [*(value or ()), *[empty] * SPARE]
        context |= {"methods": METHODS, "services": self.services, "examples": self.examples}
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        if not hasattr(data, "getlist"):
            return []
        columns = [data.getlist(f"{name}-{key}") for key in ("service", "method", "path")]
        rows = [
            {"service": service.strip(), "method": method, "path": path.strip()}
            for service, method, path in zip(*columns, strict=False)
        ]
        return [row for row in rows if row["service"] or row["path"]]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-path" not in data

    def id_for_label(self, id_: str) -> str:
        return ""


class RulesField(forms.Field):
    """Access rules, as a list of service, method and path."""

    widget = RulesWidget

    def know(self, cloud: Cloud) -> None:
        """Has the rows suggest what this cloud has."""
        widget: Any = self.widget
        widget.services, widget.examples = services_of(cloud), examples_for(cloud)

    def clean(self, value: Any) -> list[Mapping[str, str]]:
        found: list[Mapping[str, str]] = []
        for row in value or ():
            problem = _problem(row)
            if problem:
                raise ValidationError(problem)
            if row not in found:
                found.append(row)
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)


def _problem(row: Mapping[str, str]) -> str:
    what = {"path": (row["path"] or row["service"])[:60]}
    if not row["service"]:
        return _("“%(path)s”: say which service, e.g. compute.") % what
    if not row["path"].startswith("/"):
        return _("“%(path)s”: a path begins with a slash, e.g. /v2.1/servers.") % what
    if len(row["path"]) > PATH_LENGTH:
        return _("“%(path)s…”: a path has at most 225 characters.") % what
    if row["method"] not in METHODS:
        return _("“%(path)s”: this is no method.") % what
    return ""
