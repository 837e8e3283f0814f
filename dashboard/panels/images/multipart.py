"""A form with an image's file, read while it comes in: its bytes go to Glance at once."""

from __future__ import annotations

from django.http import QueryDict

from dashboard.auth.http import Request
from dashboard.cloud.images import Image
from dashboard.panels.images.uploading import Way, take
from dashboard.ui.multipart import File, Streaming


class ImageHandler(Streaming):
    """Sends the first file of a form to Glance while the form is being read."""

    def __init__(self, request: Request, image_id: str) -> None:
        super().__init__(request, self._take)
        self.asked, self.image_id = request, image_id
        self.image: Image | None = None
        """The image whose data were sent."""

    def _take(self, fields: QueryDict, file: File) -> None:
        """Raises Refusal, CloudError, Broken."""
        if self.image is None:
            way = Way(fields.get("staged") == "1", tuple(fields.getlist("store")), fields.get("sure") == "1")
            self.image = take(self.asked, self.image_id, file.pieces, total=file.total, size=None, way=way)
