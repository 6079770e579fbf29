"""The server goes away in the middle: reads are repeated, writes wait and go through once."""

from __future__ import annotations

import random
import threading
import time
import warnings

import pytest

from littlemem_ipy.backends.postgres import connection
from littlemem_ipy.config import LittleMem
from littlemem_ipy.errors import LittleMemWarning, MemoryNotFound, StoreBusy, StoreUnreachable
from littlemem_ipy.magics.dispatch import run_mem
from littlemem_ipy.magics.workspace import Workspace
from littlemem_ipy.models import State
from littlemem_ipy.store import open_store
from tests.conftest import FULL

ROUNDS = 20 if FULL else 2


@pytest.fixture
def impatient(monkeypatch):
    """Let nobody wait long for a server that a test has stopped."""
    monkeypatch.setattr(connection, "_PATIENCE", 0.2)


@pytest.fixture
def opened(path):
    with open_store(path, project=None) as store:
        store.count()
        yield store


@pytest.fixture
def away(durable, impatient):
    """Give a function that stops the server, and start it again at the end whatever happens."""
    stopped = []

    def stop(mode="fast"):
        durable.stop(mode)
        stopped.append(True)

    def start():
        durable.start()
        stopped.clear()

    yield stop, start
    if stopped:
        durable.start()


def texts(store):
    return sorted(m.content for m in store.search(limit=100_000, project="*", states=list(State)).memories)


def cut_off(durable):
    """End the connections of all users."""
    with durable.connect("postgres") as raw:
        raw.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'user%'")


def finding(store):
    return next(f for f in store.backend.check() if f.what == "outbox")


def test_what_is_added_meanwhile_waits_and_goes_through_once(opened, away):
    stop, start = away
    before = opened.add("before")
    stop()
    with pytest.warns(LittleMemWarning, match=r"can't be reached .*\. What you change until then is kept") as told:
        waiting = opened.add("meanwhile")
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opened.add("and again")
        assert opened.add("meanwhile").id == waiting.id, "known although it waits"
        opened.update(before.id, content="before, changed")
    assert (finding(opened).ok, finding(opened).detail[:25]) == (False, "3 of your changes wait fo")
    with pytest.raises(StoreUnreachable, match="can't be reached"):
        opened.search("before")
    start()
    assert texts(opened) == ["and again", "before, changed", "meanwhile"]
    assert opened.get(waiting.id) == waiting.model_copy(update={"access_count": 0})
    assert [r.number for r in opened.history(before.id)] == [1, 2]
    assert finding(opened).ok
    assert opened.backend.outbox.count() == 0


def test_another_process_brings_what_was_left(opened, path, away):
    stop, start = away
    stop()
    with pytest.warns(LittleMemWarning):
        opened.add("left behind")
    opened.close()
    start()
    with open_store(path, project=None) as later:
        assert texts(later) == ["left behind"]
    assert texts(opened) == ["left behind"]


def test_a_process_that_starts_without_a_server_can_remember(path, away):
    stop, start = away
    stop()
    with open_store(path, project=None) as store:
        with pytest.warns(LittleMemWarning):
            store.add("first words")
        for call in (
            store.count,
            lambda: store.get("mem_1_aaaaaaaaa"),
            lambda: store.update("mem_1_aaaaaaaaa", title="x"),
        ):
            with pytest.raises(StoreUnreachable):
                call()
        start()
        assert texts(store) == ["first words"]


def test_what_can_not_be_done_later_is_refused_at_once(opened, away):
    one = opened.add("a secret to purge")
    stop, _ = away
    stop()
    for call in (lambda: opened.delete(one.id, hard=True), opened.undo, lambda: opened.backend.adopt([])):
        with pytest.raises(StoreUnreachable):
            call()
    assert opened.backend.outbox.count() == 0


