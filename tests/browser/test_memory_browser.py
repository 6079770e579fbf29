"""The memory browser in a real browser: everything a person does with it, by mouse and by keyboard."""

from __future__ import annotations

import json
from collections.abc import Iterator

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, expect

from littlemem_ipy.store import MemoryStore, open_store
from tests.browser.frontends import NotebookPage
from tests.browser.memories import FILL, HOSTILE, SHOW
from tests.browser.servers import JupyterServer

LEVELS = {"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"}
TABS = ("Browse", "Inbox", "Statistics", "Settings", "Maintain")


@pytest.fixture(scope="module", params=["lab", "notebook"])
def page(request: pytest.FixtureRequest, browser: BrowserContext, server: JupyterServer) -> Iterator[NotebookPage]:
    opened = NotebookPage(browser, server)
    opened.page.set_viewport_size({"width": 1500, "height": 900})
    opened.open([SHOW, "1 + 1", "2 + 2"], request.param)
    yield opened
    opened.close()


@pytest.fixture
def widget(page: NotebookPage) -> Iterator[Locator]:
    """Give the widget on a store of its own; nothing may have been complained about or asked for elsewhere."""
    assert page.execute(FILL) == ""
    page.run_all()
    widget = page.page.locator(".jp-Notebook .lm-browser")
    expect(rows(widget).first).to_be_visible()
    yield widget
    assert page.complaints == []
    assert page.elsewhere == []


@pytest.fixture
def elsewhere(page: NotebookPage, widget: Locator) -> Iterator[MemoryStore]:
    """Give the widget's store as another process sees it."""
    with open_store(page.execute("print(store.backend.path)").strip(), project="churn") as store:
        yield store


def rows(widget: Locator) -> Locator:
    return widget.get_by_role("tabpanel").locator("tbody tr:visible")


def titles(widget: Locator) -> list[str]:
    return widget.locator(".lm-title:visible").all_inner_texts()


def search(widget: Locator, text: str) -> None:
    widget.get_by_role("searchbox", name="Search memories").type(text, delay=15)


def choose(widget: Locator, name: str, value: str) -> None:
    widget.locator(f"select[aria-label='{name}']:visible").select_option(label=value)


def note(widget: Locator) -> Locator:
    return widget.locator(".lm-note")


def test_searching_filtering_sorting_and_paging(widget: Locator) -> None:
    foot = widget.locator(".lm-pages:visible")
    expect(foot).to_have_text("1–25 of 47")
    widget.get_by_role("button", name="Next page").click()
    expect(foot).to_have_text("26–47 of 47")
    expect(rows(widget)).to_have_count(22)

    search(widget, "is_churned")
    expect(rows(widget)).to_have_count(1)
    expect(rows(widget).first).to_contain_text("The churn label is the column is_churned")
    widget.get_by_role("searchbox", name="Search memories").fill("")
    expect(foot).to_have_text("1–25 of 47")

    choose(widget, "Type", "👤 Preference")
    expect(rows(widget)).to_have_count(2)
    choose(widget, "Type", "All types")
    choose(widget, "State", "Deleted")
    expect(rows(widget)).to_have_count(1)
    choose(widget, "State", "Active")
    choose(widget, "Project", "forecast")
    expect(rows(widget).first).to_contain_text("weekly buckets")
    choose(widget, "Project", "Here (churn)")
    widget.get_by_label("Tag", exact=True).locator("visible=true").fill("cohort")
    expect(foot).to_have_text("1–25 of 38")
    widget.get_by_label("Tag", exact=True).locator("visible=true").fill("")
    widget.get_by_label("Until").locator("visible=true").fill("2026-06-05")
    expect(rows(widget)).to_have_count(2)
    widget.get_by_label("Until").locator("visible=true").fill("")

    header = widget.get_by_role("columnheader", name="Title")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    expect(rows(widget).first).to_contain_text("Answer in short sentences")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(rows(widget).first).to_contain_text("We agreed to drop")
    widget.get_by_role("columnheader", name="Used").get_by_role("button").click()
    expect(rows(widget).first.locator(".lm-c-used")).to_have_text("3")


