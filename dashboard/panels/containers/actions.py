"""What is done to containers from their menu, and how one is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import container_changes as do
from dashboard.cloud.connection import Cloud
from dashboard.cloud.container_access import with_public
from dashboard.cloud.containers import Container, read_container
from dashboard.panels.containers import forms as own
from dashboard.panels.containers.access_actions import ACCESS_ACTIONS
from dashboard.panels.containers.delete_actions import DELETE_ACTIONS
from dashboard.panels.containers.words import lacks, says, why_not_changed
from dashboard.ui.panel import THEN, Action, Create

Data = Mapping[str, Any]
SECTION = gettext_lazy("Settings")


def _quota(cloud: Cloud, container: Container, data: Data) -> None:
    values = {"quota-bytes": data["quota_bytes"], "quota-count": data["quota_count"]}
    do.set_meta(cloud, container.name, {key: None if value is None else str(value) for key, value in values.items()})


def _versions(cloud: Cloud, container: Container, data: Data) -> None:
    do.set_versions(cloud, container.name, is_on=data["is_versioned"])


def why_not_versions(container: Container) -> str:
    if container.versions_location:
        text = _("It keeps versions the older way, in %(name)s: both ways at once do not go together.")
        return text % {"name": container.versions_location}
    return why_not_changed(container)


def _cors(cloud: Cloud, container: Container, data: Data) -> None:
    age = data["cors_max_age"]
    values = {
        "access-control-allow-origin": data["cors_origins"] or None,
        "access-control-max-age": None if age is None else str(age),
        "access-control-expose-headers": data["cors_headers"] or None,
    }
    do.set_meta(cloud, container.name, values)


def _metadata(cloud: Cloud, container: Container, data: Data) -> None:
    wanted: Mapping[str, str] = data["metadata"]
    now = read_container(cloud, container.name).metadata
    changed: dict[str, str | None] = {key: value for key, value in wanted.items() if now.get(key) != value}
    # What came meanwhile is not what this form took away.
    changed |= {key: None for key in container.metadata if key not in wanted and key in now}
    do.set_meta(cloud, container.name, changed)


def _cli_metadata(container: Container, data: Data) -> list[str]:
    words: list[str] = []
    gone = [key for key in container.metadata if key not in data["metadata"]]
    if data["metadata"]:
        words += ["openstack", "container", "set"]
        for key, value in data["metadata"].items():
            words += ["--property", f"{key}={value}"]
        words.append(container.name)
    if gone:
        words += [THEN] if words else []
        words += ["openstack", "container", "unset"]
        for key in gone:
            words += ["--property", key]
        words.append(container.name)
    return words


def _website(cloud: Cloud, container: Container, data: Data) -> None:
    values = {
        "web-index": data["web_index"] or None,
        "web-error": data["web_error"] or None,
        "web-listings": "true" if data["is_web_listed"] else None,
    }
    do.set_meta(cloud, container.name, values)


def _meta_command(*pairs: tuple[str, str]) -> Callable[[Container, Data], list[str]]:
    """The command that sets metadata: by the header's name and the form's field of each."""

    def words(container: Container, data: Data) -> list[str]:
        found = ["swift", "post"]
        for key, name in pairs:
            value = data[name]
            found += ["--meta", f"{key}:{'' if value is None or value is False else value}"]
        return [*found, container.name]

    return words


SETTINGS_ACTIONS: tuple[Action[Container], ...] = (
    Action(
        slug="quota",
        label=gettext_lazy("Quota"),
        run=_quota,
        says=says(gettext_lazy("Swift refuses what would make %(name)s larger than this. What is in it stays.")),
        form=own.QuotaForm,
        icon="scale",
        section=SECTION,
        why_not=lacks("container_quotas"),
        started=gettext_lazy("Quota changed"),
        cli=_meta_command(("Quota-Bytes", "quota_bytes"), ("Quota-Count", "quota_count")),
    ),
    Action(
        slug="versions",
        label=gettext_lazy("Versions"),
        run=_versions,
        says=says(
            gettext_lazy(
                "Where old versions are kept, what is overwritten or deleted in %(name)s can be had back. Turned off, "
                "those that are kept stay."
            )
        ),
        form=own.VersionsForm,
        when=why_not_versions,
        icon="history",
        section=SECTION,
        why_not=lacks("object_versioning"),
        started=gettext_lazy("Versions changed"),
        cli=lambda container, data: [
            *("swift", "post", "--header", f"X-Versions-Enabled: {str(data['is_versioned']).lower()}", container.name)
        ],
    ),
    Action(
        slug="website",
        label=gettext_lazy("Website"),
        run=_website,
        says=says(
            gettext_lazy(
                "%(name)s is shown as a website: a folder's address gives its page. Everybody sees it only where it "
                "is public with list."
            )
        ),
        form=own.WebsiteForm,
        icon="world",
        section=SECTION,
        is_bulk=False,
        why_not=lacks("staticweb"),
        started=gettext_lazy("Website changed"),
        cli=_meta_command(("Web-Index", "web_index"), ("Web-Error", "web_error"), ("Web-Listings", "is_web_listed")),
    ),
    Action(
        slug="cors",
        label=gettext_lazy("Scripts of other sites (CORS)"),
        run=_cors,
        says=says(gettext_lazy("Pages from these origins may read %(name)s by script, with what their visitors may.")),
        form=own.CorsForm,
        icon="code",
        section=SECTION,
        started=gettext_lazy("Origins changed"),
        cli=_meta_command(
            ("Access-Control-Allow-Origin", "cors_origins"),
            ("Access-Control-Max-Age", "cors_max_age"),
            ("Access-Control-Expose-Headers", "cors_headers"),
        ),
    ),
    Action(
        slug="metadata",
        label=gettext_lazy("Metadata"),
        run=_metadata,
        says=says(gettext_lazy("Keys and values of your own, kept with %(name)s.")),
        form=own.MetadataForm,
        icon="tag",
        section=SECTION,
        is_bulk=False,
        started=gettext_lazy("Metadata changed"),
        cli=_cli_metadata,
    ),
)


ACTIONS = (*ACCESS_ACTIONS, *SETTINGS_ACTIONS, *DELETE_ACTIONS)


def _cli_create(data: Data) -> list[str]:
    words = ["openstack", "container", "create"]
    if data.get("policy"):
        words += ["--storage-policy", data["policy"]]
    words.append(data["name"])
    more: list[str] = []
    if read := with_public("", data["access"]):
        more += ["--read-acl", read]
    if data.get("is_versioned"):
        more += ["--header", "X-Versions-Enabled: true"]
    for key, name in (("Quota-Bytes", "quota_bytes"), ("Quota-Count", "quota_count")):
        if data.get(name) is not None:
            more += ["--meta", f"{key}:{data[name]}"]
    return [*words, THEN, "swift", "post", *more, data["name"]] if more else words


CREATE = Create(label=gettext_lazy("Create a container"), form=own.CreateForm, run=do.create_container, cli=_cli_create)
