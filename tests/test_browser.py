"""The memory browser without a front end: its calls, what it shows, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from littlemem_ipy.browser import MemoryBrowser
from littlemem_ipy.browser.jobs import Job, Jobs
from littlemem_ipy.browser.payloads import command_of, history_of
from littlemem_ipy.browser.rendering import blocks_of
from littlemem_ipy.config import LittleMem
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Memory
from littlemem_ipy.models.tables import visible
from littlemem_ipy.store import MemoryStore

Ask = Callable[..., Any]


@pytest.fixture
def store(make_store: Callable[..., MemoryStore]) -> MemoryStore:
    return make_store(project="churn")


@pytest.fixture
def browser(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> MemoryBrowser:
    return MemoryBrowser(store, settings=LittleMem())


@pytest.fixture
def send(browser: MemoryBrowser, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Send what a page would send; give the whole answer."""
    sent: list[Any] = []
    monkeypatch.setattr(browser, "send", lambda content, buffers=None: sent.append(content))

    def send_(call: Any, arguments: Any = None, **more: Any) -> Any:
        message = {"id": "p.1", "call": call, "args": more if arguments is None else arguments}
        browser._handle_custom_msg(json.loads(json.dumps(message)), [])
        (answer,) = sent
        sent.clear()
        assert answer.pop("id") == "p.1"
        return json.loads(json.dumps(answer))

    return send_


@pytest.fixture
def ask(send: Ask) -> Ask:
    """Ask for something that works; give the data."""

    def ask_(call: str, **arguments: Any) -> Any:
        answer = send(call, **arguments)
        assert "error" not in answer, answer
        return answer["data"]

    return ask_


# -- looking --------------------------------------------------------------------------------------


def test_rows_are_what_the_store_finds(store: MemoryStore, ask: Ask) -> None:
    store.add("alpha one", tags="a")
    two = store.add("alpha two", type="solution", pinned=True)
    store.add("elsewhere", project="other")
    page = ask("search")
    assert [row["title"] for row in page["rows"]] == ["alpha two", "alpha one"]
    assert page["total"] == 2
    assert page["rows"][0]["id"] == two.id
    assert page["rows"][0]["pinned"] is True
    assert [row["title"] for row in ask("search", tag="A")["rows"]] == ["alpha one"]
    assert [row["title"] for row in ask("search", type="solution")["rows"]] == ["alpha two"]
    assert ask("search", scope="all")["total"] == 3
    assert ask("search", scope="none")["total"] == 0
    assert [row["title"] for row in ask("search", scope="=other")["rows"]] == ["elsewhere"]
    assert ask("search", text="alpha two")["rows"][0]["score"] > 0


@pytest.mark.parametrize("text", ["", "same"])
@pytest.mark.parametrize("column", ["title", "type", "project", "tags", "source", "used", "created"])
def test_every_column_sorts_both_ways(store: MemoryStore, ask: Ask, column: str, text: str) -> None:
    kinds = ("solution", "general", "code_snippet")
    for name, kind, source in zip("bca", kinds, ("user", "chat", "notes"), strict=True):
        memory = store.add(f"{name} same", type=kind, tags=name, project=name, source=source)
        for _ in range("bca".index(name)):
            store.get(memory.id)
    up = ask("search", text=text, scope="all", sort=column, descending=False)["rows"]
    down = ask("search", text=text, scope="all", sort=column, descending=True)["rows"]
    assert len(up) == 3
    assert up == down[::-1]
    if column not in ("created", "used"):
        assert [row[column] for row in up] == sorted(row[column] for row in up)


def test_pages_do_not_overlap(store: MemoryStore, ask: Ask) -> None:
    store.add_many({"content": f"note {n}"} for n in range(60))
    seen = [row["id"] for offset in (0, 25, 50) for row in ask("search", offset=offset)["rows"]]
    assert len(set(seen)) == len(seen) == 60


def test_deleted_ones_are_shown_when_asked_for(store: MemoryStore, ask: Ask) -> None:
    memory = store.add("gone")
    store.delete(memory.id)
    assert ask("search")["rows"] == []
    assert [row["state"] for row in ask("search", state="deleted")["rows"]] == ["deleted"]
    assert ask("search", state="all")["total"] == 1


