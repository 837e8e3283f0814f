"""One poll serves everybody who looks, and is right whatever goes wrong meanwhile."""

from __future__ import annotations

import json
import time

import pytest

from dashboard.cloud.errors import Unauthorized
from dashboard.live import heartbeat, keys, leases, locks, polling, publish, watch
from dashboard.live.kinds import KINDS
from dashboard.live.snapshots import Snapshot
from dashboard.live.store import client


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.POLL_MOVING_SECONDS = 0.1
    settings.POLL_QUIET_SECONDS = 0.2
    settings.POLL_MAX_PER_SECOND = 10_000


@pytest.fixture
def looked(wait):
    """Looks until there is something, and nothing is under way."""

    def look(cloud, session="s1", until=lambda mirror: True):
        def ask():
            found = watch.look(cloud, session, "servers")
            return found if found is not None and until(found) else None

        return wait(ask)

    return look


def snapshot_of(cloud):
    return Snapshot(keys.class_of(cloud), KINDS["servers"])


def polled_once(cloud, session="s1"):
    """One poll, here and now, with a lease for one session; not while an earlier look's own poll is under way."""
    deadline = time.monotonic() + 10
    while publish.is_busy() and time.monotonic() < deadline:
        time.sleep(0.01)
    snapshot = snapshot_of(cloud)
    pipe = client().pipeline()
    leases.Lease(snapshot.class_id, "servers").renew(pipe, session, cloud)
    pipe.execute()
    snapshot.note(tried_at=0, retry_at=0)
    return polling.run(snapshot.class_id, "servers", chain=False)


def test_a_page_sees_servers_after_one_request(nova, cloud_of, looked):
    nova.add("web-1")
    mirror = looked(cloud_of())
    assert [row.name for row in mirror.rows.values()] == ["web-1"]
    assert mirror.is_complete
    assert mirror.state == "reduced"
    assert nova.count("/servers") == 1


def test_twenty_viewers_cost_as_many_polls_as_one(nova, cloud_of, settings):
    settings.POLL_QUIET_SECONDS = settings.POLL_MOVING_SECONDS = 0.5
    nova.add("web-1")
    clouds = [cloud_of(f"person-{n}") for n in range(20)]
    ends = time.monotonic() + 3
    while time.monotonic() < ends:
        for n, cloud in enumerate(clouds):
            watch.look(cloud, f"s{n}", "servers")
        time.sleep(0.05)
    assert 4 <= nova.count("/servers/detail") <= 8


def test_nobody_looks_so_nothing_is_asked(nova, cloud_of, looked, settings, wait):
    settings.LEASE_SECONDS = 0.4
    cloud = cloud_of()
    nova.add("web-1")
    looked(cloud)
    time.sleep(0.6)
    before = len(nova.calls)
    assert not polling.run(keys.class_of(cloud), "servers", chain=True)
    assert len(nova.calls) == before


def test_changes_are_asked_for_with_an_overlap_of_the_service_own_time(nova, cloud_of):
    cloud = cloud_of()
    nova.add("web-1")
    polled_once(cloud)
    polled_once(cloud)
    urls = [url for _, url, _ in nova.calls]
    assert "changes-since" not in urls[0]
    assert "changes-since" in urls[1]
    polled_once(cloud)
    meta = snapshot_of(cloud).meta()
    assert abs(meta.since - time.time()) < 2


def test_a_change_is_seen_and_nothing_else_is_drawn_again(nova, cloud_of, looked):
    cloud = cloud_of()
    one, two = nova.add("web-1"), nova.add("web-2")
    mirror = looked(cloud)
    nova.change(one, status="SHUTOFF")
    newer = looked(cloud, until=lambda m: m.version != mirror.version)
    changes = newer.changed_since(mirror.version)
    assert changes.changed == {one}
    assert not changes.is_membership_changed
    assert newer.rows[two] is mirror.rows[two]


def test_a_server_that_only_changed_its_time_has_not_changed(nova, cloud_of):
    cloud = cloud_of()
    one = nova.add("web-1", updated="2026-01-01T00:00:00Z")
    polled_once(cloud)
    version = snapshot_of(cloud).meta().version
    nova.change(one)
    polled_once(cloud)
    assert snapshot_of(cloud).meta().version == version


def test_a_deleted_server_goes_at_once(nova, cloud_of, looked):
    cloud = cloud_of()
    one, two = nova.add("web-1"), nova.add("web-2")
    mirror = looked(cloud)
    nova.delete(one)
    newer = looked(cloud, until=lambda m: m.version != mirror.version)
    assert set(newer.rows) == {two}
    changes = newer.changed_since(mirror.version)
    assert changes.removed == {one}
    assert changes.is_membership_changed