def test_who_brings_the_changes_to_a_slow_server_keeps_nobody_from_adding(opened, path, away, monkeypatch):
    from littlemem_ipy.backends.postgres import outbox, transactions

    stop, start = away
    monkeypatch.setattr(outbox, "_TIMEOUT", 0.3)
    stop()
    with pytest.warns(LittleMemWarning):
        opened.add("first")
    start()
    deliver, on_its_way, go_on = transactions.deliver, threading.Event(), threading.Event()

    def slowly(connection, each):
        on_its_way.set()
        assert go_on.wait(30)
        deliver(connection, each)

    monkeypatch.setattr(transactions, "deliver", slowly)
    sender = threading.Thread(target=opened.count)
    sender.start()
    assert on_its_way.wait(30)
    with open_store(path, project=None) as other:
        with pytest.warns(LittleMemWarning, match="still on their way"):
            other.add("second")
        with pytest.raises(StoreBusy, match="still on their way"):
            other.count()
        go_on.set()
        sender.join(30)
        assert texts(other) == ["first", "second"]
        assert finding(other).ok


def test_without_a_home_nothing_waits(path, away):
    from littlemem_ipy.backends import open_backend
    from littlemem_ipy.store import MemoryStore

    stop, _ = away
    stop()
    store = MemoryStore(open_backend(path))
    with pytest.raises(StoreUnreachable):
        store.add("nowhere to wait")


@pytest.mark.parametrize("reached", [True, False], ids=["committed", "not committed"])
def test_a_commit_without_an_answer_counts_once(opened, monkeypatch, reached):
    real = connection.Connection.commit

    def cut(self):
        if reached:
            real(self)
        self.drop()
        monkeypatch.setattr(connection.Connection, "commit", real)
        raise StoreUnreachable("cut")

    one = opened.add("one")
    monkeypatch.setattr(connection.Connection, "commit", cut)
    with pytest.warns(LittleMemWarning, match="cut"):
        opened.update(one.id, content="two")
    assert texts(opened) == ["two"]
    assert [r.number for r in opened.history(one.id)] == [1, 2]
    monkeypatch.setattr(connection.Connection, "commit", cut)
    with pytest.warns(LittleMemWarning):
        opened.add("three")
    assert texts(opened) == ["three", "two"]
    assert opened.backend.outbox.count() == 0


def test_a_connection_that_is_cut_within_a_transaction(opened, durable):
    one = opened.add("one")

    def change():
        with opened.backend.write():
            opened.update(one.id, content="two")
            cut_off(durable)
            opened.update(one.id, title="A title")
            opened.add("three")

    with pytest.warns(LittleMemWarning):
        change()
    assert texts(opened) == ["three", "two"]
    changed = opened.get(one.id)
    assert (changed.title, changed.revision) == ("A title", 3)


def test_a_read_is_repeated_when_its_connection_is_gone(opened, durable):
    opened.add("still here")
    for _ in range(3):
        cut_off(durable)
        assert texts(opened) == ["still here"]
        assert opened.search("here").total == 1


def test_changes_of_different_fields_are_put_together(opened, path, away):
    stop, start = away
    one = opened.add("a text", title="A title")
    opened.get(one.id)
    stop()
    with pytest.warns(LittleMemWarning):
        opened.update(one.id, tags=["mine"])
    start()
    with open_store(path, project=None) as other:
        other.backend._unsent = False  # it is another computer's
        other.update(one.id, title="Their title")
    merged = opened.get(one.id)
    assert (merged.title, merged.tags, merged.revision) == ("Their title", ("mine",), 3)
    assert finding(opened).ok


def test_of_two_changes_of_one_field_both_are_kept(opened, path, away):
    stop, start = away
    one = opened.add("the deadline is in May")
    opened.get(one.id)
    stop()
    with pytest.warns(LittleMemWarning):
        opened.update(one.id, content="the deadline is in July")
    start()
    with open_store(path, project=None) as other:
        other.backend._unsent = False
        other.update(one.id, content="the deadline is in June")
    assert texts(opened) == ["the deadline is in July", "the deadline is in June"]
    assert opened.get(one.id).content == "the deadline is in June"
    (held,) = opened.search(states=[State.HELD]).memories
    assert held.content == "the deadline is in July"
    assert one.id in held.held


