"""A password that Nova makes for a server: shown to who asked for it, in one answer, and kept nowhere."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.harness.html import parsed
from tests.harness.server_actions import CIRROS, ID, bodies, dialog, sent
from tests.harness.services import Services
from tests.harness.wire import access_of, at, signed_in

SECRET = "Pw-made-by-Nova-9"
ANSWERS = {
    "rescue": ({"image": ""}, {"adminPass": SECRET}),
    "rebuild": (
        {"image": CIRROS, "name": "srv-web-1", "description": "", "key": "", "user_data_fate": "keep"},
        {"server": {"id": ID, "adminPass": SECRET}},
    ),
}
BOTH = pytest.mark.parametrize("slug", ANSWERS)


def give(services: Services, slug: str) -> dict[str, Any]:
    """Has Nova answer with a password; gives the form."""

    def answer(request: Any, context: Any) -> Any:
        if request.method != "POST":
            return None
        context.status_code = 202
        return ANSWERS[slug][1]

    services.answers["compute"] = answer
    return ANSWERS[slug][0]


@BOTH
def test_it_is_shown_once_and_neither_kept_nor_logged(
    slug: str, services: Services, store: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    form = give(services, slug)
    page = parsed(sent(services, slug, show_password="on", **form))
    assert f"Administrator's password: {SECRET}" in " ".join(page.text.split())
    assert "This is shown once." in page.text
    kept = [store.get(key) for key in store.keys("*") if store.type(key) == b"string"]
    assert kept
    assert not [value for value in kept if SECRET.encode() in (value or b"")]
    assert SECRET not in caplog.text


def test_the_form_sent_again_does_not_show_it_again(services: Services) -> None:
    form = give(services, "rescue")
    browser = signed_in(access_of("admin"))
    fields = {"id": ID, "once": "a" * 32, "show_password": "on", **form}
    first, again = (
        browser.post(at("servers/act/rescue/"), fields, headers={"HX-Request": "true"}).content.decode()
        for _turn in range(2)
    )
    assert SECRET in first
    assert SECRET not in again
    assert len(bodies(services)) == 1


@BOTH
def test_who_does_not_want_it_or_gave_one_is_shown_none(slug: str, services: Services) -> None:
    form = give(services, slug)
    assert SECRET not in sent(services, slug, **form)
    assert SECRET not in sent(services, slug, show_password="on", password="my-own-1", once="b" * 32, **form)


def test_a_rescue_offers_to_show_it_by_itself_and_a_rebuild_on_request(services: Services) -> None:
    for slug, is_ticked in (("rescue", True), ("rebuild", False)):
        box = next(item for item in parsed(dialog(slug)).elements if item.attrs.get("name") == "show_password")
        assert ("checked" in box.attrs) is is_ticked


def test_of_several_each_has_its_own(services: Services) -> None:
    other = ID[:-1] + "d"
    (row,) = [row for row in services.rows["/servers"] if row["id"] == ID]
    services.rows["/servers"].append({**row, "id": other, "name": "srv-web-2"})

    def answer(request: Any, context: Any) -> Any:
        if request.method != "POST":
            return None
        context.status_code = 200
        return {"adminPass": "second" if other in request.url else "first"}

    services.answers["compute"] = answer
    text = sent(services, "rescue", ids=(ID, other), image="", show_password="on")
    assert "Done for 2 of 2." in text
    assert text.index("first") < text.index("srv-web-2") < text.index("second")