def test_absence_from_the_list_is_not_deletion(nova, cloud_of):
    cloud = cloud_of()
    lost, gone, kept = nova.add("in-a-down-cell"), nova.add("gone"), nova.add("kept")
    polled_once(cloud)
    nova.hidden.add(lost)
    nova.servers.pop(gone)
    snapshot_of(cloud).note(full_at=0)
    polled_once(cloud)
    assert snapshot_of(cloud).ids() == {lost, kept}
    assert nova.count(f"GET {'http://nova.test:8774/v2.1'}/servers/{gone}") == 1


def test_a_long_list_shows_its_first_page_and_then_all_of_it(nova, cloud_of, looked):
    cloud = cloud_of()
    nova.max_limit = 100
    ids = {nova.add(f"node-{n}") for n in range(650)}
    mirror = looked(cloud)
    assert len(mirror.rows) >= 100
    mirror = looked(cloud, until=lambda m: m.is_complete)
    assert set(mirror.rows) == ids


def test_a_revoked_token_is_dropped_and_others_go_on(nova, cloud_of, looked, wait):
    alice, bob = cloud_of("alice"), cloud_of("bob")
    nova.add("web-1")
    looked(alice, "of-alice")
    looked(bob, "of-bob")
    nova.revoked.add(alice.access.token)

    def is_out():
        watch.look(bob, "of-bob", "servers")
        try:
            watch.look(alice, "of-alice", "servers")
        except Unauthorized:
            return True
        return False

    wait(is_out)
    assert watch.look(bob, "of-bob", "servers").rows
    members = leases.Lease(keys.class_of(bob), "servers").members()
    assert [member.session for member in members] == ["of-bob"]


def test_a_service_that_is_wrong_about_a_token_shuts_nobody_out(nova, cloud_of, looked):
    cloud = cloud_of()
    nova.add("web-1")
    looked(cloud)

    def wrong(request, context):
        if "/servers" not in request.url:
            return None
        context.status_code = 401
        return "{}"

    nova.answer = wrong
    polled_once(cloud)
    assert snapshot_of(cloud).meta().error == "ServiceFault"
    assert watch.look(cloud, "s1", "servers").rows
    nova.answer = None
    polled_once(cloud)
    assert snapshot_of(cloud).meta().error == ""


def test_a_token_that_polls_don_t_use_is_proven_in_time(nova, cloud_of, settings):
    settings.PROOF_SECONDS = 0.5
    alice, bob = cloud_of("alice"), cloud_of("bob")
    polled_once(alice, "of-alice")
    nova.revoked.add(bob.access.token)
    pipe = client().pipeline()
    lease = leases.Lease(keys.class_of(bob), "servers")
    lease.renew(pipe, "of-bob", bob)
    pipe.execute()
    lease.proven(member for member in lease.members() if member.session == "of-bob")
    time.sleep(0.5)
    polled_once(alice, "of-alice")
    assert nova.count("HEAD") == 1
    with pytest.raises(Unauthorized):
        watch.look(bob, "of-bob", "servers")


def test_a_busy_service_is_left_alone_for_as_long_as_it_asks(nova, cloud_of, looked):
    cloud = cloud_of()
    nova.add("web-1")
    looked(cloud)

    def busy(request, context):
        context.status_code = 503
        context.headers["Retry-After"] = "30"
        return json.dumps({"overLimit": {"message": "busy"}})

    nova.answer = busy
    polled_once(cloud)
    meta = snapshot_of(cloud).meta()
    assert meta.error == "Busy"
    assert 28 < meta.retry_at - time.time() <= 30
    before = len(nova.calls)
    mirror = watch.look(cloud, "s1", "servers")
    time.sleep(0.3)
    assert len(nova.calls) == before
    assert mirror.error == "Busy"
    assert len(mirror.rows) == 1


@pytest.mark.parametrize("body", ["", "<html>502</html>", "[]", "{}", '{"servers": null}', '{"servers": 5}'])
def test_what_is_no_list_changes_nothing(nova, cloud_of, body):
    cloud = cloud_of()
    one = nova.add("web-1")
    polled_once(cloud)
    nova.answer = lambda request, context: body or " "
    polled_once(cloud)
    assert snapshot_of(cloud).ids() == {one}
    assert snapshot_of(cloud).meta().error == "BadAnswer"
    nova.answer = None
    polled_once(cloud)
    assert not snapshot_of(cloud).meta().error


