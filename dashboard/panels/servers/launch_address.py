"""What became of the floating IP of a launch, in words for its card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from dashboard.live.errands import Errand


@dataclass(frozen=True)
class Word:
    """A sentence, and whether it is on its way, well or not. ``detail`` is what the service said."""

    tone: Literal["busy", "ok", "warn"]
    text: str
    detail: str = ""


def address_words(errand: Errand | None) -> Word | None:
    """What became of the floating IP; None if the launch has none."""
    if errand is None:
        return None
    address = str(errand.facts.get("address") or _("it"))
    is_new = bool(errand.facts.get("is_new"))
    if errand.state == "waiting" and errand.code != "associated":
        return Word("busy", _("The floating IP %(address)s follows as soon as it has a port.") % {"address": address})
    if not errand.is_over or errand.state == "done":
        return Word("ok", _("It has the floating IP %(address)s.") % {"address": address})
    if errand.code in {"no-token", "late", "kept"}:
        return Word("warn", _lost(errand.code) % {"address": address}, errand.words)
    text = _why(errand.code)
    end = (
        _("The floating IP %(address)s, which was allocated for it, was released again.")
        if is_new
        else _("The floating IP %(address)s stays in the project, free.")
    )
    return Word("warn", f"{text} {end % {'address': address}}", errand.words)


def _why(code: str) -> str:
    return {
        "not-launched": _("Nothing was launched."),
        "gone": _("The server was deleted."),
        "not-built": _("It was not built."),
        "no-port": _("It has no port with an IPv4 address."),
        "refused": _("Neutron can't lead a floating IP to any of its ports."),
    }.get(code, "")


def _lost(code: str) -> str:
    return {
        "no-token": _("Your session ended before the floating IP %(address)s was associated. It is in the project."),
        "late": _("It had no port within a quarter of an hour; the floating IP %(address)s was not associated."),
        "kept": _("Nothing came of it, and the floating IP %(address)s could not be released: it is still allocated."),
    }[code]