def test_details_have_history_and_reasons_and_do_not_count_as_use(store: MemoryStore, ask: Ask) -> None:
    memory = store.add("first line\nsecond line", title="lines", tags="a")
    store.update(memory.id, content="first line\nanother line", tags="a,b")
    entry = {"id": memory.id, "injected": True, "score": 0.5, "rule": "relevant", "tokens": 3, "parts": {}}
    store.record("recalled", considered=[entry])
    detail = ask("detail", memory_id=memory.id)
    assert [each["number"] for each in detail["history"]] == [2, 1]
    changes = {change["name"]: change for change in detail["history"][0]["changes"]}
    assert ["-", "second line"] in changes["content"]["diff"]
    assert ["+", "another line"] in changes["content"]["diff"]
    assert (changes["tags"]["before"], changes["tags"]["after"]) == ("a", "a, b")
    (reason,) = detail["reasons"]
    assert (reason["injected"], reason["rule"]) == (True, "relevant")
    assert store.backend.get([memory.id])[memory.id].access_count == 0


def test_statistics_count_everything(store: MemoryStore, ask: Ask) -> None:
    store.add("one", tags="x")
    store.add("two", tags="x,y", type="solution", project="other")
    store.delete(store.add("three").id)
    figures = ask("stats")
    assert figures["total"] == 2
    assert dict(figures["types"]) == {"general": 1, "solution": 1}
    assert dict(figures["tags"]) == {"x": 2, "y": 1}
    assert dict(figures["states"])["deleted"] == 1
    assert figures["months"][-1][1] == 2
    assert len(figures["months"]) == 12


# -- changing -------------------------------------------------------------------------------------


def test_adding_takes_the_project_of_the_type_unless_it_is_said(store: MemoryStore, ask: Ask) -> None:
    fields = {"title": "", "tags": "a, b,", "pinned": False, "project": None}
    (fact,) = ask("add", fields={**fields, "content": "a fact", "type": "project_knowledge"})["rows"]
    (taste,) = ask("add", fields={**fields, "content": "a taste", "type": "user_preference"})["rows"]
    (free,) = ask("add", fields={**fields, "content": "free", "type": "general", "project": ""})["rows"]
    assert fact["project"] == "churn"
    assert "project" not in taste
    assert "project" not in free
    assert fact["tags"] == ["a", "b"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("content", " "), ("title", "x\x00"), ("tags", "x" * 65), ("type", "nonsense"), ("project", "a\nb")],
)
def test_a_refused_value_names_its_field(send: Ask, store: MemoryStore, field: str, value: str) -> None:
    answer = send("add", fields={"content": "fine", "type": "general", field: value})
    assert answer["field"] == field
    assert answer["kind"] == "InvalidInput"
    assert store.count() == 0


def test_somebody_elses_change_is_not_written_over(store: MemoryStore, send: Ask) -> None:
    memory = store.add("mine")
    store.update(memory.id, content="theirs")
    answer = send("edit", memory_id=memory.id, fields={"content": "again mine"}, revision=1)
    assert answer["kind"] == "RevisionConflict"
    assert store.get(memory.id).content == "theirs"


def test_a_refused_edit_is_shown_with_the_other_one(store: MemoryStore, ask: Ask, send: Ask) -> None:
    memory = store.add("first\nsecond\nthird", title="A title", tags=["a"])
    store.update(memory.id, content="first\nsecond\nTHIRD", tags=["a", "theirs"], title="Their title")
    mine = {"content": "FIRST\nsecond\nthird", "tags": "a, mine", "title": "My title", "pinned": True}
    assert send("edit", memory_id=memory.id, fields=mine, revision=1)["kind"] == "RevisionConflict"
    met = ask("compare", memory_id=memory.id, fields=mine, revision=1)
    assert met["both"] == {"title": {"mine": "My title", "theirs": "Their title"}}
    assert met["fields"] == {
        "title": "My title",
        "content": "FIRST\nsecond\nTHIRD",
        "type": "general",
        "tags": "a, theirs, mine",
        "project": met["fields"]["project"],
        "pinned": True,
    }
    assert (met["now"]["revision"], met["now"]["fields"]["title"]) == (2, "Their title")
    ask("edit", memory_id=memory.id, fields=met["fields"], revision=met["now"]["revision"])
    assert store.get(memory.id).title == "My title"
    assert send("compare", memory_id=memory.id, fields={}, revision=9)["kind"] == "InvalidInput"


