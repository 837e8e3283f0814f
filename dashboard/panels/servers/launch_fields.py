"""Reads what people type when they launch a server: pairs, tags, hints, addresses and user data."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from dashboard.cloud.launch import METADATA_LENGTH, TAG_LENGTH, TAG_LIMIT, TAG_PREFIX, USER_DATA_LIMIT

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+-]{0,254}")
"""What ids look like; flavor ids may be any short word."""
KEY = re.compile(r"[a-zA-Z0-9_:. -]{1,255}")
"""Nova's pattern for keys of metadata."""
CERTIFICATES = 50
"""Ids of certificates that Nova takes."""
HINT_NAMES = {"group", "same_host", "different_host", "query", "build_near_host_ip", "cidr"}
SECRETS = re.compile(
    r"""(?imx)
    ^\s*-?\s*["']?(password|passwd|plain_text_passwd|api_key|secret_key|secret|token)["']?\s*[:=]\s*["']?[^\s"'$<{]
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----
    | \bAKIA[0-9A-Z]{16}\b
    | ^\s*chpasswd\s*:
    | \bgAAAAA[\w-]{40}
    """
)
"""Lines that look as if they gave a secret away."""


class IdField(forms.CharField):
    """An id out of a list. Nova decides whether it exists: asking first would cost a call."""

    default_error_messages = {"required": "", "shape": ""}

    def __init__(self, missing: Any = "", **kwargs: Any) -> None:
        super().__init__(max_length=255, **kwargs)
        self.missing = missing

    def clean(self, value: Any) -> str:
        if self.required and not value and self.missing:
            raise ValidationError(self.missing, code="required")
        found = super().clean(value)
        if found and not ID.fullmatch(found):
            raise ValidationError(_("This is not an id."), code="shape")
        return str(found)


class IdsField(forms.Field):
    """Any number of ids, in the order sent."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(item for item in value or () if item))
        if not all(ID.fullmatch(item) for item in found):
            raise ValidationError(_("This is not an id."), code="shape")
        return found


class AddressField(forms.CharField):
    """An IP address of one version, or of any."""

    def __init__(self, version: int = 0, **kwargs: Any) -> None:
        super().__init__(max_length=45, **kwargs)
        self.version = version

    def clean(self, value: Any) -> str:
        found = super().clean(value)
        return address(found, self.version) if found else ""


def address(value: str, version: int = 0) -> str:
    """An IP address as it is written shortest. Raises ValidationError."""
    try:
        found = ipaddress.ip_address(value.strip())
    except ValueError:
        raise ValidationError(_("“%(value)s” is not an IP address.") % {"value": value[:60]}) from None
    if version and found.version != version:
        raise ValidationError(_("This needs an IPv%(version)d address.") % {"version": version})
    return str(found)


def pairs(keys: Iterable[str], values: Iterable[str], *, most: int = 128) -> dict[str, str]:
    """Metadata from two columns of fields; empty rows are left out. Raises ValidationError."""
    found: dict[str, str] = {}
    for key, value in zip(keys, values, strict=False):
        key = key.strip()
        if not key and not value.strip():
            continue
        if not key:
            raise ValidationError(_("The value “%(value)s” has no key.") % {"value": value[:60]})
        if not KEY.fullmatch(key):
            raise ValidationError(
                _("The key “%(key)s” may only have letters, digits, spaces and - _ : . and at most 255 of them.")
                % {"key": key[:60]}
            )
        if len(value) > METADATA_LENGTH:
            raise ValidationError(
                _("The value of “%(key)s” has %(count)d characters; 255 are allowed.")
                % {"key": key, "count": len(value)}
            )
        if key in found:
            raise ValidationError(_("The key “%(key)s” is there twice.") % {"key": key})
        found[key] = value
    if len(found) > most:
        raise ValidationError(_("At most %(most)d pairs, please.") % {"most": most})
    return found


def tags(text: str) -> tuple[str, ...]:
    """Tags, separated by commas or line ends. Raises ValidationError."""
    found = tuple(dict.fromkeys(part.strip() for part in re.split(r"[,\n\r]+", text) if part.strip()))
    for tag in found:
        if "/" in tag:
            raise ValidationError(
                _("The tag “%(tag)s” has a slash, which tags can't have.") % {"tag": tag[:TAG_LENGTH]}
            )
        if len(tag) > TAG_LENGTH:
            raise ValidationError(
                _("The tag “%(tag)s…” has %(count)d characters; %(most)d are allowed.")
                % {"tag": tag[:20], "count": len(tag), "most": TAG_LENGTH}
            )
        if tag.startswith(TAG_PREFIX):
            raise ValidationError(
                _("Tags that begin with “%(prefix)s” are kept for finding launches again.") % {"prefix": TAG_PREFIX}
            )
    if len(found) > TAG_LIMIT:
        raise ValidationError(
            _("There are %(count)d tags; %(most)d are allowed.") % {"count": len(found), "most": TAG_LIMIT}
        )
    return found


def device_tag(text: str) -> str:
    """The tag of a disk or an interface. Raises ValidationError."""
    text = text.strip()
    if len(text) > TAG_LENGTH or "/" in text or "," in text:
        raise ValidationError(
            _("“%(tag)s” is no tag: at most %(most)d characters, no slash and no comma.")
            % {"tag": text[:30], "most": TAG_LENGTH}
        )
    return text


def hostname(text: str) -> str:
    """A hostname, with its domain or without. Raises ValidationError."""
    text = text.strip()
    labels = text.split(".")
    if text and not all(re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", label) for label in labels):
        raise ValidationError(
            _("A hostname has letters, digits and hyphens, between its dots at most 63 of them: web-1.example.org")
        )
    if len(text) == 1:
        raise ValidationError(_("Nova takes hostnames of two characters and more."))
    return text


def certificates(text: str) -> tuple[str, ...]:
    """Ids of certificates, separated by commas, spaces or line ends. Raises ValidationError."""
    found = tuple(dict.fromkeys(part for part in re.split(r"[\s,]+", text) if part))
    if len(found) > CERTIFICATES:
        raise ValidationError(_("At most %(most)d certificates, please.") % {"most": CERTIFICATES})
    if not all(ID.fullmatch(item) for item in found):
        raise ValidationError(_("This is not an id."), code="shape")
    return found


def floating_ip(text: str) -> str:
    """ "new:<external network>" or "have:<floating IP>". Raises ValidationError."""
    kind, _colon, id = text.strip().partition(":")
    if text.strip() and (kind not in {"new", "have"} or not ID.fullmatch(id)):
        raise ValidationError(_("This is not an id."), code="shape")
    return text.strip()


def ids(text: str) -> list[str]:
    """Ids of servers, separated by spaces, commas or line ends. Raises ValidationError."""
    found = [part for part in re.split(r"[\s,]+", text) if part]
    for item in found:
        if not re.fullmatch(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}", item):
            raise ValidationError(_("“%(value)s” is not the id of a server.") % {"value": item[:60]})
    return found


def hint_query(text: str) -> str:
    """A query for the scheduler's JsonFilter: a JSON list such as [">=", "$free_ram_mb", 1024]."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise ValidationError(_("This is not JSON: look at line %(line)d.") % {"line": line}) from None
    if not isinstance(found, list) or not found:
        raise ValidationError(_('A query is a JSON list such as [">=", "$free_ram_mb", 1024].'))
    return json.dumps(found)


