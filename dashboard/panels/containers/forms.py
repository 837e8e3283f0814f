"""The forms of containers: making one, who may get at it, and what Swift is to do with what is in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.cloud import container_access, swift
from dashboard.cloud.connection import Cloud
from dashboard.cloud.container_emptying import SEGMENTS, segments_in
from dashboard.cloud.containers import Container, read_container
from dashboard.cloud.errors import CloudError, NotFound, Unauthorized
from dashboard.live.names import project_names
from dashboard.panels.containers.words import PUBLIC
from dashboard.ui.errors import told
from dashboard.ui.pairs import Pairs

UNITS = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4, "p": 1024**5}
SIZE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([kmgtp]?)(i?b?)", re.IGNORECASE)
META_KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
ORIGIN = re.compile(r"\*|https?://[^\s/,]+", re.IGNORECASE)
HEADER = re.compile(r"[A-Za-z0-9-]+")


class SizeField(forms.CharField):
    """An amount of bytes as people write it: "10 GiB"; None where it is empty."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int) or isinstance(value, bool):
            return value
        for unit, factor in (("TiB", 1024**4), ("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
            if value and value % factor == 0:
                return f"{value // factor} {unit}"
        return str(value)

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        if not text:
            return None
        found = SIZE.fullmatch(text)
        if found is None:
            raise forms.ValidationError(_("This is no size: write it as 10 GiB, 500 MiB or 1048576."))
        # "MB" is taken as people mean it here, as everything else is shown: by 1024.
        return int(float(found[1].replace(",", ".")) * UNITS[found[2].lower()])


class CreateForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"), strip=False, widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 256})
    )
    policy = forms.ChoiceField(
        label=gettext_lazy("Storage policy"), help_text=gettext_lazy("It can't be changed later."), required=False
    )
    access = forms.ChoiceField(
        label=gettext_lazy("Access"), choices=tuple(PUBLIC.items()), initial="private", widget=forms.RadioSelect
    )
    is_versioned = forms.BooleanField(
        label=gettext_lazy("Keep old versions of objects"),
        required=False,
        help_text=gettext_lazy("What is overwritten or deleted can be had back. Old versions take room, too."),
    )
    quota_bytes = SizeField(
        label=gettext_lazy("Size at most"), required=False, help_text=gettext_lazy("As in 10 GiB; empty for no limit")
    )
    quota_count = forms.IntegerField(label=gettext_lazy("Objects at most"), required=False, min_value=0)

    def __init__(self, *args: Any, cloud: Cloud | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud = cloud
        self.most = 256
        if cloud is None:
            return
        info = swift.info(cloud)
        self.most = info.max_container_name
        policies = [policy for policy in info.policies if not policy.is_deprecated]
        if len(policies) > 1:
            field: Any = self.fields["policy"]
            field.choices = [
                (policy.name, _("%(name)s (usual)") % {"name": policy.name} if policy.is_default else policy.name)
                for policy in policies
            ]
        else:
            del self.fields["policy"]
        if info.is_known and not info.has("object_versioning"):
            del self.fields["is_versioned"]
        if info.is_known and not info.has("container_quotas"):
            del self.fields["quota_bytes"], self.fields["quota_count"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if "/" in name:
            raise forms.ValidationError(_("A container's name has no “/”: that is for the objects in it."))
        if not name.strip() or name in swift.DOTS or "\0" in name:
            raise forms.ValidationError(_("Nothing can be called so."))
        size = len(name.encode())
        if size > self.most:
            text = _("The name has %(size)d bytes, and may have %(most)d; letters beyond a–z take several.")
            raise forms.ValidationError(text % {"size": size, "most": self.most})
        if self.cloud is not None:
            try:
                read_container(self.cloud, name)
            except NotFound:
                return name
            except Unauthorized:
                raise
            except CloudError as error:
                raise forms.ValidationError(told(error)) from error
            raise forms.ValidationError(_("There is a container of that name already."))
        return name


class AccessForm(forms.Form):
    """What people may see who did not sign in."""

    access = forms.ChoiceField(label=gettext_lazy("Access"), choices=tuple(PUBLIC.items()), widget=forms.RadioSelect)

    def __init__(self, *args: Any, rows: Sequence[Container] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = container_access.public_of(rows[0].read) if len(rows) == 1 else "private"
        self.fields["access"].initial = first


class RuleForm(forms.Form):
    """Whom to let in, and to what."""

    who = forms.ChoiceField(
        label=gettext_lazy("Whom"),
        choices=(
            ("project", gettext_lazy("Everybody in a project")),
            ("member", gettext_lazy("One user in one project")),
            ("user", gettext_lazy("One user, in any project")),
            ("anybody", gettext_lazy("Everybody who is signed in to this cloud")),
            ("role", gettext_lazy("Whoever has a role in this project")),
            ("site", gettext_lazy("Visitors from pages of a host")),
            ("not-site", gettext_lazy("Not visitors from pages of a host")),
        ),
    )
    project = forms.CharField(
        label=gettext_lazy("Project"), required=False, help_text=gettext_lazy("Its ID, which never changes")
    )
    user = forms.CharField(
        label=gettext_lazy("User"), required=False, help_text=gettext_lazy("The ID: names are not unique")
    )
    value = forms.CharField(
        label=gettext_lazy("Host or role"), required=False, help_text=gettext_lazy("As in .example.com, or auditor")
    )
    may = forms.ChoiceField(
        label=gettext_lazy("May"),
        choices=(
            ("read", gettext_lazy("read objects and list them")),
            ("write", gettext_lazy("upload and delete objects")),
            ("both", gettext_lazy("do both")),
        ),
        widget=forms.RadioSelect,
        initial="read",
    )

    def __init__(self, *args: Any, cloud: Cloud | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cloud = cloud

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        who, needed = data.get("who", ""), {"project": ("project",), "member": ("project", "user"), "user": ("user",)}
        for name in needed.get(who, ("value",) if who in {"role", "site", "not-site"} else ()):
            if not data.get(name):
                self.add_error(name, _("This is needed for such a rule."))
        if self.errors:
            return data
        if who in {"site", "not-site"} and data.get("may") != "read":
            self.add_error("may", _("Who does not sign in can only be let read."))
        try:
            data["rule"] = container_access.rule_text(
                who, project=self._project(data["project"]), user=data["user"], value=data["value"]
            )
        except ValueError:
            self.add_error(None, _("A project, user or role in a rule has no spaces, commas or colons: give the ID."))
        return data

    def _project(self, text: str) -> str:
        """A project's id for its name, where this person may know it."""
        if not text or self.cloud is None or re.fullmatch("[0-9a-f]{32}", text):
            return text
        scope = self.cloud.access.scope
        found = [id for id, name in {**project_names(self.cloud), scope.id: scope.name}.items() if name == text]
        return found[0] if len(found) == 1 else text


class QuotaForm(forms.Form):
    quota_bytes = SizeField(
        label=gettext_lazy("Size at most"), required=False, help_text=gettext_lazy("As in 10 GiB; empty for no limit")
    )
    quota_count = forms.IntegerField(
        label=gettext_lazy("Objects at most"), required=False, min_value=0, help_text=gettext_lazy("Empty for no limit")
    )


class VersionsForm(forms.Form):
    is_versioned = forms.BooleanField(label=gettext_lazy("Keep old versions of objects"), required=False)


class CorsForm(forms.Form):
    cors_origins = forms.CharField(
        label=gettext_lazy("Origins"),
        required=False,
        help_text=gettext_lazy("As in https://app.example.com, separated by spaces; * for every page there is"),
    )
    cors_max_age = forms.IntegerField(
        label=gettext_lazy("Browsers remember it for (seconds)"), required=False, min_value=0
    )
    cors_headers = forms.CharField(
        label=gettext_lazy("Headers that scripts may see"),
        required=False,
        help_text=gettext_lazy("Beyond the usual ones, separated by spaces"),
    )

    def clean_cors_origins(self) -> str:
        words = self.cleaned_data["cors_origins"].split()
        wrong = next((word for word in words if not ORIGIN.fullmatch(word)), "")
        if wrong:
            raise forms.ValidationError(_("“%(value)s” is no origin.") % {"value": wrong[:80]})
        return " ".join(words)

    def clean_cors_headers(self) -> str:
        words = self.cleaned_data["cors_headers"].replace(",", " ").split()
        wrong = next((word for word in words if not HEADER.fullmatch(word)), "")
        if wrong:
            raise forms.ValidationError(_("“%(value)s” is no header.") % {"value": wrong[:80]})
        return " ".join(words)


class MetadataForm(forms.Form):
    metadata = Pairs(label=gettext_lazy("Metadata"), required=False)

    def __init__(self, *args: Any, cloud: Cloud | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        info = swift.info(cloud) if cloud is not None else swift.Info()
        self.limits = (info.max_meta_name, info.max_meta_value, info.max_meta_count)

    def clean_metadata(self) -> dict[str, str]:
        # No header begins or ends with a space.
        found = {key: value.strip() for key, value in self.cleaned_data["metadata"].items()}
        name_most, value_most, most = self.limits
        for key, value in found.items():
            if not META_KEY.fullmatch(key) or len(key) > name_most:
                text = _("“%(key)s” can't be a key: letters, digits and hyphens can, %(most)d at most.")
                raise forms.ValidationError(text % {"key": key[:60], "most": name_most})
            if not value:
                raise forms.ValidationError(_("“%(key)s” has no value.") % {"key": key[:60]})
            if len(value.encode()) > value_most or any(ord(letter) < 32 for letter in value):
                text = _("The value of “%(key)s” is one line of at most %(most)d bytes.")
                raise forms.ValidationError(text % {"key": key[:60], "most": value_most})
        if len(found) > most:
            raise forms.ValidationError(_("There may be %(most)d at most.") % {"most": most})
        # Swift makes no difference between large and small letters here.
        return {key.lower(): value for key, value in found.items()}


class WebsiteForm(forms.Form):
    web_index = forms.CharField(
        label=gettext_lazy("Page of a folder"), required=False, help_text=gettext_lazy("As in index.html")
    )
    web_error = forms.CharField(
        label=gettext_lazy("Page of errors"),
        required=False,
        help_text=gettext_lazy("As in error.html: the object 404error.html is shown where nothing is found"),
    )
    is_web_listed = forms.BooleanField(
        label=gettext_lazy("List what is in a folder that has no such page"), required=False
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name in ("web_index", "web_error"):
            if len(data.get(name, "").encode()) > 256 or any(ord(letter) < 32 for letter in data.get(name, "")):
                self.add_error(name, _("Nothing can be called so."))
        return data


class KeysForm(forms.Form):
    """What to do with the keys of temporary URLs."""

    what = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=(
            ("rotate", gettext_lazy("Make a new key; the one before it stays good until the next time")),
            ("show", gettext_lazy("Show the keys")),
            ("remove", gettext_lazy("Remove the keys: every temporary URL that was made with them ends")),
        ),
        initial="rotate",
        widget=forms.RadioSelect,
    )
    whose = forms.ChoiceField(
        label=gettext_lazy("Of"),
        choices=(
            ("container", gettext_lazy("this container")),
            ("account", gettext_lazy("the whole account: good for every container of the project")),
        ),
        initial="container",
        widget=forms.RadioSelect,
    )


class EmptyForm(forms.Form):
    """What goes along."""

    with_versions = forms.BooleanField(
        label=gettext_lazy("Delete every old version as well"),
        required=False,
        help_text=gettext_lazy("Otherwise what is deleted stays as an old version."),
    )
    with_segments = forms.BooleanField(label=gettext_lazy("Delete the parts of large objects as well"), required=False)

    def __init__(
        self,
        *args: Any,
        rows: Sequence[Container] = (),
        cloud: Cloud | None = None,
        is_job: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if is_job and not rows:
            return
        if not any(row.has_versions for row in rows):
            del self.fields["with_versions"]
        if len(rows) == 1 and cloud is not None:
            found = segments_in(cloud, rows[0].name) if not rows[0].name.endswith(SEGMENTS) else 0
            if not found:
                del self.fields["with_segments"]
            else:
                text = ngettext(
                    "%(n)d part lies in the container %(name)s.", "%(n)d parts lie in the container %(name)s.", found
                )
                self.fields["with_segments"].help_text = text % {"n": found, "name": rows[0].name + SEGMENTS}


class DeleteForm(EmptyForm):
    """A container goes when it is empty; what is in it, only where that is said."""

    with_objects = forms.BooleanField(label=gettext_lazy("Delete the objects in it as well"), required=False)
    field_order = ("with_objects", "with_versions", "with_segments")

    def __init__(
        self,
        *args: Any,
        rows: Sequence[Container] = (),
        cloud: Cloud | None = None,
        is_job: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, rows=rows, cloud=cloud, is_job=is_job, **kwargs)
        if is_job and not rows:
            return
        count = sum(row.objects for row in rows)
        if not count and not any(row.has_versions for row in rows):
            del self.fields["with_objects"]
            self.fields.pop("with_segments", None)
        elif count:
            text = ngettext(
                "%(n)d object, which nothing brings back", "%(n)d objects, which nothing brings back", count
            )
            self.fields["with_objects"].help_text = text % {"n": count}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if (data.get("with_versions") or data.get("with_segments")) and not data.get("with_objects"):
            self.add_error("with_objects", _("Versions and parts go only together with the objects."))
        return data
