"""Pace, shared look-ups, operations, and what happens when the store is away."""

from __future__ import annotations

import threading
import time

import pytest

from dashboard import store as product
from dashboard.cloud.errors import ServiceFault
from dashboard.live import cache, heartbeat, keys, once, operations, pace, publish, watch
from dashboard.live.kinds import KINDS
from dashboard.live.snapshots import Snapshot

SERVERS = KINDS["servers"]


@pytest.fixture
def no_store():
    """Takes the store away when it is called."""

    def leave():
        product.client().connection_pool.connection_kwargs["server"].connected = False

    return leave


def test_polls_are_quick_while_something_moves_and_slow_when_it_is_stuck(settings):
    now = time.time()

    def tick(moving, quick_until=0.0, is_all=False):
        return pace.tick(SERVERS, moving_since=moving, quick_until=quick_until, now=now, is_all=is_all)

    assert tick({}) == settings.POLL_QUIET_SECONDS
    assert tick({"a": now - 5}) == settings.POLL_MOVING_SECONDS
    assert tick({}, quick_until=now + 5) == settings.POLL_MOVING_SECONDS
    # A row that comes to rest leaves the pace as it is for a moment; one that is stuck never quickened it.
    assert pace.quick_until({"a": now}, 0.0, now) == now + pace.SETTLED_SECONDS
    assert pace.quick_until({"a": now - pace.STUCK_SECONDS - 1}, 0.0, now) == 0.0
    assert tick({"a": now - 700}) == settings.POLL_QUIET_SECONDS
    assert tick({"a": now - 700}, is_all=True) == 60
    assert tick({"a": now - 700, "b": now}, is_all=True) == settings.POLL_MOVING_SECONDS


def test_a_region_gets_no_more_polls_a_second_than_agreed(settings):
    settings.POLL_MAX_PER_SECOND = 10
    waits = [pace.reserve("region") for _ in range(50)]
    assert sum(wait == 0 for wait in waits) <= 12
    assert waits == sorted(waits)
    assert 3.5 < waits[-1] < 4.1
    assert pace.reserve("another region") == 0


def test_a_turn_that_is_too_far_off_is_not_taken(settings):
    settings.POLL_MAX_PER_SECOND = 1
    assert [pace.reserve("region", most=0.5) > 0.5 for _ in range(20)].count(False) <= 3
    assert pace.reserve("region", most=0.5) < 1.1


def test_a_list_waits_for_the_one_turn_it_took_however_often_it_is_looked_at(cloud_of, settings, store, monkeypatch):
    settings.POLL_MAX_PER_SECOND = 1
    cloud = cloud_of()
    heartbeat.pinged("worker")
    monkeypatch.setattr(publish, "_broken_until", time.monotonic() + 60)
    for _ in range(6):
        pace.reserve(keys.region_of(cloud))
    before = float(store.get(f"live:pace:{keys.region_of(cloud)}"))
    for _ in range(5):
        watch.look(cloud, "s1", "servers")
        time.sleep(0.4)
    assert float(store.get(f"live:pace:{keys.region_of(cloud)}")) - before < 1.1


def test_errors_slow_polls_down_but_never_beyond_a_minute():
    waits = [pace.after_error(SERVERS, n, None) for n in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[-1] == 60
    assert pace.after_error(SERVERS, 1, 3600) == 60


def test_a_look_up_is_fetched_once_for_all(cloud_of):
    calls = []

    def fetch():
        calls.append(1)
        time.sleep(0.1)
        return {"a": 1}

    found = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(cache.cached(cloud_of(f"p{n}"), "flavors", 60, fetch)))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [{"a": 1}] * 8
    assert len(calls) == 1


def test_what_was_asked_for_before_a_change_is_not_kept_after_it(cloud_of):
    cloud = cloud_of()

    def fetch():
        # Somebody adds a key while the list without it is under way.
        cache.drop(cloud, "keypairs")
        return ["old"]

    assert cache.cached(cloud, "keypairs", 60, fetch) == ["old"]
    assert cache.cached(cloud, "keypairs", 60, lambda: ["old", "new"]) == ["old", "new"]
    assert cache.cached(cloud, "keypairs", 60, list) == ["old", "new"]


def test_an_old_look_up_is_given_while_it_is_renewed_behind(cloud_of, wait, time_machine):
    time_machine.move_to(time.time())
    cloud = cloud_of()
    assert cache.cached(cloud, "flavors", 60, lambda: "old") == "old"
    time_machine.shift(61)
    assert cache.cached(cloud, "flavors", 60, lambda: "new") == "old"
    assert wait(lambda: cache.cached(cloud, "flavors", 600, lambda: "newer") == "new")


def test_who_wants_it_fresh_is_never_given_an_older_one(cloud_of, time_machine):
    time_machine.move_to(time.time())
    cloud = cloud_of()
    assert cache.cached(cloud, "networks", 15, lambda: "before it was made") == "before it was made"
    time_machine.shift(3)
    assert cache.cached(cloud, "networks", 15, lambda: "never asked") == "before it was made"
    assert cache.cached(cloud, "networks", 2, lambda: "with it") == "with it"


