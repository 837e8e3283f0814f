"""What is said of objects' data on their way: why they were not taken, and which names can't be."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.cloud import object_segments, object_upload, swift
from dashboard.cloud.errors import (
    CloudError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    QuotaExceeded,
    Unauthorized,
    Unavailable,
)
from dashboard.ui.errors import told


def why_not_named(name: str, info: swift.Info) -> str:
    """The reason why an object can't be called so; "" if it can."""
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return _("This name has letters that are none.")
    if not name:
        return _("An object has to have a name.")
    if "\0" in name:
        return _("This name has letters that are none.")
    if name in swift.DOTS:
        return _("Nothing can be called “.” or “..” alone.")
    if length > info.max_object_name:
        return _("This name is too long: %(length)d bytes with its folders, and %(most)d are possible.") % {
            "length": length,
            "most": info.max_object_name,
        }
    return ""


def refusal_words(error: CloudError) -> str:
    """Why Swift did not take the data, and what is left."""
    match error:
        case object_upload.Exists():
            return _("There is an object of this name already.")
        case object_upload.Damaged():
            return _("The data were damaged on the way, so they were not kept. Send them again.")
        case object_segments.TooLarge():
            return _("The file is larger than this object store takes.")
        case object_segments.Incomplete():
            return _("Some of its segments are missing. Send it again: what is there is not sent twice.")
        case object_segments.InUse():
            return _("All of its segments are there, so an object may be made of them. They stay.")
        case QuotaExceeded():
            return _(
                "It is more than the quota of the container or the project leaves, or larger than one object may be."
            )
        case NotFound():
            return _("The container does not exist any more.")
        case Unauthorized():
            return _("Your session with the cloud ended meanwhile. Sign in again and send the data again.")
        case _other:
            return told(error)


def status_of(error: CloudError) -> int:
    """The status that a script is told."""
    match error:
        case Unavailable():
            return 503
        case Forbidden():
            return 403
        case NotFound():
            return 404
        case QuotaExceeded():
            return 413
        case Conflict():
            return 409
        case Invalid():
            return 422
        case _other:
            return 502


def kind_of(error: CloudError) -> str:
    """What a script is to do about it: ask ("exists"), wait and try again ("busy"), or tell ("")."""
    if isinstance(error, object_upload.Exists):
        return "exists"
    is_passing = isinstance(error, Unavailable) and not isinstance(error, object_upload.Damaged)
    return "busy" if is_passing else ""
