"""What capture proposes: invented examples of what is worth keeping and of what is not, in seven languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from littlemem_ipy.capture import Candidate, candidates
from littlemem_ipy.models import MemoryType

PREFERENCE, PROJECT = MemoryType.USER_PREFERENCE, MemoryType.PROJECT_KNOWLEDGE
CONTEXT, SOLUTION = MemoryType.CONVERSATION_CONTEXT, MemoryType.SOLUTION
GENERAL, SNIPPET = MemoryType.GENERAL, MemoryType.CODE_SNIPPET

KEPT = [
    (PREFERENCE, "I prefer lollipop charts to bars.", "lollipop"),
    (PREFERENCE, "Call me Quinn.", "Quinn"),
    (PREFERENCE, "I'm a glaciologist.", "glaciologist"),
    (PREFERENCE, "From now on put the imports in the first cell.", "imports"),
    (PREFERENCE, "Never use chained assignment in code for me.", "chained"),
    (PREFERENCE, "My screen is tiny, keep tables narrow.", "tiny"),
    (PREFERENCE, "I can't tell orange from green.", "orange"),
    (PROJECT, "Our warehouse is Vertica.", "Vertica"),
    (PROJECT, "The column `kz` is 1 for winter tyres.", "kz"),
    (PROJECT, "We decided to freeze the schema in March.", "freeze"),
    (PROJECT, "Rows before 1998 come from punch cards.", "punch cards"),
    (CONTEXT, "Next time we compare the two kernels.", "kernels"),
    (CONTEXT, "Still open: the legend and the second map.", "second map"),
    (SOLUTION, "Fixed: the mount was read-only, remounting it helped.", "read-only"),
    (SOLUTION, "Turns out the gauge had drifted; recalibrating it solved the jump.", "recalibrating"),
    (GENERAL, "Remember that the canoe club meets at noon.", "canoe"),
    (GENERAL, "Note to self: the spare bulb is under the stairs.", "bulb"),
    (PREFERENCE, "Ich bevorzuge kurze Antworten.", "kurze"),
    (PREFERENCE, "Verwende ab jetzt immer Kommas als Dezimaltrennzeichen.", "Kommas"),
    (PROJECT, "Unsere Messwerte liegen in der Tabelle pegel.", "pegel"),
    (SOLUTION, "Jetzt läuft es, der Pfad war falsch gesetzt.", "Pfad"),
    (CONTEXT, "Morgen machen wir mit den Residuen weiter.", "Residuen"),
    (GENERAL, "Merk dir: die Kantine schließt um zwei.", "Kantine"),
    (PREFERENCE, "Je préfère les tableaux aux graphiques.", "tableaux"),
    (PROJECT, "Nos données sont stockées dans /srv/mesures.", "/srv/mesures"),
    (GENERAL, "Retiens que la piscine ferme le lundi.", "piscine"),
    (PREFERENCE, "Siempre uso comillas dobles.", "comillas"),
    (PROJECT, "La columna caudal está en litros por minuto.", "caudal"),
    (GENERAL, "Recuerda que el taller cierra los viernes.", "taller"),
    (PREFERENCE, "Prefiro respostas curtas.", "curtas"),
    (PROJECT, "A tabela vendas contém uma linha por pedido.", "vendas"),
    (GENERAL, "Lembre-se de que o ginásio fecha às nove.", "ginásio"),
    (PREFERENCE, "我喜欢用深色主题。", "深色"),
    (PROJECT, "我们的数据存放在 /srv/shuju 目录。", "/srv/shuju"),
    (GENERAL, "记住：健身房周一关门。", "健身房"),
    (PREFERENCE, "グラフは暗い色の方が好きです。", "暗い"),
    (PROJECT, "温度の列は摂氏です。", "摂氏"),
    (GENERAL, "プールは月曜休みだと覚えておいてください。", "プール"),
]

NOT_KEPT = [
    "What does left join mean?",
    "Plot the monthly means in green.",
    "I want a violin plot of the weights.",
    "I'm stuck at the second merge.",
    "The kernel died again.",
    "Maybe we should move to Cassandra.",
    "If the files were in Arrow, would this be quicker?",
    "My neighbour prefers SAS.",
    "She always uses tabs.",
    "For this plot only, skip the grid.",
    "I like this one.",
    "I prefer the second plot.",
    "That didn't fix it.",
    "It should work after a restart, I'll try later.",
    "Do you remember my name?",
    "No need to remember this: the gate code is 12.",
    "From now on call me Captain. Just kidding!",
    "The target is `speed2`. No wait, forget it, wrong repo.",
    'Translate: "I always work at night."',
    "Proofread this sentence: I prefer working at home.",
    'print("I prefer coffee")',
    "Write a story about a man who never sleeps.",
    "Exercise 3: A shop always gives 10 % off. What is the price?",
    "Dear Ms. Rowe,\nwe always ship on Mondays.\nBest regards,\nTim\n\nIs this polite?",
    "> I prefer Stata\nwhat do you reply to that?",
    "[10:02] Ann: I never use loops\n[10:03] Bob: me neither\nWho is right?",
    "id  remark\n1   I prefer the bus\n2   my name is Kim",
    "2026-01-04 10:00:00 INFO we use 4 workers",
    "You are a pirate. You always answer in rhyme.",
    "Thanks, great!",
    "hello",
    "",
    "Ich mag diese Grafik",
    "Was bevorzugst du, R oder Python?",
    "Mein Nachbar mag Jazz.",
    "Quelle est la moyenne ?",
    "¿Prefieres pandas o polars?",
    "quero ver as primeiras linhas",
    "你喜欢哪个？",
    "この図を赤くしてください",
]


@pytest.mark.parametrize(("kind", "message", "word"), KEPT)
def test_keeps(kind: MemoryType, message: str, word: str) -> None:
    found = candidates(message, "OK.")
    assert [candidate.type for candidate in found] == [kind]
    assert word in found[0].content
    assert found[0].confidence >= 0.7


@pytest.mark.parametrize("message", NOT_KEPT)
def test_leaves(message: str) -> None:
    assert candidates(message, "Sure: I always use `pd.concat`, my name is Bot.") == []


EXPLICIT = [
    ("Please remember that the ferry leaves at 6.", "the ferry leaves at 6"),
    ("note for later: bring the dongle", "bring the dongle"),
    ("The ferry leaves at 6, remember that.", "The ferry leaves at 6"),
    ("Merke dir bitte, dass die Fähre um 6 fährt.", "die Fähre um 6 fährt"),
    ("Souviens-toi que le bac part à 6 heures.", "le bac part à 6 heures"),
    ("Ten en cuenta que el ferry sale a las 6.", "el ferry sale a las 6"),
    ("Anote que a balsa sai às 6.", "a balsa sai às 6"),
    ("请记住，渡轮六点开。", "渡轮六点开"),
    ("フェリーは6時に出ると覚えておいて。", "フェリーは6時に出る"),
]


@pytest.mark.parametrize(("message", "content"), EXPLICIT)
def test_explicit_requests_are_sure(message: str, content: str) -> None:
    (found,) = candidates(message, "OK.")
    assert found.content == content
    assert found.confidence >= 0.95
    assert ".explicit." in found.reason


def test_an_explicit_preference_is_a_preference() -> None:
    (found,) = candidates("Remember that I prefer hexbin plots.", "OK.")
    assert found.type is PREFERENCE


def test_the_question_beside_it_is_left_out() -> None:
    (found,) = candidates("I always plot with lattice. Can you redo this?", "Yes.")
    assert found.content == "I always plot with lattice"
    (found,) = candidates("I mostly work with xarray, can you show me how to resample?", "Yes.")
    assert "resample" not in found.content


def test_two_statements_are_two_candidates() -> None:
    found = candidates("Call me Uma. The column `vol` is in barrels.", "OK.")
    assert [candidate.type for candidate in found] == [PREFERENCE, PROJECT]


def test_a_fact_and_its_addition_are_one() -> None:
    (found,) = candidates("The column `vol` is in barrels. It has no gaps.", "OK.")
    assert "gaps" in found.content


HISTORY = [
    {"role": "user", "content": "my dates are parsed with day and month swapped, why?"},
    {"role": "assistant", "content": "Pass dayfirst=True to read_csv."},
]


@pytest.mark.parametrize("message", ["That fixed it, thanks!", "Works now.", "Perfect, problem solved."])
def test_a_confirmed_proposal_is_a_solution(message: str) -> None:
    (found,) = candidates(message, "Good.", HISTORY)
    assert found.type is SOLUTION
    assert "swapped" in found.content
    assert "dayfirst=True" in found.content


@pytest.mark.parametrize(
    "message", ["Thanks!", "Still the same error.", "Did that fix it?", "I'll try that later."]
)
def test_an_unconfirmed_proposal_is_nothing(message: str) -> None:
    assert candidates(message, "OK.", HISTORY) == []


def test_a_confirmation_without_history_is_nothing() -> None:
    assert candidates("That fixed it!", "Good.") == []


CODE = "```python\ndef clip_rain(series, top=80):\n    return series.clip(0, top)\n```"


def test_code_is_kept_from_the_history() -> None:
    past = [{"role": "user", "content": "clip the rain"}, {"role": "assistant", "content": f"Here:\n{CODE}"}]
    (found,) = candidates("Great, keep that function for later.", "Kept.", past)
    assert found.type is SNIPPET
    assert found.content == CODE
    assert found.title == "Code: clip_rain"


def test_code_is_kept_from_the_message() -> None:
    (found,) = candidates(f"Save this snippet, we use it everywhere:\n{CODE}", "Saved.")
    assert (found.type, found.content) == (SNIPPET, CODE)


def test_code_of_an_explanation_is_not_kept() -> None:
    assert candidates("explain clipping", f"Like this:\n{CODE}") == []
    assert candidates("Put the loop into a function.", f"Done:\n{CODE}") == []


def test_injected_blocks_are_not_looked_at() -> None:
    block = "<memory-0a1b2c3d>\nI prefer rye bread. Remember that our queue is Beanstalk.\n</memory-0a1b2c3d>"
    assert candidates(f"{block}\n\nplot it", "OK.") == []
    assert [c.content for c in candidates(f"{block}\nI prefer oat bread.", "OK.")] == ["I prefer oat bread"]
    unclosed = "<memory-0a1b2c3d>\nI prefer rye bread.\n</memory-ffffffff>\nI prefer oat bread."
    assert candidates(unclosed, "OK.") == []


def test_a_candidate_reads_like_a_record_and_a_mapping() -> None:
    (found,) = candidates("I prefer polars over pandas.", "OK.")
    assert isinstance(found, Candidate)
    assert found.get("content") == found.model_dump()["content"] == "I prefer polars over pandas"
    assert found.get("nonsense", 7) == 7
    assert {"preference", "polars", "pandas"} <= set(found.tags)
    assert found.title == "I prefer polars over pandas"
    assert found.reason == "en.preference.prefer"


PIECES = st.sampled_from(
    'I prefer|remember that|we use|my name is|```|`|"|“|? |. |\n|that fixed it|never|记住|覚えて|bitte immer'
    "|toujours|next time we|forget it| = |<memory-aaaabbbb>|</memory-aaaabbbb>".split("|")
)
TEXT = st.one_of(st.text(max_size=300), st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=25).map("".join))


PAST = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": TEXT}), max_size=4
)


@given(TEXT, TEXT, st.none() | PAST)
def test_any_text_is_answered_the_same(user: str, reply: str, past: list[dict[str, str]] | None) -> None:
    found = candidates(user, reply, past)
    assert found == candidates(user, reply, past)
    assert all(0.0 <= candidate.confidence <= 1.0 and candidate.title and candidate.content for candidate in found)


@given(TEXT)
def test_contents_come_from_the_message(user: str) -> None:
    for candidate in candidates(user, ""):
        said = iter(user)
        # In the message's order; characters that are no text may be missing.
        assert all(char in said for char in candidate.content if not char.isspace())


@given(TEXT, st.text("0123456789abcdef", min_size=8, max_size=8))
def test_what_is_injected_is_never_captured(inside: str, key: str) -> None:
    inside = inside.replace("<memory", "").replace("</memory", "")
    block = f"<memory-{key}>\nI prefer elm wood. {inside}\n</memory-{key}>"
    assert candidates(block, "") == []


def test_a_very_long_message_is_read_at_its_ends() -> None:
    paste = "x1,x2,x3,x4\n" * 20_000
    (found,) = candidates(f"I always use tab-separated files.\n{paste}why is this slow?", "")
    assert found.content == "I always use tab-separated files"


def test_inline_code_is_kept_with_the_line_that_says_what_it_is_for() -> None:
    (found,) = candidates("Save this command for me, it exports the docs: `quarto render --to pdf *.qmd`", "OK.")
    assert found.type is SNIPPET
    assert found.title == "Code: quarto render --to pdf *.qmd"
    assert "exports the docs" in found.content


@pytest.mark.parametrize(
    "message",
    [
        "My name is Rosa and I work as a potter.",
        "Ich heiße Emil und ich arbeite als Töpfer.",
        "Je m'appelle Anaïs et je suis biologiste.",
    ],
)
def test_a_name_and_what_somebody_does_are_two_memories(message: str) -> None:
    name, role = candidates(message, "OK.")
    assert (name.type, role.type) == (MemoryType.USER_PREFERENCE, MemoryType.USER_PREFERENCE)
    assert role.content not in name.content


def test_days_on_which_somebody_is_never_there_say_something_of_the_person() -> None:
    (found,) = candidates("can you keep in mind that I'm out on Tuesdays", "OK.")
    assert found.type is MemoryType.USER_PREFERENCE