def other_hints(keys: Iterable[str], values: Iterable[str]) -> Mapping[str, str]:
    """Hints that the form has no field for. Raises ValidationError."""
    found = pairs(keys, values)
    for key in found:
        if key in HINT_NAMES:
            raise ValidationError(_("“%(key)s” has a field of its own above.") % {"key": key})
    return found


def check_user_data(text: str) -> None:
    """Whether Nova would take it, and cloud-init could read it. Raises ValidationError."""
    size = len(base64.b64encode(text.encode()))
    if size > USER_DATA_LIMIT:
        raise ValidationError(
            _("The user data has %(size)s bytes when encoded; %(most)s are allowed.")
            % {"size": f"{size:,}", "most": f"{USER_DATA_LIMIT:,}"}
        )
    if text.lstrip("\ufeff").startswith("#cloud-config"):
        _check_yaml(text)


def _check_yaml(text: str) -> None:
    try:
        # Composing follows no alias and makes no object, so nothing in it can grow or act.
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError:
        raise ValidationError(_("The cloud-config is nested too deeply.")) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ValidationError(
            _("The cloud-config is not YAML: line %(line)d: %(problem)s")
            % {"line": mark.line + 1 if mark else 1, "problem": error.problem or error.context or ""}
        ) from None
    except yaml.YAMLError:
        raise ValidationError(_("The cloud-config has characters that YAML does not allow.")) from None
    if root is not None and not isinstance(root, yaml.MappingNode):
        raise ValidationError(_("A cloud-config has to be “key: value” lines below its first line."))


def secret_line(text: str) -> int:
    """The number of the first line that seems to hold a secret, 0 if none does."""
    match = SECRETS.search(text)
    return text.count("\n", 0, match.start() + len(match[0]) - len(match[0].lstrip())) + 1 if match else 0
