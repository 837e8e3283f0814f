"""Creating an image, and its properties by the metadata definitions: pages that are more than one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dashboard.auth.http import Request, cloud_of
from dashboard.auth.scopes import urls_for
from dashboard.cloud import image_changes
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Unauthorized
from dashboard.cloud.image_info import list_usage
from dashboard.cloud.images import Image, delete_image, get_image
from dashboard.live import watch
from dashboard.panels.images.data_views import stream_url
from dashboard.panels.images.definitions import DefinedForm, chosen, properties_of
from dashboard.panels.images.facilities import facilities_of, namespaces_of
from dashboard.panels.images.forms import CreateForm, parsed_properties
from dashboard.panels.images.words import why_not_change
from dashboard.ui.errors import fault_of, told
from dashboard.ui.forms import refused
from dashboard.ui.offers import new_once, why_not_allowed
from dashboard.ui.panel import MEMBER
from dashboard.ui.sending import UNKNOWN, finish, key_of, release, sent_before

QUOTAS = {
    "image_size_total": gettext_lazy("All images together"),
    "image_stage_total": gettext_lazy("Data that wait to be imported"),
    "image_count_total": gettext_lazy("Images"),
    "image_count_uploading": gettext_lazy("Uploads at once"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponse:
    """The page of a new image. A script that sends the file itself is answered with where to send it."""
    cloud = cloud_of(request)
    why_not = why_not_allowed(request, MEMBER)
    facilities = facilities_of(cloud)
    if request.method != "POST":
        initial = {name: request.GET[name] for name in ("name", "source") if name in request.GET}
        form = CreateForm(cloud=cloud, facilities=facilities, initial=initial)
        return _new(request, form, _defined(cloud, request.GET.getlist("namespace")), why_not)
    if why_not:
        raise PermissionDenied(why_not)
    form = CreateForm(request.POST, cloud=cloud, facilities=facilities)
    defined = _defined(cloud, request.POST.getlist("namespace"), request.POST)
    if "show" in request.POST:
        # Another namespace's fields are wanted: nothing is checked yet.
        return _new(request, form, defined, "", is_unchecked=True)
    is_fine = all([form.is_valid(), defined is None or defined.is_valid()])
    if not is_fine:
        return _new(request, form, defined, "", status=422)
    return _made(request, form, defined)


def _made(request: Request, form: CreateForm, defined: DefinedForm | None) -> HttpResponse:
    cloud = cloud_of(request)
    key = key_of(request)
    before = sent_before(key)
    if before is not None:
        if before and before != UNKNOWN and not _is_script(request):
            return HttpResponseRedirect(before)
        form.add_error(None, _("This was sent already: look at the list before you send it again."))
        return _new(request, form, defined, "", status=422, again=new_once())
    body = {**(defined.given if defined is not None else {}), **form.attributes()}
    image: Image | None = None
    source = form.cleaned_data["source"]
    stores = tuple(form.cleaned_data.get("stores", ()))
    try:
        image = image_changes.create_image(cloud, body)
        if source in {"web-download", "glance-download"}:
            image_changes.import_image(cloud, id=image.id, method=form.method(source), stores=stores)
    except Unauthorized:
        release(key)
        raise
    except CloudError as error:
        if image is not None and not error.is_unknown_outcome:
            _undo(cloud, image)
        refused(form, error)
        if error.is_unknown_outcome:
            finish(key, UNKNOWN)
            form.add_error(None, _("It may have been made all the same: look at the list before you send it again."))
        else:
            release(key)
        return _new(request, form, defined, "", status=422, again=new_once())
    watch.acted(cloud, "images", ids=[image.id])
    detail = urls_for(request, "images:detail", image.id)
    target = urls_for(request, "images:data", row_id=image.id) if source == "file" else detail
    finish(key, target)
    if not _is_script(request):
        return HttpResponseRedirect(target)
    return JsonResponse(
        {
            "id": image.id,
            "url": detail,
            "stream": stream_url(request, image.id, is_staged=bool(form.cleaned_data.get("is_staged")), stores=stores)
            if source == "file"
            else "",
            "state": urls_for(request, "images:state", row_id=image.id),
            "discard": urls_for(request, "images:discard", row_id=image.id),
            "data": urls_for(request, "images:data", row_id=image.id),
        },
        status=201,
    )


def _undo(cloud: Cloud, image: Image) -> None:
    """An image that was only made to import into it goes, when Glance does not import."""
    try:
        delete_image(cloud, id=image.id)
    except CloudError:
        return


def _is_script(request: Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _defined(cloud: Cloud, names: list[str], data: Any = None) -> DefinedForm | None:
    names = [name for name in names if name]
    if not names:
        return None
    try:
        properties = properties_of(cloud, names)
    except Unauthorized:
        raise
    except CloudError:
        return None
    return DefinedForm(data, properties=properties, values={})


def _new(
    request: Request,
    form: CreateForm,
    defined: DefinedForm | None,
    why_not: str,
    *,
    status: int = 200,
    is_unchecked: bool = False,
    again: str = "",
) -> HttpResponse:
    cloud = cloud_of(request)
    params = request.POST if request.method == "POST" else request.GET
    if is_unchecked:
        form = CreateForm(cloud=cloud, facilities=form.facilities, initial=_typed(form))
        if defined is not None:
            initial = {name: params.get(name, "") for name in defined.fields if name in params}
            defined = DefinedForm(properties=defined.properties.values(), values={}, initial=initial)
    context: dict[str, Any] = {
        "form": form,
        "why_not": why_not,
        "once": again or params.get("once") or new_once(),
        "index_url": urls_for(request, "images:index"),
        "has_stores": "stores" in form.fields,
        "quotas": _quotas(cloud),
        **definitions_context(cloud, defined, params.getlist("namespace")),
    }
    return render(request, "images/new.html", context, status=status)


def _typed(form: forms.Form) -> dict[str, Any]:
    """What stands in a form's fields, unchecked."""
    return {bound.name: bound.data for bound in form if bound.data is not None}


