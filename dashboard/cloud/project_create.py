"""A project in one go: made with its tags, members, quotas and a network; what a step made is found, not made twice.

The project itself and a new person are made at once, while the form is still open: a name may be taken, and a password
is not to be kept. The rest is done in steps, each of which looks first for what an interrupted one left.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.cloud import paging, quotas, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, NotFound, Unauthorized, Unavailable

BUDGET = 6.0
TRIES = 4
"""How often a step is tried whose service does not do its part."""


@dataclass(frozen=True)
class Member:
    """Who gets a role: "user" or "group"."""

    kind: str
    id: str
    name: str
    role_id: str
    role: str


@dataclass(frozen=True)
class Net:
    """A network to be made, with a router to ``external_id`` if that is given."""

    name: str
    cidr: str
    external_id: str = ""
    external: str = ""
    dns: tuple[str, ...] = ()


@dataclass
class Step:
    """One of the things to do. ``state``: waiting, done or failed; ``why`` what the service said."""

    key: str
    name: str = ""
    state: str = "waiting"
    why: str = ""
    tries: int = 0


@dataclass
class Making:
    """How far a new project is."""

    project_id: str
    project_name: str
    members: list[Member] = field(default_factory=list)
    limits: dict[str, dict[str, int | None]] = field(default_factory=dict)
    net: Net | None = None
    steps: list[Step] = field(default_factory=list)

    def plan(self) -> Making:
        """The steps that follow from what is wanted; the project is there already."""
        self.steps = [Step("project", self.project_name, "done")]
        self.steps += [Step(f"member:{place}", f"{item.name}: {item.role}") for place, item in enumerate(self.members)]
        self.steps += [Step(f"quotas:{service}", service) for service in self.limits]
        if self.net is not None:
            self.steps += [Step("network", self.net.name), Step("subnet", self.net.cidr)]
            if self.net.external_id:
                self.steps += [Step("router", self.net.external), Step("interface", self.net.name)]
        return self

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Making:
        net = facts.get("net")
        return cls(
            project_id=facts["project_id"],
            project_name=facts["project_name"],
            members=[Member(**item) for item in facts["members"]],
            limits={service: dict(limits) for service, limits in facts["limits"].items()},
            net=Net(**{**net, "dns": tuple(net["dns"])}) if net else None,
            steps=[Step(**item) for item in facts["steps"]],
        )

    def to_facts(self) -> dict[str, Any]:
        return {
            "project_id": self.project_id,
            "project_name": self.project_name,
            "members": [vars(item) for item in self.members],
            "limits": self.limits,
            "net": {**vars(self.net), "dns": list(self.net.dns)} if self.net else None,
            "steps": [vars(item) for item in self.steps],
        }

    @property
    def is_over(self) -> bool:
        return all(item.state != "waiting" for item in self.steps)

    @property
    def is_done(self) -> bool:
        return all(item.state == "done" for item in self.steps)

    def again(self) -> Making:
        """What failed waits once more; what is done stays done."""
        for item in self.steps:
            if item.state == "failed":
                item.state, item.why, item.tries = "waiting", "", 0
        return self


def create_project(
    cloud: Cloud, *, name: str, domain_id: str, description: str = "", parent_id: str = "", tags: tuple[str, ...] = ()
) -> str:
    """Makes a project and gives its id. Raises CloudError, Conflict for a name that is taken."""
    body: dict[str, Any] = {"name": name, "domain_id": domain_id, "description": description, "tags": list(tags)}
    if parent_id:
        body["parent_id"] = parent_id
    made = paging.inner(cloud.post("identity", "/projects", {"project": body}), "project", "identity")
    return wire.text(made.get("id"))


def create_user(cloud: Cloud, *, name: str, domain_id: str, password: str, email: str, project_id: str) -> str:
    """Makes somebody whose first project it is, and gives the id. Raises CloudError."""
    body = {"name": name, "domain_id": domain_id, "password": password, "default_project_id": project_id}
    if email:
        body["email"] = email
    made = paging.inner(cloud.post("identity", "/users", {"user": body}), "user", "identity")
    return wire.text(made.get("id"))


def is_project(cloud: Cloud, id: str, *, name: str, domain_id: str) -> bool:
    """Whether this is the project that was made a moment ago, by its name and domain. Raises CloudError."""
    try:
        answer = cloud.get("identity", f"/projects/{wire.path_id(id)}")
    except NotFound:
        return False
    found = paging.inner(answer, "project", "identity")
    return (found.get("name"), found.get("domain_id")) == (name, domain_id)


def list_roles(cloud: Cloud) -> dict[str, str]:
    """Roles that may be given in a project: names by id. Raises CloudError."""
    roles = wire.objects(cloud.get("identity", "/roles").get("roles"))
    return {wire.text(item.get("id")): wire.text(item.get("name")) for item in roles if not item.get("domain_id")}


def list_external(cloud: Cloud) -> dict[str, str]:
    """Networks that lead outside: names by id. Raises CloudError."""
    answer = cloud.get("network", "/v2.0/networks", **{"router:external": "True"}, fields=["id", "name"])
    return {wire.text(item.get("id")): wire.text(item.get("name")) for item in wire.objects(answer.get("networks"))}


def step(cloud: Cloud, work: Making) -> None:
    """Goes on for some seconds. Raises Unauthorized; what else fails is written down."""
    ends = time.monotonic() + BUDGET
    for item in work.steps:
        if item.state != "waiting":
            continue
        if time.monotonic() > ends:
            return
        needed = _needed(work, item)
        if needed:
            item.state, item.why = "failed", f"needs:{needed}"
            continue
        try:
            _do(cloud, work, item)()
            item.state, item.why = "done", ""
        except Unauthorized:
            raise
        except CloudError as error:
            item.tries += 1
            item.why = error.message or type(error).__name__
            if not isinstance(error, Unavailable) or item.tries >= TRIES:
                item.state = "failed"
            else:
                # The service may be back with the next step; what follows may need this one.
                return


NEEDS = {"subnet": "network", "interface": "router"}


def _needed(work: Making, item: Step) -> str:
    """The step that this one can't be done without, and that failed."""
    states = {step.key: step.state for step in work.steps}
    for key in (NEEDS.get(item.key, ""), "subnet" if item.key == "interface" else ""):
        if key and states.get(key) == "failed":
            return key
    return ""