def test_what_was_removed_for_good_meanwhile_stays_removed(opened, path, away):
    stop, start = away
    one = opened.add("to be purged")
    stop()
    with pytest.warns(LittleMemWarning):
        opened.update(one.id, tags=["late"])
    start()
    with open_store(path, project=None) as other:
        other.backend._unsent = False
        other.delete(one.id, hard=True)
    assert texts(opened) == []
    with pytest.raises(MemoryNotFound):
        opened.get(one.id)


def test_a_chat_goes_on_without_its_memory(opened, away):
    from littlemem_ipy import ChatSession

    stop, start = away
    opened.add("We use polars for joins.", type="project_knowledge")
    chat = ChatSession(opened, model="demo")
    assert chat.send("What do we use for joins?").used
    stop()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LittleMemWarning)
        reply = chat.send("Remember that I prefer dark plots. What do we use for joins?")
    assert reply.text
    assert [m.content for m in reply.captured] == ["I prefer dark plots"]
    (told,) = reply.notes
    assert "recalling memories failed: The memory server" in told
    assert "can't be reached (" in told
    start()
    said = texts(opened)
    assert {"We use polars for joins.", "I prefer dark plots"} <= set(said)
    assert len([text for text in said if text.startswith("Remember that I prefer dark plots.")]) == 1, (
        "the exchange"
    )


def test_the_status_tells_that_the_server_is_away_and_what_waits(path, away, monkeypatch):
    stop, start = away
    monkeypatch.setenv("LITTLEMEM_STORE", path)
    work = Workspace(LittleMem())
    run_mem(work, "add before", None)
    assert "server" not in repr(run_mem(work, "", None))
    stop()
    with pytest.warns(LittleMemWarning) as told:
        run_mem(work, "add meanwhile", None)
    assert told[0].filename == "littlemem_ipy", "no line of ours in the output of a cell"
    status = repr(run_mem(work, "", None))
    assert "can't be reached (Connection refused)" in status
    assert "1 of your changes waits for the server" in status
    doctor = repr(run_mem(work, "doctor", None))
    assert "1 of your changes waits" in doctor
    assert "--repair" not in doctor
    start()
    assert "2 of 2 memories" in repr(run_mem(work, "", None))
    work.close()


@pytest.mark.slow
def test_the_server_stops_and_starts_under_load(path, durable, tmp_path, monkeypatch):
    """Whatever is acknowledged is there in the end, once; and nothing that writes ever fails."""
    rng, acknowledged, failures, done = random.Random(17), [], [], threading.Event()
    warnings.simplefilter("ignore", LittleMemWarning)

    def work(name):
        monkeypatch.setenv("LITTLEMEM_HOME", str(tmp_path / "home"))
        with open_store(path, project=None) as store:
            number, mine = 0, []
            while not done.is_set():
                try:
                    mine.append(store.add(f"writer {name} number {number}").id)
                    acknowledged.append(f"writer {name} number {number}")
                    if number % 5 == 4:
                        store.update(mine[-1], content=f"writer {name} number {number}!")
                except Exception as error:  # noqa: BLE001  every failure counts
                    failures.append(error)
                number += 1
                time.sleep(0.01)

    workers = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for worker in workers:
        worker.start()
    for _ in range(ROUNDS):
        time.sleep(rng.uniform(0.2, 0.8))
        durable.stop(rng.choice(("fast", "immediate")))
        time.sleep(rng.uniform(0, 0.5))
        durable.start()
    time.sleep(1)
    done.set()
    for worker in workers:
        worker.join(120)
    assert failures == []
    with open_store(path, project=None) as store:
        present = [text.rstrip("!") for text in texts(store)]
    assert len(present) == len(set(present)), "nothing is there twice"
    assert sorted(set(acknowledged) - set(present)) == []
    assert len(acknowledged) > 20
    print(f"{ROUNDS} stops, {len(acknowledged)} acknowledged additions, none lost, none failed")
