"""Jobs: each item is done once at most, whoever is killed; what nobody knows is said; tokens stay sealed."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, TimedOut, Unauthorized
from dashboard.live import heartbeat, job_store, jobs, leases, locks
from dashboard.live.jobs import Job, JobItem, Order, Outcome
from dashboard.store import session_ended

ME = "id-of-alice"
SESSION = "s" * 64


class Hands:
    """Whoever does the work: notes what was done, and fails where it is told to."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.fails: dict[str, CloudError] = {}
        self.gate = threading.Event()
        self.gate.set()
        self.tokens: set[str] = set()
        self.forms: set[str] = set()

    def begin(self, cloud: Cloud, order: Order) -> Callable[[JobItem], Outcome]:
        self.tokens.add(cloud.access.token)
        self.forms.add(order.form)

        def do(item: JobItem) -> Outcome:
            self.done.append(item.id)
            self.gate.wait(5)
            if item.id in self.fails:
                raise self.fails[item.id]
            return Outcome("done")

        return do

    def outcome(self, order: Order, error: CloudError) -> Outcome:
        return Outcome("unknown" if error.is_unknown_outcome else "failed", str(error))


@pytest.fixture
def hands() -> Iterator[Hands]:
    before, found = list(jobs._worker), Hands()
    jobs.takes(found)
    yield found
    found.gate.set()
    ends = time.monotonic() + 5
    while jobs.is_busy() and time.monotonic() < ends:
        time.sleep(0.01)
    jobs._worker[:] = before


def items(count: int) -> list[JobItem]:
    return [JobItem(f"id-{number}", f"web-{number}") for number in range(count)]


def order(**details: str) -> Order:
    return Order(panel="servers", verb="stop", url="/servers/", **details)


def begun(cloud: Cloud, count: int, **details: str) -> Job:
    """A job that nobody is at yet."""
    return job_store.write(cloud, ME, SESSION, order(**details), items(count), leases.seal(cloud))


def now(cloud: Cloud, job: Job) -> Job:
    found = job_store.get(cloud, ME, job.id)
    assert found is not None
    return found


def test_without_a_worker_the_web_process_does_it_and_says_how_it_ended(hands, cloud_of, wait):
    cloud = cloud_of()
    hands.fails["id-3"] = Conflict("It is locked.", service="compute", status=409)
    job = jobs.start(cloud, ME, SESSION, order(), items(10))
    wait(lambda: not now(cloud, job).is_running)
    found = now(cloud, job)
    assert (found.state, found.succeeded, found.failed, found.done, found.percent) == ("failed", 9, 1, 10, 100)
    assert sorted(hands.done) == sorted(item.id for item in items(10))
    ((item, outcome),) = job_store.failures(job.id)
    assert (item.name, outcome.state) == ("web-3", "failed")
    assert "It is locked." in outcome.text
    assert job_store.not_done(job.id) == ["id-3"]


def test_a_lost_answer_is_unknown_and_is_not_offered_again(hands, cloud_of, wait):
    cloud = cloud_of()
    hands.fails["id-1"] = TimedOut("No answer.", service="compute")
    job = jobs.start(cloud, ME, SESSION, order(), items(3))
    wait(lambda: not now(cloud, job).is_running)
    assert (now(cloud, job).unknown, now(cloud, job).can_retry) == (1, 0)
    assert job_store.not_done(job.id) == []


def test_more_than_a_web_process_does_is_refused_where_no_worker_lives(hands, cloud_of):
    with pytest.raises(jobs.NoWorker):
        jobs.start(cloud_of(), ME, SESSION, order(), items(jobs.INLINE_MOST + 1))
    assert hands.done == []


def test_no_more_than_three_run_at_a_time_for_one_person(hands, cloud_of):
    cloud = cloud_of()
    for _ in range(jobs.RUNNING_MOST):
        begun(cloud, 2)
    with pytest.raises(jobs.TooMany):
        jobs.start(cloud, ME, SESSION, order(), items(2))


def test_what_a_worker_that_is_gone_was_at_is_unknown_and_the_rest_is_done_by_another(hands, cloud_of):
    cloud = cloud_of()
    job = begun(cloud, 5)
    taken = job_store.take(job.id)
    assert taken is not None
    assert not jobs.run(job.id)
    found = now(cloud, job)
    assert (found.state, found.succeeded, found.unknown) == ("failed", 4, 1)
    assert taken.id not in hands.done
    assert job_store.failures(job.id)[0][0] == taken


def test_who_was_only_slow_has_the_last_word_on_what_it_did(hands, cloud_of):
    cloud = cloud_of()
    job = begun(cloud, 2)
    taken = job_store.take(job.id)
    assert taken is not None
    jobs.run(job.id)
    assert now(cloud, job).unknown == 1
    job_store.note(job.id, taken, Outcome("done"))
    assert (now(cloud, job).unknown, now(cloud, job).succeeded) == (0, 2)


