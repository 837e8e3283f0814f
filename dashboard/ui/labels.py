"""What an operation is called, in the language of who reads it: what is kept is the verb and the name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from dashboard.live.job_store import Job
from dashboard.live.operations import Operation
from dashboard.ui import registry
from dashboard.ui.panel import Panel


def job_label(job: Job) -> str:
    """ "Stop (1,240)"."""
    panel = registry.panel(job.panel)
    action = panel.action(job.verb) if isinstance(panel, Panel) else None
    return _several(action.label if action is not None else job.verb, job.total)


def _several(label: Any, count: int) -> str:
    return _("%(action)s (%(n)d)") % {"action": label, "n": count}


def worded(item: Operation | Job) -> Operation | Job:
    """With a label for the reader. What no panel knows (any more) keeps the one that it began with."""
    if isinstance(item, Job):
        return replace(item, label=job_label(item))
    if item.verb == "launch" and item.name:
        return replace(item, label=_("Launch %(name)s") % {"name": item.name})
    label = next(
        (
            found.label
            for panel in registry.panels()
            if isinstance(panel, Panel) and panel.live == item.kind and (found := panel.action(item.verb)) is not None
        ),
        None,
    )
    if label is None or (not item.name and item.total == 1):
        return item
    if item.name:
        return replace(item, label=_("%(action)s %(name)s") % {"action": label, "name": item.name})
    return replace(item, label=_several(label, item.total))
