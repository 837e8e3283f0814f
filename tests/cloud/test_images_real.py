"""Everything that people do with images, on the real Glance: as the right person, and refused for the wrong one."""

from __future__ import annotations

import contextlib
import functools
import http.server
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.cloud import image_changes, image_data, image_info, images, metadefs
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, Forbidden, Invalid, NotFound
from dashboard.cloud.image_usage import list_servers_of, list_volumes_of
from dashboard.cloud.images import Image
from dashboard.cloud.types import Query, Term
from tests.harness.cloud import Api, unique, wait_until

pytestmark = [pytest.mark.cloud, pytest.mark.usefixtures("reached")]

DATA = b"\0" * 300_000
QCOW2 = b"QFI\xfb\x00\x00\x00\x03" + b"\0" * 70_000


@pytest.fixture
def make(api: Api, member: Cloud) -> Iterator[Any]:
    """``make(name=..., ...)`` writes an image down as alice; all of them go when the test ends."""
    made: list[str] = []

    def create(**fields: Any) -> Image:
        body = {"name": unique("image"), "disk_format": "raw", "container_format": "bare", "visibility": "private"}
        image = image_changes.create_image(member, body | fields)
        made.append(image.id)
        return image

    yield create
    for image_id in made:
        with contextlib.suppress(CloudError):
            image_changes.update_image(member, id=image_id, changes={"protected": False})
        with contextlib.suppress(NotFound):
            images.delete_image(member, id=image_id)


def filled(cloud: Cloud, image: Image, data: bytes = DATA) -> Image:
    """The image with its data."""
    image_data.upload(cloud, id=image.id, chunks=iter([data[:100_000], data[100_000:]]), size=len(data))
    return images.get_image(cloud, image.id)


def test_data_that_are_sent_come_back_as_they_were(member: Cloud, make: Any) -> None:
    image = filled(member, make())
    assert (image.status, image.size) == ("active", len(DATA))
    assert image.hash_algorithm == "sha512"
    assert image.checksum
    found = image_data.download(member, id=image.id)
    assert found.size == len(DATA)
    assert b"".join(found.chunks) == DATA
    with pytest.raises(Conflict):
        image_data.upload(member, id=image.id, chunks=iter([DATA]))


def test_a_reader_makes_no_image_and_fills_none(member: Cloud, reader: Cloud, make: Any) -> None:
    with pytest.raises(Forbidden):
        image_changes.create_image(reader, {"name": unique("image")})
    image = make()
    with pytest.raises(Forbidden):
        image_data.upload(reader, id=image.id, chunks=iter([DATA]))
    assert images.get_image(member, image.id).is_waiting
    assert not images.get_image(reader, image.id).offer


def test_data_that_break_off_leave_an_image_that_waits(member: Cloud, make: Any) -> None:
    image = make()

    def broken() -> Iterator[bytes]:
        yield DATA
        wait_until(lambda: images.get_image(member, image.id).status == "saving", what="the saving")
        raise image_data.Broken

    with pytest.raises(image_data.Broken):
        image_data.upload(member, id=image.id, chunks=broken(), size=10 * len(DATA))
    wait_until(lambda: images.get_image(member, image.id).is_waiting, what="Glance to drop the half image")
    with pytest.raises(Invalid) as caught:
        image_data.upload(member, id=image.id, chunks=iter([DATA]), size=len(DATA) + 1)
    assert "Size mismatch" in caught.value.message
    assert filled(member, images.get_image(member, image.id)).status == "active"


def test_glance_looks_into_the_data_too(member: Cloud, make: Any) -> None:
    image = make(disk_format="qcow2")
    with pytest.raises(image_data.WrongFormat) as caught:
        image_data.upload(member, id=image.id, chunks=iter([DATA]), size=len(DATA))
    assert caught.value.message == "Image disk_format qcow2 does not match stream data raw"
    assert images.get_image(member, image.id).is_waiting