def test_a_store_of_ones_own_offers_no_sharing(store: MemoryStore, ask: Ask, send: Ask) -> None:
    memory = store.add("mine")
    assert ask("hello")["company"] is None
    assert "yours alone" in send("share", ids=[memory.id])["error"]


def test_many_rows_are_one_change(store: MemoryStore, ask: Ask) -> None:
    ids = [store.add(f"note {n}", project=project).id for n, project in enumerate(("churn", "other", None))]
    told = ask("delete", ids=ids)
    assert told["changed"]
    assert store.count() == 0
    ask("undo", version=told["version"])
    assert store.count() == 3


def test_undo_never_takes_back_what_somebody_else_did(store: MemoryStore, ask: Ask, send: Ask) -> None:
    memory = store.add("mine")
    told = ask("delete", ids=[memory.id])
    store.add("theirs")
    assert send("undo", version=told["version"])["kind"] == "RevisionConflict"
    assert store.count() == 1


def test_archive_restore_pin_and_accept(store: MemoryStore, ask: Ask) -> None:
    memory = store.add("kept")
    assert ask("archive", ids=[memory.id])["rows"][0]["state"] == "archived"
    assert ask("restore", ids=[memory.id])["rows"][0]["state"] == "active"
    assert ask("pin", ids=[memory.id], pinned=True)["rows"][0]["pinned"] is True
    assert ask("pin", ids=[memory.id], pinned=True)["changed"] is False
    held = store.add("from a file", source="run")
    assert ask("names")["waiting"] == 1
    assert ask("accept", ids=[held.id])["rows"][0]["state"] == "active"
    assert ask("names") == {"project": "churn", "projects": ["churn"], "waiting": 0}
    assert ask("tags") == []


def test_every_setting_has_a_control_that_changes_it(browser: MemoryBrowser, ask: Ask) -> None:
    settings = browser._actions.settings
    values = {"number": "1", "choice": None, "text": None}
    for option in ask("options"):
        values["switch"] = "off" if option["value"] == "on" else "on"
        value = values[option["kind"]] or (option["choices"][-1] if option["kind"] == "choice" else "x")
        special = {"capture_types": "solution", "aliases": "fast=openai/x", "backups": "daily:14"}
        value = special.get(option["name"], value)
        after = {each["name"]: each for each in ask("configure", name=option["name"], value=value, save=False)}
        assert after[option["name"]]["origin"] == "%config"
        assert getattr(settings, option["name"]) != type(settings).settings()[option["name"]].default(settings)
        assert option["help"]


def test_a_kept_setting_is_there_in_the_next_session(ask: Ask, send: Ask, store: MemoryStore) -> None:
    ask("configure", name="budget", value="321")
    assert LittleMem().budget == 321
    ask("reset", name="budget")
    assert LittleMem().budget == 1500
    assert "budget" in send("configure", name="budget", value="many")["error"]
    ask("configure", name="project", value="other", save=False)
    assert store.project == "other"


def test_the_version_tells_every_change(
    store: MemoryStore, make_store: Callable[..., MemoryStore], ask: Ask
) -> None:
    seen = [ask("version")]
    other = make_store(project="churn")
    memory = other.add("somewhere else")
    seen.append(ask("version"))
    other.update(memory.id, pinned=True)
    seen.append(ask("version"))
    other.delete(memory.id, hard=True)
    seen.append(ask("version"))
    assert len(set(seen)) == 4
    store.search("anything")
    assert ask("version") == seen[-1]


