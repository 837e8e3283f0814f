"""The page of a new project: its parts with what they offer, and what was typed in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from dashboard.cloud import project_create, quotas
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.parallel import Later, later
from dashboard.cloud.project_search import list_domains
from dashboard.panels.new_project.forms import MOST_ROWS, ROWS, MemberForm, NetForm, PersonForm, ProjectForm
from dashboard.ui.errors import Fault, fault_of
from dashboard.ui.panel import ADMIN, may
from dashboard.ui.quota_fields import QuotasForm

GRANTED = ("member", "reader", "manager")
"""What a domain's manager may give, and the order in which roles are offered."""


@dataclass
class Parts:
    """The page's forms; ``quotas`` and ``net`` are None where the scope is not for them."""

    project: ProjectForm
    members: list[MemberForm]
    person: PersonForm
    quotas: QuotasForm | None = None
    net: NetForm | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def all(self) -> list[Any]:
        forms: list[Any] = [self.project, *self.members, self.person]
        return forms + [form for form in (self.quotas, self.net) if form is not None]

    def suggest(self, url: str) -> None:
        """Has the fields that take names ask for those there are, while somebody types."""
        fields = [(form.fields["name"], "members") for form in self.members]
        for field_, of in [*fields, (self.project.fields["parent"], "projects")]:
            about = {"hx-get": f"{url}?of={of}", "hx-target": f"#names-{of}"}
            field_.widget.attrs.update({**about, "hx-trigger": "input changed delay:300ms", "list": f"names-{of}"})
            field_.widget.attrs["autocomplete"] = "off"

    def is_valid(self) -> bool:
        """Whether all of them are; each says what is wrong with it."""
        # All are asked, so that each has its errors.
        found = [form.is_valid() for form in self.all]
        return all(found)


def roles_of(cloud: Cloud, found: Mapping[str, str]) -> dict[str, str]:
    """Names by id, member first; of those that this person may give."""
    is_admin = may(cloud, ADMIN)
    offered = {id: name for id, name in found.items() if is_admin or name in GRANTED}
    return dict(
        sorted(offered.items(), key=lambda item: (GRANTED.index(item[1]) if item[1] in GRANTED else 9, item[1]))
    )


def parts(cloud: Cloud, given: QueryDict | None, limits: Mapping[str, Any] | None = None) -> Parts:
    """The forms, filled in with what was sent; ``limits`` stands in for the quotas typed. Raises Unauthorized."""
    faults: list[Fault] = []

    def got(waiting: Later[Any], default: Any) -> Any:
        value = waiting.or_else(default)
        if isinstance(waiting.error, Unauthorized):
            raise waiting.error
        if isinstance(waiting.error, CloudError):
            faults.append(fault_of(waiting.error, cloud))
        return value

    is_whole = bool(cloud.project_id)
    domains, roles = later(lambda: list_domains(cloud)), later(lambda: project_create.list_roles(cloud))
    external = later(lambda: project_create.list_external(cloud)) if is_whole and cloud.offers("network") else None
    defaults = later(lambda: quotas.list_defaults(cloud)) if is_whole else None
    names = {item.id: item.name for item in got(domains, ())}
    allowed = roles_of(cloud, got(roles, {}))
    count = min(MOST_ROWS, max(ROWS, _number(given, "rows")))
    found = Parts(
        ProjectForm(given, domains=names, initial={"domain": cloud.access.scope.domain_id}),
        [MemberForm(given, prefix=f"m{place}", roles=allowed) for place in range(count)],
        PersonForm(given, roles=allowed, prefix="p"),
        faults=faults,
    )
    if defaults is not None:
        limited = got(defaults, ())
        faults += [fault_of(item.error, cloud) for item in limited if item.error is not None]
        found.quotas = QuotasForm(limits or given, found=limited)
    if external is not None:
        found.net = NetForm(given, external=got(external, {}))
    return found


def _number(given: QueryDict | None, key: str) -> int:
    text = given.get(key, "") if given is not None else ""
    return int(text) if text.isdigit() and len(text) < 4 else 0