def test_an_image_that_is_deleted_meanwhile_is_gone(member: Cloud, make: Any) -> None:
    image = make()

    def deleting() -> Iterator[bytes]:
        yield DATA
        wait_until(lambda: images.get_image(member, image.id).status == "saving", what="the saving")
        images.delete_image(member, id=image.id)
        yield DATA

    with pytest.raises(image_data.Gone):
        image_data.upload(member, id=image.id, chunks=deleting())
    with pytest.raises(NotFound):
        images.get_image(member, image.id)


def test_what_is_written_down_is_changed_by_what_differs(member: Cloud, reader: Cloud, carol: Cloud, make: Any) -> None:
    image = make(os_distro="debian", min_disk=1, tags=["old"])
    changes: dict[str, Any] = {
        "name": "renamed",
        "os_distro": None,
        "os_version": "13",
        "min_ram": 512,
        "tags": ["new", "old"],
        "os_hidden": True,
        "protected": True,
    }
    image_changes.update_image(member, id=image.id, changes=changes)
    now = images.get_image(member, image.id)
    assert (now.name, now.os_distro, now.os_version, now.min_disk, now.min_ram) == ("renamed", "", "13", 1, 512)
    assert set(now.tags) == {"new", "old"}
    assert now.is_hidden
    assert now.is_protected
    for other, error in ((reader, Forbidden), (carol, NotFound)):
        with pytest.raises(error):
            image_changes.send_patch(other, id=image.id, patch=[{"op": "replace", "path": "/name", "value": "x"}])
    with pytest.raises(Forbidden):
        images.delete_image(member, id=image.id)
    with pytest.raises(Forbidden):
        image_changes.update_image(member, id=image.id, changes={"visibility": "public"})
    shown = images.list_images(member, Query(terms=(Term("name", "renamed"),)))
    assert image.id not in {row.id for row in shown.rows}
    hidden = images.list_images(member, Query(terms=(Term("scope", "hidden"), Term("name", "renamed"))))
    assert image.id in {row.id for row in hidden.rows}


def test_an_image_is_offered_accepted_turned_down_and_taken_back(
    member: Cloud, reader: Cloud, carol: Cloud, make: Any
) -> None:
    image = make(visibility="shared")

    def seen(scope: str = "") -> bool:
        terms = (Term("name", image.name), *((Term("scope", scope),) if scope else ()))
        return image.id in {row.id for row in images.list_images(carol, Query(terms=terms)).rows}

    with pytest.raises(Forbidden):
        image_changes.add_member(reader, id=image.id, project_id=carol.project_id)
    image_changes.add_member(member, id=image.id, project_id=carol.project_id)
    with pytest.raises(Conflict):
        image_changes.add_member(member, id=image.id, project_id=carol.project_id)
    assert images.get_image(carol, image.id).offer == "pending"
    assert (seen(), seen("pending"), seen("all")) == (False, True, True)
    watched = {row["id"]: row for page in images.fetch_watched(carol) for row in page}
    assert Image.from_json(watched[image.id]).offer == "pending"
    path = f"/v2/images/{image.id}/members/{carol.project_id}"
    # Only who it is offered to can answer.
    with pytest.raises(CloudError):
        member.put("image", path, {"status": "accepted"})
    image_changes.answer_offer(carol, id=image.id, status="accepted")
    assert (seen(), seen("shared"), seen("pending")) == (True, True, False)
    (shared,) = image_changes.list_members(member, id=image.id)
    assert (shared.project_id, shared.status) == (carol.project_id, "accepted")
    with pytest.raises(Forbidden):
        image_changes.update_image(carol, id=image.id, changes={"name": "stolen"})
    image_changes.answer_offer(carol, id=image.id, status="rejected")
    assert (seen(), seen("rejected")) == (False, True)
    image_changes.remove_member(member, id=image.id, project_id=carol.project_id)
    with pytest.raises(NotFound):
        images.get_image(carol, image.id)