# -- hostile pages and hostile memories -----------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("close", {}),
        ("call", {"name": "hello", "arguments": {}}),
        ("store", {}),
        ("__init__", {}),
        ("_each", {}),
        (None, {}),
        (["hello"], {}),
        ("search", {"nothing": 1, "limit": "many"}),
        ("search", {"state": "nonsense"}),
        ("search", {"text": "x", "sort": "content"}),
        ("search", {"sort": "content; DROP TABLE memories"}),
        ("search", {"limit": 10**9}),
        ("search", {"since": "someday"}),
        ("search", []),
        ("detail", {"memory_id": "../../etc/passwd"}),
        ("detail", {"memory_id": 7}),
        ("detail", {"memory_id": "mem_1_aaaaaaaaa"}),
        ("delete", {"ids": []}),
        ("delete", {"ids": "mem_1_aaaaaaaaa"}),
        ("delete", {"ids": [None]}),
        ("delete", {}),
        ("add", {"fields": {"id": "mem_1_aaaaaaaaa", "content": "x"}}),
        ("add", {"fields": {"content": 5}}),
        ("add", {"fields": None}),
        ("edit", {"memory_id": "mem_1_aaaaaaaaa", "fields": {}, "revision": 1}),
        ("configure", {"name": "nonsense", "value": "1"}),
        ("configure", {"name": "budget", "value": None}),
        ("undo", {"version": "x"}),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(send: Ask, store: MemoryStore, call: Any, arguments: Any) -> None:
    store.add("stays")
    answer = send(call, arguments)
    assert "data" not in answer
    assert answer["error"]
    assert "Traceback" not in answer["error"]
    assert store.count() == 1