def _do(cloud: Cloud, work: Making, item: Step) -> Callable[[], None]:
    kind, _colon, rest = item.key.partition(":")
    if kind == "member":
        return lambda: _assign(cloud, work.project_id, work.members[int(rest)])
    if kind == "quotas":
        limits = work.limits[rest]
        return lambda: quotas.set_quotas(cloud, rest, work.project_id, limits, force=False)
    assert work.net is not None
    return lambda: NETWORK[kind](cloud, work.project_id, work.net)


def _assign(cloud: Cloud, project_id: str, member: Member) -> None:
    kind = wire.path_id(f"{member.kind}s")
    path = f"/projects/{wire.path_id(project_id)}/{kind}/{wire.path_id(member.id)}/roles/{wire.path_id(member.role_id)}"
    cloud.put("identity", path, None)


def _network(cloud: Cloud, project_id: str, net: Any) -> None:
    if not _found(cloud, "networks", project_id, name=net.name):
        cloud.post("network", "/v2.0/networks", {"network": {"name": net.name, "project_id": project_id}})


def _subnet(cloud: Cloud, project_id: str, net: Any) -> None:
    (network,) = _found(cloud, "networks", project_id, name=net.name)[:1] or [""]
    if _found(cloud, "subnets", project_id, network_id=network):
        return
    body = {
        "name": net.name,
        "project_id": project_id,
        "network_id": network,
        "cidr": net.cidr,
        "ip_version": ipaddress.ip_network(net.cidr).version,
        "dns_nameservers": list(net.dns),
    }
    cloud.post("network", "/v2.0/subnets", {"subnet": body})


def _router(cloud: Cloud, project_id: str, net: Any) -> None:
    if not _found(cloud, "routers", project_id, name=net.name):
        gateway = {"network_id": net.external_id}
        body = {"name": net.name, "project_id": project_id, "external_gateway_info": gateway}
        cloud.post("network", "/v2.0/routers", {"router": body})


def _interface(cloud: Cloud, project_id: str, net: Any) -> None:
    (router,) = _found(cloud, "routers", project_id, name=net.name)[:1] or [""]
    (network,) = _found(cloud, "networks", project_id, name=net.name)[:1] or [""]
    (subnet,) = _found(cloud, "subnets", project_id, network_id=network)[:1] or [""]
    ports = cloud.get("network", "/v2.0/ports", device_id=router, network_id=network, fields=["id"])
    if wire.objects(ports.get("ports")):
        return
    cloud.put("network", f"/v2.0/routers/{wire.path_id(router)}/add_router_interface", {"subnet_id": subnet})


def _found(cloud: Cloud, kind: str, project_id: str, **narrow: str) -> list[str]:
    """Ids of what the project has of a kind already."""
    answer = cloud.get("network", f"/v2.0/{wire.path_id(kind)}", project_id=project_id, fields=["id"], **narrow)
    return [wire.text(item.get("id")) for item in wire.objects(answer.get(kind))]


NETWORK: dict[str, Callable[[Cloud, str, Any], None]] = {
    "network": _network,
    "subnet": _subnet,
    "router": _router,
    "interface": _interface,
}
"""The steps of a network, by their keys."""
