"""The addresses of bytes on their way up and down."""

from __future__ import annotations

from django.urls import URLPattern, re_path

from dashboard.cloud.swift import KEY
from dashboard.panels.containers import download, upload, upload_page

ID = f"(?P<row_id>{KEY})"

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
