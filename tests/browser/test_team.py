"""Two people on one server: what one does reaches the other's open page, and two changes of a memory meet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from littlemem_ipy.store import MemoryStore, open_store
from tests.browser.frontends import NotebookPage
from tests.browser.memories import SHOW
from tests.browser.servers import JupyterServer
from tests.postgres import Server
from tests.postgres import server as postgres_server

pytest.importorskip("psycopg", reason="needs the extra postgres")

OPEN = """
import os
import tempfile
os.environ["LITTLEMEM_HOME"] = tempfile.mkdtemp()
os.environ["LITTLEMEM_PROJECT"] = "churn"
from littlemem_ipy import open_store
store = open_store({url!r})
store.add("I prefer dark plots", type="user_preference")
"""
_TOLD = "window.heard.filter((m) => m.content?.data?.content?.changed).length"


@pytest.fixture(scope="module")
def names() -> tuple[str, str]:
    """Give the names of two users who share the space ``page``."""
    shared: Server = postgres_server()
    ann, bob = shared.add_user(), shared.add_user()
    with shared.connect() as raw:
        raw.execute("SELECT littlemem.create_space('page', 'team', %s)", ([ann, bob],))
    return ann, bob


@pytest.fixture(scope="module")
def page(browser: BrowserContext, server: JupyterServer, names: tuple[str, str]) -> Iterator[NotebookPage]:
    opened = NotebookPage(browser, server)
    opened.page.set_viewport_size({"width": 1500, "height": 900})
    opened.open([SHOW], "lab")
    assert opened.execute(OPEN.format(url=postgres_server().url(names[0], "page"))) == ""
    opened.run_all()
    yield opened
    opened.close()


@pytest.fixture
def widget(page: NotebookPage) -> Iterator[Locator]:
    """Give the widget of the first user; nothing may have been complained about or asked for elsewhere."""
    widget = page.page.locator(".jp-Notebook .lm-browser")
    expect(widget.locator("tbody tr:visible").first).to_be_visible()
    yield widget
    assert page.complaints == []
    assert page.elsewhere == []


@pytest.fixture
def bob(names: tuple[str, str]) -> Iterator[MemoryStore]:
    """Give the store as the second user has it."""
    with open_store(postgres_server().url(names[1], "page"), project="churn") as store:
        yield store


def row(widget: Locator, text: str) -> Locator:
    return widget.locator("tbody tr:visible").filter(has_text=text)


def test_what_a_colleague_adds_and_removes_is_told_to_the_page(page, widget, bob, names):
    page.listen()
    news = bob.add("The staging server is called atlas", type="project_knowledge")
    expect(row(widget, "called atlas")).to_be_visible()
    expect(row(widget, "called atlas").locator(".lm-badge")).to_have_text(f"by {names[1]}")
    page.page.wait_for_function(f"{_TOLD} > 0")  # the server said so, nobody had to ask
    bob.delete(news.id)
    expect(row(widget, "called atlas")).to_have_count(0)


def test_two_changes_of_one_memory_meet_in_the_form(page, widget, bob):
    ours = bob.add("deadline: May\nowner: bob\nformat: CSV", title="Report", tags=["report"])
    row(widget, "Report").click()
    widget.get_by_role("button", name="Edit").click()
    content = widget.get_by_label("Content", exact=True)
    content.fill("deadline: July\nowner: bob\nformat: CSV")
    widget.get_by_label("Tags", exact=True).fill("report, urgent")
    bob.update(ours.id, content="deadline: June\nowner: bob\nformat: Parquet", tags=["report", "data"])
    widget.get_by_role("button", name="Save").click()

    expect(widget.locator(".lm-pane .lm-wrong").first).to_contain_text(
        "Somebody else changed this memory meanwhile"
    )
    expect(content).to_have_value("deadline: July\nowner: bob\nformat: CSV")
    expect(widget.locator(".lm-met pre")).to_have_text("deadline: June\nowner: bob\nformat: Parquet")
    expect(widget.get_by_label("Tags", exact=True)).to_have_value("report, data, urgent")
    assert bob.get(ours.id).revision == 2, "nothing is written before both were seen"

    widget.get_by_role("button", name="Use theirs").click()
    expect(content).to_have_value("deadline: June\nowner: bob\nformat: Parquet")
    widget.get_by_role("button", name="Use mine").click()
    expect(content).to_have_value("deadline: July\nowner: bob\nformat: CSV")
    content.fill("deadline: July\nowner: bob\nformat: Parquet")
    widget.get_by_role("button", name="Save").click()
    expect(widget.locator(".lm-note")).to_contain_text("Saved: Report")
    merged = bob.get(ours.id)
    assert merged.content == "deadline: July\nowner: bob\nformat: Parquet"
    assert (merged.tags, merged.revision) == (("report", "data", "urgent"), 3)


def test_a_memory_is_handed_to_the_team_and_taken_back(page, widget, bob):
    row(widget, "dark plots").click()
    pane = widget.locator(".lm-pane:visible")
    pane.get_by_role("button", name="Share").click()
    expect(widget.locator(".lm-note")).to_contain_text("Shared with the team: I prefer dark plots")
    expect(pane.get_by_role("button", name="Take back")).to_be_visible()
    assert [memory.content for memory in bob.search("dark plots").memories] == ["I prefer dark plots"]
    pane.get_by_role("button", name="Take back").click()
    expect(widget.locator(".lm-note")).to_contain_text("Yours alone again")
    expect(pane.get_by_role("button", name="Share")).to_be_visible()
    assert bob.search("dark plots").total == 0