def test_a_project_is_found_by_its_name_where_that_can_be_seen(admin: Cloud, member: Cloud, carol: Cloud) -> None:
    assert image_changes.project_named(admin, "data", ()) == carol.project_id
    assert image_changes.project_named(member, "data", [(carol.project_id, "data")]) == carol.project_id
    assert image_changes.project_named(member, "admin", ()) == ""
    assert image_changes.project_named(member, carol.project_id, ()) == carol.project_id


def test_an_image_is_taken_out_of_use_and_put_back(
    member: Cloud, reader: Cloud, carol: Cloud, admin: Cloud, make: Any
) -> None:
    image = filled(member, make(visibility="community"))
    for other in (reader, carol):
        with pytest.raises(Forbidden):
            image_changes.deactivate_image(other, id=image.id)
    image_changes.deactivate_image(admin, id=image.id)
    assert images.get_image(member, image.id).status == "deactivated"
    with pytest.raises(Forbidden):
        image_data.download(member, id=image.id)
    image_changes.reactivate_image(member, id=image.id)
    assert images.get_image(member, image.id).status == "active"


class Files(http.server.SimpleHTTPRequestHandler):
    """Serves one file, and writes down who asked."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if not self.path.endswith(".img"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        self.wfile.write(DATA)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def files() -> Iterator[str]:
    """The address of files on the web. Glance takes none of the loopback's, so it is this machine's own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: it only tells which address would be used.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("no address but the loopback's")
        own = probe.getsockname()[0]
    Files.asked = []
    try:
        server = http.server.ThreadingHTTPServer((own, 8000), functools.partial(Files))
    except OSError:
        pytest.skip("port 8000, which Glance fetches from, is taken")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{own}:8000/"
    server.shutdown()
    server.server_close()


def test_glance_fetches_an_image_by_itself_and_says_how_it_went(
    member: Cloud, reader: Cloud, make: Any, files: str
) -> None:
    assert "web-download" in image_info.get_facilities(member).methods
    image = make()
    with pytest.raises(Forbidden):
        image_changes.import_image(reader, id=image.id, method={"name": "web-download", "uri": f"{files}disk.img"})
    image_changes.import_image(member, id=image.id, method={"name": "web-download", "uri": f"{files}disk.img"})
    wait_until(lambda: images.get_image(member, image.id).status == "active", what="the import")
    # Glance writes down a task's end a moment after the image's.
    wait_until(lambda: image_info.list_tasks(member, id=image.id)[0].status == "success", what="the task's end")
    (task,) = image_info.list_tasks(member, id=image.id)
    assert (task.method, task.status, task.uri) == ("web-download", "success", f"{files}disk.img")
    assert b"".join(image_data.download(member, id=image.id).chunks) == DATA
    broken = make()
    image_changes.import_image(member, id=broken.id, method={"name": "web-download", "uri": f"{files}nothing"})
    # The task fails last: after the image says so, and after its lock is gone.
    wait_until(lambda: image_info.last_failure(member, id=broken.id), what="the task's failure")
    assert images.get_image(member, broken.id).failed_stores
    assert images.get_image(member, broken.id).is_waiting
    with pytest.raises(Invalid) as caught:
        image_changes.import_image(
            member, id=broken.id, method={"name": "web-download", "uri": "http://169.254.169.254/latest"}
        )
    assert "<br" not in caught.value.message


def test_staged_data_are_imported(member: Cloud, make: Any) -> None:
    image = make()
    image_data.upload(member, id=image.id, chunks=iter([DATA]), size=len(DATA), is_staged=True)
    assert images.get_image(member, image.id).is_transitional
    image_changes.import_image(member, id=image.id, method={"name": "glance-direct"})
    wait_until(lambda: images.get_image(member, image.id).status == "active", what="the import")
    assert images.get_image(member, image.id).size == len(DATA)


