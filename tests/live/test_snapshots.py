"""However polls, whole lists and actions come in between each other, a row never goes back in time."""

from __future__ import annotations

import copy
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.live import mirror as mirrors
from dashboard.live import watch
from dashboard.live.kinds import KINDS
from dashboard.live.snapshots import Snapshot

MODEL = json.loads((Path(__file__).parent.parent / "wire" / "compute" / "live-server.json").read_text())["servers"][0]
FREELY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def server(row_id: str, *, at: int, name: str = "", **fields):
    moment = datetime.fromtimestamp(1_700_000_000 + at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {**copy.deepcopy(MODEL), "id": row_id, "name": name or f"{row_id}-{at}", "updated": moment, **fields}


def fresh() -> Snapshot:
    return Snapshot(secrets.token_hex(20), KINDS["servers"])


def names(snapshot: Snapshot) -> dict[str, str]:
    return {row_id: row["name"] for row_id, row in snapshot.rows(snapshot.ids()).items()}


@FREELY
@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["delta", "full"])), min_size=1, max_size=12))
def test_whatever_order_answers_come_in_the_newest_row_stays(answers):
    snapshot = fresh()
    newest = -1
    for asked, channel in answers:
        # What a service says at a time is what was true at that time.
        snapshot.merge([server("a", at=asked)], asked=1_700_000_000 + asked, channel=channel)
        newest = max(newest, asked)
        assert names(snapshot) == {"a": f"a-{newest}"}


@FREELY
@given(st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=2, max_size=10))
def test_a_poll_with_an_older_fence_writes_nothing_once_a_newer_one_wrote(polls):
    snapshot = fresh()
    highest, expected = 0, None
    for number, (fence, is_gone) in enumerate(polls):
        gone = ["a"] if is_gone else []
        rows = [] if is_gone else [server("a", at=number, name=f"n{number}")]
        written = snapshot.merge(rows, asked=1_800_000_000 + number * 1e6, channel="delta", fence=fence, gone=gone)
        assert written.is_refused == (fence < highest)
        if fence >= highest:
            highest, expected = fence, None if is_gone else f"n{number}"
        assert names(snapshot).get("a") == expected


CHANGES = st.lists(
    st.tuples(st.sampled_from("abcde"), st.sampled_from(["name", "time", "delete"]), st.integers(0, 3)),
    min_size=1,
    max_size=25,
)


@FREELY
@given(CHANGES, st.integers(0, 24))
def test_a_mirror_that_follows_changes_is_the_same_as_one_that_reads_all(changes, start):
    watch.forget_all()
    snapshot = fresh()
    keeper = mirrors._Keeper(snapshot)
    seen = None
    for number, (row_id, what, value) in enumerate(changes):
        before = keeper.refreshed(snapshot.meta())
        if number == start:
            seen = before
        names_before = names(snapshot)
        asked = 1_800_000_000 + number * 1e6
        if what == "delete":
            snapshot.merge([], asked=asked, channel="delta", gone=[row_id])
        else:
            name = f"{row_id}{value}" if what == "name" else names_before.get(row_id, row_id)
            snapshot.merge([server(row_id, at=number, name=name)], asked=asked, channel="delta")
        if before is not None:
            is_changed = names(snapshot) != names_before
            assert (snapshot.meta().version != before.version) == is_changed
    followed = keeper.refreshed(snapshot.meta())
    whole = mirrors._Keeper(snapshot).refreshed(snapshot.meta())
    assert {k: v.name for k, v in followed.rows.items()} == {k: v.name for k, v in whole.rows.items()}
    assert followed.version == whole.version
    if seen is not None:
        for now in (followed, whole):
            told = now.changed_since(seen.version)
            assert told is not None
            known = {row_id: row.name for row_id, row in seen.rows.items()}
            assert {row_id for row_id, row in now.rows.items() if known.get(row_id) != row.name} <= told.changed
            assert {row_id for row_id in seen.rows if row_id not in now.rows} <= told.removed
            if set(seen.rows) != set(now.rows):
                assert told.is_membership_changed


