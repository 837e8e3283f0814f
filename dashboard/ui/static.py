"""Static files under names that change with their content: a browser keeps them for ever and never has an old one."""

from __future__ import annotations

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