def definitions_context(cloud: Cloud, defined: DefinedForm | None, names: list[str]) -> dict[str, Any]:
    """The namespaces there are, those that are open, and the form of their properties."""
    context: dict[str, Any] = {"defined": defined, "namespaces": (), "open_namespaces": (), "definitions_fault": None}
    try:
        spaces = namespaces_of(cloud)
    except Unauthorized:
        raise
    except CloudError as error:
        context["definitions_fault"] = fault_of(error, cloud)
        return context
    opened = chosen(spaces, names)
    return context | {"namespaces": [space for space in spaces if space not in opened], "open_namespaces": opened}


def _quotas(cloud: Cloud) -> list[tuple[Any, Any]]:
    """What is left of Glance's quotas; nothing where it has none or does not say."""
    try:
        return [(quota, QUOTAS[quota.name]) for quota in list_usage(cloud) if quota.limit is not None]
    except Unauthorized:
        raise
    except CloudError:
        return []


@require_http_methods(["GET", "HEAD", "POST"])
def properties(request: Request, row_id: str) -> HttpResponse:
    """An image's properties: those of the chosen definitions by their fields, all others as lines of text."""
    cloud = cloud_of(request)
    image = get_image(cloud, row_id)
    why_not = why_not_allowed(request, MEMBER) or why_not_change(image)
    params = request.POST if request.method == "POST" else request.GET
    names = [name for name in params.getlist("namespace") if name]
    values = image.free_properties
    try:
        known = properties_of(cloud, names) if names else []
    except Unauthorized:
        raise
    except CloudError:
        known = []
    keys = {item.key for item in known if not item.is_read_only}
    rest = {key: value for key, value in values.items() if key not in keys}
    if request.method != "POST" or "show" in request.POST:
        defined = DefinedForm(properties=known, values=values) if known else None
        free = FreeForm(initial={"free": lines(rest), "was": lines(values)})
        return _properties_page(request, image, defined, free, names, why_not)
    if why_not:
        raise PermissionDenied(why_not)
    defined = DefinedForm(request.POST, properties=known, values=values) if known else None
    free = FreeForm(request.POST)
    if not all([free.is_valid(), defined is None or defined.is_valid()]):
        return _properties_page(request, image, defined, free, names, "", status=422)
    now = {**free.cleaned_data["free"], **(defined.given if defined is not None else {})}
    was = free.cleaned_data["was"]
    changed = sorted(key for key in {*now, *was} if now.get(key) != was.get(key))
    clash = [key for key in changed if values.get(key) != was.get(key) and values.get(key) != now.get(key)]
    if clash:
        free.add_error(None, _("Somebody changed %(keys)s meanwhile: open the page anew.") % {"keys": ", ".join(clash)})
        return _properties_page(request, image, defined, free, names, "", status=422)
    patch = image_changes.patch_of(values, {key: now.get(key) for key in changed})
    try:
        if patch:
            image_changes.send_patch(cloud, id=image.id, patch=patch)
    except Unauthorized:
        raise
    except CloudError as error:
        free.add_error(None, told(error))
        return _properties_page(request, image, defined, free, names, "", status=422)
    watch.acted(cloud, "images", ids=[image.id])
    return HttpResponseRedirect(urls_for(request, "images:detail", image.id))


def lines(values: Mapping[str, str]) -> str:
    """Properties as lines of text."""
    return "\n".join(f"{key}={value}" for key, value in sorted(values.items()))


class FreeForm(forms.Form):
    """Properties as lines of text, and what they were when the page was opened."""

    free = forms.CharField(
        label=gettext_lazy("Properties"),
        required=False,
        max_length=100_000,
        help_text=gettext_lazy("One a line: key=value. A line that you take out is a property that goes."),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
    )
    was = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_free(self) -> dict[str, str]:
        """The properties."""
        return parsed_properties(self.cleaned_data["free"])

    def clean_was(self) -> dict[str, str]:
        """What they were; line breaks in a value are a blank to this form."""
        found: dict[str, str] = {}
        for line in self.cleaned_data["was"].splitlines():
            key, _sign, value = line.partition("=")
            found[key] = value
        return found


def _properties_page(
    request: Request,
    image: Image,
    defined: DefinedForm | None,
    free: FreeForm,
    names: list[str],
    why_not: str,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "image": image,
        "why_not": why_not,
        "free": free,
        "index_url": urls_for(request, "images:index"),
        "detail_url": urls_for(request, "images:detail", image.id),
        **definitions_context(cloud_of(request), defined, names),
    }
    return render(request, "images/properties.html", context, status=status)