def test_a_resize_that_failed_says_so(nova, cloud_of, looked):
    cloud = cloud_of()
    one = nova.add("web-1")
    looked(cloud)
    nova.change(one, status="RESIZE", task="resize_prep")
    looked(cloud, until=lambda m: m.is_moving)
    request = {"action": "resize", "request_id": "req-1", "start_time": "2026-11-21T11:00:00.000000"}
    event = {"result": "Error", "details": "No valid host was found."}
    nova.actions[one] = {**request, "message": "Error", "events": [event]}
    nova.change(one, status="ACTIVE", task=None)
    looked(cloud, until=lambda m: not m.is_moving)
    assert snapshot_of(cloud).rows([one])[one]["action_fault"]["message"] == "No valid host was found."
    polled_once(cloud)
    assert "action_fault" in snapshot_of(cloud).rows([one])[one]
    nova.change(one, status="REBOOT", task="rebooting")
    polled_once(cloud)
    assert "action_fault" not in snapshot_of(cloud).rows([one])[one]


def test_two_polls_of_one_class_never_run_at_the_same_time(nova, cloud_of):
    cloud = cloud_of()
    nova.add("web-1")
    snapshot = snapshot_of(cloud)
    with locks.held(snapshot.key("run"), snapshot.key("fence")) as fence:
        assert fence
        assert not polled_once(cloud)
    assert polled_once(cloud)


def test_a_lock_is_free_seconds_after_its_holder_was_killed(nova, cloud_of, monkeypatch):
    monkeypatch.setattr(locks, "SECONDS", 0.2)
    cloud = cloud_of()
    snapshot = snapshot_of(cloud)
    client().set(snapshot.key("run"), b"of a dead worker", px=200)
    assert not polled_once(cloud)
    time.sleep(0.25)
    assert polled_once(cloud)


def test_a_lease_of_another_class_is_not_used(nova, cloud_of):
    admin, member = cloud_of("root", roles=("admin",)), cloud_of("alice")
    snapshot = snapshot_of(member)
    pipe = client().pipeline()
    leases.Lease(snapshot.class_id, "servers").renew(pipe, "s1", admin)
    pipe.execute()
    polling.run(snapshot.class_id, "servers", chain=False)
    assert nova.calls == []


def test_an_unknown_class_or_kind_asks_nothing(nova):
    from dashboard.live import tasks

    for name, kind in (("nonsense", "servers"), ("0" * 40, "passwords"), ("0" * 40, "servers")):
        tasks.poll.apply((name, kind))
    assert nova.calls == []


def test_no_token_lies_in_the_store_in_clear(nova, cloud_of, looked):
    cloud = cloud_of()
    nova.add("web-1")
    looked(cloud)
    store = client()
    for key in store.scan_iter():
        assert cloud.access.token.encode() not in key
        assert store.ttl(key) != -1, f"{key} has no time to live"
        kind = store.type(key)
        read = {b"string": store.get, b"hash": store.hgetall, b"set": store.smembers}.get(kind)
        stored = read(key) if read else store.zrange(key, 0, -1)
        assert cloud.access.token not in repr(stored)
        assert "secret-token" not in repr(stored)


def test_signing_out_ends_the_lease(nova, cloud_of, looked):
    from dashboard.store import session_ended

    cloud = cloud_of()
    nova.add("web-1")
    looked(cloud, "s1")
    session_ended.send(sender=None, id_hash="s1")
    assert leases.Lease(keys.class_of(cloud), "servers").members() == []


def test_members_and_administrators_share_nothing(cloud_of, settings):
    assert keys.class_of(cloud_of("alice")) == keys.class_of(cloud_of("bob"))
    assert keys.class_of(cloud_of("alice")) != keys.class_of(cloud_of("alice", roles=("admin",)))
    assert keys.class_of(cloud_of("alice")) != keys.class_of(cloud_of("alice", project="q" * 32))
    settings.POLL_SHARE = "user"
    assert keys.class_of(cloud_of("alice")) != keys.class_of(cloud_of("bob"))


def test_an_action_is_on_every_screen_at_once(nova, cloud_of, looked, settings):
    settings.POLL_QUIET_SECONDS = 30
    cloud = cloud_of()
    one = nova.add("web-1")
    looked(cloud)
    watch.acted(cloud, "servers", {**nova.servers[one], "status": "SHUTOFF"})
    mirror = watch.look(cloud_of("bob"), "s2", "servers")
    assert mirror.rows[one].status == "SHUTOFF"
    assert mirror.tick == pytest.approx(0.1)


def test_without_workers_the_page_says_reduced_and_with_them_live(nova, cloud_of, looked):
    assert heartbeat.state() == "reduced"
    heartbeat.pinged("worker@here")
    assert heartbeat.state() == "live"