def test_a_wrong_date_is_told(widget: Locator) -> None:
    widget.get_by_label("Since").locator("visible=true").fill("someday")
    expect(note(widget)).to_contain_text("'someday' is not a date")


def test_adding_editing_deleting_and_undoing(widget: Locator) -> None:
    widget.get_by_role("button", name="Add", exact=True).click()
    widget.get_by_role("button", name="Save").click()
    content = widget.get_by_label("Content", exact=True)
    expect(content).to_have_attribute("aria-invalid", "true")
    expect(content).to_be_focused()
    expect(widget.locator(".lm-field .lm-wrong")).to_have_count(1)

    content.fill("Invoices are sent on the last working day")
    widget.get_by_label("Tags", exact=True).type("billing, end of month,")
    expect(widget.get_by_label("Tags", exact=True)).to_have_value("billing, end of month,")
    widget.get_by_label("Tags", exact=True).press("Control+Enter")
    expect(note(widget)).to_contain_text("Remembered: Invoices are sent")
    expect(rows(widget).first.locator(".lm-tag")).to_have_text(["billing", "end of month"])
    expect(widget.get_by_role("heading", name="Invoices are sent on the last working day")).to_be_visible()

    widget.get_by_role("button", name="Edit").click()
    widget.get_by_label("Title", exact=True).fill("When invoices go out")
    widget.get_by_role("button", name="Save").click()
    expect(rows(widget).first).to_contain_text("When invoices go out")
    expect(widget.locator(".lm-history li")).to_have_count(2)
    expect(widget.locator(".lm-history li").first).to_contain_text("When invoices go out")

    widget.locator(".lm-pane").get_by_role("button", name="Delete").click()
    expect(note(widget)).to_contain_text("Deleted: When invoices go out")
    expect(rows(widget).first).not_to_contain_text("invoices")
    note(widget).get_by_role("button", name="Undo").click()
    expect(note(widget)).to_contain_text("Taken back")
    expect(rows(widget).first).to_contain_text("When invoices go out")


def test_a_change_of_somebody_else_is_not_written_over(widget: Locator, elsewhere: MemoryStore) -> None:
    search(widget, "quarterly report")
    expect(rows(widget)).to_have_count(1)
    rows(widget).first.dblclick()
    content = widget.get_by_label("Content", exact=True)
    expect(content).to_have_value("The quarterly report is due on the first Friday of the quarter")
    (memory,) = elsewhere.search("quarterly report").memories
    elsewhere.update(memory.id, content="The quarterly report is due on the second Monday")
    content.fill("mine")
    widget.get_by_role("button", name="Save").click()
    expect(widget.locator("p.lm-wrong")).to_contain_text("Somebody else changed this memory meanwhile")
    expect(widget.get_by_role("region", name="Theirs:")).to_contain_text("second Monday")
    expect(content).to_have_value("mine")
    assert elsewhere.get(memory.id).content.endswith("second Monday")


