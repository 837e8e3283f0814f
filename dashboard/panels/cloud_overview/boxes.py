"""The boxes of the cloud's overview: each of parts with an own question, an own age and an own failure."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy

from dashboard.cloud import cloud_overview as cloud_wide
from dashboard.cloud import stuck, usage_over_time, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, TimedOut, Unauthorized
from dashboard.cloud.parallel import Later, later
from dashboard.live import cache
from dashboard.ui.errors import Fault, fault_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

Fetch = Callable[[Cloud], dict[str, Any]]
TREND_DAYS = 14
OLD = 3
"""An answer that is so many times as old as it should be was not to be had anew: then the reason is asked for."""
WAIT_SECONDS = 8.0
"""How long a page waits for a part. What takes longer is kept when it is there, and the box asks again."""


@dataclass(frozen=True)
class Part:
    """One question. ``seconds`` is how old the answer may be; all administrators share it."""

    slug: str
    service: str
    seconds: int
    fetch: Fetch
    load: Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Box:
    """A box of the page. What is ``is_lazy`` is asked for once the page is there."""

    slug: str
    title: StrOrPromise
    parts: tuple[Part, ...]
    is_lazy: bool = True

    @property
    def template(self) -> str:
        return f"cloud_overview/{self.slug}.html"

    def offered(self, cloud: Cloud) -> tuple[Part, ...]:
        """The parts whose service this catalog has."""
        return tuple(part for part in self.parts if cloud.offers(part.service))


@dataclass(frozen=True)
class Read:
    """The answer to a part's question, how old it is, or why there is none."""

    part: Part
    value: Any = None
    at: datetime | None = None
    fault: Fault | None = None
    is_old: bool = False
    is_late: bool = False
    """Still under way."""


@dataclass(frozen=True)
class Filled:
    """A box with the answers by their parts' names; ``is_waiting``: nothing was asked yet."""

    box: Box
    reads: Mapping[str, Read]
    url: str
    is_waiting: bool = False
    is_late: bool = False
    context: Mapping[str, Any] | None = None

    @property
    def as_of(self) -> datetime | None:
        """How old the oldest answer is."""
        return min((read.at for read in self.reads.values() if read.at is not None), default=None)

    @property
    def newest(self) -> datetime | None:
        return max((read.at for read in self.reads.values() if read.at is not None), default=None)

    @property
    def faults(self) -> list[Read]:
        """What could not be had."""
        return [read for read in self.reads.values() if read.fault is not None]


def trend(cloud: Cloud) -> dict[str, Any]:
    """Every project's use of the last two weeks, day by day."""
    now = datetime.now(UTC)
    first = datetime.combine(now.date() - timedelta(days=TREND_DAYS - 1), time(), UTC)
    return {"first": first.isoformat(), **usage_over_time.fetch_course(cloud, first, now)}


def _course(item: Mapping[str, Any]) -> tuple[datetime, usage_over_time.Course]:
    return wire.moment(item["first"]) or datetime.now(UTC), usage_over_time.Course.from_json(item)


