"""Quotas: everybody sees them, administrators change all services' in one form, and each service answers for itself."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from tests.harness.html import Page, parsed
from tests.harness.services import Services
from tests.harness.wire import access_of, at, signed_in

OTHER = "c" * 32


@pytest.fixture
def admin() -> Client:
    return signed_in(access_of("admin"))


def form_of(page: Page) -> dict[str, str]:
    """The fields as a browser would send them, hidden ones too."""
    found = {}
    for element in page.elements:
        name = element.attrs.get("name", "")
        if element.tag == "input" and re.match(r"(initial-)?(compute|network|block-storage)\.", name):
            found[name] = element.attrs.get("value", "")
    return found


def opened(browser: Client, path: str) -> Page:
    response = browser.get(at(path))
    assert response.status_code == 200
    return parsed(response.content.decode())


def sent(services: Services) -> list[tuple[str, str, Any]]:
    return [(call.method, call.url.split("?")[0], json.loads(call.body or b"null")) for call in services.changes]


def test_a_member_sees_what_the_project_has_beside_what_it_may_have_and_can_change_nothing(services: Services) -> None:
    browser = signed_in()
    page = opened(browser, "quotas/")
    assert "vCPUs6 / 40" in page.text.replace("vCPUs 6", "vCPUs6")
    assert "Volume type standard" in page.text
    assert "no limit" in page.text
    assert not any("quotas/edit" in link["href"] for link in page.links)
    assert page.by_id("quota-q") is None
    for path in ("quotas/edit/", "quotas/reset/", "quotas/defaults/"):
        assert browser.get(at(path)).status_code == 403
        assert browser.post(at(path), {}).status_code == 403
    assert browser.get(at(f"quotas/?project={OTHER}")).status_code == 404
    assert not services.changes


def test_more_in_use_than_allowed_is_said(services: Services) -> None:
    def less(request: Any, context: Any) -> Any:
        if request.path.endswith("/detail"):
            limits = {
                "cores": {"limit": 4, "in_use": 6, "reserved": 0},
                "ram": {"limit": 10, "in_use": 8, "reserved": 2},
            }
            return {"quota_set": {"id": "x", **limits}}
        return None

    services.answers["compute"] = less
    page = opened(signed_in(), "quotas/")
    assert "More is in use than allowed: vCPUs." in page.text
    assert "Used up: RAM." in page.text


def test_a_service_that_is_down_costs_its_own_section(services: Services) -> None:
    services.fail("network", status=503)
    page = opened(signed_in(), "quotas/")
    assert "Network (Neutron) is busy." in page.text
    assert "vCPUs" in page.text
    assert "Volumes" in page.text


def test_only_what_was_changed_is_sent_to_each_service(services: Services, admin: Client) -> None:
    path = f"quotas/edit/?project={OTHER}"
    fields = form_of(opened(admin, path))
    fields |= {
        "compute.cores": "50",
        "compute.ram": "",
        "network.router": "-1",
        "block-storage.gigabytes_standard": "70",
    }
    response = admin.post(at(path), fields)
    assert response.status_code in (302, 303)
    assert response["Location"].endswith(f"quotas/?project={OTHER}")
    assert [(method, url.rsplit("/", 2)[-2:], body) for method, url, body in sent(services)] == [
        ("PUT", ["os-quota-sets", OTHER], {"quota_set": {"cores": 50, "ram": -1}}),
        ("PUT", ["quotas", OTHER], {"quota": {"router": -1}}),
        ("PUT", ["os-quota-sets", OTHER], {"quota_set": {"gigabytes_standard": 70}}),
    ]


def test_what_another_person_changed_meanwhile_is_not_taken_back(services: Services, admin: Client) -> None:
    fields = form_of(opened(admin, "quotas/edit/"))

    def changed(request: Any, context: Any) -> Any:
        if request.method == "GET" and request.path.endswith("/detail"):
            limits = {"cores": {"limit": 90, "in_use": 6, "reserved": 0}, "instances": {"limit": 20, "in_use": 0}}
            return {"quota_set": {"id": "x", **limits}}
        return None

    services.answers["compute"] = changed
    admin.post(at("quotas/edit/"), fields | {"compute.instances": "21"})
    assert [body for _method, _url, body in sent(services)] == [{"quota_set": {"instances": 21}}]


def test_one_service_that_refuses_is_told_apart_and_what_was_typed_stays(services: Services, admin: Client) -> None:
    def refuses(request: Any, context: Any) -> Any:
        if request.method == "PUT":
            context.status_code = 500
            return {"NeutronError": {"message": "no"}}
        return None

    services.answers["network"] = refuses
    fields = form_of(opened(admin, "quotas/edit/")) | {"compute.cores": "50", "network.router": "77"}
    response = admin.post(at("quotas/edit/"), fields)
    assert response.status_code == 422
    page = parsed(response.content.decode())
    assert "Network: not saved." in page.text
    assert "Saved all the same: Compute." in page.text
    assert form_of(page)["network.router"] == "77"


def test_less_than_what_is_in_use_is_asked_about_and_then_forced(services: Services, admin: Client) -> None:
    fields = form_of(opened(admin, "quotas/edit/")) | {"compute.cores": "2", "block-storage.volumes": "1"}
    response = admin.post(at("quotas/edit/"), fields)
    assert response.status_code == 422
    assert "This is less than what is in use: vCPUs, Volumes." in parsed(response.content.decode()).text
    assert not services.changes
    admin.post(at("quotas/edit/"), fields | {"force": "1"})
    assert [body for _method, _url, body in sent(services)] == [
        {"quota_set": {"cores": 2, "force": True}},
        {"quota_set": {"volumes": 1}},
    ]


def test_nonsense_is_refused_here(services: Services, admin: Client) -> None:
    fields = form_of(opened(admin, "quotas/edit/")) | {"compute.cores": "-7"}
    assert admin.post(at("quotas/edit/"), fields).status_code == 422
    assert not services.changes


def test_all_go_back_to_the_defaults_once_it_is_confirmed(services: Services, admin: Client) -> None:
    page = opened(admin, f"quotas/reset/?project={OTHER}")
    assert "All quotas of the project data go back to the cloud's defaults" in page.text
    assert not services.changes

    def unknown(request: Any, context: Any) -> Any:
        if request.method == "DELETE":
            context.status_code = 404
            return {"NeutronError": {"type": "TenantQuotaNotFound", "message": "Quota could not be found."}}
        return None

    services.answers["network"] = unknown
    assert admin.post(at(f"quotas/reset/?project={OTHER}")).status_code in (302, 303)
    assert [method for method, _url, _body in sent(services)] == ["DELETE"] * 3


def test_the_defaults_are_changed_where_an_api_can_and_shown_where_not(services: Services, admin: Client) -> None:
    page = opened(admin, "quotas/defaults/")
    fields = form_of(page)
    assert "Neutron has its defaults in its configuration files" in page.text
    assert not any(name.startswith("network.") for name in fields)
    admin.post(at("quotas/defaults/"), fields | {"compute.cores": "41", "block-storage.volumes": "11"})
    assert [(url.rsplit("/", 2)[-2:], body) for _method, url, body in sent(services)] == [
        (["os-quota-class-sets", "default"], {"quota_class_set": {"cores": 41}}),
        (["os-quota-class-sets", "default"], {"quota_class_set": {"volumes": 11}}),
    ]


def test_another_project_is_found_while_its_name_is_typed(services: Services, admin: Client) -> None:
    response = admin.get(at("quotas/projects/?q=DAT"), HTTP_HX_REQUEST="true")
    page = parsed(response.content.decode())
    assert [link["text"] for link in page.links] == ["data"]
    (asked,) = [call.url for call in services.to("identity") if "/projects" in call.url]
    assert "name__icontains=DAT" in asked
    assert "limit=" in asked


def test_a_unified_limit_says_how_it_is_weighed_and_what_glance_has_used_of_it(
    services: Services, admin: Client
) -> None:
    text = opened(admin, f"registered-limits/{0xF1:032x}/?tab=use").text
    assert "Keystone's enforcement model: flat: each project's limit counts by itself." in text
    assert "12 / 1,000 MiB" in text.replace("\xa0", " ")
    text = opened(admin, "unified-limits/create/").text
    assert "glance image_size_total" in text
    assert "Keystone's model is flat" in text


def test_a_projects_limit_is_given_by_its_name(services: Services, admin: Client) -> None:
    form = {"registered": f"{0xF1:032x}", "kind": "projects", "owner": "data", "limit": "7", "once": "3" * 32}
    response = admin.post(at("unified-limits/create/"), form)
    assert response.status_code != 422, parsed(response.content.decode()).text
    ((_method, _url, body),) = sent(services)
    (limit,) = body["limits"]
    assert (limit["project_id"], limit["resource_name"], limit["resource_limit"]) == (OTHER, "image_size_total", 7)
    assert admin.post(at("unified-limits/create/"), {**form, "owner": "nobody", "once": "4" * 32}).status_code == 422
