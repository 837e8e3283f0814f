"""What can be done with images: change, fill, share, take out of use, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.cloud import identity, image_changes
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, Invalid
from dashboard.cloud.images import Image, delete_image, get_image_json
from dashboard.panels.images import words
from dashboard.panels.images.facilities import known_facilities
from dashboard.panels.images.forms import CopyForm, EditForm, ImportForm, ProjectForm, ShareForm, StoreForm
from dashboard.ui.actions import editing, removal
from dashboard.ui.panel import Action

Data = Mapping[str, Any]


def edit(cloud: Cloud, image: Image, data: Data) -> None:
    """Sends what was changed. Raises Conflict where somebody else changed the same meanwhile."""
    fresh = get_image_json(cloud, image.id)
    changes: Data = data["changes"]
    for key, value in changes.items():
        now = sorted(fresh.get(key) or []) if key == "tags" else fresh.get(key)
        was = data["was"].get(key)
        was = sorted(was or []) if key == "tags" else was
        wanted = sorted(value) if key == "tags" else value
        if data["was"] and (now or None) != (was or None) and now != wanted:
            raise Conflict(
                _("Somebody changed %(field)s to “%(now)s” meanwhile: open the form anew.")
                % {"field": key, "now": ", ".join(now) if isinstance(now, list) else now},
                service="image",
                status=409,
            )
    patch = image_changes.patch_of(fresh, changes)
    if patch:
        image_changes.send_patch(cloud, id=image.id, patch=patch)


def edit_cli(image: Image, data: Data) -> list[str]:
    """``openstack image set``, and ``unset`` has no place in the same line: emptied properties are left as they are."""
    found = ["openstack", "image", "set"]
    flags = {"protected": ("--protected", "--unprotected"), "os_hidden": ("--hidden", "--unhidden")}
    options = {"name": "--name", "min_disk": "--min-disk", "min_ram": "--min-ram"}
    for key, value in data.get("changes", {}).items():
        if key in flags:
            found.append(flags[key][0 if value else 1])
        elif key in options:
            found += [options[key], str(value)]
        elif key == "visibility":
            found.append(f"--{value}")
        elif key == "tags":
            found += [word for tag in value for word in ("--tag", tag)]
        elif value is not None:
            found += ["--property", f"{key}={value}"]
    return [*found, image.id]


def bring(cloud: Cloud, image: Image, data: Data) -> None:
    """Has Glance fetch the data."""
    image_changes.import_image(cloud, id=image.id, method=data["method"], stores=data.get("stores", ()))


def bring_cli(image: Image, data: Data) -> list[str]:
    """``openstack image import``."""
    method = data.get("method", {})
    found = ["openstack", "image", "import", "--method", method.get("name", "web-download")]
    for key, option in (("uri", "--uri"), ("glance_region", "--remote-region"), ("glance_image_id", "--remote-image")):
        if method.get(key):
            found += [option, method[key]]
    return [*found, *_stores(data), image.id]


def copy(cloud: Cloud, image: Image, data: Data) -> None:
    """Has Glance copy the data to further stores."""
    image_changes.import_image(cloud, id=image.id, method={"name": "copy-image"}, stores=data["stores"])


def copy_cli(image: Image, data: Data) -> list[str]:
    """``openstack image import --method copy-image``."""
    return ["openstack", "image", "import", "--method", "copy-image", *_stores(data), image.id]


def _stores(data: Data) -> list[str]:
    return [word for store in data.get("stores", ()) for word in ("--store", store)]


def why_no_import(cloud: Cloud) -> str:
    """Clouds may have import switched off."""
    found = known_facilities(cloud)
    if found is None or {"web-download", "glance-download"} & set(found.methods):
        return ""
    return _("This cloud's Glance imports nothing from elsewhere.")


def why_no_copy(cloud: Cloud) -> str:
    """Copying takes several stores, and a cloud that lets people do it."""
    found = known_facilities(cloud)
    if found is not None and ("copy-image" not in found.methods or len(found.stores) < 2):
        return _("This cloud has one store of images, or does not copy between them.")
    return ""


def share(cloud: Cloud, image: Image, data: Data) -> None:
    """Offers the image to projects; a private one is made shared first, or Glance refuses. Raises Invalid."""
    names: Sequence[str] = data["projects"]
    known: list[tuple[str, str]] = []
    if any(len(name) not in {32, 36} for name in names):
        try:
            known = [(scope.id, scope.name) for scope in identity.list_projects(cloud.access)]
        except CloudError:
            known = []
    ids = {name: image_changes.project_named(cloud, name, known) for name in names}
    lost = [name for name, id in ids.items() if not id]
    if lost:
        raise Invalid(
            _("No project that you can see is called %(names)s: give its ID.") % {"names": ", ".join(lost)},
            service="image",
        )
    if image.visibility != "shared":
        image_changes.update_image(cloud, id=image.id, changes={"visibility": "shared"})
    for project_id in ids.values():
        if project_id != image.owner_id:
            image_changes.add_member(cloud, id=image.id, project_id=project_id)


def share_words(images: Sequence[Image]) -> str:
    """What sharing does."""
    found = words.named(
        images,
        gettext_lazy("%(name)s will be offered to these projects. They can use it once they accept it."),
        gettext_lazy("These images will be offered to these projects. They can use them once they accept them."),
    )
    if any(image.visibility == "private" for image in images):
        found += " " + _("What is private becomes shared by that.")
    return found


def unshare(cloud: Cloud, image: Image, data: Data) -> None:
    """Takes the image away from a project."""
    image_changes.remove_member(cloud, id=image.id, project_id=data["project_id"])


def accept(cloud: Cloud, image: Image, data: Data) -> Image:
    """Takes what another project shares."""
    image_changes.answer_offer(cloud, id=image.id, status="accepted")
    return replace(image, offer="")


def reject(cloud: Cloud, image: Image, data: Data) -> Image:
    """Turns down what another project shares."""
    image_changes.answer_offer(cloud, id=image.id, status="rejected")
    return replace(image, offer="rejected")


def remove_from_store(cloud: Cloud, image: Image, data: Data) -> None:
    """Deletes one of several copies."""
    image_changes.delete_from_store(cloud, id=image.id, store=data["store"])


def delete(cloud: Cloud, image: Image, data: Data) -> None:
    """Deletes the image. Raises Conflict, which says what it is most likely about."""
    try:
        delete_image(cloud, id=image.id)
    except Conflict as error:
        text = _("Volumes or snapshots still use its data. Delete them first: the tab “Used by” names them.")
        raise Conflict(
            f"{text} {error.message}", service="image", status=error.status, request_id=error.request_id
        ) from error


SHARING, DATA, STATE = gettext_lazy("Sharing"), gettext_lazy("Data"), gettext_lazy("State")

ACTIONS: tuple[Action[Image], ...] = (
    editing(
        run=edit,
        says=lambda images: words.named(
            images, gettext_lazy("What you change is written down of %(name)s; the rest stays as it is."), ""
        ),
        when=words.why_not_change,
        form=EditForm,
        is_primary=True,
        cli=edit_cli,
    ),
    Action(
        slug="import",
        label=gettext_lazy("Import its data"),
        run=bring,
        says=lambda images: words.named(
            images, gettext_lazy("Glance fetches the data of %(name)s by itself; this page shows how far it is."), ""
        ),
        when=words.why_not_fill,
        why_not=why_no_import,
        form=ImportForm,
        icon="download",
        is_bulk=False,
        started=gettext_lazy("Importing"),
        button=gettext_lazy("Import"),
        section=DATA,
        cli=bring_cli,
    ),
    Action(
        slug="copy-image",
        label=gettext_lazy("Copy to other stores"),
        run=copy,
        says=lambda images: words.named(
            images, gettext_lazy("Glance copies the data of %(name)s to these stores; it can be used meanwhile."), ""
        ),
        when=words.why_not_copy,
        why_not=why_no_copy,
        form=CopyForm,
        icon="copy",
        is_bulk=False,
        started=gettext_lazy("Copying"),
        button=gettext_lazy("Copy"),
        section=DATA,
        cli=copy_cli,
    ),
    Action(
        slug="remove-from-store",
        label=gettext_lazy("Remove from a store"),
        run=remove_from_store,
        says=lambda images: words.named(
            images, gettext_lazy("The copy of %(name)s in this store is deleted. Those in other stores stay."), ""
        ),
        when=words.why_not_change,
        form=StoreForm,
        icon="trash",
        is_bulk=False,
        is_dangerous=True,
        is_in_menu=False,
        started=gettext_lazy("Removed from the store"),
        cli=lambda image, data: ["glance", "stores-delete", "--store", data.get("store", ""), image.id],
    ),
    Action(
        slug="share",
        label=gettext_lazy("Share with projects"),
        run=share,
        says=share_words,
        when=words.why_not_share,
        form=ShareForm,
        icon="share",
        started=gettext_lazy("Shared"),
        button=gettext_lazy("Share"),
        section=SHARING,
        cli=lambda image, data: ["openstack", "image", "add", "project", image.id, *data.get("projects", ())[:1]],
    ),
    Action(
        slug="unshare",
        label=gettext_lazy("Stop sharing"),
        run=unshare,
        says=lambda images: words.named(
            images,
            gettext_lazy("The project can start nothing new from %(name)s. What it started keeps running."),
            "",
        ),
        when=words.why_not_change,
        form=ProjectForm,
        icon="unlink",
        is_bulk=False,
        is_in_menu=False,
        started=gettext_lazy("No longer shared"),
        cli=lambda image, data: ["openstack", "image", "remove", "project", image.id, data.get("project_id", "")],
    ),
    Action(
        slug="accept",
        label=gettext_lazy("Accept"),
        run=accept,
        says=lambda images: words.named(
            images,
            gettext_lazy("%(name)s will be in this project's lists of images, and servers can be started from it."),
            gettext_lazy("These images will be in this project's lists, and servers can be started from them."),
        ),
        when=words.why_not_accept,
        icon="check",
        started=gettext_lazy("Accepted"),
        section=SHARING,
        cli=lambda image, data: ["openstack", "image", "set", "--accept", image.id],
    ),
    Action(
        slug="reject",
        label=gettext_lazy("Turn down"),
        run=reject,
        says=lambda images: words.named(
            images,
            gettext_lazy("%(name)s leaves this project's lists. It can be accepted later all the same."),
            gettext_lazy("These images leave this project's lists. They can be accepted later all the same."),
        ),
        when=words.why_not_reject,
        icon="x",
        started=gettext_lazy("Turned down"),
        section=SHARING,
        cli=lambda image, data: ["openstack", "image", "set", "--reject", image.id],
    ),
    Action(
        slug="deactivate",
        label=gettext_lazy("Deactivate"),
        run=lambda cloud, image, data: image_changes.deactivate_image(cloud, id=image.id),
        says=lambda images: words.named(
            images,
            gettext_lazy(
                "Nobody can start from %(name)s or download it until it is reactivated. Servers keep running."
            ),
            gettext_lazy("Nobody can start from these images or download them until they are reactivated."),
        ),
        when=words.why_not_deactivate,
        icon="player-pause",
        started=gettext_lazy("Deactivated"),
        section=STATE,
        cli=lambda image, data: ["openstack", "image", "set", "--deactivate", image.id],
    ),
    Action(
        slug="reactivate",
        label=gettext_lazy("Reactivate"),
        run=lambda cloud, image, data: image_changes.reactivate_image(cloud, id=image.id),
        says=lambda images: words.named(
            images,
            gettext_lazy("%(name)s can be used again."),
            gettext_lazy("These images can be used again."),
        ),
        when=words.why_not_reactivate,
        icon="player-play",
        started=gettext_lazy("Reactivated"),
        section=STATE,
        cli=lambda image, data: ["openstack", "image", "set", "--activate", image.id],
    ),
    removal(
        run=delete,
        says=words.delete_words,
        when=words.why_not_delete,
        section=STATE,
        cli=lambda image, data: ["openstack", "image", "delete", image.id],
    ),
)