THINGS = cloud_wide.Things.from_json
SERVICES = cloud_wide.Services.from_json
BOXES = (
    Box(
        "services",
        gettext_lazy("Services"),
        (
            Part("nova", "compute", 20, cloud_wide.fetch_nova_services, SERVICES),
            Part("neutron", "network", 20, cloud_wide.fetch_neutron_agents, SERVICES),
            Part("cinder", "block-storage", 20, cloud_wide.fetch_cinder_services, SERVICES),
        ),
        is_lazy=False,
    ),
    Box(
        "failed",
        gettext_lazy("Servers in error"),
        (Part("failed", "compute", 20, cloud_wide.fetch_failed_servers, THINGS),),
        is_lazy=False,
    ),
    Box(
        "stuck",
        gettext_lazy("Stuck for long"),
        (
            Part("servers", "compute", 60, stuck.fetch_servers, THINGS),
            Part("unconfirmed", "compute", 120, stuck.fetch_unconfirmed, THINGS),
            Part("migrations", "compute", 60, stuck.fetch_migrations, THINGS),
            Part("volumes", "block-storage", 60, stuck.fetch_volumes, THINGS),
            Part("images", "image", 60, stuck.fetch_images, THINGS),
            Part("ports", "network", 60, stuck.fetch_ports, THINGS),
        ),
    ),
    Box(
        "capacity",
        gettext_lazy("Capacity"),
        (
            Part("hosts", "compute", 60, cloud_wide.fetch_hosts, cloud_wide.Hosts.from_json),
            Part("rooms", "placement", 120, cloud_wide.fetch_capacity, cloud_wide.Capacity.from_json),
        ),
    ),
    Box(
        "storage",
        gettext_lazy("Storage and addresses"),
        (
            Part("pools", "block-storage", 60, cloud_wide.fetch_pools, cloud_wide.Pools.from_json),
            Part("external", "network", 60, cloud_wide.fetch_external, cloud_wide.External.from_json),
        ),
    ),
    Box(
        "use",
        gettext_lazy("Use, and who uses most"),
        (Part("course", "compute", 900, trend, _course),),
    ),
)
BY_SLUG = {box.slug: box for box in BOXES}


def name_of(part: Part) -> str:
    return f"cloud-overview:{part.slug}"


def ask(cloud: Cloud, parts: Sequence[Part]) -> dict[str, Read]:
    """The parts' answers, asked for side by side. Raises Unauthorized alone."""
    waiting = {part.slug: (part, _start(cloud, part)) for part in parts}
    return {slug: _read(cloud, part, outcome) for slug, (part, outcome) in waiting.items()}


def known(cloud: Cloud, parts: Sequence[Part]) -> dict[str, Read] | None:
    """What is known of all parts without asking anybody; None if anything is not, or is much too old."""
    found = {}
    for part in parts:
        kept = cache.peek(cloud, name_of(part))
        read = _loaded(part, kept) if isinstance(kept, dict) else None
        if read is None or read.at is None or _age(read.at) > OLD * part.seconds:
            return None
        found[part.slug] = read
    return found


def is_asked(cloud: Cloud, parts: Sequence[Part]) -> bool:
    """Whether all parts were answered before, however long ago."""
    return all(cache.peek(cloud, name_of(part)) is not None for part in parts)


def _start(cloud: Cloud, part: Part) -> Later[Any]:
    fetch = functools.partial(_fetched, cloud, part)
    return later(functools.partial(cache.cached, cloud, name_of(part), part.seconds, fetch), seconds=WAIT_SECONDS)


def _fetched(cloud: Cloud, part: Part) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    return {"at": at, "value": part.fetch(cloud)}


def _loaded(part: Part, kept: Mapping[str, Any]) -> Read:
    return Read(part, part.load(kept["value"]), wire.moment(kept["at"]))


def _age(at: datetime) -> float:
    return (datetime.now(UTC) - at).total_seconds()


def _read(cloud: Cloud, part: Part, outcome: Later[Any]) -> Read:
    try:
        read = _loaded(part, outcome.value)
    except Unauthorized:
        raise
    except CloudError as error:
        if isinstance(error, TimedOut) and not error.service:
            # No service was too slow: there are many questions, and they go on.
            return Read(part, is_late=True)
        error.service = error.service or part.service
        return Read(part, fault=fault_of(error, cloud))
    if read.at is None or _age(read.at) <= OLD * part.seconds:
        return read
    # Nobody looked for a while, or it could not be renewed: the one is mended by asking, the other told.
    cache.drop(cloud, name_of(part))
    try:
        return _loaded(part, _start(cloud, part).value)
    except Unauthorized:
        raise
    except CloudError as error:
        error.service = error.service or part.service
        return Read(part, read.value, read.at, fault_of(error, cloud), is_old=True)
