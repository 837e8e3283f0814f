"""What hangs on a server, in the browser: put on and taken off where it is shown, without a reload."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import get_template
from playwright.sync_api import expect

from dashboard.cloud.servers import Server
from tests.e2e.people import confirm, is_marked, mark, sign_in
from tests.harness.cloud import Api, unique, wait_until
from tests.harness.websocket import console_host
from tests.harness.wire import access_of, recorded

pytestmark = pytest.mark.e2e
SOON = 20_000


def dialog(page: Any) -> Any:
    page.locator("#dialog[open]").wait_for()
    return page.locator("#dialog")


def chosen(page: Any, action: str) -> Any:
    """Chooses from the page's menu; gives the dialog."""
    page.get_by_role("button", name="Actions").click()
    page.locator("#actions").get_by_role("menuitem", name=action, exact=True).click()
    return dialog(page)


def on_web_net(api: Api) -> dict[str, Any]:
    network = api.member.get("network", "/networks?name=web-net")["networks"][0]
    return api.member.server(unique("parts"), networks=[{"uuid": network["id"]}])


def test_a_volume_is_attached_and_detached_where_it_is_shown(page: Any, api: Api) -> None:
    server = api.member.server(unique("parts"))
    volume = api.member.create("block-storage", "/volumes", {"volume": {"name": unique("part"), "size": 1}})
    path = f"/volumes/{volume['id']}"
    wait_until(lambda: api.member.get("block-storage", path)["volume"]["status"] == "available", what="the volume")
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/{server['id']}/?tab=volumes")
    mark(page)
    expect(page.locator("#part")).to_contain_text("No volume is attached.")
    page.locator("#attach-volume").click()
    form = dialog(page)
    form.get_by_label("Volume", exact=True).select_option(volume["id"])
    confirm(page)
    mine = page.locator(f"#volume-{volume['id']}")
    expect(mine).to_contain_text(volume["name"], timeout=SOON)
    expect(mine).to_contain_text("Attached", timeout=SOON)
    expect(mine).to_contain_text("kept")
    mine.get_by_role("link", name="Change").click()
    expect(dialog(page)).to_contain_text(volume["name"])
    confirm(page)
    expect(mine).to_contain_text("deleted with the server", timeout=SOON)
    mine.get_by_role("link", name="Detach").click()
    expect(dialog(page)).to_contain_text(volume["name"])
    expect(dialog(page)).to_contain_text("Unmount it inside the server first")
    confirm(page)
    expect(mine).to_have_count(0, timeout=SOON)
    assert is_marked(page)
    wait_until(lambda: api.member.get("block-storage", path)["volume"]["status"] == "available", what="the detaching")


def test_an_interface_is_attached_and_detached_where_it_is_shown(page: Any, api: Api) -> None:
    server = api.member.server(unique("parts"))
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/{server['id']}/?tab=network")
    mark(page)
    rows = page.locator("#part tbody tr")
    expect(rows).to_have_count(1)
    page.locator("#attach-interface").click()
    dialog(page).get_by_label("Network or port").select_option(label="web-net")
    confirm(page)
    expect(rows).to_have_count(2, timeout=SOON)
    added = rows.filter(has_text="192.168.10.")
    added.get_by_role("link", name="Detach").click()
    expect(dialog(page)).to_contain_text("192.168.10.")
    confirm(page)
    expect(rows).to_have_count(1, timeout=SOON)
    assert is_marked(page)