def test_several_rows_by_keyboard(page: NotebookPage, widget: Locator) -> None:
    keyboard = page.page.keyboard
    first = titles(widget)[:4]
    rows(widget).first.focus()
    keyboard.press("ArrowDown")
    keyboard.press("Space")
    keyboard.press("Shift+ArrowDown")
    keyboard.press("Shift+ArrowDown")
    expect(widget.locator("tr[aria-selected=true]")).to_have_count(3)
    expect(widget.get_by_text("3 selected")).to_be_visible()
    page.idle()
    selected = json.loads(page.execute("import json; print(json.dumps([m.title for m in browser.selected]))"))
    assert sorted(selected) == sorted(first[1:])

    widget.get_by_role("button", name="Copy as %mem").click()
    expect(note(widget)).to_contain_text("Copied.")
    copied = page.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.count("%%mem add --type") == 3
    assert "pd.read_csv('sales.csv', sep=';', decimal=',')" in copied

    rows(widget).nth(3).focus()
    keyboard.press("p")
    expect(note(widget)).to_have_text("Pinned: 3 memoriesUndo×")
    expect(widget.locator("tbody .lm-badge:visible")).to_have_count(3)
    keyboard.press("Delete")
    expect(note(widget)).to_contain_text("Deleted: 3 memories")
    expect(rows(widget).nth(1)).not_to_contain_text(first[1])
    note(widget).get_by_role("button", name="Undo").click()
    expect(rows(widget).nth(1)).to_contain_text(first[1])

    rows(widget).first.focus()
    keyboard.press("Enter")
    expect(widget.locator(".lm-pane h4")).to_have_text(first[0])
    expect(widget.locator(".lm-pane").get_by_role("button", name="Close")).to_be_focused()
    keyboard.press("Escape")
    expect(widget.locator(".lm-pane:visible")).to_have_count(0)
    expect(rows(widget).first).to_be_focused()
    keyboard.press("/")
    expect(widget.get_by_role("searchbox", name="Search memories")).to_be_focused()
    keyboard.type("polars")
    expect(rows(widget)).to_have_count(2)
    widget.get_by_role("tab", name="Browse").focus()
    keyboard.press("ArrowRight")
    expect(widget.get_by_role("tab", name="Inbox")).to_be_focused()
    expect(widget.get_by_role("tab", name="Inbox")).to_have_attribute("aria-selected", "true")


def test_the_notebooks_shortcuts_stay_out(page: NotebookPage, widget: Locator) -> None:
    widget.get_by_role("tab", name="Browse").click()
    places = [
        rows(widget).first,
        widget.get_by_role("button", name="Add", exact=True),
        widget.locator("select:visible").first,
        widget.get_by_role("columnheader", name="Type").get_by_role("button"),
        widget.get_by_role("tab", name="Browse"),
        widget.locator("thead input:visible"),
        widget.get_by_role("searchbox", name="Search memories"),
    ]
    for place in places:
        place.focus()
        for key in ("d", "d", "x", "a", "b", "z", "0", "0", "m"):
            place.press(key)
    assert page.cells.count() == 3
    expect(page.page.locator(".jp-Dialog")).to_have_count(0)
    page.idle()
    bare = "[...document.querySelectorAll('.lm-browser :is(button,input,select,textarea,a,summary,[tabindex])')]"
    assert page.page.evaluate(f"() => {bare}.filter((e) => !e.dataset.lmSuppressShortcuts).length") == 0


def test_the_inbox(widget: Locator, elsewhere: MemoryStore) -> None:
    tab = widget.get_by_role("tab", name="Inbox")
    expect(tab).to_have_text("Inbox (2)")
    tab.click()
    expect(rows(widget)).to_have_count(2)
    expect(rows(widget).first).to_contain_text("not accepted yet")
    rows(widget).filter(has_text="1,204,331").click()
    widget.locator(".lm-pane:visible").get_by_role("button", name="Accept").click()
    expect(note(widget)).to_contain_text("Accepted: The table orders")
    expect(tab).to_have_text("Inbox (1)")
    rows(widget).first.focus()
    rows(widget).first.press("Delete")
    expect(note(widget)).to_contain_text("Rejected: Use the staging server")
    expect(widget.locator(".lm-void:visible")).to_have_text("Nothing waits in the inbox.")
    expect(tab).to_have_text("Inbox")
    assert elsewhere.search("orders rows")[0].memory.provenance.accepted


