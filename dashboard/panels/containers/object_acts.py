"""What can be done to one object: copied, moved, described, given an end or an address for a while, deleted."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import containers, object_actions, swift, temp_urls
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Conflict, Invalid, NotFound
from dashboard.cloud.objects import Object, readable
from dashboard.panels.containers.object_forms import DescribeForm, EndForm, LinkForm, TargetForm
from dashboard.ui.actions import editing
from dashboard.ui.panel import Action

HEADERS = ("content_disposition", "content_encoding", "cache_control")


def copy(cloud: Cloud, item: Object, data: Mapping[str, Any]) -> None:
    with _told():
        object_actions.copy(cloud, item, data["container"], data["path"], may_replace=data["may_replace"])


def move(cloud: Cloud, item: Object, data: Mapping[str, Any]) -> None:
    with _told():
        object_actions.move(cloud, item, data["container"], data["path"], may_replace=data["may_replace"])


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What stands in the way of a copy, in words: it is not the object itself that is gone."""
    try:
        yield
    except object_actions.Exists as error:
        text = _("There is an object of this name already. Choose another name, or tick that it may be replaced.")
        raise Invalid(text, service=swift.SERVICE, status=error.status) from error
    except NotFound as error:
        text = _("The object, or the container that it is to go to, is not there any more.")
        raise Invalid(text, service=swift.SERVICE, status=404, request_id=error.request_id) from error


def describe(cloud: Cloud, item: Object, data: Mapping[str, Any]) -> None:
    headers = {key.replace("_", "-"): data[key] for key in HEADERS}
    object_actions.describe(cloud, item, data["metadata"], headers=headers, content_type=data["type"])


def set_expiry(cloud: Cloud, item: Object, data: Mapping[str, Any]) -> None:
    object_actions.set_expiry(cloud, item, data["expires"])


def delete(cloud: Cloud, item: Object, data: Mapping[str, Any]) -> None:
    object_actions.delete_object(cloud, item, with_segments=data.get("with_segments", True))


def delete_many(cloud: Cloud, bunch: Object, data: Mapping[str, Any]) -> None:
    """A piece of a long deletion. Raises CloudError that names what is still there."""
    found = object_actions.delete_bunch(cloud, bunch, with_segments=data.get("with_segments", True))
    failed = [item for item in found if item.error is not None]
    if failed:
        names = "; ".join(f"{readable(item.name)}: {item.error}" for item in failed[:5])
        raise Conflict(f"{len(failed)} / {len(found)}: {names}", service=swift.SERVICE, status=409)


def wish_of(item: Object, data: Mapping[str, Any], *, is_prefix: bool = False) -> temp_urls.Wish:
    """What a form asks a temporary URL for."""
    return temp_urls.Wish(item.container, item.path, data["method"], data["ends"], is_prefix=is_prefix)


def link(cloud: Cloud, item: Object, data: Mapping[str, Any]) -> str:
    return temp_urls.make_url(cloud, wish_of(item, data))


class VersionForm(forms.Form):
    version = forms.CharField(widget=forms.HiddenInput, max_length=64)


def restore_version(cloud: Cloud, item: Object, data: Mapping[str, Any]) -> None:
    object_actions.restore_version(cloud, item, data["version"])


def delete_version(cloud: Cloud, item: Object, data: Mapping[str, Any]) -> None:
    object_actions.delete_version(cloud, item, data["version"])


NEEDED = gettext_lazy("The container keeps versions: what is deleted stays as one, and needs its segments.")