def test_a_floating_ip_is_taken_for_a_server_and_released(page: Any, api: Api) -> None:
    server = on_web_net(api)
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/{server['id']}/?tab=network")
    page.locator("#associate").click()
    dialog(page).get_by_label("Floating IP").select_option(label="A new address of public")
    confirm(page)
    part = page.locator("#part")
    try:
        expect(part.get_by_role("link", name="Disassociate")).to_be_visible(timeout=SOON)
        part.get_by_role("link", name="Disassociate").click()
        expect(dialog(page)).to_contain_text("→ 192.168.10.")
        confirm(page)
        expect(part.get_by_role("link", name="Disassociate")).to_have_count(0, timeout=SOON)
        page.locator("#associate").click()
        dialog(page)
        confirm(page)
        part.get_by_role("link", name="Release").click()
        expect(dialog(page)).to_contain_text("can't be undone")
        confirm(page)
        expect(part.get_by_role("link", name="Release")).to_have_count(0, timeout=SOON)
    finally:
        for address in api.member.get("network", "/floatingips")["floatingips"]:
            if (address.get("fixed_ip_address") or "").startswith("192.168.10.") or not address["port_id"]:
                api.member.delete("network", f"/floatingips/{address['id']}")


def test_metadata_and_tags_are_edited_in_rows(page: Any, api: Api) -> None:
    server = api.member.server(unique("parts"), metadata={"role": "db", "old": "yes"})
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/{server['id']}/")
    chosen(page, "Metadata")
    pairs = page.locator("#dialog [data-pair]")
    expect(pairs).to_have_count(5)
    pairs.nth(0).get_by_label("Key").fill("")
    pairs.nth(0).get_by_label("Value").fill("")
    pairs.nth(2).get_by_label("Key").fill("sw_database_mysql_listen_port")
    pairs.nth(2).get_by_label("Value").fill("many")
    page.locator("#dialog button.btn-primary").click()
    expect(page.locator("#dialog")).to_contain_text("It is a number.")
    pairs.filter(has=page.locator("input[value=many]")).get_by_label("Value").fill("3306")
    confirm(page)
    path = f"/servers/{server['id']}"
    wanted = {"role": "db", "sw_database_mysql_listen_port": "3306"}
    wait_until(lambda: api.member.get("compute", path)["server"]["metadata"] == wanted, what="the metadata")
    chosen(page, "Tags")
    page.locator("#dialog").get_by_label("Tags").fill("blue\ngreen")
    confirm(page)
    wait_until(lambda: set(api.member.get("compute", path)["server"]["tags"]) == {"blue", "green"}, what="the tags")


def test_security_groups_are_ticked(page: Any, api: Api) -> None:
    group = api.member.create("network", "/security-groups", {"security_group": {"name": unique("part")}})
    server = api.member.server(unique("parts"))
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/{server['id']}/?tab=security-groups")
    page.locator("#change-groups").click()
    form = dialog(page)
    expect(form.get_by_label("default", exact=True)).to_be_checked()
    form.get_by_label(group["name"]).check()
    confirm(page)
    expect(page.locator("#part")).to_contain_text(group["name"], timeout=SOON)


def test_a_console_log_is_searched_and_follows_what_is_printed(page: Any, api: Api) -> None:
    server = api.member.server(unique("parts"))
    base = sign_in(page, "alice", project="web")
    printed = ["FAKE CONSOLE OUTPUT\nANOTHER\nLAST LINE"]
    # The demo cloud's servers print the same for ever.
    page.route("**/log/tail/", lambda route: route.fulfill(body=printed[0], content_type="text/plain"))
    page.goto(f"{base}servers/{server['id']}/?tab=log")
    log = page.locator("pre.log")
    expect(log).to_contain_text("ANOTHER")
    page.get_by_label("Search in the log").fill("an")
    expect(page.locator("[data-log-count]")).to_have_text("1 / 1")
    page.get_by_label("Search in the log").fill("nowhere")
    expect(page.locator("[data-log-count]")).to_have_text("not found")
    page.get_by_role("button", name="Follow").click()
    printed[0] += "\n<b>login:</b>"
    expect(log).to_contain_text("LAST LINE\n<b>login:</b>", timeout=SOON)
    assert log.inner_text().count("ANOTHER") == 1
    printed[0] = "A new start"
    expect(log).to_have_text("A new start", timeout=SOON)


