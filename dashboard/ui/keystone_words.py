"""Keystone's refusals in words: what stands in the way, and what to do first."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.cloud.errors import CloudError, Conflict, Forbidden, Invalid


def sentence(error: CloudError) -> str:
    """One sentence for what Keystone says often; "" where its kind says it well enough."""
    if error.service != "identity":
        return ""
    text = error.message
    if isinstance(error, Conflict) and "Duplicate entry" in text:
        return _("The name is taken in this domain.") if "domain" in text else _("The name is taken.")
    if isinstance(error, Forbidden):
        if "immutable" in text:
            return _("It is protected: the protection has to be taken away first.")
        if "not a leaf" in text:
            return _("It has subprojects, which have to be deleted first.")
        if "disable" in text and "domain" in text:
            return _("An enabled domain can't be deleted: disable it first.")
    if isinstance(error, Invalid) and "password" in text.casefold():
        return _("Keystone does not accept this password.")
    return ""
