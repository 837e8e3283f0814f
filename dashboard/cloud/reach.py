"""Whether one thing can reach another: what Neutron's routes, floating IPs and security groups say to it.

Nothing is sent between them. What is decided is decided from what the project may see; a firewall inside a
server, or a router of another project, is not seen, and then said to be unknown.
Follows https://docs.openstack.org/api-ref/network/v2/ (security group rules are allowances, and any is enough).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from dashboard.cloud.reach_facts import Floating, Place, PortAt, Reachable, RouterAt, holds
from dashboard.cloud.security_groups import Rule, SecurityGroup


@dataclass(frozen=True)
class Wanted:
    """What is to get through. ``protocol`` is tcp, udp, icmp, or "" for anything; ``port`` 0 means any."""

    protocol: str = "tcp"
    port: int = 0


@dataclass(frozen=True)
class Missing:
    """A rule that would let it through."""

    group: SecurityGroup
    direction: str
    ethertype: str
    protocol: str
    port: int
    remote_prefix: str


@dataclass(frozen=True)
class Step:
    """One thing that decides. ``is_ok`` is None for what can't be known.

    ``code`` says which: off, down, egress, ingress, same-network, routed, no-gateway, no-router, router-down,
    no-interface, way-back, floating, no-floating, floating-down, snat, no-snat, no-external, unseen, stateless,
    no-firewall, external-network, no-address.
    """

    code: str
    is_ok: bool | None
    port: PortAt | None = None
    router: RouterAt | None = None
    floating: Floating | None = None
    group: SecurityGroup | None = None
    rule: Rule | None = None
    missing: Missing | None = None
    address: str = ""


@dataclass(frozen=True)
class Way:
    """One way from an address to an address, step by step."""

    source: str
    target: str
    steps: tuple[Step, ...] = field(default_factory=tuple)

    @property
    def is_open(self) -> bool:
        """Whether everything that can be known lets it through."""
        return bool(self.steps) and all(step.is_ok is not False for step in self.steps)

    @property
    def is_certain(self) -> bool:
        """Whether nothing is unknown."""
        return all(step.is_ok is not None for step in self.steps)

    @property
    def faults(self) -> int:
        """How many steps stop it."""
        return sum(step.is_ok is False for step in self.steps)


def best_way(facts: Reachable, wanted: Wanted) -> Way:
    """The way that is open, or the one that lacks least."""
    found = list(ways(facts, wanted))
    if not found:
        return Way("", "", (Step("no-address", False),))
    return min(found, key=lambda way: (not way.is_open, way.faults, not way.is_certain, len(way.steps)))


def ways(facts: Reachable, wanted: Wanted) -> Iterator[Way]:
    """Every way that there might be, open or not."""
    for source, source_address in _ends(facts.sources, facts.source_address):
        for target, target_address in _ends(facts.targets, facts.target_address):
            if source is None and target is None:
                continue
            for way in _between(facts, source, source_address, target, target_address):
                yield replace(way, steps=(*_states(source, target), *way.steps, *_filters(facts, way, wanted)))


def _ends(ports: Sequence[PortAt], address: str) -> Iterator[tuple[PortAt | None, str]]:
    if not ports:
        yield None, address
    for port in ports:
        for place in port.places:
            yield port, place.address


def _between(facts: Reachable, source: PortAt | None, a: str, target: PortAt | None, b: str) -> Iterator[_Route]:
    if source is not None and target is not None:
        if _version(a) == _version(b):
            yield _inside(facts, source, a, target, b)
        for floating in facts.floating_of(target):
            if _version(a) == 4 and floating.fixed == b:
                yield _outward(facts, source, a, replace_target=(target, floating))
    elif source is not None:
        if not b or _version(a) == _version(b):
            yield _outward(facts, source, a, outside=b)
    elif target is not None and (not a or _version(a) == _version(b)):
        yield _inward(facts, a, target, b)


@dataclass(frozen=True)
class _Route(Way):
    """A way with what filters need to know: who is at the ends, and how each is seen by the other."""

    from_port: PortAt | None = None
    to_port: PortAt | None = None
    seen_as: str = ""
    """The address that the target sees; "" for any."""
    sent_to: str = ""
    """The address that the source sends to; "" for any."""
    is_translated: bool = False


def _inside(facts: Reachable, source: PortAt, a: str, target: PortAt, b: str) -> _Route:
    """Within the project's networks."""
    route = _Route(a, b, (), source, target, a, b)
    here, there = source.place_of(a), target.place_of(b)
    if source.network_id == target.network_id and (here.subnet_id == there.subnet_id or facts.on_link(here, b)):
        return replace(route, steps=(Step("same-network", True, port=target),))
    steps = [*_through(facts, source, here, b, there)]
    if all(step.is_ok is not False for step in steps):
        steps += [replace(step, code="way-back") for step in _through(facts, target, there, a, here) if not step.is_ok]
    return replace(route, steps=tuple(steps))