def test_two_workers_share_nothing(hands, cloud_of):
    cloud = cloud_of()
    job = begun(cloud, 40)
    with locks.held(job_store.key(job.id, "lock"), job_store.key(job.id, "fence")):
        assert not jobs.run(job.id)
    assert hands.done == []
    threads = [threading.Thread(target=jobs.run, args=(job.id,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while jobs.run(job.id):
        pass
    assert sorted(hands.done) == sorted(item.id for item in items(40))


def test_a_slice_ends_in_time_and_leaves_the_rest_to_the_next(hands, cloud_of):
    cloud = cloud_of()
    job = begun(cloud, 50)
    assert jobs.run(job.id, seconds=0.0, is_worker=False) is True
    assert now(cloud, job).left == 50
    assert jobs.run(job.id, is_worker=False) is False
    assert now(cloud, job).state == "done"


def test_what_was_stopped_begins_nothing_more_and_says_what_is_left(hands, cloud_of, wait):
    cloud = cloud_of()
    hands.gate.clear()
    job = jobs.start(cloud, ME, SESSION, order(), items(30))
    wait(lambda: len(hands.done) >= 4)
    jobs.cancel(cloud, ME, job.id)
    hands.gate.set()
    wait(lambda: not jobs.is_busy())
    found = now(cloud, job)
    assert found.state == "cancelled"
    assert found.succeeded == len(hands.done) < 30
    assert found.can_retry == found.left == 30 - len(hands.done) == len(job_store.not_done(job.id))


def test_a_token_that_is_refused_ends_the_job_and_the_rest_stays_undone(hands, cloud_of):
    cloud = cloud_of()
    job = begun(cloud, 30)
    for item in items(30):
        hands.fails[item.id] = Unauthorized("No.", service="compute", status=401)
    jobs.run(job.id)
    found = now(cloud, job)
    assert (found.state, found.why) == ("stopped", "signed-out")
    assert len(hands.done) < 30
    assert found.can_retry == 30


def test_signing_out_ends_the_session_s_jobs_and_forgets_their_tokens(hands, cloud_of, store):
    cloud = cloud_of()
    job = begun(cloud, 3)
    session_ended.send(sender=object, id_hash=SESSION)
    assert now(cloud, job).state == "stopped"
    assert store.get(job_store.key(job.id, "order")) is None
    assert not jobs.run(job.id)
    assert hands.done == []


def test_nothing_in_the_store_shows_a_token_or_the_form_and_both_go_when_it_ends(hands, cloud_of, store):
    cloud = cloud_of()
    job = begun(cloud, 2, form="password=hunter2-hunter2")
    for name in store.scan_iter():
        kind = store.type(name)
        value = {b"string": store.get, b"hash": store.hgetall, b"set": store.smembers}.get(kind, lambda _name: "")(name)
        assert "secret-token" not in f"{name!r} {value!r}"
        assert "hunter2" not in f"{name!r} {value!r}"
        assert store.ttl(name) > 0
    jobs.run(job.id)
    assert hands.forms == {"password=hunter2-hunter2"}
    assert hands.tokens == {cloud.access.token}
    assert store.get(job_store.key(job.id, "order")) is None


def test_a_message_carries_the_job_s_name_alone(hands, cloud_of, store, monkeypatch):
    from dashboard.live import tasks

    sent: list[Any] = []
    monkeypatch.setattr(tasks.job, "apply_async", lambda args, **options: sent.append((args, options)))
    heartbeat.pinged("w")
    job = jobs.start(cloud_of(), ME, SESSION, order(form="password=hunter2"), items(3))
    ((args, _options),) = sent
    assert args == (job.id,)


def test_a_job_that_nobody_holds_is_handed_out_again_when_somebody_looks(hands, cloud_of, wait):
    cloud = cloud_of()
    job = begun(cloud, 3)
    jobs.recent(cloud, ME)
    assert hands.done == []
    job_store_key = job_store.key(job.id, "meta")
    with job_store.guarded() as store:
        store.hset(job_store_key, "heard", f"{time.time() - 60:.3f}")
    assert jobs.recent(cloud, ME)[0].is_waiting
    wait(lambda: not now(cloud, job).is_running)
    assert len(hands.done) == 3


def test_others_do_not_see_it_nor_end_it(hands, cloud_of):
    cloud = cloud_of()
    job = begun(cloud, 3)
    other = cloud_of("bob")
    assert job_store.get(other, "id-of-bob", job.id) is None
    assert job_store.get(cloud_of(project="q" * 32), ME, job.id) is None
    jobs.cancel(other, "id-of-bob", job.id)
    assert now(cloud, job).is_running
    assert jobs.recent(other, "id-of-bob") == []


def test_the_oldest_are_forgotten(hands, cloud_of):
    cloud = cloud_of()
    names = [begun(cloud, 1).id for _ in range(job_store.KEPT + 3)]
    assert [job.id for job in job_store.recent(cloud, ME)] == names[:2:-1]


def test_an_order_that_can_not_be_read_any_more_ends_the_job(hands, cloud_of, store):
    cloud = cloud_of()
    job = begun(cloud, 3)
    store.set(job_store.key(job.id, "order"), b"odd\nodd")
    assert not jobs.run(job.id)
    assert (now(cloud, job).state, now(cloud, job).why) == ("stopped", "odd")


def test_what_is_dismissed_is_gone_and_what_runs_stays(hands, cloud_of):
    cloud = cloud_of()
    running, over = begun(cloud, 2), begun(cloud, 2)
    jobs.run(over.id)
    job_store.dismiss(cloud, ME)
    assert [job.id for job in job_store.recent(cloud, ME)] == [running.id]


def test_a_job_looks_like_an_operation_to_templates():
    names = {field.name for field in dataclasses.fields(Job)} | set(dir(Job))
    assert {"id", "label", "total", "done", "failed", "percent", "is_running", "is_shown", "state", "url"} <= names
    assert json.loads(JobItem("a", "b").text) == ["a", "b"]
