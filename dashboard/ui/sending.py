"""Sending what was asked for, once: each row's outcome is its own, and a form sent again brings the first's result."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from dashboard.auth.http import Request
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, Forbidden, NotFound, Unauthorized
from dashboard.cloud.parallel import Later, in_turn
from dashboard.live import once
from dashboard.live.store import Away
from dashboard.ui.errors import told
from dashboard.ui.panel import Action
from dashboard.ui.values import Part

Found = tuple[str, Any, CloudError | None]
"""An id, its row, or why there is none."""

ONCE_SECONDS = 24 * 3600
FIRST_SECONDS = 8.0
"""How long a form that was sent again waits for what the first sending brings."""
UNKNOWN = "?"
"""What is written down of a sending whose answer was lost."""


@dataclass(frozen=True)
class Result:
    """What became of one row."""

    id: str
    name: str
    error: str = ""
    is_gone: bool = False
    """The service knows no such thing any more."""
    is_unknown: bool = False
    """The answer was lost: it may have been done."""
    is_other: bool = False
    """Its state is another than was thought."""
    is_refused: bool = False
    """The service does not allow it to these roles."""
    parts: tuple[Part, ...] = ()
    """What became of each thing that was done, where the action tells."""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Result:
        """Out of what ``asdict`` made of it."""
        return cls(**{**item, "parts": tuple(Part(**part) for part in item.get("parts", ()))})

    def to_json(self) -> dict[str, Any]:
        """What ``from_json`` takes, without what is told only once."""
        return asdict(replace(self, parts=tuple(replace(part, secret="") for part in self.parts)))

    @property
    def has_news(self) -> bool:
        """Whether it has more to tell than that it was done: a part that failed, or something new."""
        return any(part.error or part.url_name or part.secret for part in self.parts)

    @property
    def is_done(self) -> bool:
        return not self.error


def run(
    cloud: Cloud,
    action: Action[Any],
    found: Sequence[Found],
    data: Mapping[str, Any],
) -> list[Result]:
    """The action on each row, several at a time; one row's failure is its own.

    Raises Unauthorized, if nothing was done for that reason.
    """
    results: dict[str, Result] = {}
    able: list[tuple[str, str]] = []
    calls: list[Callable[[], Any]] = []
    for row_id, row, error in found:
        name = getattr(row, "name", "") or row_id
        if row is None:
            text = told(error, cloud) if error else _("It does not exist any more.")
            results[row_id] = Result(row_id, name, text, is_gone=isinstance(error, NotFound))
        elif reason := action.when(row):
            results[row_id] = Result(row_id, name, str(reason))
        else:
            able.append((row_id, name))
            calls.append(functools.partial(action.run, cloud, row, data))
    refused: CloudError | None = None
    for (row_id, name), outcome in zip(able, in_turn(calls, seconds=35), strict=True):
        results[row_id] = _result(cloud, action, row_id, name, outcome)
        refused = outcome.error if isinstance(outcome.error, Unauthorized) else refused
    if refused is not None and not any(result.is_done for result in results.values()):
        raise refused
    return [results[row_id] for row_id, _row, _error in found]


def _result(cloud: Cloud, action: Action[Any], row_id: str, name: str, outcome: Later[Any]) -> Result:
    value = outcome.or_else(None)
    error = outcome.error
    if error is None:
        parts = value if isinstance(value, tuple) else ()
        return Result(row_id, name, parts=tuple(part for part in parts if isinstance(part, Part)))
    if isinstance(error, NotFound):
        return Result(row_id, name, "" if action.is_removal else told(error), is_gone=True)
    text = told(error, cloud)
    if error.is_unknown_outcome:
        text += " " + _("It may have been done all the same: look at its state before you send it again.")
    return Result(
        row_id,
        name,
        text,
        is_unknown=error.is_unknown_outcome,
        is_other=isinstance(error, Conflict),
        is_refused=isinstance(error, Forbidden),
    )


def key_of(request: Request) -> str:
    """What tells this sending of a form from others; "" if the form has no such name."""
    sent = request.POST.get("once", "")
    if not sent or len(sent) > 64 or request.held is None:
        return ""
    return f"{request.held.id_hash}:{sent}"


def sent_before(key: str) -> str | None:
    """None for the first to send this; else what ``finish`` wrote, "" if that takes long. Raises Away.

    Without a key nothing can be told apart.
    """
    if not key:
        return None
    ends = time.monotonic() + FIRST_SECONDS
    while not once.claim(key, ONCE_SECONDS):
        before = once.lookup(key)
        if before:
            return before
        if time.monotonic() > ends:
            return ""
        time.sleep(0.1)
    return None


def finish(key: str, outcome: str) -> None:
    """Writes down what came of it, for who sends it again."""
    # The claim stays even so: it was done, and won't be done again.
    with contextlib.suppress(Away):
        if key:
            once.finish(key, outcome, ONCE_SECONDS)


def release(key: str) -> None:
    """It surely was not done: the same form may be sent again."""
    with contextlib.suppress(Away):
        if key:
            once.release(key)