def test_a_look_up_that_fails_is_raised_and_not_kept(cloud_of):
    def broken():
        raise ServiceFault("500", service="compute")

    with pytest.raises(ServiceFault):
        cache.cached(cloud_of(), "flavors", 60, broken)
    assert cache.cached(cloud_of(), "flavors", 60, lambda: "fine") == "fine"


def test_what_belongs_to_people_is_not_shared(cloud_of):
    assert cache.cached(cloud_of("alice"), "keypairs", 60, lambda: ["of alice"], is_own=True) == ["of alice"]
    assert cache.cached(cloud_of("bob"), "keypairs", 60, lambda: ["of bob"], is_own=True) == ["of bob"]
    cache.drop(cloud_of("bob"), "keypairs", is_own=True)
    assert cache.cached(cloud_of("bob"), "keypairs", 60, list) == []


def test_without_the_store_pages_go_straight_to_the_cloud(cloud_of, no_store):
    no_store()
    cloud = cloud_of()
    assert cache.cached(cloud, "flavors", 60, lambda: "straight") == "straight"
    assert watch.look(cloud, "s1", "servers") is None
    watch.acted(cloud, "servers")
    watch.forget("s1")
    assert operations.recent(cloud, "id-of-alice") == []
    assert heartbeat.state() == "paused"


def test_what_was_seen_stays_on_screen_while_the_store_is_away(nova, cloud_of, wait, no_store):
    cloud = cloud_of()
    nova.add("web-1")
    wait(lambda: watch.look(cloud, "s1", "servers"))
    wait(lambda: not publish.is_busy())
    no_store()
    mirror = watch.look(cloud, "s1", "servers")
    assert len(mirror.rows) == 1
    assert mirror.state == "paused"


def test_a_form_sent_twice_is_done_once():
    assert once.lookup("key") is None
    assert once.claim("key", 60)
    assert not once.claim("key", 60)
    assert once.lookup("key") == ""
    once.finish("key", "/servers/1/")
    assert once.lookup("key") == "/servers/1/"
    assert not once.claim("key", 60)
    once.release("key")
    assert once.claim("key", 60)


@pytest.fixture
def written(nova, cloud_of):
    """Writes what Nova has into the snapshot, as a poll of this moment (or of a later one) would."""

    def write(cloud, later=0.0, gone=()):
        snapshot = Snapshot(keys.class_of(cloud), SERVERS)
        asked = time.time() + later
        meta = {"as_of": asked, "complete": True, "tick": 1.0}
        snapshot.merge(nova.servers.values(), asked=asked, channel="delta", gone=gone, meta=meta)

    return write


def test_an_operation_on_many_servers_tells_how_far_it_is(nova, cloud_of, written):
    cloud = cloud_of()
    ids = [nova.add(f"web-{n}") for n in range(4)]
    operations.begin("alice", cloud, verb="stop", kind="servers", ids=ids, label="Stop", url="/servers/")
    for row_id in ids:
        nova.change(row_id, task="powering-off")
    written(cloud, 1)
    (now,) = operations.recent(cloud, "alice")
    assert (now.state, now.done, now.total) == ("running", 0, 4)
    for row_id in ids[:3]:
        nova.change(row_id, task=None, status="SHUTOFF")
    written(cloud, 5)
    (now,) = operations.recent(cloud, "alice")
    assert (now.state, now.done, now.percent) == ("running", 3, 75)
    nova.change(ids[3], task=None, status="ERROR", fault={"message": "No power.", "code": 500, "created": ""})
    written(cloud, 6)
    (now,) = operations.recent(cloud, "alice")
    assert (now.state, now.failed) == ("failed", 1)
    assert now.is_shown
    operations.dismiss(cloud, "alice")
    assert operations.recent(cloud, "alice") == []


def test_a_deletion_is_done_when_the_row_is_gone(nova, cloud_of, written):
    cloud = cloud_of()
    one, two = nova.add("web-1"), nova.add("web-2")
    written(cloud)
    operations.begin("alice", cloud, verb="delete", kind="servers", ids=[one], label="Delete")
    written(cloud, 1)
    assert operations.recent(cloud, "alice")[0].state == "running"
    nova.delete(one)
    written(cloud, 4, gone=[one])
    assert operations.recent(cloud, "alice")[0].state == "done"
    assert two in nova.servers


def test_people_see_their_own_operations_and_no_more_than_fifty(nova, cloud_of):
    cloud = cloud_of()
    for number in range(55):
        operations.begin("alice", cloud, verb="stop", kind="servers", ids=["x"], label=str(number))
    assert len(operations.recent(cloud, "alice")) == 50
    assert operations.recent(cloud, "bob") == []


def test_a_broker_that_is_away_holds_up_nobody(cloud_of, monkeypatch, caplog):
    """Publishing is refused at the socket (tests may open none), and then not tried for a while."""
    monkeypatch.setattr(publish, "_broken_until", 0.0)
    started = time.monotonic()
    publish.poll(keys.class_of(cloud_of()), "servers", has_worker=True)
    publish.poll(keys.class_of(cloud_of()), "servers", has_worker=True)
    assert time.monotonic() - started < 0.6