def _through(facts: Reachable, port: PortAt, here: Place, to: str, there: Place) -> list[Step]:
    """Through the router that the subnet sends such addresses to."""
    router, step = _router(facts, port, here, to)
    if router is None:
        return [step]
    if there.subnet_id in facts.subnets_of(router) or router.routes_to(to):
        return [Step("routed", True, port=port, router=router)]
    return [Step("no-interface", False if facts.is_whole(router) else None, port=port, router=router, address=to)]


def _router(facts: Reachable, port: PortAt, here: Place, to: str) -> tuple[RouterAt | None, Step]:
    """The router for an address, or the step that says why there is none."""
    subnet = facts.subnets.get(here.subnet_id)
    if subnet is None:
        return None, Step("unseen", None, port=port)
    next_hop = subnet.next_hop(to)
    if not next_hop:
        return None, Step("no-gateway", False, port=port, address=subnet.cidr)
    router = facts.router_at(here.subnet_id, next_hop)
    if router is None:
        # A network of others may have a router that only they see.
        is_ours = port.network_id in facts.own_networks
        return None, Step("no-router", False if is_ours else None, port=port, address=next_hop)
    if not router.is_up:
        return None, Step("router-down", False, router=router)
    return router, Step("routed", True, router=router)


def _outward(
    facts: Reachable,
    source: PortAt,
    a: str,
    *,
    outside: str = "",
    replace_target: tuple[PortAt, Floating] | None = None,
) -> _Route:
    """From a server to the world outside, or through it to somebody's floating IP."""
    target, floating = replace_target if replace_target else (None, None)
    to = floating.address if floating else outside
    route = _Route(a, to, (), source, target, a, to)
    if source.network_id in facts.external_networks:
        return replace(route, steps=(Step("external-network", True, port=source),))
    router, step = _router(facts, source, source.place_of(a), to or ("::" if _version(a) == 6 else "0.0.0.0"))  # noqa: S104
    if router is None:
        return replace(route, steps=(step,))
    steps = [Step("routed", True, port=source, router=router)]
    own = next((item for item in facts.floating_of(source) if item.fixed == a), None)
    seen_as = a
    if not router.external_network_id:
        steps.append(Step("no-external", False, router=router))
    elif _version(a) == 6:
        steps.append(Step("external-network", None, router=router))
    elif own is not None:
        steps.append(Step("floating", True, router=router, floating=own))
        seen_as = own.address
    elif router.has_snat:
        steps.append(Step("snat", True, router=router, address=router.external_address))
        seen_as = router.external_address
    else:
        steps.append(Step("no-snat", False, router=router))
    if floating is not None:
        steps.append(_arrival(floating))
    return replace(route, steps=tuple(steps), seen_as=seen_as, is_translated=seen_as != a)


def _arrival(floating: Floating) -> Step:
    code = "floating" if floating.is_active else "floating-down"
    return Step(code, True if floating.is_active else None, floating=floating)


def _inward(facts: Reachable, a: str, target: PortAt, b: str) -> _Route:
    """From the world outside to a server."""
    route = _Route(a, b, (), None, target, a, b)
    if target.network_id in facts.external_networks:
        return replace(route, steps=(Step("external-network", True, port=target),))
    if _version(b) == 6:
        router, step = _router(facts, target, target.place_of(b), a or "::")
        if router is None:
            return replace(route, steps=(step,))
        if not router.external_network_id:
            return replace(route, steps=(Step("no-external", False, router=router),))
        return replace(route, steps=(Step("external-network", None, router=router),))
    found = next((item for item in facts.floating_of(target) if item.fixed == b), None)
    if found is None:
        return replace(route, steps=(Step("no-floating", False, port=target, address=b),))
    return replace(route, target=found.address, sent_to=found.address, steps=(_arrival(found),))


