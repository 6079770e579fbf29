"""What somebody else changes is told to an open browser at once, without asking the server again and again."""

from __future__ import annotations

import asyncio

import pytest

from littlemem_ipy.browser import MemoryBrowser
from littlemem_ipy.errors import StoreUnreachable


def opened_browser(store, monkeypatch):
    """Return a browser whose page has said hello, and what is sent to the page."""
    browser, sent = MemoryBrowser(store), []
    monkeypatch.setattr(browser, "send", sent.append)
    browser._answer(None, {"id": 1, "call": "hello"}, [])
    assert sent.pop(0)["data"]["version"]
    return browser, sent


async def told(sent, seconds=10.0):
    """Wait until the page is told of a change, and return whether it was."""
    for _ in range(int(seconds / 0.05)):
        if {"changed": True} in sent:
            sent.clear()
            return True
        await asyncio.sleep(0.05)
    return False


def test_a_browser_hears_of_a_colleagues_change(store, people, team, monkeypatch):
    ann, bob, stranger = store(people[0], team), store(people[1], team), store(people[2])

    async def scene():
        browser, sent = opened_browser(ann, monkeypatch)
        before = ann.backend.version()
        one = bob.add("news from bob")
        assert await told(sent)
        assert ann.backend.version() != before
        bob.delete(one.id, hard=True)
        assert await told(sent)
        stranger.add("of no concern")
        bob.add("I like tea", type="user_preference")
        assert not await told(sent, 0.5), "only of the spaces that are open"
        browser.close()
        bob.add("after the end")
        assert not await told(sent, 0.5)

    asyncio.run(scene())


def test_a_connection_that_is_lost_is_no_error(store, people, monkeypatch, postgres):
    mine, again = store(people[0]), store(people[0])

    async def scene():
        browser, sent = opened_browser(mine, monkeypatch)
        with postgres.connect("postgres") as raw:
            raw.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (people[0],))
        await asyncio.sleep(0.3)
        browser._answer(None, {"id": 2, "call": "version"}, [])  # the page's next question
        assert sent.pop()["id"] == 2
        again.add("heard again")
        assert await told(sent)
        browser.close()

    asyncio.run(scene())


def test_without_an_event_loop_the_page_asks(store, people, monkeypatch):
    browser, sent = opened_browser(store(people[0]), monkeypatch)
    assert browser._hearing._listener is None
    assert sent == []
    browser.close()


def test_a_listener_without_a_server_says_so(store, people, monkeypatch):
    from littlemem_ipy.backends.postgres import connection

    mine = store(people[0])
    mine.count()
    monkeypatch.setattr(connection.Connection, "options", property(lambda self: {"host": "127.0.0.1", "port": 1}))
    with pytest.raises(StoreUnreachable):
        mine.backend.listener()