def test_a_console_opens_in_a_tab_and_its_address_is_in_no_address_of_ours(
    page: Any, api: Api, stack_log: Path
) -> None:
    server = api.member.server(unique("parts"))
    base = sign_in(page, "alice", project="web")
    page.context.route(
        "http://127.0.0.1:6080/**", lambda route: route.fulfill(body="the screen", content_type="text/html")
    )
    page.goto(f"{base}servers/{server['id']}/?tab=console")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="noVNC").click()
    console = opened.value
    frame = console.locator("iframe")
    expect(frame).to_be_visible()
    address = frame.get_attribute("src")
    assert address.startswith("http://127.0.0.1:6080/vnc_auto.html")
    expect(console.frame_locator("iframe").locator("body")).to_have_text("the screen")
    token = address.rpartition("%3D")[2]
    assert token not in console.url
    assert token not in stack_log.read_text()
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="SPICE").click()
    expect(opened.value.locator("main")).to_contain_text("This cloud offers no such console.")


def shown_with(encrypted: str) -> str:
    """The part of the page for a server whose guest gave this password: no guest of the demo cloud does."""
    server = Server.from_json(recorded("nova/server/active")["server"])
    request = SimpleNamespace(scope=access_of().scope, region="RegionOne")
    context = {"row": server, "encrypted": encrypted, "is_asked": True, "request": request}
    return str(get_template("servers/password.html").render(context))


def test_a_windows_password_is_decrypted_in_the_browser_alone(page: Any, api: Api, tmp_path: Path) -> None:
    key, public = tmp_path / "key.pem", tmp_path / "public.pem"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    subprocess.run(["openssl", "rsa", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
    secret = subprocess.run(
        ["openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", public],
        input="Grüße!42".encode(),
        check=True,
        capture_output=True,
    ).stdout
    other = tmp_path / "other.pem"
    subprocess.run(["openssl", "genrsa", "-out", other, "2048"], check=True, capture_output=True)
    server = api.member.server(unique("parts"))
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/{server['id']}/?tab=console")
    page.get_by_role("link", name="Get the password").click()
    expect(page.locator("#password")).to_contain_text("The server has given no password.")

    shown = shown_with(base64.b64encode(secret).decode())
    # The script that reads the key comes late: whoever is quicker loses nothing.
    late: list[Any] = []
    page.route("**/servers/decrypt*.js", lambda route: late.append(route))
    page.route("**/password/", lambda route: route.fulfill(body=shown, content_type="text/html"))
    page.get_by_role("link", name="Look again").click()
    field = page.get_by_label("Private key (PEM file)")
    field.wait_for()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url} {request.post_data or ''}"))
    field.set_input_files(other)
    wait_until(lambda: page.evaluate("1") and late, what="the script being asked for")
    late[0].continue_()
    expect(page.locator("[data-decrypt-error]")).to_contain_text("This key does not fit")
    field.set_input_files(key)
    expect(page.locator("[data-plain]")).to_have_text("Grüße!42")
    # The page goes on asking what is new; it sends nothing of the key or the password.
    secrets = (key.read_text().splitlines()[1][:16], other.read_text().splitlines()[1][:16], "Gr%C3%BC", "Grü")
    assert not [what for what in sent if not what.startswith("GET ") or any(secret in what for secret in secrets)]


def test_a_serial_console_speaks_to_novas_host_and_to_no_other(page: Any, api: Api) -> None:
    server = api.member.server(unique("parts"))
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/{server['id']}/?tab=console")
    # Nothing is behind the demo cloud's own address of serial consoles.
    with console_host(6083, b"\x1b[1;32mlogin:\x1b[0m ") as seen, page.context.expect_page() as opened:
        page.get_by_role("button", name="Serial console").click()
        console = opened.value
        expect(console.get_by_text("Connected.")).to_be_visible()
        expect(console.locator(".xterm-rows")).to_contain_text("login:")
        console.keyboard.type("r")
        expect(console.locator(".xterm-rows")).to_contain_text("<r>")
        token = seen[0].partition("token=")[2].split()[0]
        assert token
        assert token not in console.url
        assert token not in console.content()