class DeleteForm(forms.Form):
    """Whether the segments of a large object go, too."""

    with_segments = forms.BooleanField(
        label=gettext_lazy("Delete the segments that it is made of, too"), required=False, initial=True
    )

    def __init__(
        self, *args: Any, cloud: Cloud, rows: Sequence[Object] = (), is_job: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        # A worker knows no rows yet, and does to all what was said of all.
        if is_job:
            return
        large = {item.container for item in rows if item.has_segments}
        if not large:
            del self.fields["with_segments"]
        elif any(containers.keeps_versions(cloud, name) for name in large):
            # A version without its segments can't be read any more.
            self.fields["with_segments"].initial = False
            self.fields["with_segments"].help_text = NEEDED


def _names(items: Sequence[Object]) -> str:
    return ", ".join(item.name for item in items)


def says_copy(items: Sequence[Object]) -> Any:
    item = items[0]
    text = _("Swift copies %(name)s with all that is said of it; nothing comes through your computer.")
    if item.is_large:
        text += " " + _("It becomes one whole object, if it is not too large for that; else both share the segments.")
    return text % {"name": item.name}


def says_move(items: Sequence[Object]) -> Any:
    text = _("%(name)s is copied by Swift and then deleted here: addresses that lead to it end.")
    if items[0].is_large:
        text += " " + _("Its segments stay where they are.")
    return text % {"name": items[0].name}


def says_describe(items: Sequence[Object]) -> Any:
    return _("What is said of %(name)s. Its content stays.") % {"name": _names(items)}


def says_expiry(items: Sequence[Object]) -> Any:
    item = items[0]
    if item.expires is None:
        return _("%(name)s stays until somebody deletes it. You can have Swift delete it by itself.") % {
            "name": item.name
        }
    return _("%(name)s is deleted by itself on %(when)s UTC.") % {
        "name": item.name,
        "when": f"{item.expires:%Y-%m-%d %H:%M}",
    }


def says_delete(items: Sequence[Object]) -> Any:
    return _("%(names)s will be deleted. Where the container keeps versions, the content stays as one.") % {
        "names": _names(items)
    }


def says_link(items: Sequence[Object]) -> Any:
    return _(
        "Whoever has the address can do so without signing in, until it ends. It can't be taken back but by changing"
        " the key that it is signed with. If there is no key yet, the container gets one."
    )


def says_restore(items: Sequence[Object]) -> Any:
    return _("%(name)s gets the content of this version again. What it has now stays as a version.") % {
        "name": _names(items)
    }


def says_delete_version(items: Sequence[Object]) -> Any:
    return _("This version of %(name)s will be deleted for good.") % {"name": _names(items)}


def why_not_changed(item: Object) -> Any:
    """A listing does not tell whether a link leads anywhere; Swift changes what it leads to, or nothing."""
    return _("It is a link: what it leads to has these.") if item.target else ""


def no_temp_urls(cloud: Cloud) -> Any:
    return "" if temp_urls.is_offered(cloud) else _("This object store has no temporary URLs.")


def no_versions(cloud: Cloud) -> Any:
    return "" if swift.info(cloud).has("object_versioning") else _("This object store keeps no versions.")


def cli_describe(item: Object, data: Mapping[str, Any]) -> Sequence[str]:
    pairs = [word for key, value in data["metadata"].items() for word in ("--property", f"{key}={value}")]
    return ("openstack", "object", "set", *pairs, item.container, item.path)


def cli_delete(item: Object, data: Mapping[str, Any]) -> Sequence[str]:
    return ("openstack", "object", "delete", item.container, item.path)


ACTIONS: tuple[Action[Object], ...] = (
    Action(
        slug="temporary-url",
        label=gettext_lazy("Temporary URL"),
        run=link,
        says=says_link,
        form=LinkForm,
        why_not=no_temp_urls,
        icon="link",
        is_bulk=False,
        started=gettext_lazy("Made"),
        button=gettext_lazy("Make the address"),
    ),
    Action(
        slug="copy",
        label=gettext_lazy("Copy"),
        run=copy,
        says=says_copy,
        form=TargetForm,
        icon="copy",
        is_bulk=False,
        started=gettext_lazy("Copied"),
    ),
    Action(
        slug="move",
        label=gettext_lazy("Move or rename"),
        run=move,
        says=says_move,
        form=TargetForm,
        icon="edit",
        is_bulk=False,
        is_removal=True,
        started=gettext_lazy("Moved"),
        button=gettext_lazy("Move"),
    ),
    editing(
        slug="describe",
        label=gettext_lazy("Edit metadata"),
        run=describe,
        says=says_describe,
        form=DescribeForm,
        when=why_not_changed,
        icon="tag",
        started=gettext_lazy("Saved"),
        cli=cli_describe,
    ),
    editing(
        slug="expiry",
        label=gettext_lazy("Set expiry"),
        run=set_expiry,
        says=says_expiry,
        form=EndForm,
        when=why_not_changed,
        icon="clock",
        started=gettext_lazy("Saved"),
    ),
    Action(
        slug="restore-version",
        label=gettext_lazy("Restore this version"),
        run=restore_version,
        says=says_restore,
        form=VersionForm,
        why_not=no_versions,
        is_bulk=False,
        is_in_menu=False,
        started=gettext_lazy("Restored"),
        button=gettext_lazy("Restore"),
    ),
    Action(
        slug="delete-version",
        label=gettext_lazy("Delete this version"),
        run=delete_version,
        says=says_delete_version,
        form=VersionForm,
        why_not=no_versions,
        is_bulk=False,
        is_in_menu=False,
        is_dangerous=True,
        started=gettext_lazy("Deleted"),
        button=gettext_lazy("Delete"),
    ),
    Action(
        slug="delete",
        label=gettext_lazy("Delete"),
        run=delete,
        says=says_delete,
        form=DeleteForm,
        icon="trash",
        is_bulk=False,
        is_dangerous=True,
        is_removal=True,
        started=gettext_lazy("Deleted"),
        cli=cli_delete,
    ),
    Action(
        slug="delete-many",
        label=gettext_lazy("Delete, a hundred at a time"),
        run=delete_many,
        says=says_delete,
        form=DeleteForm,
        icon="trash",
        is_bulk=False,
        is_in_menu=False,
        is_dangerous=True,
        is_removal=True,
        started=gettext_lazy("Deleted"),
    ),
)
