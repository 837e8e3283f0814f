"""The fields of federation's forms: lines, rules as JSON, what an identity provider says of somebody."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud.federation_rules import VERSIONS
from dashboard.cloud.federation_shape import LONGEST, rules_in
from dashboard.panels.federation.words import problem_words

MOST = 20
"""Problems that are told at once."""
EXAMPLE = """[
  {
    "local": [
      {"user": {"name": "{0}", "email": "{1}"}},
      {"group": {"name": "federated", "domain": {"name": "Default"}}}
    ],
    "remote": [
      {"type": "HTTP_OIDC_PREFERRED_USERNAME"},
      {"type": "HTTP_OIDC_EMAIL"}
    ]
  }
]"""
EXAMPLE_ASSERTION = "HTTP_OIDC_PREFERRED_USERNAME = ann\nHTTP_OIDC_EMAIL = ann@example.org\n"
CODE = {"spellcheck": "false", "autocomplete": "off", "autocapitalize": "none", "class": "form-control code"}


class LinesField(forms.CharField):
    """Texts, one a line; cleaned, a list of them."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        return list(dict.fromkeys(line.strip() for line in super().clean(value).splitlines() if line.strip()))


class AssertionField(forms.CharField):
    """Attributes and values, one a line, or a JSON object; cleaned, a dict of texts."""

    widget = forms.Textarea(attrs={"rows": 10, **CODE})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text.lstrip().startswith("{"):
            try:
                given = json.loads(text)
            except (ValueError, RecursionError) as error:
                raise ValidationError(_("This is no JSON: %(error)s") % {"error": str(error)[:120]}) from error
            return {
                key: ";".join(map(str, item)) if isinstance(item, list) else str(item) for key, item in given.items()
            }
        found: dict[str, str] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            key, sign, rest = line.partition("=")
            if not sign or not key.strip():
                raise ValidationError(
                    _("Line %(line)d is no attribute. Write NAME = value.") % {"line": number}, code="invalid"
                )
            if rest.strip():
                found[key.strip()] = rest.strip()
        return found


class RulesForm(forms.Form):
    """Rules with the version of their schema. What is wrong with them is told by the line."""

    schema_version = forms.ChoiceField(
        label=gettext_lazy("Version of the schema"),
        choices=(
            ("1.0", gettext_lazy("1.0: domains for users and groups only")),
            ("2.0", gettext_lazy("2.0: domains for projects, too")),
            ("3.0", gettext_lazy("3.0: projects from the identity provider, too")),
        ),
        initial="2.0",
    )
    rules = forms.CharField(
        label=gettext_lazy("Rules"),
        max_length=LONGEST,
        strip=False,
        initial=EXAMPLE,
        widget=forms.Textarea(attrs={"rows": 18, **CODE}),
        help_text=gettext_lazy(
            "A list of rules as JSON. Of each rule whose “remote” requirements all hold, every part of “local” is "
            "taken; {0}, {1}… stand for what the requirements bring, in their order."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """The text as rules; an object with rules and a version, as Keystone's API has it, is taken as well."""
        data = super().clean() or {}
        if not data.get("rules") or not data.get("schema_version"):
            return data
        rules, version, problems = rules_in(data["rules"], data["schema_version"])
        for problem in problems[:MOST]:
            self.add_error("rules", problem_words(problem))
        if version not in VERSIONS:
            self.add_error("rules", _("There is no schema of the version %(version)s.") % {"version": version[:20]})
        data["found"], data["schema_version"] = rules, version
        return data


def as_text(rules: Any) -> str:
    """Rules as they are edited."""
    return json.dumps(rules, indent=2, ensure_ascii=False)
