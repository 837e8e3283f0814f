"""Static files under names that change with their content: a browser keeps them for ever and never has an old one."""

from __future__ import annotations

import functools
import hashlib

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also renames what our own JavaScript modules import from each other.

    Others' scripts are left alone: htmx's extensions have an import as an example in a comment.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )


@functools.cache
def build() -> str:
    """A short name for the pages and scripts of this installation: pages that were made by another one can tell."""
    found = hashlib.sha256()
    for folder in (settings.BASE_DIR / "templates", settings.BASE_DIR / "static"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".html", ".css", ".js"}:
                found.update(path.read_bytes())
    return found.hexdigest()[:12]
