"""Servers on the real cloud, moved by an administrator from host to host, and refused to everybody else.

The fake hypervisor moves a server in five seconds and copies nothing, so that there are no bytes to count; those are
in tests/panels/test_server_admin.py. Servers here have no network: a live migration would wait for an agent to plug
one, and the demo cloud's agents only report in. No host is dead, so an evacuation is refused; what is sent for one is
in the same file.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.cloud import compute_hosts, everywhere, migrations, server_admin, servers, usage
from dashboard.cloud import server_groups as groups
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, Forbidden, Invalid, NotFound
from dashboard.cloud.servers import Server
from dashboard.cloud.types import Query, Term
from tests.harness.cloud import Api, Client, unique, wait_until
from tests.harness.real import cloud_for

pytestmark = pytest.mark.cloud


def settled(cloud: Cloud, id: str, is_done: Callable[[Server], bool], what: str) -> Server:
    def look() -> Server | None:
        server = servers.get_server(cloud, id)
        return server if server.is_free and is_done(server) else None

    found: Server = wait_until(look, seconds=120, what=what)
    return found


def other_host(cloud: Cloud, host: str) -> str:
    return next(item.name for item in compute_hosts.list_compute_hosts(cloud) if item.name != host)


def begun(cloud: Cloud, id: str) -> migrations.Migration:
    """The live migration once it runs."""

    def look() -> migrations.Migration | None:
        return next((item for item in migrations.list_running(cloud, server_id=id) if item.status == "running"), None)

    found: migrations.Migration = wait_until(look, what="the live migration's beginning")
    return found


def test_a_server_is_migrated_cold_to_a_host_and_confirmed(api: Api, admin: Cloud) -> None:
    id = api.member.server(unique("moved"), networks="none")["id"]
    before = servers.get_server(admin, id)
    target = other_host(admin, before.host)
    server_admin.migrate_server(admin, id=id, host=target)
    moved = settled(admin, id, lambda server: server.status == "VERIFY_RESIZE", "the migration")
    assert moved.host == target
    api.admin.post("compute", f"/servers/{id}/action", {"confirmResize": None})
    assert settled(admin, id, lambda server: server.status == "ACTIVE", "the confirmation").host == target
    page = migrations.list_migrations(admin, Query(terms=(Term("server", id),)))
    assert [(row.type, row.status, row.source, row.target) for row in page.rows] == [
        ("migration", "confirmed", before.host, target)
    ]


def test_a_server_is_migrated_live_aborted_and_forced_to_its_end(api: Api, admin: Cloud) -> None:
    id = api.member.server(unique("live"), networks="none")["id"]
    before = servers.get_server(admin, id)
    server_admin.live_migrate_server(admin, id=id)
    assert begun(admin, id).is_transitional
    server_admin.abort_migration(admin, id=id)
    stayed = settled(admin, id, lambda server: server.status == "ACTIVE", "the abortion")
    assert stayed.host == before.host
    # Nova frees the server before it writes down that the migration was cancelled.
    wait_until(lambda: not migrations.list_running(admin, server_id=id), what="the end of the first migration")
    target = other_host(admin, before.host)
    server_admin.live_migrate_server(admin, id=id, host=target)
    begun(admin, id)
    server_admin.complete_migration(admin, id=id)
    assert settled(admin, id, lambda server: server.host == target, "the migration").status == "ACTIVE"

    def both() -> list[str]:
        return [row.status for row in migrations.list_migrations(admin, Query(terms=(Term("server", id),))).rows]

    # The server is there before the host that it left has written so down.
    wait_until(lambda: both() == ["completed", "cancelled"], what="the end of both migrations")
    with pytest.raises(Conflict):
        server_admin.abort_migration(admin, id=id)
    rows = migrations.list_migrations(admin, Query(terms=(Term("server", id),))).rows
    first = migrations.list_migrations(admin, Query(limit=1, terms=(Term("server", id),)))
    rest = migrations.list_migrations(admin, Query(limit=1, marker=first.rows[0].id, terms=(Term("server", id),)))
    assert (first.has_next, rest.has_next) == (True, False)
    assert [row.id for row in (*first.rows, *rest.rows)] == [row.id for row in rows]


def test_a_server_whose_host_lives_is_not_evacuated(api: Api, admin: Cloud) -> None:
    id = api.member.server(unique("alive"), networks="none")["id"]
    assert servers.get_server(admin, id).host_status == "UP"
    with pytest.raises(Invalid):
        server_admin.evacuate_server(admin, id=id)


def test_members_and_readers_are_refused_every_move(api: Api, admin: Cloud) -> None:
    id = api.member.server(unique("refused"), networks="none")["id"]
    for client in (api.member, api.reader):
        cloud = cloud_for(client)
        for move in (
            lambda cloud=cloud: server_admin.migrate_server(cloud, id=id),
            lambda cloud=cloud: server_admin.live_migrate_server(cloud, id=id),
            lambda cloud=cloud: server_admin.evacuate_server(cloud, id=id),
            lambda cloud=cloud: migrations.list_migrations(cloud, Query()),
            lambda cloud=cloud: compute_hosts.list_compute_hosts(cloud),
            lambda cloud=cloud: everywhere.list_all_servers(cloud, Query(), {}),
            lambda cloud=cloud: usage.list_project_usages(cloud, datetime(2026, 1, 1, tzinfo=UTC), datetime.now(UTC)),
        ):
            with pytest.raises(Forbidden):
                move()
    assert servers.get_server(admin, id).status == "ACTIVE"


def test_every_project_s_servers_are_listed_with_its_name(api: Api, admin: Cloud) -> None:
    name = unique("anybody's")
    made = api.member.server(name, networks="none")
    names = everywhere.list_project_names(admin)
    terms = (Term("project", api.member.project_id), Term("name", name))
    (row,) = everywhere.list_all_servers(admin, Query(terms=terms), names).rows
    assert (row.id, row.project_name, bool(row.host)) == (made["id"], "web", True)
    assert everywhere.get_user_name(admin, row.user_id) == "alice"
    page = everywhere.list_all_servers(admin, Query(limit=1, sort="project"), names)
    assert len(page.rows) == 1


def test_a_server_group_keeps_servers_apart_until_it_is_deleted(api: Api) -> None:
    cloud = cloud_for(api.member)
    made = groups.create_server_group(cloud, name=unique("apart"), policy="anti-affinity", max_per_host=1)
    api.member.made.append(("compute", f"/os-server-groups/{made.id}"))
    hints = {"os:scheduler_hints": {"group": made.id}}
    launched = []
    for _ in range(2):
        server = api.member.post("compute", "/servers", {"server": small(api.member), **hints})["server"]
        api.member.made.append(("compute", f"/servers/{server['id']}"))
        launched.append(settled(cloud_for(api.admin), server["id"], lambda item: item.status == "ACTIVE", "the boot"))
    assert len({server.host for server in launched}) == 2
    found = groups.get_server_group(cloud, made.id)
    assert set(found.members) == {server.id for server in launched}
    assert (found.policy, found.max_per_host) == ("anti-affinity", 1)
    assert {server.id for server in launched} <= set(groups.list_server_names(cloud))
    used, most = groups.list_group_quotas(cloud)
    assert used.used >= 1
    assert most.limit
    with pytest.raises(CloudError):
        groups.delete_server_group(cloud_for(api.reader), id=made.id)
    groups.delete_server_group(cloud, id=made.id)
    with pytest.raises(NotFound):
        groups.get_server_group(cloud, made.id)


def small(client: Client) -> dict[str, Any]:
    """What a small server without a network is asked for with."""
    flavor = next(item for item in client.get("compute", "/flavors")["flavors"] if item["name"] == "m1.tiny")
    image = client.get("image", "/images?name=cirros-0.6")["images"][0]
    return {"name": unique("apart"), "flavorRef": flavor["id"], "imageRef": image["id"], "networks": "none"}


def test_usage_counts_a_server_from_its_launch_on(api: Api, admin: Cloud) -> None:
    made = api.member.server(unique("used"), networks="none")
    assert made["status"] == "ACTIVE", made.get("fault")
    cloud, now = cloud_for(api.member), datetime.now(UTC)
    span = (now - timedelta(hours=1), now + timedelta(minutes=1))

    def counted() -> usage.ServerUsage | None:
        return next((item for item in usage.get_usage(cloud, *span).servers if item.id == made["id"]), None)

    # Nova counts a server a second or two after it says that it is active.
    row = wait_until(counted, what="the server among what is counted")
    assert (row.vcpus, row.ram, row.ended) == (1, 512, None)
    assert 0 <= row.hours < 0.1

    def is_the_same() -> bool:
        """Whether the administrator is told the project's own sum: others launch and delete servers meanwhile."""
        before = usage.get_usage(cloud, *span).total.hours
        everybody, is_cut = usage.list_project_usages(admin, *span)
        mine = next(item for item in everybody if item.project_id == cloud.project_id)
        return not is_cut and abs(mine.amounts.hours - before) < 0.01

    wait_until(is_the_same, what="the same sum for both")
