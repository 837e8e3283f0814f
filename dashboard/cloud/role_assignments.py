"""Role assignments: who may do what where, why that is so, and how it is granted and taken away.

Follows Keystone's Identity API v3: "Roles", "System role assignments" and "OS-INHERIT".
"""

from __future__ import annotations

import functools
import re
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer, NotFound
from dashboard.cloud.parallel import in_turn

SERVICE = "identity"
ActorKind = Literal["user", "group"]
TargetKind = Literal["project", "domain", "system"]
SYSTEM_ID = "all"


@dataclass(frozen=True)
class Ref:
    """Something by its id, with its name and its domain's where Keystone told."""

    kind: str
    id: str
    name: str = ""
    domain_id: str = ""
    domain_name: str = ""

    @property
    def key(self) -> str:
        """A short name that is unique: "user:3f..."."""
        return f"{self.kind}:{self.id}"

    @property
    def label(self) -> str:
        return self.name or self.id

    @classmethod
    def of(cls, kind: str, item: Any) -> Ref:
        """Out of an object with an id, and perhaps a name and a domain."""
        found = wire.mapping(item)
        domain = wire.mapping(found.get("domain"))
        return cls(
            kind=kind,
            id=wire.text(found.get("id")),
            name=wire.text(found.get("name")),
            domain_id=wire.text(domain.get("id")) or wire.text(found.get("domain_id")),
            domain_name=wire.text(domain.get("name")),
        )


SYSTEM = Ref("system", SYSTEM_ID)


@dataclass(frozen=True)
class Grant:
    """What Keystone was told: this actor has this role on this target; ``is_inherited``: on the projects below it."""

    actor: Ref
    target: Ref
    role_id: str
    is_inherited: bool = False

    @property
    def key(self) -> str:
        """Unique among the grants of a target."""
        return f"{self.actor.key}:{self.role_id}"

    @property
    def path(self) -> str:
        """Where Keystone has it."""
        actor = f"{self.actor.kind}s/{wire.path_id(self.actor.id)}"
        role = f"roles/{wire.path_id(self.role_id)}"
        if self.target.kind == "system":
            return f"/system/{actor}/{role}"
        target = f"{self.target.kind}s/{wire.path_id(self.target.id)}"
        if self.is_inherited:
            return f"/OS-INHERIT/{target}/{actor}/{role}/inherited_to_projects"
        return f"/{target}/{actor}/{role}"


@dataclass(frozen=True)
class Why:
    """Where an effective role comes from; with nothing set it was granted as it is.

    ``group`` through which, ``above`` the project or domain that it is inherited from, ``role`` the one that implies
    it.
    """

    group: Ref | None = None
    above: Ref | None = None
    role: Ref | None = None

    @property
    def is_direct(self) -> bool:
        return self.group is None and self.above is None and self.role is None


@dataclass(frozen=True)
class Assignment:
    """Somebody's role somewhere. ``is_inherited``: a grant that holds on the projects below the target, not there."""

    actor: Ref
    target: Ref
    role: Ref
    why: Why = Why()
    is_inherited: bool = False

    @property
    def id(self) -> str:
        parts = (self.actor.key, self.target.key, self.role.id, "below" if self.is_inherited else "")
        return "-".join(part for part in parts if part)

    @property
    def name(self) -> str:
        return self.role.label

    @property
    def grant(self) -> Grant:
        """What takes it away, for one that was granted as it is."""
        return Grant(self.actor, self.target, self.role.id, self.is_inherited)

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Assignment:
        """One of the list. What it comes from is told by its links alone."""
        scope = wire.mapping(item.get("scope"))
        if "project" in scope:
            target = Ref.of("project", scope["project"])
        elif "domain" in scope:
            target = Ref.of("domain", scope["domain"])
        else:
            target = SYSTEM
        actor = Ref.of("group", item["group"]) if "group" in item else Ref.of("user", item.get("user"))
        role = Ref.of("role", item.get("role"))
        links = wire.mapping(item.get("links"))
        link = _Link.parsed(wire.text(links.get("assignment")))
        # Keystone 30 names the two the wrong way round in this link, and gives the nearer of several steps.
        near = next((id for id in _PRIOR.findall(wire.text(links.get("prior_role"))) if id != role.id), link.role_id)
        is_from_above = link.is_inherited and bool(link.target_id) and link.target_id != target.id
        why = Why(
            group=Ref("group", link.actor_id) if actor.kind == "user" and link.actor_kind == "group" else None,
            above=Ref(link.target_kind, link.target_id) if is_from_above else None,
            role=Ref("role", near) if near and near != role.id else None,
        )
        is_inherited = bool(scope.get("OS-INHERIT:inherited_to")) and not is_from_above
        return cls(actor=actor, target=target, role=role, why=why, is_inherited=is_inherited)


