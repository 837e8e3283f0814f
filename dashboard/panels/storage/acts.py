"""How storage's actions are said: a sentence that names what they are done to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from dashboard.panels.storage.words import titles
from dashboard.ui.panel import Action

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str


def about(text: StrOrPromise) -> Callable[[Sequence[Any]], str]:
    """The sentence with ``%(name)s``, for whatever rows."""
    return lambda rows: str(text) % {"name": titles(rows)}


def single(slug: str, label: StrOrPromise, run: Any, text: StrOrPromise, **more: Any) -> Action[Any]:
    """An action for one row at a time, unless said otherwise."""
    given: dict[str, Any] = {"is_bulk": False, **more}
    return Action(slug=slug, label=label, run=run, says=about(text), **given)