def test_every_format_that_glance_names_can_be_written_down(member: Cloud, make: Any) -> None:
    found = image_info.get_facilities(member)
    assert set(image_info.DISK_FORMATS) == set(found.disk_formats)
    assert set(image_info.CONTAINER_FORMATS) == set(found.container_formats)
    for disk in found.disk_formats:
        container = disk if disk in {"aki", "ari", "ami"} else "bare"
        assert make(disk_format=disk, container_format=container).disk_format == disk
    for container in ("ovf", "ova", "docker", "compressed"):
        assert make(container_format=container).container_format == container
    assert filled(member, make(disk_format="qcow2"), QCOW2).status in {"active", "queued"}


def test_where_an_image_is_used_is_known(api: Api, member: Cloud, make: Any) -> None:
    image = filled(member, make())
    server = api.member.server(imageRef=image.id)
    volume = api.member.create("volume", "/volumes", {"volume": {"size": 1, "imageRef": image.id, "name": unique("v")}})
    wait_until(
        lambda: api.member.get("volume", f"/volumes/{volume['id']}")["volume"]["status"] == "available",
        what="the volume",
    )
    assert [use.id for use in list_servers_of(member, id=image.id).rows] == [server["id"]]
    assert [use.id for use in list_volumes_of(member, id=image.id).rows] == [volume["id"]]


def test_a_snapshot_leads_to_its_server(api: Api, member: Cloud) -> None:
    server = api.member.server()
    name = unique("snapshot")
    api.member.post("compute", f"/servers/{server['id']}/action", {"createImage": {"name": name}})

    def taken() -> Image | None:
        rows = images.list_images(member, Query(terms=(Term("name", name), Term("type", "snapshot")))).rows
        return rows[0] if rows and rows[0].status == "active" else None

    try:
        image = wait_until(taken, what="the snapshot")
        assert image.kind == "snapshot"
        assert image.server_id == server["id"]
    finally:
        for row in images.list_images(member, Query(terms=(Term("name", name),))).rows:
            images.delete_image(member, id=row.id)


def test_the_metadata_definitions_have_types_values_and_prefixes(member: Cloud) -> None:
    names = {space.name for space in metadefs.list_namespaces(member)}
    assert "OS::Compute::CPUPinning" in names
    assert "OS::Nova::Flavor" not in names
    found = {item.key: item for item in metadefs.list_properties(member, namespace="OS::Compute::CPUPinning")}
    assert set(found["hw_cpu_policy"].choices) == {"shared", "dedicated"}
    assert found["hw_cpu_policy"].fault("none") == "choice"
    libvirt = {item.key: item for item in metadefs.list_properties(member, namespace="OS::Compute::LibvirtImage")}
    memory = libvirt["hw_video_ram"]
    assert memory.type == "integer"
    assert [memory.fault(value) for value in ("-1", "two", "2")] == ["minimum", "number", ""]
    assert libvirt["hw_firmware_stateless"].fault("perhaps") == "choice"


def test_pages_of_glance_follow_each_other_both_ways(member: Cloud, make: Any) -> None:
    tag = unique("page")
    made = [make(name=f"{tag}-{number}", tags=[tag]).id for number in range(5)]

    def page(**more: Any) -> Any:
        return images.list_images(member, Query(limit=2, terms=(Term("tag", tag),), **more))

    first = page()
    second = page(marker=first.rows[-1].id)
    third = page(marker=second.rows[-1].id)
    assert [row.id for found in (first, second, third) for row in found.rows] == made
    assert [found.has_next for found in (first, second, third)] == [True, True, False]
    back = page(before=third.rows[0].id)
    assert [row.id for row in back.rows] == [row.id for row in second.rows]
    assert [row.id for row in page(sort="name", is_descending=True).rows] == made[:-3:-1]
    with pytest.raises(NotFound):
        page(marker="00000000-0000-4000-8000-000000000000")