_LINK = re.compile(
    r"/v3(?P<inherit>/OS-INHERIT)?/(?P<target>projects/[^/]+|domains/[^/]+|system)"
    r"/(?P<actors>users|groups)/(?P<actor>[^/]+)/roles/(?P<role>[^/?]+)"
)


_PRIOR = re.compile(r"(?<=prior_role/)[^/]+|(?<=implies/)[^/]+")


@dataclass(frozen=True)
class _Link:
    """The grant that an effective assignment follows from, as the list's link names it."""

    target_kind: str = ""
    target_id: str = ""
    actor_kind: str = ""
    actor_id: str = ""
    role_id: str = ""
    is_inherited: bool = False

    @classmethod
    def parsed(cls, url: str) -> _Link:
        # A proxy's prefix may stand before the version.
        found = _LINK.search(url)
        if found is None:
            return cls()
        kind, _, target = found["target"].partition("/")
        return cls(
            target_kind=kind.removesuffix("s") if kind != "system" else kind,
            target_id=urllib.parse.unquote(target) if target else SYSTEM_ID,
            actor_kind=found["actors"].removesuffix("s"),
            actor_id=urllib.parse.unquote(found["actor"]),
            role_id=urllib.parse.unquote(found["role"]),
            is_inherited=bool(found["inherit"]),
        )


