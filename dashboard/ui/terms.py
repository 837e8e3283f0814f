"""What is typed into a filter bar: words to look for, and conditions like ``status:ACTIVE`` or ``-tag:"old one"``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.types import Query, Term, wild
from dashboard.ui.panel import Filter

_WORD = re.compile(r'(-?)([A-Za-z][\w-]*):(?:"([^"]*)"|(\S*))|"([^"]*)"|(\S+)')
_ADDRESS = re.compile(r"-?[0-9A-Fa-f:.]+(/\d+)?")
"""A MAC or IPv6 address has colons of its own."""
NAMESAKES = 50
"""Values that one name may stand for."""


@dataclass(frozen=True)
class Typed:
    """What was typed, taken apart. ``unknown`` are the keys that there is no filter for."""

    text: str
    terms: tuple[Term, ...]
    unknown: tuple[str, ...]


def typed(text: str, keys: Sequence[str]) -> Typed:
    """Splits ``web status:ACTIVE -tag:"old one"``. A key that still lacks its value is left out."""
    terms: list[Term] = []
    words: list[str] = []
    unknown: list[str] = []
    for match in _WORD.finditer(text):
        sign, key, quoted, bare, phrase, word = match.groups()
        known = key.casefold() if key else ""
        if known in keys:
            if quoted is not None or bare:
                terms.append(Term(known, quoted if quoted is not None else bare, bool(sign)))
        elif key and (quoted is not None or bare) and not _is_text(match.group(0), bare or ""):
            unknown.append(key)
        else:
            words.append(phrase if phrase is not None else word or match.group(0))
    return Typed(" ".join(word for word in words if word), tuple(terms), tuple(dict.fromkeys(unknown)))


def _is_text(whole: str, value: str) -> bool:
    return bool(_ADDRESS.fullmatch(whole)) or value.startswith("//")


def written(term: Term) -> str:
    """A condition as it is typed."""
    sign = "-" if term.is_negated else ""
    return (
        f'{sign}{term.key}:"{term.value}"'
        if re.search(r"\s", term.value) or not term.value
        else (f"{sign}{term.key}:{term.value}")
    )


def without(text: str, term: Term) -> str:
    """What was typed, less one condition."""
    sign = "-" if term.is_negated else ""
    forms = {f'{sign}{term.key}:"{term.value}"'.casefold(), f"{sign}{term.key}:{term.value}".casefold()}
    kept = [match.group(0) for match in _WORD.finditer(text) if match.group(0).casefold() not in forms]
    return " ".join(kept)


def complaints(filters: Sequence[Filter], found: Typed, terms: Sequence[Term], most: int) -> tuple[str, ...]:
    """What of it means nothing, in sentences."""
    said = []
    if found.unknown and filters:
        keys = ", ".join(item.key for item in filters)
        for key in found.unknown:
            said.append(
                _("No filter is called “%(key)s”. There are: %(keys)s. Put text with a colon in quotation marks.")
                % {"key": key, "keys": keys}
            )
    by_key = {item.key: item for item in filters}
    for term in terms:
        wrong = by_key[term.key].wrong(term.value) if term.key in by_key else ""
        if wrong:
            said.append(f"{term.key}: {wrong}")
    if len(terms) > most:
        said.append(_("At most %d conditions at once, please.") % most)
    return tuple(said)


def meant(cloud: Cloud, filters: Sequence[Filter], query: Query) -> Query:
    """The query with values in place of names that were typed: an image's id for its name.

    Where a service does not tell the names, what was typed is taken for the value.
    """
    by_key = {item.key: item for item in filters if item.names is not None}
    if not any(term.key in by_key for term in query.terms):
        return query
    terms: list[Term] = []
    for term in query.terms:
        names: Mapping[str, str] = {}
        item = by_key.get(term.key)
        if item is not None and item.names is not None:
            try:
                names = item.names(cloud)
            except CloudError:
                names = {}
        values = _values(names, term.value)
        terms += [replace(term, value=value) for value in values] or [term]
    return replace(query, terms=tuple(dict.fromkeys(terms)))


def _values(names: Mapping[str, str], name: str) -> list[str]:
    if name in names:
        return [name]
    pattern, folded = wild(name), name.casefold()
    return [
        value
        for value, other in names.items()
        if (pattern.fullmatch(other) if pattern is not None else other.casefold() == folded)
    ][:NAMESAKES]


def wrong_flag(value: str) -> str:
    """For filters that are yes or no."""
    return "" if value.casefold() in {"yes", "no"} else _("“%(value)s” is neither yes nor no.") % {"value": value}
