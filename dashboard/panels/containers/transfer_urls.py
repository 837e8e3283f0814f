"""The addresses of bytes on their way up and down."""

from __future__ import annotations

from django.urls import URLPattern, re_path

from dashboard.panels.containers import download, upload, upload_page

ID = r"(?P<row_id>[A-Za-z0-9][A-Za-z0-9_-]{0,1023}|~[A-Za-z0-9_-]{1,1500})"

transfer_urls: tuple[URLPattern, ...] = (
    re_path(rf"^{ID}/upload/$", upload_page.page, name="upload"),
    re_path(rf"^{ID}/upload/begin/$", upload.begin, name="upload-begin"),
    re_path(rf"^{ID}/upload/object/$", upload.whole, name="upload-object"),
    re_path(rf"^{ID}/upload/segment/$", upload.segment, name="upload-segment"),
    re_path(rf"^{ID}/upload/finish/$", upload.finish, name="upload-finish"),
    re_path(rf"^{ID}/upload/discard/$", upload.discard, name="upload-discard"),
    re_path(rf"^{ID}/download/$", download.file, name="download"),
    re_path(rf"^{ID}/archive/$", download.archive, name="archive"),
)
