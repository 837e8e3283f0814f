"""Static files under names that change with their content, so that a browser keeps them for ever and never an old one."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):
    """Also renames what JavaScript modules import from each other."""

    support_js_module_import_aggregation = True