def _states(*ports: PortAt | None) -> Iterator[Step]:
    for port in ports:
        if port is not None and not port.is_up:
            yield Step("off", False, port=port)
        # A port that no server uses yet is down too, and asked about for when one does.
        elif port is not None and port.device_owner.startswith("compute:") and port.status == "DOWN":
            yield Step("down", None, port=port)


def _filters(facts: Reachable, route: Way, wanted: Wanted) -> Iterator[Step]:
    """What the security groups of both ends say."""
    assert isinstance(route, _Route)
    if route.from_port is not None:
        peer = route.to_port if not _is_outside(route) else None
        yield _allowed(facts, route.from_port, "egress", route.sent_to, peer, wanted, fixed=route.source)
    if route.to_port is not None:
        peer = None if route.is_translated else route.from_port
        yield _allowed(facts, route.to_port, "ingress", route.seen_as, peer, wanted, fixed=route.target)
    for port in (route.from_port, route.to_port):
        if port is not None and port.is_secured:
            for group_id in port.group_ids:
                group = facts.groups.get(group_id)
                if group is not None and not group.is_stateful:
                    yield Step("stateless", None, port=port, group=group)


def _is_outside(route: _Route) -> bool:
    """Whether the target is addressed by something that is not its own address."""
    return route.to_port is None or route.sent_to not in {place.address for place in route.to_port.places}


def _allowed(
    facts: Reachable,
    port: PortAt,
    direction: str,
    address: str,
    peer: PortAt | None,
    wanted: Wanted,
    *,
    fixed: str,
) -> Step:
    """The first rule that lets it through, or the one that is missing."""
    if not port.is_secured:
        return Step("no-firewall", True, port=port)
    version = _version(address or fixed)
    unseen = False
    for group_id in port.group_ids:
        group = facts.groups.get(group_id)
        if group is None:
            unseen = True
            continue
        for rule in group.rules:
            if rule.direction == direction and _lets(facts, rule, address, version, peer, wanted):
                return Step(direction, True, port=port, group=group, rule=rule)
    if unseen:
        return Step(direction, None, port=port)
    own = next((facts.groups[group_id] for group_id in port.group_ids), None)
    missing = None
    if own is not None:
        everywhere = "::/0" if version == 6 else "0.0.0.0/0"
        prefix = f"{address}/{128 if version == 6 else 32}" if address else everywhere
        protocol = "ipv6-icmp" if wanted.protocol == "icmp" and version == 6 else wanted.protocol
        missing = Missing(own, direction, f"IPv{version}", protocol, wanted.port, prefix)
    return Step(direction, False, port=port, group=own, missing=missing, address=address)


def _lets(facts: Reachable, rule: Rule, address: str, version: int, peer: PortAt | None, wanted: Wanted) -> bool:
    if rule.ethertype.lower() != f"ipv{version}":
        return False
    protocol = {"icmp": "ipv6-icmp"}.get(wanted.protocol, wanted.protocol) if version == 6 else wanted.protocol
    if rule.protocol and rule.protocol != protocol:
        return False
    if rule.protocol in {"tcp", "udp", "sctp"} and not _has_port(rule, wanted.port):
        return False
    if rule.protocol in {"icmp", "ipv6-icmp"} and rule.port_min not in {None, 8, 128}:
        # Of ICMP, what is asked for is the echo request.
        return False
    if rule.remote_group_id:
        return peer is not None and rule.remote_group_id in peer.group_ids
    if rule.remote_address_group_id:
        prefixes = facts.address_groups.get(rule.remote_address_group_id, ())
        return bool(address) and any(holds(prefix, address) for prefix in prefixes)
    return rule.is_from_everywhere or (bool(address) and holds(rule.peer_prefix, address))


def _has_port(rule: Rule, port: int) -> bool:
    first, last = rule.port_min, rule.port_max
    if first is None and last is None:
        return True
    if not port:
        return (first or 0) <= 1 and last == 65535
    return (first or 0) <= port <= (last if last is not None else first or 0)


def _version(address: str) -> int:
    try:
        return ipaddress.ip_address(address).version
    except ValueError:
        return 4
