"""What a cell shows when a plain text would not do: a status, a link, addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

Tone = Literal["ok", "busy", "warn", "bad", "off", "unknown"]
"""ok: works. busy: on its way by itself. warn: somebody should look. bad: failed. off: at rest on purpose."""


@dataclass(frozen=True)
class Status:
    """A state as a dot and a word; ``detail`` is what is being done at the moment ("resizing")."""

    label: StrOrPromise
    tone: Tone = "unknown"
    detail: StrOrPromise = ""
    title: StrOrPromise = ""
    """Why, in a sentence, for those who point at it."""

    def __str__(self) -> str:
        return f"{self.label} · {self.detail}" if self.detail else str(self.label)


@dataclass(frozen=True)
class Link:
    """Leads to another resource in the same scope, by the name of its URL ("images:detail") and id.

    Without an id only the label is shown; ``is_muted`` is for what is there by default.
    """

    label: StrOrPromise
    url_name: str = ""
    id: str = ""
    is_muted: bool = False

    def __str__(self) -> str:
        return str(self.label)


@dataclass(frozen=True)
class Size:
    """An amount of storage or memory in bytes; None is unknown."""

    bytes: int | None

    def __str__(self) -> str:
        return "" if self.bytes is None else str(self.bytes)


@dataclass(frozen=True)
class Address:
    """An address that a server or port answers at."""

    ip: str
    network: str = ""
    is_floating: bool = False

    def __str__(self) -> str:
        return self.ip


@dataclass(frozen=True)
class Tag:
    """A short label; a tone gives it a colour besides its word."""

    label: StrOrPromise
    tone: Tone | Literal[""] = ""

    def __str__(self) -> str:
        return str(self.label)


@dataclass(frozen=True)
class Part:
    """One of several things that an action did to a row, or what it made: its name, and why it failed if it did.

    ``url_name`` ("images:detail") and ``id`` lead to it.
    """

    label: str
    error: str = ""
    url_name: str = ""
    id: str = ""
    secret: str = field(default="", repr=False)
    """A password that the service made: shown in this one answer, and kept nowhere."""