@dataclass(frozen=True)
class Asked:
    """What assignments are wanted of: each narrows the list, on Keystone's side."""

    user: str = ""
    group: str = ""
    project: str = ""
    domain: str = ""
    is_system: bool = False
    role: str = ""
    has_subtree: bool = False
    """With ``project``: of the projects below it as well."""

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for less than every assignment of the cloud."""
        return bool(self.user or self.group or self.project or self.domain or self.is_system or self.role)


def list_assignments(cloud: Cloud, asked: Asked, *, is_effective: bool) -> list[Assignment]:
    """The assignments as they were granted, or what they come to for each person. Raises CloudError.

    Keystone has no pages for these: ask narrowly.
    """
    answer = cloud.get(
        SERVICE,
        "/role_assignments",
        include_names="true",
        effective="true" if is_effective else None,
        include_subtree="true" if asked.has_subtree and asked.project else None,
        **{
            "user.id": asked.user or None,
            "group.id": asked.group or None,
            "scope.project.id": asked.project or None,
            "scope.domain.id": asked.domain or None,
            "scope.system": SYSTEM_ID if asked.is_system else None,
            "role.id": asked.role or None,
        },
    )
    if not isinstance(answer.get("role_assignments"), list):
        raise BadAnswer("The answer has no list of role_assignments.", service=SERVICE)
    return [Assignment.from_json(item) for item in wire.objects(answer["role_assignments"])]


MOST_GROUPS = 30
"""Groups whose members are asked for one by one."""


def list_members(cloud: Cloud, group_id: str) -> list[Ref]:
    """Who is in a group. Raises CloudError."""
    answer = cloud.get(SERVICE, f"/groups/{wire.path_id(group_id)}/users")
    return _refs("user", answer)


def list_groups_of(cloud: Cloud, user_id: str) -> list[Ref]:
    """The groups that somebody is in. Raises CloudError."""
    return _refs("group", cloud.get(SERVICE, f"/users/{wire.path_id(user_id)}/groups"))


def in_effect(
    cloud: Cloud, granted: Sequence[Assignment], inferences: Mapping[str, Sequence[str]], names: Mapping[str, str]
) -> list[Assignment]:
    """What grants on the system come to: Keystone 30 gives every assignment there is when asked for these. Raises
    CloudError."""
    found: list[Assignment] = []
    groups = list(dict.fromkeys(item.actor for item in granted if item.actor.kind == "group"))[:MOST_GROUPS]
    calls = [functools.partial(list_members, cloud, group.id) for group in groups]
    members = {group.id: outcome.value for group, outcome in zip(groups, in_turn(calls), strict=True)}
    for item in granted:
        if item.actor.kind == "group":
            why = Why(group=item.actor)
            found += [replace(item, actor=person, why=why) for person in members.get(item.actor.id, ())]
        else:
            found.append(item)
    return found + [more for item in found for more in _implied(item, inferences, names)]


def _implied(
    item: Assignment, inferences: Mapping[str, Sequence[str]], names: Mapping[str, str]
) -> Iterator[Assignment]:
    seen, waiting = {item.role.id}, [item.role]
    while waiting:
        prior = waiting.pop()
        for id in inferences.get(prior.id, ()):
            if id not in seen:
                seen.add(id)
                role = Ref("role", id, names.get(id, ""))
                waiting.append(role)
                yield replace(item, role=role, why=replace(item.why, role=prior))


def grant(cloud: Cloud, wanted: Grant) -> None:
    """Gives a role; that it was given already is no error. Raises CloudError."""
    cloud.put(SERVICE, wanted.path, None)


def revoke(cloud: Cloud, unwanted: Grant) -> bool:
    """Takes a role away, and says whether it was there. Raises CloudError."""
    try:
        cloud.delete(SERVICE, unwanted.path)
    except NotFound:
        return False
    return True


PATHS = {kind: f"/{kind}s" for kind in ("user", "group", "project", "domain")}
NEAR = 12
"""As many that are nearly called so are offered."""


def find(cloud: Cloud, kind: str, text: str, *, domain_id: str = "", most: int = NEAR) -> list[Ref]:
    """People, groups, projects or domains whose names begin with a text, or else have it in them. Raises CloudError.

    Keystone finds them, and gives those with the lowest ids of many: the better ones are asked for first.
    """
    params: dict[str, Any] = {"limit": most, "domain_id": domain_id or None if kind != "domain" else None}
    found: dict[str, Ref] = {}
    for how in ("istartswith", "icontains"):
        if len(found) < most:
            refs = _refs(kind, cloud.get(SERVICE, PATHS[kind], **params, **{f"name__{how}": text or None}))
            # What a back end can't compare it gives all the same.
            found |= {ref.id: ref for ref in refs if text.casefold() in ref.name.casefold() and ref.id not in found}
        if not text:
            break
    return list(found.values())[:most]


def named(cloud: Cloud, kind: str, name: str, *, domain_id: str = "") -> list[Ref]:
    """Those that are called exactly so; there may be one in each domain. Raises CloudError."""
    given = {"domain_id": domain_id or None} if kind != "domain" else {}
    return _refs(kind, cloud.get(SERVICE, PATHS[kind], name=name, **given))


def by_id(cloud: Cloud, kind: str, id: str) -> Ref:
    """One of them by its id. Raises CloudError."""
    answer = cloud.get(SERVICE, PATHS[kind] + f"/{wire.path_id(id)}")
    found = Ref.of(kind, answer.get(kind))
    if not found.id:
        raise BadAnswer(f"The answer has no {kind}.", service=SERVICE)
    return found


def _refs(kind: str, answer: Mapping[str, Any]) -> list[Ref]:
    found = [Ref.of(kind, item) for item in wire.objects(answer.get(f"{kind}s"))]
    return sorted((ref for ref in found if ref.id), key=lambda ref: (ref.name.casefold(), ref.id))
