"""The forms for a new key pair: made here, or a public key that somebody has already."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.errors import Invalid
from dashboard.cloud.keypairs import NAME_LENGTH, NAME_PATTERN, PUBLIC_KEY_LENGTH, checked_public_key

ALGORITHMS = (
    ("ed25519", gettext_lazy("Ed25519: short and strong; for every system of the last ten years")),
    ("rsa", gettext_lazy("RSA, 4,096 bits: for older systems")),
)


def public_key_words(error: Invalid) -> str:
    """Why a text is no public key, by the reason that ``checked_public_key`` gives."""
    return {
        "private": _(
            "This is a private key. Keep it to yourself, and give the public one: the file that ends in .pub."
        ),
        "lines": _("A public key is one line; this has several."),
        "kind": _("Keys of this kind are not taken; take ed25519, ecdsa or rsa."),
    }.get(error.message, _('This is no public key. One starts with "ssh-ed25519", "ecdsa-sha2-…" or "ssh-rsa".'))


class NameForm(forms.Form):
    """What every new key pair has: a name that Nova takes."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LENGTH,
        help_text=gettext_lazy("Letters, digits, spaces and . _ - @"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )

    def clean_name(self) -> str:
        """Refuses what Nova 2.92 and later would, before anything is sent."""
        name: str = self.cleaned_data["name"]
        if not NAME_PATTERN.fullmatch(name):
            raise forms.ValidationError(_("Only letters, digits, spaces and . _ - @ are possible here."))
        if not name.strip("."):
            raise forms.ValidationError(_("A name of dots alone can't be used."))
        return name


class CreateForm(NameForm):
    """A key pair that is made here."""

    algorithm = forms.ChoiceField(
        label=gettext_lazy("Algorithm"), choices=ALGORITHMS, initial="ed25519", widget=forms.RadioSelect
    )


class ImportForm(NameForm):
    """A public key, pasted or from a file."""

    public_key = forms.CharField(
        label=gettext_lazy("Public key"),
        max_length=PUBLIC_KEY_LENGTH,
        required=False,
        help_text=gettext_lazy("What is in ~/.ssh/id_ed25519.pub, for example"),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )
    file = forms.FileField(
        label=gettext_lazy("or a file"), required=False, widget=forms.FileInput(attrs={"accept": ".pub"})
    )

    def clean_public_key(self) -> str:
        """The pasted text, if it is a public key."""
        return _checked(self.cleaned_data["public_key"])

    def clean_file(self) -> str:
        """The file's text, if it is a public key."""
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > PUBLIC_KEY_LENGTH:
            raise forms.ValidationError(_("This file is too large for a public key."))
        return _checked(file.read().decode("utf-8", "replace"))

    def clean(self) -> dict[str, Any]:
        """Either of the two has to be given; what was pasted goes first."""
        data = super().clean() or {}
        if not (self.errors or data.get("public_key") or data.get("file")):
            self.add_error("public_key", _("Paste a public key, or choose its file."))
        data["public_key"] = data.get("public_key") or data.get("file") or ""
        return data


def _checked(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return checked_public_key(text)
    except Invalid as error:
        raise forms.ValidationError(public_key_words(error)) from error
