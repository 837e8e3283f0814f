"""Images in the browser: sending a file with progress and launching from it, a killed upload, sharing and accepting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import choose, confirm, is_marked, mark, row, sign_in
from tests.harness.cloud import Api, unique, wait_until

pytestmark = pytest.mark.e2e

SOON = 30_000
MIB = 1024 * 1024


@pytest.fixture
def gone(api: Api) -> Iterator[list[str]]:
    """Names of images that the journey makes; gone when it ends, whatever happened."""
    names: list[str] = []
    yield names
    for name in names:
        for image in api.member.get("image", f"/images?name={name}")["images"]:
            api.member.delete("image", f"/images/{image['id']}")


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A raw disk of 24 MiB, nearly all of it a hole."""
    path = tmp_path / "disk.raw"
    with path.open("wb") as file:
        file.truncate(24 * MIB)
    return path


def slowly(page: Any, bytes_per_second: int) -> None:
    """A line as slow as people's, so that there is time to look."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": bytes_per_second},
    )


def image_named(api: Api, name: str) -> dict[str, Any] | None:
    found = api.member.get("image", f"/images?name={name}")["images"]
    return dict(found[0]) if found else None


def test_a_file_is_sent_with_progress_and_a_server_launched_from_it(
    page: Any, api: Api, gone: list[str], disk: Path
) -> None:
    name = unique("sent")
    gone.append(name)
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}images/")
    page.get_by_role("link", name="Create an image").first.click()
    page.get_by_label("File", exact=True).set_input_files(disk)
    expect(page.locator("[data-file-hint]")).to_contain_text("taken as raw")
    expect(page.get_by_label("Name", exact=False).first).to_have_value("disk")
    page.locator("[name=name]").fill(name)
    page.locator("[name=os_distro]").fill("cirros")
    slowly(page, 4 * MIB)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("[data-words]")).to_contain_text(re.compile(r"MiB of 24 MiB.*/s.*left"))
    page.wait_for_url("**/images/*-*/", timeout=SOON)
    expect(page.locator("#head")).to_contain_text("Active", timeout=SOON)
    image = image_named(api, name)
    assert image is not None
    assert (image["size"], image["disk_format"], image["os_distro"]) == (24 * MIB, "raw", "cirros")
    page.get_by_role("link", name=f"Launch a server from {name}").click()
    page.wait_for_url("**/servers/launch/**")
    expect(page.locator(f"#image-{image['id']}")).to_be_checked()
    page.locator("[name=name]").fill(name)
    page.locator("tr", has_text="m1.tiny").get_by_role("radio").check()
    page.get_by_role("button", name="Launch").last.click()
    page.wait_for_url("**/servers/")
    expect(row(page, name)).to_contain_text("Active", timeout=60_000)
    (server,) = api.member.get("compute", f"/servers/detail?name={name}")["servers"]
    assert server["image"]["id"] == image["id"]
    page.goto(f"{base}images/{image['id']}/?tab=usage")
    expect(page.locator("#tab")).to_contain_text(name)
    api.member.delete("compute", f"/servers/{server['id']}")
    wait_until(lambda: not api.member.get("compute", f"/servers?name={name}")["servers"], what="the deletion")


def test_a_killed_upload_is_explained_and_can_be_sent_again(page: Any, api: Api, gone: list[str], disk: Path) -> None:
    name = unique("killed")
    gone.append(name)
    base = sign_in(page, "alice", project="web")
    other = page.context.new_page()
    other.goto(f"{base}images/new/")
    other.get_by_label("File", exact=True).set_input_files(disk)
    other.locator("[name=name]").fill(name)
    slowly(other, 2 * MIB)
    other.get_by_role("button", name="Create").click()
    expect(other.locator("[data-words]")).to_contain_text("MiB of 24 MiB")
    wait_until(lambda: (image_named(api, name) or {}).get("status") == "saving", what="the upload's begin")
    other.close()
    wait_until(lambda: (image_named(api, name) or {}).get("status") == "queued", what="Glance to drop the half image")
    page.goto(f"{base}images/?scope=mine&q={name}")
    expect(row(page, name)).to_contain_text("upload failed", timeout=SOON)
    row(page, name).get_by_role("link", name=name).click()
    expect(page.locator("#head")).to_contain_text("The upload broke off at")
    page.get_by_role("link", name="Upload data").click()
    expect(page.locator("form[data-upload]")).to_contain_text("The upload broke off at")
    page.get_by_label("File", exact=False).set_input_files(disk)
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url("**/images/*-*/", timeout=SOON)
    expect(page.locator("#head")).to_contain_text("Active", timeout=SOON)


def test_an_upload_that_is_cancelled_leaves_nothing(page: Any, api: Api, gone: list[str], disk: Path) -> None:
    name = unique("cancelled")
    gone.append(name)
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}images/new/")
    page.get_by_label("File", exact=True).set_input_files(disk)
    page.locator("[name=name]").fill(name)
    slowly(page, 2 * MIB)
    page.get_by_role("button", name="Create").click()
    expect(page.locator("[data-words]")).to_contain_text("MiB of 24 MiB")
    page.get_by_role("button", name="Cancel the upload").click()
    page.wait_for_url("**/images/")
    wait_until(lambda: image_named(api, name) is None, what="the removal of the half image")


def test_a_file_of_another_format_is_asked_about_before_it_is_sent(
    page: Any, api: Api, gone: list[str], tmp_path: Path
) -> None:
    name = unique("asked")
    gone.append(name)
    path = tmp_path / "disk.vdi"
    path.write_bytes(b"<<< Oracle VM VirtualBox Disk Image >>>".ljust(64, b"\n") + b"\x7f\x10\xda\xbe" + b"\0" * 600)
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}images/new/")
    page.get_by_label("File", exact=True).set_input_files(path)
    expect(page.locator("[data-file-hint]")).to_contain_text("This looks like vdi.")
    page.locator("[name=name]").fill(name)
    page.locator("[name=disk_format]").select_option("qcow2")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("[data-ended]")).to_contain_text("The file looks like vdi, but you chose qcow2.")
    assert image_named(api, name) is None
    page.get_by_role("button", name="Use what the file says").click()
    # Glance looks closer than anybody: this is the beginning of such a disk and no more.
    expect(page.locator("[data-ended]").or_(page.locator("#head"))).to_be_visible(timeout=SOON)
    wait_until(lambda: (image_named(api, name) or {}).get("disk_format") == "vdi", what="the image")


def test_an_image_is_shared_with_another_project_and_accepted_there(
    page: Any, new_page: Any, api: Api, gone: list[str]
) -> None:
    name = unique("offered")
    gone.append(name)
    image = api.member.post("image", "/images", {"name": name, "visibility": "private", **RAW})
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}images/{image['id']}/?tab=sharing")
    page.get_by_role("link", name="Share with projects").click()
    page.locator("#dialog[open]").wait_for()
    page.locator("#dialog [name=projects]").fill("data")
    confirm(page)
    page.goto(f"{base}images/{image['id']}/?tab=sharing")
    expect(page.locator("#tab")).to_contain_text("Not answered yet")
    carol = new_page()
    theirs = sign_in(carol, "carol", project="data")
    carol.goto(f"{theirs}images/")
    expect(row(carol, name)).to_have_count(0)
    carol.goto(f"{theirs}images/?scope=pending")
    expect(row(carol, name)).to_contain_text("Offered to us", timeout=SOON)
    mark(carol)
    choose(carol, name, "Accept")
    confirm(carol)
    assert is_marked(carol)
    carol.goto(f"{theirs}images/?scope=shared")
    expect(row(carol, name)).to_be_visible(timeout=SOON)
    page.reload()
    expect(page.locator("#tab")).to_contain_text("Accepted")
    page.get_by_role("link", name="Stop sharing").click()
    confirm(page)
    wait_until(lambda: not api.member.get("image", f"/images/{image['id']}/members")["members"], what="the end")


RAW = {"disk_format": "raw", "container_format": "bare"}


def test_what_is_written_down_and_the_properties_are_changed_in_place(page: Any, api: Api, gone: list[str]) -> None:
    name = unique("written")
    gone.append(name)
    image = api.member.post("image", "/images", {"name": name, "visibility": "private", "note": "kept", **RAW})
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}images/{image['id']}/")
    mark(page)
    page.locator("#head").get_by_role("link", name="Edit").click()
    page.locator("#dialog[open]").wait_for()
    page.locator("#dialog [name=os_version]").fill("13")
    page.locator("#dialog [name=is_protected]").check()
    confirm(page)
    assert is_marked(page)
    now = api.member.get("image", f"/images/{image['id']}")
    assert (now["os_version"], now["protected"], now["name"], now["note"]) == ("13", True, name, "kept")
    page.goto(f"{base}images/{image['id']}/properties/")
    page.get_by_label("Known properties").select_option("OS::Compute::CPUPinning")
    page.get_by_role("button", name="Show its fields").click()
    page.locator("[name='p:hw_cpu_policy']").select_option("dedicated")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/images/*-*/")
    now = api.member.get("image", f"/images/{image['id']}")
    assert (now["hw_cpu_policy"], now["note"], now["os_version"]) == ("dedicated", "kept", "13")
    patch = [{"op": "replace", "path": "/protected", "value": False}]
    headers = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
    api.member.request("PATCH", "image", f"/images/{image['id']}", json=patch, headers=headers)


def test_an_image_that_is_deleted_under_the_wizard_is_told_and_nothing_is_lost(
    page: Any, api: Api, gone: list[str]
) -> None:
    name = unique("vanishing")
    gone.append(name)
    image = api.member.post("image", "/images", {"name": name, "visibility": "private", **RAW})
    headers = {"Content-Type": "application/octet-stream"}
    api.member.request("PUT", "image", f"/images/{image['id']}/file", data=b"\0" * 1024, headers=headers)
    base = sign_in(page, "alice", project="web")
    page.goto(f"{base}servers/launch/?image={image['id']}")
    expect(page.locator(f"#image-{image['id']}")).to_be_checked()
    page.locator("[name=name]").fill(name)
    page.locator("tr", has_text="m1.tiny").get_by_role("radio").check()
    volume = page.context.new_page()
    volume.goto(f"{base}images/{image['id']}/")
    volume.get_by_role("link", name="Create a volume").click()
    expect(volume.locator("[name=source]")).to_have_value(f"image:{image['id']}")
    volume.locator("[name=name]").fill(name)

    api.member.delete("image", f"/images/{image['id']}")
    page.get_by_role("button", name="Launch").last.click()
    expect(page.get_by_role("main")).to_contain_text("This image is not there any more", timeout=SOON)
    expect(page.locator("[name=name]")).to_have_value(name)
    expect(page.locator(f"#image-{image['id']}")).to_have_count(0)
    assert not api.member.get("compute", f"/servers?name={name}")["servers"]

    volume.locator("main .btn-primary").last.click()
    expect(volume.locator("#id_source_error")).to_contain_text("This is not among the choices any more.", timeout=SOON)
    expect(volume.locator("[name=name]")).to_have_value(name)
    found = api.member.get("block-storage", "/volumes")["volumes"]
    assert not [item for item in found if item["name"] == name]


@pytest.mark.parametrize("context_options", [{"java_script_enabled": False}])
def test_without_scripts_a_file_is_sent_by_a_plain_form(page: Any, api: Api, disk: Path) -> None:
    name = unique("plain")
    base = sign_in(page, "alice")
    page.goto(f"{base}images/new/")
    page.locator("[name=name]").fill(name)
    page.get_by_role("button", name="Create").click()
    page.get_by_label("File", exact=False).set_input_files(disk)
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url("**/images/*-*/")
    # In whatever project she was last: switching takes a script.
    path = f"/images/{page.url.rstrip('/').rpartition('/')[2]}"
    api.admin.made.append(("image", path))
    image = api.admin.get("image", path)
    assert (image["status"], image["size"], image["disk_format"]) == ("active", 24 * MIB, "raw")