def test_a_message_that_is_no_call_is_left_alone(browser: MemoryBrowser, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(browser, "send", lambda *content: sent.append(content))
    for message in ({}, {"id": 1}, [], "call", None, 5):
        browser._handle_custom_msg(message, [])
    assert sent == []


@given(st.text(max_size=300))
def test_rendering_keeps_every_letter(text: str) -> None:
    if not text.strip() or "\x00" in text:
        return
    blocks = blocks_of(Memory(content=text.encode("utf-8", "replace").decode()))
    assert json.dumps(blocks)
    for block in blocks:
        spans = block.get("spans") or [span for item in block["items"] for span in item]
        assert all(span[0] in ("", "a", "b", "i", "code") or len(span[0]) == 1 for span in spans)
        assert all(span[2].startswith(("http://", "https://")) for span in spans if span[0] == "a")
        assert all(visible(span[1]) == span[1] for span in spans)


def test_markdown_becomes_blocks() -> None:
    text = "# Head\n\nSay **this** and `that` *now*.\n\n"
    text += "- one\n- two\n\n1. first\n\n> said\n\n```python\nx = 'a'\n```\nend"
    kinds = [block["kind"] for block in blocks_of(Memory(content=text))]
    assert kinds == ["heading", "paragraph", "list", "list", "quote", "code", "paragraph"]
    spans = blocks_of(Memory(content=text))[1]["spans"]
    assert [span[0] for span in spans] == ["", "b", "", "code", "", "i", ""]
    picture = blocks_of(Memory(content="![x](https://e.example/p.png) [y](javascript:z) [z](https://e.example)"))
    assert [span[0] for span in picture[0]["spans"]] == ["", "a"]


def test_code_is_coloured_by_its_language() -> None:
    (block,) = blocks_of(Memory(content="SELECT 1", type="code_snippet", tags=["sql"]))
    assert ["k", "SELECT"] in block["spans"]
    assert "".join(span[1] for span in block["spans"]) == "SELECT 1"


def test_hiding_characters_are_shown(store: MemoryStore, ask: Ask) -> None:
    store.accept(store.add("evil \u202e text", title="t\u200b", tags="a\u202eb").id)
    (row,) = ask("search")["rows"]
    assert "\\u202e" in row["excerpt"] + row["tags"][0]
    assert "\\u200b" in row["title"]


# -- without a front end --------------------------------------------------------------------------


def test_it_shows_itself_as_text_and_static_html(store: MemoryStore) -> None:
    store.add("<b>bold</b> & more", tags="a")
    browser = MemoryBrowser(store)
    data, _ = browser._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == browser.model_id
    assert data["text/plain"] == repr(browser) == repr(MemoryBrowser(store))
    assert "<b>bold</b> & more" in data["text/plain"]
    assert "&lt;b&gt;bold" in data["text/html"]
    assert "<b>" not in data["text/html"]
    assert browser.model_id not in data["text/html"]


def test_a_damaged_store_is_told_in_one_line(make_store: Callable[..., MemoryStore], tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "broken.db").write_bytes(b"no database " * 500)
    browser = MemoryBrowser(make_store("broken.db"))
    assert repr(browser).startswith("Memory browser: ")
    assert "\n" not in repr(browser)
    assert "Memory browser" in browser._repr_mimebundle_()[0]["text/html"]


def test_the_selection_is_known_in_python(store: MemoryStore, browser: MemoryBrowser) -> None:
    memory = store.add("chosen")
    browser.set_state({"selection": [memory.id], "text": "x"})
    assert browser.selected == (memory,)
    assert browser.text == "x"


def test_a_copied_command_adds_the_same_again(store: MemoryStore) -> None:
    from littlemem_ipy.magics.grammar import split, verbs

    memory = store.add("body\nof it", title='a "quoted" title', tags="two words,x", type="solution", pinned=True)
    head, _, body = command_of(memory).partition("\n")
    args = verbs()["add"].read(split(head.removeprefix("%%mem add ")))
    assert (args.title, args.type, args.project, args.pin) == (memory.title, "solution", "churn", True)
    assert args.tag == list(memory.tags)
    assert body == memory.content


def test_several_are_copied_in_their_order(store: MemoryStore, ask: Ask) -> None:
    one, two = store.add("one"), store.add("two", project=None)
    texts = ask("texts", ids=[two.id, one.id])
    assert texts["copy"] == "two\n\none"
    assert texts["command"] == f"{command_of(two)}\n\n{command_of(one)}"


def test_a_history_without_changes_is_empty() -> None:
    assert history_of([]) == []


def test_nothing_of_it_is_fetched_from_elsewhere() -> None:
    folder = Path(sys.modules[MemoryBrowser.__module__].__file__ or "").parent / "static"
    parts = sorted(folder.iterdir())
    assert {part.suffix for part in parts} == {".js", ".css"}
    text = "".join(part.read_text(encoding="utf-8") for part in parts)
    for word in (
        "http://",
        "https://",
        "import(",
        "@import",
        "url(",
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "eval(",
    ):
        assert word not in text, word


def test_the_widget_libraries_come_with_the_browser_only() -> None:
    code = (
        "import sys, littlemem_ipy\nfrom IPython.core.interactiveshell import InteractiveShell as S\n"
        "s = S.instance()\n"
        "s.run_line_magic('load_ext', 'littlemem_ipy')\ns.run_line_magic('mem', 'list')\n"
        "print([m for m in ('anywidget', 'ipywidgets') if m in sys.modules])\n"
        "b = s.run_line_magic('mem', 'browse some words')\nprint(type(b).__name__, b.text)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-2:] == ["[]", "MemoryBrowser some words"]


# -- work that takes a while ----------------------------------------------------------------------


def finished(ask: Ask) -> Any:
    while (job := ask("progress"))["state"] == "running":
        time.sleep(0.02)
    return job


def test_a_task_tells_what_came_of_it(ask: Ask) -> None:
    ask("begin", name="check", options={})
    job = finished(ask)
    assert (job["name"], job["state"]) == ("check", "done")
    assert {"integrity", "search index"} <= {finding["what"] for finding in job["result"]["findings"]}
    assert ask("offers")["running"] is None


def run(ask: Ask, name: str, **options: Any) -> Any:
    ask("begin", name=name, options=options)
    return finished(ask)


def test_every_offered_field_does_something(ask: Ask, tmp_path: Path, store: MemoryStore) -> None:
    store.add("alpha in churn", type="project_knowledge")
    store.add("elsewhere", project="other")
    store.update(store.add("twice").id, content="twice changed")
    names = {name: {field["name"] for field in offer["fields"]} for name, offer in ask("offers").items() if offer}
    assert names["export"] == {"path", "format", "scope", "passphrase", "history"}
    plain = run(ask, "export", path=str(tmp_path / "a.jsonl"), format="", scope="all")
    assert plain["result"]["summary"].startswith("3 memories written to")
    run(ask, "export", path=str(tmp_path / "b.jsonl"), scope="here")
    run(ask, "export", path=str(tmp_path / "c"), format="jsonl", scope="all", history=True)
    run(ask, "export", path=str(tmp_path / "d.jsonl"), scope="all", passphrase="moss")
    texts = {name: (tmp_path / name).read_bytes() for name in ("a.jsonl", "b.jsonl", "c", "d.jsonl")}
    assert b"elsewhere" in texts["a.jsonl"]
    assert b"elsewhere" not in texts["b.jsonl"]
    assert texts["c"].count(b"twice changed") < texts["c"].count(b"twice")
    assert b"alpha" not in texts["d.jsonl"]
    assert "already" in run(ask, "export", path=str(tmp_path / "a.jsonl"))["error"]
    assert "path is missing" in run(ask, "export", path="  ")["error"]


def test_an_import_is_shown_before_it_is_done(ask: Ask, tmp_path: Path, store: MemoryStore) -> None:
    store.add("alpha")
    store.export(tmp_path / "a.jsonl", passphrase="moss")
    store.undo()
    options = {"path": str(tmp_path / "a.jsonl"), "mode": "skip", "passphrase": "moss"}
    preview = run(ask, "import", **options, preview=True)
    assert (preview["changed"], preview["result"]["summary"][:9]) == (False, "Would be:")
    assert "passphrase" in run(ask, "import", **(options | {"passphrase": "moor"}), preview=True)["error"]
    done = run(ask, "import", **(options | {"mode": "overwrite", "trust": True}))
    assert done["changed"] is True
    assert [memory.content for memory in store.search("", limit=5).memories] == ["alpha"]
    ask("undo", version=done["version"])
    assert store.count() == 0


def test_a_backup_and_a_cleanup(ask: Ask, tmp_path: Path, store: MemoryStore) -> None:
    for number in range(5):
        store.add(f"fact {number}", project="other" if number == 4 else "churn")
    assert "5 memories" in run(ask, "backup", path=str(tmp_path / "b.db"))["result"]["summary"]
    options = {"scope": "here", "days": "", "count": "3", "duplicates": False}
    plan = run(ask, "cleanup", **options, preview=True)
    assert plan["result"]["summary"].startswith("1 to go: now 4 in use")
    assert len(plan["result"]["rows"]) == 1
    assert "changed" not in plan
    first = store.search("", limit=1, sort="created", descending=False).memories[0]
    store.update(first.id, pinned=True)
    done = run(ask, "cleanup", **options, write=True)
    assert "left alone" in done["result"]["summary"]
    done = run(ask, "cleanup", **options, write=True)
    assert (done["changed"], store.count(project="churn")) == (True, 3)
    ask("undo", version=done["version"])
    assert store.count(project="churn") == 4
    assert "keep at most '-3'" in run(ask, "cleanup", **(options | {"count": "-3"}), preview=True)["error"]
    everywhere = run(ask, "cleanup", **(options | {"scope": "all"}), preview=True)
    assert everywhere["result"]["summary"].startswith("2 to go: now 5 in use")


def test_duplicates_stand_side_by_side(ask: Ask, store: MemoryStore) -> None:
    one = store.add("The revenue column is in cents, divide by 100 before plotting.")
    two = store.add("The revenue column is in cents; divide by 100, before plotting")
    (group,) = run(ask, "duplicates")["result"]["groups"]
    assert {row["id"] for row in group} == {one.id, two.id}
    assert all(row["content"].startswith("The revenue") for row in group)
    told = ask("keep", memory_id=one.id, others=[two.id])
    assert store.backend.get([two.id])[two.id].superseded_by == one.id
    ask("undo", version=told["version"])
    assert store.count() == 2


def test_an_unknown_task_and_no_task_are_refused(send: Ask) -> None:
    assert "no task 'dance'" in send("begin", name="dance", options={})["error"]
    assert "no work" in send("progress")["error"]


def test_work_can_be_stopped_and_there_is_one_at_a_time() -> None:
    jobs, steps = Jobs(), iter(range(10**9))

    def work(job: Job) -> dict[str, Any]:
        while True:
            job.advance(next(steps), 10**9)

    jobs.begin("count", work)
    with pytest.raises(InvalidInput, match="count is still running"):
        jobs.begin("again", work)
    assert jobs.running == "count"
    jobs.stop()
    jobs._job.wait(10)  # type: ignore[union-attr]
    report = jobs.report()
    assert (report["state"], report["total"]) == ("stopped", 10**9)
    assert report["result"]["summary"] == "Stopped; nothing was changed."


@pytest.mark.parametrize("error", [InvalidInput("that won't do."), ZeroDivisionError("by zero")])
def test_work_that_fails_says_so(error: Exception) -> None:
    def work(job: Job) -> dict[str, Any]:
        raise error

    jobs = Jobs()
    jobs.begin("fail", work)
    jobs._job.wait(10)  # type: ignore[union-attr]
    report = jobs.report()
    assert report["state"] == "failed"
    assert str(error) in report["error"]
