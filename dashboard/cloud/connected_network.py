"""A network that reaches the internet, in one go: network, subnet, router and interface; undone if a step fails."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError

SERVICE = "network"
RANGES = ("192.168.0.0/16", "10.0.0.0/8", "172.16.0.0/12")
"""Where a free range is looked for: those that RFC 1918 sets apart."""


@dataclass(frozen=True)
class Plan:
    """What is to be made. Without ``router_id`` a router is made too, with a gateway to ``external_id``."""

    name: str
    cidr: str
    external_id: str = ""
    router_id: str = ""
    dns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Made:
    """One thing that was made. ``what`` is network, subnet, router or interface."""

    what: str
    id: str


@dataclass(frozen=True)
class Outcome:
    """How far it went. ``error`` is of the step ``failed``; ``left`` could not be undone."""

    made: tuple[Made, ...] = ()
    failed: str = ""
    error: CloudError | None = None
    undone: tuple[Made, ...] = ()
    left: tuple[Made, ...] = field(default_factory=tuple)

    @property
    def network_id(self) -> str:
        """The network's id, if it is there."""
        return next((item.id for item in self.made if item.what == "network"), "")


def make(cloud: Cloud, plan: Plan) -> Outcome:
    """Makes it step by step, and undoes what was made if a step fails. Raises nothing of a service's.

    A step whose answer is lost may have been done: what it may have made is looked for and undone too.
    """
    made: list[Made] = []
    for what, do in _steps(cloud, plan, made):
        try:
            made.append(Made(what, do()))
        except CloudError as error:
            if error.is_unknown_outcome:
                made += _lost(cloud, plan, what, made)
            undone, left = _undo(cloud, made)
            return Outcome((), what, error, undone, left)
    return Outcome(tuple(made))


def _steps(cloud: Cloud, plan: Plan, made: list[Made]) -> Iterable[tuple[str, Callable[[], str]]]:
    def of(what: str) -> str:
        return next(item.id for item in made if item.what == what)

    def create(what: str, **body: object) -> str:
        answer = cloud.post(SERVICE, f"/v2.0/{wire.path_id(what)}s", {what: body})
        return wire.text(paging.inner(answer, what, SERVICE).get("id"))

    def interface() -> str:
        router = plan.router_id or of("router")
        body = {"subnet_id": of("subnet")}
        cloud.put(SERVICE, f"/v2.0/routers/{wire.path_id(router)}/add_router_interface", body)
        return router

    yield "network", lambda: create("network", name=plan.name)
    yield (
        "subnet",
        lambda: create(
            "subnet",
            name=plan.name,
            network_id=of("network"),
            cidr=plan.cidr,
            ip_version=ipaddress.ip_network(plan.cidr).version,
            dns_nameservers=list(plan.dns),
        ),
    )
    if not plan.router_id:
        gateway = {"network_id": plan.external_id}
        yield "router", lambda: create("router", name=plan.name, external_gateway_info=gateway)
    yield "interface", interface


def _lost(cloud: Cloud, plan: Plan, what: str, made: list[Made]) -> list[Made]:
    """What a step may have made whose answer was lost: the newest of this name that nothing hangs on."""
    known = {item.id for item in made}
    try:
        if what == "interface":
            return [Made(what, plan.router_id or next(item.id for item in made if item.what == "router"))]
        params: dict[str, Any] = {"name": plan.name, "project_id": cloud.project_id or None}
        if what == "subnet":
            params["network_id"] = next(item.id for item in made if item.what == "network")
        found = wire.objects(cloud.get(SERVICE, f"/v2.0/{wire.path_id(what)}s", **params).get(f"{what}s"))
    except CloudError:
        return []
    if what == "network":
        found = [item for item in found if not item.get("subnets")]
    fresh = [wire.text(item.get("id")) for item in found if wire.text(item.get("id")) not in known]
    # Two of one name may be anybody's: then nothing is touched.
    return [Made(what, fresh[0])] if len(fresh) == 1 else []


def _undo(cloud: Cloud, made: list[Made]) -> tuple[tuple[Made, ...], tuple[Made, ...]]:
    """Takes away what was made, last first. Gives what is gone and what is left."""
    undone: list[Made] = []
    left: list[Made] = []
    subnet = next((item.id for item in made if item.what == "subnet"), "")
    for item in reversed(made):
        try:
            if item.what == "interface":
                path = f"/v2.0/routers/{wire.path_id(item.id)}/remove_router_interface"
                cloud.put(SERVICE, path, {"subnet_id": subnet})
            else:
                cloud.delete(SERVICE, f"/v2.0/{wire.path_id(item.what)}s/{wire.path_id(item.id)}")
            undone.append(item)
        except CloudError as error:
            (undone if error.status == 404 else left).append(item)
    return tuple(undone), tuple(left)


def free_range(taken: Iterable[str], *, prefix: int = 24) -> str:
    """A range of addresses that overlaps none of ``taken``; "" if there is none left."""
    used = [network for network in map(_network, taken) if network is not None]
    for area in RANGES:
        for number, candidate in enumerate(ipaddress.IPv4Network(area).subnets(new_prefix=prefix)):
            if number and not any(candidate.overlaps(network) for network in used):
                return str(candidate)
            if number > 4096:
                break
    return ""


def _network(text: str) -> ipaddress.IPv4Network | None:
    """None for IPv6 as well: nothing of it overlaps."""
    try:
        return ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        return None


@dataclass(frozen=True)
class Named:
    """Something to choose: a router or an external network."""

    id: str
    name: str


@dataclass(frozen=True)
class Choices:
    """What the form offers."""

    external: tuple[Named, ...]
    routers: tuple[Named, ...]
    """Those with a gateway: others lead nowhere."""
    taken: tuple[str, ...]
    """The ranges of the project's subnets."""


def list_choices(cloud: Cloud) -> Choices:
    """What a network can be connected to. Raises CloudError."""
    own = cloud.project_id or None
    networks = cloud.get(SERVICE, "/v2.0/networks", **{"router:external": "True"}, fields=["id", "name"])
    routers = cloud.get(SERVICE, "/v2.0/routers", project_id=own, fields=["id", "name", "external_gateway_info"])
    subnets = cloud.get(SERVICE, "/v2.0/subnets", project_id=own, fields=["cidr"])
    return Choices(
        external=_named(networks.get("networks")),
        routers=_named([item for item in wire.objects(routers.get("routers")) if item.get("external_gateway_info")]),
        taken=tuple(wire.text(item.get("cidr")) for item in wire.objects(subnets.get("subnets"))),
    )


def _named(items: Any) -> tuple[Named, ...]:
    found = (
        Named(wire.text(item.get("id")), wire.text(item.get("name")) or wire.text(item.get("id")))
        for item in wire.objects(items)
    )
    return tuple(sorted((item for item in found if item.id), key=lambda item: (item.name.casefold(), item.id)))
