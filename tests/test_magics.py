"""The magics in a real shell: what they show, what they return, and one line for every mistake."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from littlemem_ipy.magics import reading
from littlemem_ipy.magics.grammar import chat_parser, split, verbs
from littlemem_ipy.magics.interpolation import MAX_VALUE, interpolate
from littlemem_ipy.magics.questions import keep_question_marks
from littlemem_ipy.models import SearchResults
from littlemem_ipy.store import MemoryStore, open_store

Cell = Callable[[str], Any]


@pytest.fixture(scope="module")
def the_shell() -> InteractiveShell:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    return shell


@pytest.fixture
def shell(
    the_shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("LITTLEMEM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LITTLEMEM_PROJECT", "churn")
    monkeypatch.chdir(tmp_path)
    the_shell.run_line_magic("load_ext", "littlemem_ipy")
    yield the_shell
    the_shell.run_line_magic("unload_ext", "littlemem_ipy")
    the_shell.config.pop("LittleMem", None)  # what %config has set stays with the shell


@pytest.fixture
def cell(shell: InteractiveShell) -> Cell:
    """Run a cell; give its value, raise its error."""

    def run(source: str) -> Any:
        result = shell.run_cell(source)
        result.raise_error()
        return result.result

    return run


def mistake(cell: Cell, source: str) -> str:
    with pytest.raises(UsageError) as caught:
        cell(source)
    text = str(caught.value)
    assert "\n" not in text
    return text


# -- backups ---------------------------------------------------------------------------------------


def test_backup_and_the_way_back(cell: Cell, shell: InteractiveShell, tmp_path: Path) -> None:
    cell("%mem add the first one")
    assert "1 memories" in repr(cell("%mem backup copy.db"))
    assert "exists already" in mistake(cell, "%mem backup copy.db")
    cell("%mem add the second one")
    assert "--yes" in repr(cell("%mem restore-backup copy.db")), "it asks first"
    assert cell("%mem list").total == 2
    assert "Restored 1 memories" in repr(cell("%mem restore-backup copy.db --yes"))
    assert [memory.title for memory in cell("%mem list").memories] == ["the first one"]
    assert "no snapshot" in mistake(cell, "%mem restore-backup --to 2001-05-31")
    assert "a time chooses" in mistake(cell, "%mem restore-backup copy.db --to yesterday")


def test_a_sealed_backup_asks_for_its_passphrase(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cryptography", reason="needs the extra crypto")
    cell("%mem add the first one")
    assert "nobody can be asked" in mistake(cell, "%mem backup --seal copy.sealed"), "the input of tests is closed"
    monkeypatch.setenv("LITTLEMEM_PASSPHRASE", "correct horse")
    assert "sealed" in repr(cell("%mem backup --seal copy.sealed"))
    monkeypatch.setenv("LITTLEMEM_PASSPHRASE", "wrong horse")
    assert "does not open" in mistake(cell, "%mem restore-backup copy.sealed --yes")


def test_sensitive_memories_are_opened_by_their_passphrase(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cryptography", reason="needs the extra crypto")
    assert "%mem unlock" in mistake(cell, "%mem add --sensitive my salary")
    monkeypatch.setenv("LITTLEMEM_PASSPHRASE", "correct horse")
    cell("%mem unlock")
    assert "salary" not in repr(cell("%mem add --sensitive my salary")), "outputs of notebooks are shared"
    assert "salary" not in repr(cell("%mem list"))
    assert "my salary" in repr(cell("%mem show 1"))
    cell("%mem lock")
    shown = cell("%mem show 1")
    assert "%mem unlock" in repr(shown)
    assert "%mem unlock" in shown._repr_html_()
    monkeypatch.setenv("LITTLEMEM_PASSPHRASE", "wrong horse")
    assert "does not open" in mistake(cell, "%mem unlock")
    monkeypatch.setenv("LITTLEMEM_PASSPHRASE", "correct horse")
    cell("%mem add a plain one")
    cell("%mem unlock")
    assert "removed for good" in repr(cell("%mem edit 1 --sensitive"))
    assert {memory.locked for memory in cell("%mem list").memories} == {True}


# -- adding and finding ---------------------------------------------------------------------------


def test_what_is_added_is_found(cell: Cell) -> None:
    cell("%mem add The churn label is is_churned --type project_knowledge --tag churn,label --tag Label")
    found = cell("x = %mem search churn label\nx")
    assert isinstance(found, SearchResults)
    (memory,) = found.memories
    assert memory.type == "project_knowledge"
    assert memory.tags == ("churn", "label")
    assert memory.project == "churn"
    assert list(found.df["title"]) == ["The churn label is is_churned"]


def test_a_cell_is_content_as_it_stands(cell: Cell) -> None:
    body = "def f(x):\n    return {'a': x}  # \"quotes\", {braces}, $dollars, %percents\n"
    cell(f"%%mem add --type code_snippet --title 'an f'\n{body}")
    (memory,) = cell("x = %mem list\nx").memories
    assert memory.content == body.rstrip()
    assert memory.title == "an f"


def test_an_apostrophe_needs_no_quotes(cell: Cell) -> None:
    cell("%mem add it's fine, isn't it")
    assert cell("x = %mem list\nx")[0].memory.content == "it's fine, isn't it"


def test_options_may_stand_anywhere(cell: Cell) -> None:
    cell("%mem add --pin one two -t general three")
    (memory,) = cell("x = %mem list\nx").memories
    assert memory.content == "one two three"
    assert memory.pinned


def test_adding_the_same_again_says_so(cell: Cell) -> None:
    cell("%mem add the same thing")
    assert "already" in repr(cell("%mem add the same thing"))
    assert len(cell("x = %mem list\nx")) == 1


def test_a_masked_secret_is_told(cell: Cell) -> None:
    shown = repr(cell("%mem add the database is postgresql://me:Sommer2026!x@db.example.com/sales"))
    assert "masked" in shown
    assert "Sommer2026" not in shown


def test_filters_reach_the_store(cell: Cell) -> None:
    cell("%mem add alpha one --tag a,b -t solution")
    cell("%mem add alpha two --tag a")
    cell("%mem add alpha three -p other")
    titles = lambda line: [m.title for m in cell(f"x = %mem {line}\nx").memories]  # noqa: E731
    assert titles("list -t solution") == ["alpha one"]
    assert sorted(titles("list --tag a")) == ["alpha one", "alpha two"]
    assert titles("list --tag a --not-tag b") == ["alpha two"]
    assert titles("list --any-tag b --any-tag nothing") == ["alpha one"]
    assert titles("list -p other") == ["alpha three"]
    assert len(titles("search alpha --all")) == 3
    assert titles("list --since tomorrow" if False else "list --until yesterday") == []
    assert titles("list -n 1 --offset 1") == titles("list -n 2")[1:]


def test_pages_keep_their_numbers(cell: Cell) -> None:
    for number in range(5):
        cell(f"%mem add note {number}")
    page = cell("x = %mem list -n 2 --offset 2\nx")
    assert cell("x = %mem show 3\nx").memory == page[0].memory


# -- changing and taking back ---------------------------------------------------------------------


def test_edit_history_undo_rm_restore(cell: Cell) -> None:
    cell("%mem add the fiscal year begins in May")
    assert "revision 2" in repr(cell("%mem edit 1 --content 'the fiscal year begins in April'"))
    assert "May" in repr(cell("%mem history 1"))
    cell("%mem undo")
    assert cell("x = %mem list\nx")[0].memory.content.endswith("May")
    cell("%mem rm 1")
    assert len(cell("x = %mem list\nx")) == 0
    deleted = cell("x = %mem list --state deleted\nx")
    assert len(deleted) == 1
    cell("%mem restore 1")
    assert len(cell("x = %mem list\nx")) == 1


def test_edit_takes_the_cell_as_content(cell: Cell) -> None:
    cell("%mem add old")
    cell("%%mem edit 1\nnew\ntext")
    assert cell("x = %mem list\nx")[0].memory.content == "new\ntext"


def test_hard_needs_a_yes(cell: Cell) -> None:
    cell("%mem add to be forgotten")
    assert "Would remove 1" in repr(cell("%mem rm 1 --hard"))
    assert len(cell("x = %mem list\nx")) == 1
    cell("%mem rm 1 --hard --yes")
    assert len(cell("x = %mem list --state deleted\nx")) == 0


def test_ids_and_their_beginnings_are_references(cell: Cell) -> None:
    cell("%mem add one")
    memory = cell("x = %mem list\nx")[0].memory
    assert cell(f"x = %mem show {memory.id}\nx").memory.id == memory.id
    assert cell(f"x = %mem show {memory.id[:-3]}\nx").memory.id == memory.id


def test_what_is_held_is_accepted_from_the_inbox(cell: Cell, shell: InteractiveShell) -> None:
    from littlemem_ipy import open_store

    open_store(project="churn").add("taken from a file", source="file")
    assert len(cell("x = %mem list\nx")) == 0
    assert len(cell("x = %mem inbox\nx")) == 1
    cell("%mem inbox accept 1")
    assert len(cell("x = %mem list\nx")) == 1
    assert "Nothing waits" in repr(cell("%mem inbox"))


# -- mistakes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("%mem serch x", "did you mean search?"),
        ("%mem search --tpye general x", "did you mean --type?"),
        ("%mem add --type banana x", "invalid choice: 'banana'"),
        ("%mem add", "content is empty"),
        ("%%mem\nx", "needs a verb"),
        ("%%mem list\nx", "takes no cell"),
        ("%mem show 7", "no number '7'"),
        ("%mem show ../../etc/passwd", "is not the id of a memory"),
        ("%mem show mem_1_aaaaaaaaa", "there is no memory"),
        ("%mem list --since gibberish", "is not a date"),
        ("%mem list -n -3", "limit"),
        ("%mem config nonsense=1", "no setting 'nonsense'"),
        ("%mem config budget=lots", "does not fit the setting budget"),
        ("%mem config threshold=7", "does not fit the setting threshold"),
        ("%mem why 0", "at least 1"),
        ("%mem why", "no chat reply yet"),
        ("%mem undo 0", "at least 1"),
        ("%mem inbox accept", "which?"),
        ("%mem use x --none", "contradict"),
        ("%mem edit 1", "nothing to change"),
        ("%%chat\n  ", "message is empty"),
        ("%%chat\nhello", "no model is chosen"),
        ("%%chat -m demo -o not-a-name\nhello", "is not the name of a variable"),
    ],
)
def test_a_mistake_gives_one_line_that_helps(cell: Cell, source: str, says: str) -> None:
    assert says in mistake(cell, source)


def test_a_store_that_is_no_store_is_named_and_left_alone(cell: Cell, tmp_path: Path) -> None:
    path = tmp_path / "photo.db"
    path.write_bytes(b"not a database at all")
    text = mistake(cell, f"%config LittleMem.store = {str(path)!r}\n%mem list")
    assert str(path) in text
    assert path.read_bytes() == b"not a database at all"


@given(line=st.text(max_size=60))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_line_is_a_result_or_one_line(shell: InteractiveShell, line: str) -> None:
    said = ""
    try:
        shell.run_line_magic("mem", line)
    except UsageError as error:
        said = str(error)
    assert "\n" not in said


# -- settings and help ----------------------------------------------------------------------------


def test_config_is_kept_and_says_where_it_comes_from(cell: Cell, shell: InteractiveShell) -> None:
    cell("%mem config budget=900")
    cell("%reload_ext littlemem_ipy")
    assert "900 (saved)" in repr(cell("%mem config budget"))
    cell("%config LittleMem.budget = 700")
    assert "700 (%config)" in repr(cell("%mem config budget"))
    cell("%mem config budget --reset")
    assert "1500 (default)" in repr(cell("%mem config budget"))


def test_a_store_opened_by_hand_follows_the_configuration(cell: Cell, tmp_path: Path) -> None:
    from littlemem_ipy import open_store

    cell(f"%config LittleMem.store = {str(tmp_path / 'other.db')!r}\n%config LittleMem.project = 'forecast'")
    cell("%mem add a fact of the forecast")
    with open_store() as store:
        assert store.project == "forecast"
        assert store.count() == 1
    cell("%unload_ext littlemem_ipy")
    with open_store() as store:
        assert store.project == "churn"
        assert store.count() == 0
    cell("%load_ext littlemem_ipy")


def test_an_alias_of_a_model_is_a_setting(cell: Cell) -> None:
    assert "openai/gpt-4o-mini" in repr(cell("%mem config model.fast=openai/gpt-4o-mini"))


def test_use_changes_the_scope(cell: Cell) -> None:
    cell("%mem add a fact of churn")
    cell("%mem use forecast")
    assert len(cell("x = %mem list\nx")) == 0
    assert "churn" in repr(cell("%mem use"))
    cell("%mem use --none")
    assert len(cell("x = %mem list\nx")) == 0
    cell("%mem use churn")
    assert len(cell("x = %mem list\nx")) == 1


@pytest.mark.parametrize("verb", list(verbs()))
def test_every_verb_explains_itself(cell: Cell, verb: str) -> None:
    text = repr(cell(f"%mem {verb} --help"))
    assert text.startswith(f"usage: %mem {verb}")
    assert "%%%" not in text


def test_the_help_of_the_magic_lists_what_there_is(shell: InteractiveShell) -> None:
    doc = shell.find_line_magic("mem").__doc__
    lines = [line.strip() for line in doc.splitlines()]
    for line in reading.overview().splitlines():
        assert line.strip() in lines


def test_status_doctor_and_stats_have_text_and_html(cell: Cell) -> None:
    cell("%mem add <b>bold</b> & <u>under</u>")
    for line in ("%mem", "%mem doctor", "%mem stats", "%mem list", "%mem show 1", "%mem config"):
        view = cell(line)
        assert repr(view)
        html = view._repr_html_()
        assert "<u>" not in html
        assert "<b>bold" not in html


def test_text_forms_are_the_same_each_time(cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    for home in ("one", "two"):
        monkeypatch.setenv("LITTLEMEM_HOME", str(tmp_path / home))
        cell("%reload_ext littlemem_ipy")
        cell("%mem add polars is preferred -t user_preference")
        parts = [
            cell(line)
            for line in ("%mem", "%mem list", "x = %mem search polars\nx", "%mem stats", "%mem history 1")
        ]
        shown.append([(repr(part), part._repr_html_()) for part in parts])
    assert shown[0] == shown[1]


# -- chat -----------------------------------------------------------------------------------------


def test_chat_remembers_and_tells(cell: Cell, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    cell("%%chat -m demo\nRemember that I prefer polars over pandas for joins")
    assert "1 captured" in capsys.readouterr().out
    cell("%%chat -m demo --new -o answer\nWhich library for joins?")
    answer = shell.user_ns["answer"]
    assert [memory.type.value for memory in answer.used] == ["user_preference"]
    assert "polars" in answer.text
    assert "polars" in repr(cell("%mem why"))
    assert "profile" in repr(cell("%mem why --long"))


def test_a_line_gives_its_reply_and_may_end_in_a_question_mark(cell: Cell) -> None:
    reply = cell("r = %chat -m demo what do you know?\nr")
    assert "demo" in reply.text


def test_no_memory_and_no_capture_are_obeyed(cell: Cell, shell: InteractiveShell) -> None:
    cell("%mem add -t user_preference prefers polars")
    cell("%%chat -m demo --no-memory --no-capture -o r\nRemember that the year begins in April. Polars?")
    assert shell.user_ns["r"].used == ()
    assert shell.user_ns["r"].captured == ()
    assert len(cell("x = %mem list\nx")) == 1


def test_a_dry_run_sends_nothing_and_shows_the_request(cell: Cell, shell: InteractiveShell) -> None:
    shell.user_ns["rows"] = 42
    shown = repr(cell('%%chat --dry-run\nThere are {rows} rows, {unknown} and {"a": 1}.'))
    assert 'There are 42 rows, {unknown} and {"a": 1}.' in shown
    assert "[system]" in shown


def test_review_mode_proposes(cell: Cell) -> None:
    cell("%config LittleMem.capture = 'review'")
    cell("%%chat -m demo\nRemember that I prefer tabs over spaces")
    assert len(cell("x = %mem list\nx")) == 0
    assert len(cell("x = %mem inbox\nx")) == 1


# -- completion -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%mem se", "search"),
        ("x = %mem se", "search"),
        ("%%mem a", "add"),
        ("%mem search --ty", "--type"),
        ("%mem add --type sol", "solution"),
        ("%mem list --tag al", "alpha"),
        ("%mem use ch", "churn"),
        ("%mem config bud", "budget="),
        ("%mem show mem_", None),
        ("%%chat --no-m", "--no-memory"),
        ("%chat -m d", "demo"),
        ("%mem help un", "undo"),
    ],
)
def test_completion(cell: Cell, shell: InteractiveShell, line: str, offered: str | None) -> None:
    cell("%mem add something --tag alpha")
    memory = cell("x = %mem list\nx")[0].memory
    completions = [c.text for c in shell.Completer.completions(line, len(line))]
    assert (offered or memory.id) in completions


def test_completion_elsewhere_is_left_alone(shell: InteractiveShell) -> None:
    shell.user_ns["memory_of_mine"] = 1
    texts = [c.text for c in shell.Completer.completions("memory_of", 9)]
    assert "memory_of_mine" in texts


# -- loading --------------------------------------------------------------------------------------


def test_loading_twice_and_unloading_leave_nothing(
    the_shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def counted() -> tuple[int, ...]:
        return (
            len(the_shell.configurables),
            len(the_shell.Completer.custom_matchers),
            len(the_shell.input_transformers_cleanup),
            len(the_shell.magics_manager.registry),
            *(len(names) for names in the_shell.magics_manager.magics.values()),
        )

    before = counted()
    for name in ("load_ext", "reload_ext", "reload_ext"):
        the_shell.run_line_magic(name, "littlemem_ipy")
    once = counted()
    the_shell.run_line_magic("reload_ext", "littlemem_ipy")
    assert counted() == once
    the_shell.run_line_magic("unload_ext", "littlemem_ipy")
    assert counted() == before
    assert capsys.readouterr() == ("", "")


def test_a_wrong_configuration_is_told_and_does_not_stop_the_extension(
    shell: InteractiveShell, cell: Cell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.config.LittleMem.budget = -7
    try:
        with pytest.warns(UserWarning, match="budget"):
            shell.run_line_magic("reload_ext", "littlemem_ipy")
        assert "1500" in repr(cell("%mem config budget"))
    finally:
        shell.config.pop("LittleMem", None)


# -- the small pure parts -------------------------------------------------------------------------


def test_split_agrees_with_shlex_on_plain_quotes() -> None:
    for line in ("a b c", 'a "b c" d', "--title 'x y' z", '--title="x y" z'):
        assert split(line) == shlex.split(line)


@given(st.text())
def test_split_loses_no_words(line: str) -> None:
    letters = lambda text: re.sub(r"[\s\"'\\]", "", text)  # noqa: E731
    assert letters("".join(split(line))) == letters(line)


def test_interpolation_leaves_every_other_brace() -> None:
    text = 'f"{x!r}" {} {{x}} {"x": 1} { x } {1} {x.y} \\frac{a}{b}'
    assert interpolate(text, {"x": 1}) == (text, [])
    assert interpolate("{x} and {x}", {"x": 1}) == ("1 and 1", ["{x} is filled in"])
    assert interpolate("{x.real}", {"x": 1})[0] == "1"


def test_interpolation_survives_a_hostile_value_and_cuts_a_long_one() -> None:
    class Hostile:
        def __str__(self) -> str:
            raise RuntimeError("no")

    text, notes = interpolate("{x}", {"x": Hostile()})
    assert text == "{x}"
    assert "RuntimeError" in notes[0]
    text, notes = interpolate("{x}", {"x": "a" * (MAX_VALUE + 1)})
    assert len(text) == MAX_VALUE
    assert "cut" in notes[0]


def test_question_marks_are_kept_for_messages_only() -> None:
    assert keep_question_marks(["%chat which engine?\n"]) == [
        "get_ipython().run_line_magic('chat', 'which engine?')\n"
    ]
    assert keep_question_marks(["r = %mem search joins?"]) == [
        "r = get_ipython().run_line_magic('mem', 'search joins?')"
    ]
    for line in ("%chat?", "%mem?", "%mem search?", "x?", "%timeit f?"):
        assert keep_question_marks([line]) == [line]
    assert keep_question_marks(["%%chat\n", "%chat is this text?"]) == ["%%chat\n", "%chat is this text?"]


def test_every_option_of_chat_is_documented() -> None:
    for action in chat_parser()._actions:
        assert action.help


# -- conversations --------------------------------------------------------------------------------


def test_a_conversation_is_taken_up_again_after_a_restart(cell: Cell, shell: InteractiveShell) -> None:
    cell("%%chat -m demo --thread schema\nThe orders table gets a new key.")
    cell("%reload_ext littlemem_ipy")
    request = cell("%%chat --dry-run --thread schema\nWhat did I say?").messages
    assert request[1] == {"role": "user", "content": "The orders table gets a new key."}
    assert [message["role"] for message in request] == ["system", "user", "assistant", "user"]
    cell("%reload_ext littlemem_ipy")
    assert len(cell("%%chat --dry-run --resume\nWhat did I say?").messages) == 4
    assert len(cell("%%chat --dry-run --new\nWhat did I say?").messages) == 2


def test_exchanges_are_found_but_not_listed(cell: Cell) -> None:
    cell("%%chat -m demo\nShall the orders table have a surrogate key?")
    assert len(cell("x = %mem list\nx")) == 0
    assert len(cell("x = %mem list --chats\nx")) == 1
    assert len(cell("x = %mem search surrogate key\nx")) == 1
    assert len(cell("x = %mem inbox\nx").memories) == 0


def test_one_undo_takes_back_what_an_exchange_has_captured(cell: Cell) -> None:
    cell("%%chat -m demo\nRemember that I prefer tabs over spaces")
    assert len(cell("x = %mem list\nx")) == 1
    assert "tabs over spaces is deleted" in repr(cell("%mem undo"))
    assert len(cell("x = %mem list\nx")) == 0
    assert len(cell("x = %mem list --chats\nx")) == 1


def test_a_changed_preference_replaces_the_older_one(cell: Cell, shell: InteractiveShell) -> None:
    cell("%%chat -m demo\nRemember that I prefer tabs over spaces")
    cell("%%chat -m demo -o r\nFrom now on I prefer spaces over tabs.")
    assert "1 replaced" in shell.user_ns["r"].receipt
    (memory,) = cell("x = %mem list\nx").memories
    assert "spaces over tabs" in memory.content
    assert len(cell("x = %mem list --state superseded\nx")) == 1


def test_hard_removes_the_exchange_that_says_it(cell: Cell, tmp_path: Path) -> None:
    cell("%%chat -m demo\nRemember that the code word is Xylophonquark")
    cell("%mem list")
    cell("%mem rm 1 --hard --yes")
    cell("%unload_ext littlemem_ipy")
    raw = b"".join(file.read_bytes() for file in (tmp_path / "home").iterdir())
    assert b"ylophonquark" not in raw
    cell("%load_ext littlemem_ipy")
    assert len(cell("x = %mem list --chats\nx")) == 0


def test_log_chats_off_keeps_nothing(cell: Cell) -> None:
    cell("%config LittleMem.log_chats = False")
    cell("%%chat -m demo\nShall the orders table have a surrogate key?")
    assert len(cell("x = %mem list --chats\nx")) == 0
    assert "no earlier conversation" in mistake(cell, "%%chat -m demo --resume\nhello")


def test_fix_hands_the_failed_cell_to_the_model(cell: Cell, shell: InteractiveShell) -> None:
    assert "no cell has failed" in mistake(cell, "%chat fix")
    shell.run_cell("prices = {'a': 1}\nprices['date']")
    shell.run_cell("%mem show nonsense")  # a user's mistake in a magic is not the failure that is meant
    message = cell("%%chat --fix --dry-run\nIn one sentence, please.").messages[-1]["content"]
    assert "prices['date']" in message
    assert "KeyError: 'date'" in message
    assert message.endswith("In one sentence, please.")


def test_code_of_a_reply_goes_into_a_new_cell(cell: Cell, shell: InteractiveShell) -> None:
    from littlemem_ipy.magics.chatting import _into_a_cell

    assert "new cell" in _into_a_cell(shell, "Do this:\n```python\nx = 1\n```\nand\n```\ny = 2\n```\n")
    assert shell.rl_next_input == "x = 1\n\ny = 2" if hasattr(shell, "rl_next_input") else True
    assert "no code" in _into_a_cell(shell, "nothing")


def test_compare_shows_both_replies(cell: Cell) -> None:
    cell("%mem add -t user_preference I prefer polars over pandas for joins")
    both = cell("%%chat -m demo --compare\nWhich library for joins?")
    assert both.without.used == ()
    assert "polars" not in both.without.text
    assert "polars" in both.with_memory.text
    assert "With memory" in both._repr_html_()
    assert "profile" in repr(cell("%mem why"))


def test_only_injects_what_is_named(cell: Cell) -> None:
    cell("%mem add -t user_preference I prefer polars")
    cell("%mem add -t project_knowledge The year begins in April")
    cell("%mem list")
    content = cell("%%chat --dry-run --only 1\nWhat about polars?").messages[-1]["content"]
    assert "April" in content
    assert "prefer polars" not in content


def test_a_thumb_is_noted_for_the_memories_of_the_reply(cell: Cell) -> None:
    cell("%mem add -t user_preference I prefer polars over pandas")
    cell("%%chat -m demo\nPolars or pandas?")
    assert "I prefer polars" in repr(cell("%mem good"))
    from littlemem_ipy import open_store

    (event,) = open_store(project="churn").events("rated")
    assert event.data["value"] == 1


def test_a_newer_store_is_shown_but_not_written(cell: Cell, tmp_path: Path) -> None:
    import sqlite3

    cell("%mem add a fact of tomorrow")
    cell("%unload_ext littlemem_ipy")
    with sqlite3.connect(tmp_path / "home" / "memory.db") as raw:
        raw.execute("UPDATE memories SET type = 'dream'")
        raw.execute("PRAGMA user_version = 99")
    raw.close()
    cell("%load_ext littlemem_ipy")
    assert "dream" in repr(cell("%mem list"))
    assert "a fact of tomorrow" in repr(cell("%mem show 1"))
    assert "a fact of tomorrow" in cell("%mem show 1")._repr_html_()
    assert "Upgrade littlemem_ipy" in mistake(cell, "%mem add another one")


def test_the_embedder_can_be_changed_while_running(cell: Cell, shell: InteractiveShell) -> None:
    work = shell.magics_manager.registry["MemMagics"].work
    cell("%mem add something")
    before = work.store
    cell("%config LittleMem.embedder = 'litellm:openai/text-embedding-3-small'")
    assert work.store is not before
    assert work.store.embeddings is not None


# -- keeping order --------------------------------------------------------------------------------


def old_notes(shell: InteractiveShell, count: int) -> MemoryStore:
    from littlemem_ipy.models.times import now

    store: MemoryStore = shell.find_line_magic("mem").__self__.work.store
    ago = now() - timedelta(days=500)
    store.add_many({"content": f"old note {n}", "created_at": ago} for n in range(count))
    return store


def test_duplicates_stand_side_by_side_and_have_numbers(cell: Cell) -> None:
    cell("%mem add prefer polars for joins")
    cell("%mem add Please prefer polars for joins!")
    found = cell("x = %mem duplicates\nx")
    assert "1 of 2 memories repeat another one" in repr(found)
    cell("%mem rm 1")
    assert len(cell("x = %mem duplicates --sure -t general\nx")) == 0


def test_cleanup_shows_a_plan_unless_it_shall_do_it(shell: InteractiveShell, cell: Cell) -> None:
    store = old_notes(shell, 4)
    cell("%mem add a young one")
    assert "To be 4 archived" in repr(cell("%mem cleanup"))
    assert "To be 4 archived" in repr(cell("%mem cleanup --older-than 365d"))
    assert "Nothing to clean up" in repr(cell("%mem cleanup --older-than 2y"))
    assert "To be 3 archived" in repr(cell("%mem cleanup --max-count 2"))
    assert "To be 5 archived" in repr(cell("%mem cleanup --max-size 1"))
    assert "To be 4 archived" in repr(cell("%mem cleanup --unused"))
    assert "To be 5 archived" in repr(cell("%mem cleanup --unused --grace 0"))
    assert "Nothing to clean up" in repr(cell("%mem cleanup --duplicates --superseded --junk"))
    assert "To be 3 deleted" in repr(cell("%mem cleanup --max-count 2 --delete"))
    assert store.count() == 5
    assert "Cleanup: 4 archived" in repr(cell("%mem cleanup --apply"))
    assert store.count() == 1
    cell("%mem restore 1")
    assert store.count() == 2
    cell("%mem undo 2")
    assert store.count() == 5
    assert "soon" in mistake(cell, "%mem cleanup --older-than soon")
    assert "max_count" in mistake(cell, "%mem cleanup --max-count -3")


def test_cleanup_by_itself_only_when_it_is_wanted(
    shell: InteractiveShell, cell: Cell, capsys: pytest.CaptureFixture[str]
) -> None:
    store = old_notes(shell, 3)
    cell("%%chat -m demo\nhello")
    assert store.count(sources_none="exchange") == 3
    cell("%config LittleMem.auto_cleanup = True")
    capsys.readouterr()
    cell("%%chat -m demo\nhello again")
    assert "Cleanup: 3 archived" in capsys.readouterr().out
    assert store.count(sources_none="exchange") == 0
    old_notes(shell, 4)
    cell("%%chat -m demo\nand once more")
    assert store.count(sources_none="exchange") >= 1, "once a day is enough"


def test_edit_puts_together_what_two_have_changed(shell: InteractiveShell) -> None:
    shell.run_line_magic("mem", "add the build takes ten minutes")
    shell.run_line_magic("mem", "edit 1 --tag slow")
    with pytest.raises(UsageError, match=r"revision 2, not 1: somebody changed its tags to 'slow'.*--merge"):
        shell.run_line_magic("mem", "edit 1 --title Builds --revision 1")
    shell.run_line_magic("mem", "edit 1 --title Builds --revision 1 --merge")
    with open_store() as store:
        (one,) = store.search().memories
    assert (one.title, one.tags, one.revision) == ("Builds", ("slow",), 3)
    with pytest.raises(UsageError, match="--merge needs the revision"):
        shell.run_line_magic("mem", "edit 1 --title x --merge")
