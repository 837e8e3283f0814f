"""Who may read and write a container: Swift's lists of access, taken apart and put together again, nothing lost.

Follows https://docs.openstack.org/swift/latest/overview_acl.html#container-acls
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["everybody", "site", "not-site", "listings", "project", "user", "member", "anybody", "role", "unknown"]
Public = Literal["private", "read", "listing"]

EVERYBODY, LISTINGS = ".r:*", ".rlistings"
REFERRER = re.compile(r"\.(r|ref|referer|referrer)\s*:\s*(.*)", re.IGNORECASE)
HOST = re.compile(r"\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d+)?")
PLAIN = re.compile(r"[^\s,:.*][^\s,:]*")
"""A project or user as it may stand in a rule: by id, or by name where that has no comma or colon."""


@dataclass(frozen=True)
class Rule:
    """One element of such a list. ``text`` is as Swift has it; ``project``, ``user`` and ``value`` what is in it."""

    text: str
    kind: Kind
    project: str = ""
    user: str = ""
    value: str = ""

    @classmethod
    def of(cls, text: str) -> Rule:
        """What one element means; what Swift may know and this does not is "unknown", and kept."""
        found = REFERRER.fullmatch(text)
        if found is not None:
            host = found[2].strip()
            if host == "*":
                return cls(text, "everybody")
            if host.startswith("-"):
                return cls(text, "not-site", value=host[1:].strip())
            return cls(text, "site" if HOST.fullmatch(host) else "unknown", value=host)
        if text.lower() == LISTINGS:
            return cls(text, "listings")
        if text.startswith("."):
            return cls(text, "unknown", value=text)
        project, colon, user = text.partition(":")
        if not colon:
            return cls(text, "role", value=text)
        if not project or not user:
            return cls(text, "unknown", value=text)
        if project == "*":
            return cls(text, "anybody") if user == "*" else cls(text, "user", user=user)
        return cls(text, "project", project=project) if user == "*" else cls(text, "member", project=project, user=user)

    @property
    def is_public(self) -> bool:
        """Whether it lets people in who did not sign in."""
        return self.kind in {"everybody", "site"}


def parsed(text: str) -> tuple[Rule, ...]:
    """The elements of a list of access, in order, each once."""
    parts = (part.strip() for part in text.split(","))
    return tuple(Rule.of(part) for part in dict.fromkeys(part for part in parts if part))


def written(rules: Iterable[Rule | str]) -> str:
    """The list that Swift takes."""
    return ",".join(dict.fromkeys(rule if isinstance(rule, str) else rule.text for rule in rules))


def public_of(read: str) -> Public:
    """What of a container people may see who did not sign in."""
    kinds = {rule.kind for rule in parsed(read)}
    if "everybody" not in kinds:
        return "private"
    return "listing" if "listings" in kinds else "read"


def with_public(read: str, wanted: Public) -> str:
    """The list with another answer to that; every other rule stays where it is.

    Without an ``.r:`` rule of another kind ``.rlistings`` means nothing, and goes.
    """
    rules = [rule for rule in parsed(read) if rule.kind not in {"everybody", "listings"}]
    if wanted == "private":
        has_sites = any(rule.kind == "site" for rule in rules)
        return written([*rules, *([LISTINGS] if has_sites and LISTINGS in read else [])])
    return written([*rules, EVERYBODY, *([LISTINGS] if wanted == "listing" else [])])


def with_rule(text: str, rule: str) -> str:
    """The list with one more rule, at its end."""
    return written([*parsed(text), rule])


def without_rule(text: str, rule: str) -> str:
    """The list without a rule; without the last that lets people in unseen, ``.rlistings`` goes along."""
    rules = [item for item in parsed(text) if item.text != rule]
    if not any(item.is_public for item in rules):
        rules = [item for item in rules if item.kind != "listings"]
    return written(rules)


def rule_text(kind: Kind, *, project: str = "", user: str = "", value: str = "") -> str:
    """The element for a rule. Raises ValueError for what can't be written as one."""
    if kind == "everybody":
        return EVERYBODY
    if kind == "listings":
        return LISTINGS
    if kind == "anybody":
        return "*:*"
    if kind in {"site", "not-site"}:
        if not HOST.fullmatch(value):
            raise ValueError("no host")
        return f".r:{'-' if kind == 'not-site' else ''}{value}"
    parts = {"project": (project, "*"), "user": ("*", user), "member": (project, user), "role": (value,)}[kind]
    if not all(part == "*" or PLAIN.fullmatch(part) for part in parts):
        raise ValueError("no id or plain name")
    return ":".join(parts)
