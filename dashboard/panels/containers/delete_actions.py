"""Emptying containers, and deleting them with what is in them: at once, or by the workers where it takes longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.cloud import container_changes as do
from dashboard.cloud import container_emptying
from dashboard.cloud.connection import Cloud
from dashboard.cloud.container_emptying import Emptying
from dashboard.cloud.containers import Container
from dashboard.live import emptying
from dashboard.live.store import Away
from dashboard.panels.containers import forms as own
from dashboard.panels.containers.words import titles, why_not_changed
from dashboard.ui.actions import removal
from dashboard.ui.panel import Action
from dashboard.ui.values import Part

Data = Mapping[str, Any]
SECTION = gettext_lazy("Delete")
AT_ONCE = 3.0
"""Seconds that emptying takes within the request; the rest is the workers'."""
SHOWN = 50


def _work(container: Container, data: Data, *, then_delete: bool) -> Emptying:
    return Emptying(
        container.name,
        total=container.objects,
        with_versions=bool(data.get("with_versions")),
        with_segments=bool(data.get("with_segments")),
        then_delete=then_delete,
    )


def _go(cloud: Cloud, work: Emptying) -> tuple[Part, ...]:
    """Does it, or has it done: what is not over within a moment is for the workers."""
    container_emptying.step(cloud, work, seconds=AT_ONCE)
    if not work.is_over and not container_emptying.is_rehearsal():
        try:
            id = emptying.begin(cloud, work)
        except Away:
            text = _("%(n)d are deleted. What is needed to go on with the rest does not answer at the moment.")
            return (Part(work.container, text % {"n": work.deleted}),)
        text = _("%(name)s: it takes a while, and goes on without this page")
        return (Part(text % {"name": work.container}, url_name="containers:emptying", id=id),)
    failed = tuple(Part(name, why) for name, why in work.failures[:SHOWN])
    return (*failed, Part(work.container, work.why)) if work.why else failed


def _empty(cloud: Cloud, container: Container, data: Data) -> tuple[Part, ...]:
    return _go(cloud, _work(container, data, then_delete=False))


def _delete(cloud: Cloud, container: Container, data: Data) -> tuple[Part, ...]:
    if not data.get("with_objects"):
        do.delete_container(cloud, container.name)
        return ()
    return _go(cloud, _work(container, data, then_delete=True))


def says_empty(containers: Sequence[Container]) -> str:
    count = sum(container.objects for container in containers)
    text = ngettext(
        "%(n)d object in %(name)s will be deleted. Nothing brings it back.",
        "%(n)d objects in %(name)s will be deleted. Nothing brings them back.",
        count,
    )
    return text % {"n": count, "name": titles(containers)}


def says_delete(containers: Sequence[Container]) -> str:
    full = [container for container in containers if container.objects]
    text = _("%(name)s will be deleted.") % {"name": titles(containers)}
    if not full:
        return text
    count = sum(container.objects for container in full)
    more = ngettext(
        "%(n)d object is in it: Swift deletes no container that is not empty, so say below whether it goes, too.",
        "%(n)d objects are in it: Swift deletes no container that is not empty, so say below whether they go, too.",
        count,
    )
    return f"{text} {more % {'n': count}}"


def why_not_empty(container: Container) -> str:
    return why_not_changed(container) or (
        "" if container.objects or container.has_versions else _("It is empty already.")
    )


DELETE_ACTIONS: tuple[Action[Container], ...] = (
    Action(
        slug="empty",
        label=gettext_lazy("Empty"),
        run=_empty,
        says=says_empty,
        form=own.EmptyForm,
        when=why_not_empty,
        icon="circle-x",
        section=SECTION,
        is_dangerous=True,
        started=gettext_lazy("Emptied"),
        cli=lambda container, data: ["swift", "delete", container.name, "$OBJECTS"],
    ),
    removal(
        run=_delete,
        says=says_delete,
        form=own.DeleteForm,
        when=why_not_changed,
        section=SECTION,
        cli=lambda container, data: [
            *("openstack", "container", "delete"),
            *(("--recursive",) if data.get("with_objects") else ()),
            container.name,
        ],
    ),
)