def test_a_setting_changes_what_chats_get(page: NotebookPage, widget: Locator) -> None:
    page.execute("from littlemem_ipy import ChatSession, LittleMemError")
    widget.get_by_role("tab", name="Settings").click()
    budget = widget.get_by_label("budget", exact=True)
    budget.fill("777")
    budget.press("Tab")
    expect(note(widget)).to_contain_text("budget is now 777.")
    assert page.execute("from littlemem_ipy.config import LittleMem; print(LittleMem().budget)").strip() == "777"
    widget.get_by_role("button", name="Reset budget to its default").click()
    expect(budget).to_have_value("1500")
    assert page.execute("print(LittleMem().budget)").strip() == "1500"

    threshold = widget.get_by_label("threshold", exact=True)
    threshold.fill("7")
    threshold.press("Tab")
    expect(widget.locator(".lm-option .lm-wrong", has_text="does not fit the setting threshold")).to_be_visible()


def test_statistics_and_check(widget: Locator) -> None:
    widget.get_by_role("tab", name="Statistics").click()
    chart = widget.get_by_role("table", name="By type")
    expect(chart.get_by_role("row", name="Preference 2")).to_be_visible()
    expect(widget.get_by_role("table", name="By state").get_by_role("row", name="Deleted 1")).to_be_visible()
    widget.get_by_role("tab", name="Maintain").click()
    widget.get_by_role("button", name="Check the store").click()
    expect(widget.get_by_role("row", name="integrity")).to_contain_text("fine")


def test_keeping_the_store_in_order(page: NotebookPage, widget: Locator, elsewhere: MemoryStore) -> None:
    elsewhere.add("Revenue is in cents, divide by 100 before plotting")
    widget.get_by_role("tab", name="Maintain").click()
    export, back_up = (widget.get_by_role("region", name=name, exact=True) for name in ("Export", "Back up"))
    folder = page.execute("import os; print(os.environ['LITTLEMEM_HOME'])").strip()
    export.get_by_label("File", exact=True).fill(f"{folder}/all.jsonl")
    export.get_by_role("button", name="Export").click()
    expect(export.locator(".lm-out")).to_contain_text("memories written to")
    export.get_by_role("button", name="Export").click()
    expect(export.get_by_role("alert")).to_contain_text("all.jsonl")
    back_up.get_by_label("File", exact=True).fill(f"{folder}/backup.db")
    back_up.get_by_role("button", name="Back up").click()
    expect(back_up.locator(".lm-out")).to_contain_text("opened and counted")

    coming = widget.get_by_role("region", name="Import")
    coming.get_by_label("File or folder").fill(f"{folder}/all.jsonl")
    coming.get_by_role("button", name="Preview").click()
    expect(coming.locator(".lm-out")).to_contain_text("Would be: 0 imported")

    same = widget.get_by_role("region", name="Duplicates", exact=True)
    same.get_by_role("button", name="Find duplicates").click()
    same.get_by_role("button", name="Keep this one: Revenue is in cents;").click()
    expect(note(widget)).to_contain_text("Put behind the one you keep")

    clean_up, before = widget.get_by_role("region", name="Clean up", exact=True), elsewhere.count()
    clean_up.get_by_label("Where").select_option(label="everything")
    clean_up.get_by_label("Keep at most").fill("40")
    clean_up.get_by_role("button", name="Show the plan").click()
    expect(clean_up.get_by_role("row")).to_have_count(1 + before - 40)
    clean_up.get_by_role("button", name="Archive them").click()
    expect(note(widget)).to_contain_text("archived")
    assert elsewhere.count() == 40
    note(widget).get_by_role("button", name="Undo").click()
    expect(note(widget)).to_contain_text("Taken back")
    assert elsewhere.count() == before


def test_it_follows_what_others_write(page: NotebookPage, widget: Locator, elsewhere: MemoryStore) -> None:
    elsewhere.add("Written by another process")
    expect(rows(widget).first).to_contain_text("Written by another process", timeout=6000)
    page.execute("browser.text = 'semicolons'")
    expect(rows(widget)).to_have_count(1)


