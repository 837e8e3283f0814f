"""A server on the real cloud, through everything that can be done to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dashboard.cloud import server_actions, server_activity, server_parts, servers
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import Conflict, NotFound
from dashboard.cloud.servers import Server
from dashboard.cloud.types import Query, Term
from tests.harness.cloud import Api, unique, wait_until


@pytest.mark.cloud
def test_a_server_is_stopped_started_rebooted_renamed_locked_and_deleted(api: Api, cloud: Cloud) -> None:
    made = api.member.server(unique("acted"), metadata={"role": "test"}, tags=["trial"])
    id = made["id"]

    def until(is_done: Callable[[Server], bool], what: str) -> Server:
        def look() -> Server | None:
            server = servers.get_server(cloud, id)
            return server if server.is_free and is_done(server) else None

        found: Server = wait_until(look, what=what)
        return found

    assert until(lambda server: server.can_stop, "ACTIVE").addresses
    server_actions.stop_server(cloud, id=id)
    assert until(lambda server: server.status == "SHUTOFF", "the stop").can_start
    with pytest.raises(Conflict):
        server_actions.stop_server(cloud, id=id)
    server_actions.start_server(cloud, id=id)
    until(lambda server: server.status == "ACTIVE", "the start")
    server_actions.reboot_server(cloud, id=id)
    until(lambda server: server.status == "ACTIVE", "the reboot")
    server_actions.reboot_server(cloud, id=id, is_hard=True)
    until(lambda server: server.status == "ACTIVE", "the hard reboot")

    name = unique("renamed.with*signs")
    server_actions.lock_server(cloud, id=id, reason="while it is tested")
    # A locked server can be renamed, and not be stopped.
    server_actions.rename_server(cloud, id=id, name=name, description="what it is for")
    with pytest.raises(Conflict):
        server_actions.stop_server(cloud, id=id)
    locked = servers.get_server(cloud, id)
    assert (locked.name, locked.description) == (name, "what it is for")
    assert (locked.is_locked, locked.locked_reason) == (True, "while it is tested")
    server_actions.unlock_server(cloud, id=id)
    assert not servers.get_server(cloud, id).is_locked

    (found,) = servers.list_servers(cloud, Query(terms=(Term("name", name),))).rows
    assert found.id == id
    (found,) = servers.list_servers(cloud, Query(text=name[3:])).rows
    assert found.id == id

    actions = [action.action for action in server_activity.list_actions(cloud, id=id)]
    assert actions[-1] == "create"
    assert {"stop", "start", "reboot", "lock", "unlock"} <= set(actions)
    first = server_activity.list_actions(cloud, id=id)[-1]
    assert server_activity.get_action(cloud, id=id, request_id=first.request_id).events
    assert server_activity.get_console_log(cloud, id=id, lines=2).text
    (port,) = server_parts.list_server_ports(cloud, id=id)
    assert port.addresses
    assert server_parts.list_groups_of(cloud, [port])[0].name == "default"
    assert server_parts.list_volume_attachments(cloud, id=id) == ()

    server_actions.delete_server(cloud, id=id)

    def is_gone() -> bool:
        try:
            servers.get_server(cloud, id)
        except NotFound:
            return True
        return False

    wait_until(is_gone, what="the deletion")
