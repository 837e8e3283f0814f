"""Taking an image's data in and handing them to Glance piece by piece: nothing of them stays here.

An upload keeps the session alive, says how far it is in the store, and ends without a trace in Glance
when whoever sends it goes away.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from dashboard.auth.http import Request, cloud_of, held_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import image_changes, image_data, image_formats
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, NotFound, QuotaExceeded, Unauthorized, Unavailable
from dashboard.cloud.images import Image, get_image
from dashboard.live import operations, uploads, watch
from dashboard.panels.images.words import why_not_fill
from dashboard.store import Away
from dashboard.ui.errors import told
from dashboard.ui.streaming import AT_ONCE, drain, slots

NOTE_SECONDS = 2.0


class Refusal(Exception):
    """The data are not taken; the text says why. ``kind`` is "format" where the sender may insist."""

    def __init__(self, text: str, *, status: int = 409, kind: str = "", detected: str = "") -> None:
        super().__init__(text)
        self.text, self.status, self.kind, self.detected = text, status, kind, detected


@dataclass(frozen=True)
class Way:
    """How the data get into Glance: at once, or staged and then imported; and to which stores."""

    is_staged: bool = False
    stores: tuple[str, ...] = ()
    is_sure: bool = False
    """Send them even if they look like another format."""

    @classmethod
    def of(cls, request: Request) -> Way:
        """From the query of the address that the data are sent to."""
        params = request.GET
        return cls(params.get("staged") == "1", tuple(params.getlist("store"))[:50], params.get("sure") == "1")


def take(request: Request, image_id: str, pieces: Iterator[bytes], *, total: int, size: int | None, way: Way) -> Image:
    """Hands the data on to Glance and gives the image. Raises Refusal, CloudError before anything was read, Broken.

    ``total`` is about how many bytes will come, for the progress; ``size`` how many exactly, if that is known.
    """
    cloud = cloud_of(request)
    image = get_image(cloud, image_id)
    reason = why_not_fill(image)
    if reason:
        raise Refusal(reason)
    if not slots.acquire(blocking=False):
        raise Refusal(_("Too many transfers are under way here just now. Try again in a minute."), status=503)
    try:
        upload = uploads.begin(cloud, image_id=image.id, total=total)
        if upload is None:
            raise Refusal(
                _("You are sending %(n)d images already. Wait until one of them is there.") % {"n": uploads.AT_ONCE},
                status=429,
            )
        feed = Feed(request, cloud, upload)
        try:
            _send(cloud, image, feed, pieces, size, way)
        except image_data.Broken:
            uploads.end(cloud, feed.upload, "broken", received=feed.received)
            raise
        except Refusal as refusal:
            if refusal.kind == "format":
                # Nothing was sent, and who sent it is asked: that is no failure to remember.
                uploads.forget(cloud, image.id)
            else:
                uploads.end(cloud, feed.upload, "refused", received=feed.received, message=refusal.text)
            drain(pieces)
            raise
    finally:
        slots.release()
    uploads.forget(cloud, image.id)
    watch.acted(cloud, "images", ids=[image.id])
    operations.begin(
        cloud.access.person.id,
        cloud,
        verb="upload",
        kind="images",
        ids=[image.id],
        label=_("Upload %(name)s") % {"name": image.name or image.id},
        url=urls_for(request, "images:index"),
    )
    return image


class Feed:
    """The data on their way, counted. Says how far it is, and that somebody is there."""

    def __init__(self, request: Request, cloud: Cloud, upload: uploads.Upload) -> None:
        self.held = held_of(request)
        self.cloud = cloud
        self.upload = upload
        self.received = 0

    def through(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The same pieces."""
        noted = time.monotonic()
        for piece in pieces:
            self.received += len(piece)
            yield piece
            if time.monotonic() - noted > NOTE_SECONDS:
                noted = time.monotonic()
                self.upload = uploads.note(self.cloud, self.upload, self.received)
                if self.held.is_renewal_due:
                    with contextlib.suppress(Away):
                        self.held.renew()


def _send(cloud: Cloud, image: Image, feed: Feed, pieces: Iterator[bytes], size: int | None, way: Way) -> None:
    head = b""
    while len(head) < image_formats.HEAD and (piece := next(pieces, None)) is not None:
        head += piece
    if not head:
        raise Refusal(_("The file is empty."), status=422)
    image = _checked(cloud, image, head, way)
    try:
        image_data.upload(
            cloud,
            id=image.id,
            chunks=feed.through(itertools.chain([head], pieces)),
            size=size,
            store=way.stores[0] if way.stores and not way.is_staged else "",
            is_staged=way.is_staged,
        )
        if way.is_staged:
            image_changes.import_image(cloud, id=image.id, method={"name": "glance-direct"}, stores=way.stores)
    except CloudError as error:
        raise Refusal(refusal_words(error), status=_status(error)) from error


def _checked(cloud: Cloud, image: Image, head: bytes, way: Way) -> Image:
    """The image with its formats: the file's, where none were chosen. Raises Refusal if they don't go together."""
    found = image_formats.detected(head)
    if not image.disk_format or not image.container_format:
        # A compressed disk in the container that says so is a raw one to Glance.
        disk = image.disk_format or found.disk_format or "raw"
        container = image.container_format or found.container or (disk if disk in {"aki", "ari", "ami"} else "bare")
        try:
            image_changes.update_image(cloud, id=image.id, changes={"disk_format": disk, "container_format": container})
        except CloudError as error:
            raise Refusal(refusal_words(error), status=_status(error)) from error
        return replace(image, disk_format=disk, container_format=container)
    if not way.is_sure and image_formats.differs(found, image.disk_format, image.container_format):
        raise Refusal(format_words(found, image), status=409, kind="format", detected=found.name or "raw")
    return image


def format_words(found: image_formats.Detected, image: Image) -> str:
    """What does not go together, and that one may insist."""
    if found.name:
        return _("The file looks like %(found)s, but the image is to be %(wanted)s.") % {
            "found": found.name,
            "wanted": image.disk_format,
        }
    return _("The file does not look like %(wanted)s.") % {"wanted": image.disk_format}


def refusal_words(error: CloudError) -> str:
    """Why Glance did not take the data, and what is left."""
    match error:
        case image_data.StoreFull():
            text = _("The cloud's store of images is full. Its operator has to make room.")
        case image_data.WrongFormat():
            text = _("Glance looked into the data and did not take them.")
        case image_data.Gone() | NotFound():
            return _("The image was deleted meanwhile, and its data with it.")
        case QuotaExceeded():
            text = _("This would exceed the project's quota of images.")
        case Conflict():
            text = _("The image has its data already, or gets them from elsewhere.")
        case Unauthorized():
            return _("Your session with the cloud ended meanwhile. Sign in again and send the data again.")
        case Unavailable():
            return told(error) + " " + _("The image waits for its data as before: send them again.")
        case _other:
            return told(error)
    return f"{text} {error.message}".strip()


def _status(error: CloudError) -> int:
    if isinstance(error, Unavailable):
        return 503
    return error.status if error.status in {401, 403, 409, 410, 413, 415} and error.status else 422


__all__ = ["AT_ONCE", "Feed", "Refusal", "Way", "slots", "take"]