def test_what_memories_say_is_text(page: NotebookPage, widget: Locator) -> None:
    page.execute(HOSTILE)
    search(widget, "hostile")
    expect(widget.locator(".lm-pages:visible")).to_contain_text("of 1")
    for number in range(rows(widget).count()):
        rows(widget).nth(number).click()
        expect(widget.locator(".lm-pane .lm-history")).to_be_visible()
    widget.get_by_role("button", name="Edit").click()
    expect(widget.get_by_label("Content", exact=True)).to_be_visible()
    widget.get_by_role("tab", name="Statistics").click()
    expect(widget.get_by_role("table", name="Most frequent tags")).to_be_visible()
    assert page.page.evaluate("() => window.struck") is None
    assert widget.locator("img, script, iframe, object, embed, svg, math, link, video").count() == 0
    assert widget.locator("style").count() == 1
    addresses = widget.locator("a").evaluate_all("links => links.map((link) => link.href)")
    assert all(address.startswith("https://") for address in addresses)


def test_accessibility(page: NotebookPage, widget: Locator) -> None:
    if "/lab/" not in page.page.url:
        pytest.skip("the same elements and colours as in JupyterLab")
    found = {}
    for theme in ("light", "dark"):
        page.theme(theme)
        for tab in TABS:
            widget.get_by_role("tab", name=tab).click()
            page.idle()
            if tab == "Maintain":
                widget.get_by_role("button", name="Check the store").click()
                page.idle()
            found[theme, tab] = _violations(page)
        widget.get_by_role("tab", name="Browse").click()
        search(widget, "ParserError")
        rows(widget).first.click()
        expect(widget.locator(".lm-pane:visible h4")).to_be_visible()
        found[theme, "detail"] = _violations(page)
        widget.get_by_role("button", name="Edit").click()
        found[theme, "form"] = _violations(page)
        widget.get_by_role("button", name="Cancel").click()
        widget.get_by_role("button", name="Close").locator("visible=true").last.click()
        widget.get_by_role("searchbox", name="Search memories").fill("")
        page.idle()
    page.theme("light")
    assert {place: told for place, told in found.items() if told} == {}


def _violations(page: NotebookPage) -> list[str]:
    if not page.page.evaluate("() => Boolean(window.axe)"):
        page.page.add_script_tag(content=Axe().axe_script)
    rules = {"runOnly": {"type": "tag", "values": sorted(LEVELS)}, "resultTypes": ["violations"]}
    told = page.page.evaluate("(rules) => axe.run('.lm-browser', rules)", rules)
    assert told["passes"], "nothing was looked at"
    return [
        f"{rule['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for rule in told["violations"]
        for node in rule["nodes"]
    ]


def test_nothing_is_cut_in_a_narrow_output(page: NotebookPage, widget: Locator) -> None:
    widget.evaluate("(node) => { node.style.width = '320px' }")
    for tab in TABS:
        widget.get_by_role("tab", name=tab).click()
        page.idle()
        assert widget.evaluate("(node) => node.scrollWidth <= node.clientWidth + 1"), tab


def test_a_notebook_that_somebody_sends_shows_a_table(page: NotebookPage, widget: Locator) -> None:
    page.command("docmanager:save")
    page.idle()
    sent = page.server.notebooks / "test.ipynb"
    notebook = nbformat.read(sent, as_version=4)
    (output,) = notebook.cells[0].outputs
    assert "The quarterly report" in output["data"]["text/html"]
    assert "Memory browser" in output["data"]["text/plain"]
    assert "<script" not in output["data"]["text/html"]
    # Here it was trusted, as it was run here; a changed one is not. A trusted one whose kernel is gone shows
    # JupyterLab's own "model not found" instead.
    notebook.cells[1].source = "1 + 1 + 1"
    changed = sent.with_name("changed.ipynb")
    nbformat.write(notebook, changed)
    again = NotebookPage(page.page.context, page.server)
    again.open(changed, "notebook" if "/notebooks/" in page.page.url else "lab", name="again.ipynb")
    expect(again.outputs.get_by_text("The quarterly report").first).to_be_visible()
    again.page.close()
    assert again.elsewhere == []