def test_a_version_from_too_long_ago_is_answered_with_i_do_not_know(monkeypatch):
    monkeypatch.setattr("dashboard.live.snapshots.LOG_SIZE", 4)
    snapshot = fresh()
    keeper = mirrors._Keeper(snapshot)
    snapshot.merge([server("a", at=0)], asked=1_700_000_000, channel="delta", is_first=True)
    first = keeper.refreshed(snapshot.meta())
    for number in range(1, 8):
        snapshot.merge([server(f"row-{number}", at=number)], asked=1_700_000_000 + number, channel="delta")
    late = keeper.refreshed(snapshot.meta())
    assert late.changed_since(first.version) is None
    assert late.changed_since(late.version + 1000) is None
    assert late.changed_since(late.version).changed == frozenset()
    assert len(late.rows) == 8


def test_a_change_to_an_unknown_list_creates_none():
    snapshot = fresh()
    assert snapshot.merge([server("a", at=0)], asked=1.0, channel="acted").is_refused
    assert not snapshot.meta().version


def test_a_deleted_row_does_not_come_back_by_an_answer_that_was_asked_for_before():
    snapshot = fresh()
    snapshot.merge([server("a", at=0)], asked=1_700_000_000, channel="delta", is_first=True)
    snapshot.merge([], asked=1_700_000_010, channel="delta", gone=["a"])
    snapshot.merge([server("a", at=5)], asked=1_700_000_005, channel="full")
    assert names(snapshot) == {}


def test_one_odd_row_costs_no_other():
    snapshot = fresh()
    odd = {"id": "odd", "name": None, "addresses": None, "flavor": 5, "updated": "soon", "status": ["?"]}
    snapshot.merge([odd, server("a", at=0)], asked=1_700_000_000, channel="delta")
    mirror = mirrors._Keeper(snapshot).refreshed(snapshot.meta())
    assert "a" in mirror.rows


def test_what_is_worked_out_is_kept_for_as_long_as_the_rows_are():
    snapshot = fresh()
    keeper = mirrors._Keeper(snapshot)
    snapshot.merge([server("a", at=0)], asked=1_700_000_000, channel="delta")
    made = []
    first = keeper.refreshed(snapshot.meta())
    assert first.derived("order", lambda: made.append(1) or "x") == "x"
    snapshot.note(as_of=1_700_000_001.0)
    keeper.refreshed(snapshot.meta()).derived("order", lambda: made.append(1))
    assert len(made) == 1
    snapshot.merge([server("b", at=0)], asked=1_700_000_000, channel="delta")
    keeper.refreshed(snapshot.meta()).derived("order", lambda: made.append(1))
    assert len(made) == 2


def test_a_process_keeps_no_more_rows_than_it_may(settings):
    settings.LIVE_MAX_ROWS = 10
    kind = KINDS["servers"]
    for _ in range(5):
        snapshot = fresh()
        snapshot.merge([server(f"r{n}", at=0) for n in range(4)], asked=1.0, channel="delta", is_first=True)
        mirrors.of(snapshot.class_id, kind, snapshot.meta())
    kept = sum(len(keeper.mirror.rows) for keeper in mirrors._keepers.values() if keeper.mirror)
    assert kept <= 10


def test_rows_last_as_long_as_what_is_known_of_them(store):
    """While polls fail only notes are written: a list whose rows ran out before would look empty."""
    snapshot = fresh()
    snapshot.merge([server("a", at=0)], asked=1.0, channel="delta", is_first=True)
    store.expire(snapshot.key("rows"), 10)
    snapshot.note(errors=1)
    assert store.ttl(snapshot.key("rows")) > 10


def test_a_thread_that_is_late_does_not_read_all_rows_anew():
    snapshot = fresh()
    kind = snapshot.kind
    snapshot.merge([server("a", at=0)], asked=1.0, channel="delta", is_first=True)
    old = snapshot.meta()
    snapshot.merge([server("a", at=1)], asked=2.0, channel="delta")
    newer = mirrors.of(snapshot.class_id, kind, snapshot.meta())
    assert newer is not None
    late = mirrors.of(snapshot.class_id, kind, old)
    assert late is not None
    assert late.rows is newer.rows
    assert late.version == newer.version
