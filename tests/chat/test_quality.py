"""What answers are worth with and without memory: a fixed set of questions, asked of the demo model both times."""

from __future__ import annotations

import pytest

from littlemem_ipy.chat import ChatSession
from littlemem_ipy.store import MemoryStore

# What was remembered, what is asked later, and what a right answer contains. Some words of a question are not
# those of the memory, and each question stands among all memories.
PAIRS = (
    ("The churn label is is_churned: 1 means no bill for 60 days.", "What does is_churned mean?", "60 days"),
    ("The join key of both tables is customer_key.", "Which key joins the tables?", "customer_key"),
    ("We write parquet with the pyarrow engine.", "Which parquet engine do we use?", "pyarrow"),
    ("The staging database listens on port 5433.", "On which port is the staging database?", "5433"),
    ("Baseline AUC of the gym model is 0.842.", "What is the baseline AUC of the gym model?", "0.842"),
    (
        "KeyError: 'date' was fixed by parse_dates=['date'] in read_csv.",
        "I get KeyError: 'date', why?",
        "parse_dates",
    ),
    ("The forecast must arrive before 06:50 UTC.", "When must the forecast arrive?", "06:50"),
    ("Lena owns the billing service.", "Who owns the billing service?", "Lena"),
    ("Random seed is 1337 everywhere.", "Which random seed do we use?", "1337"),
    ("Sensor files are separated by semicolons.", "How are the sensor files separated?", "semicolon"),
    ("Prices are stored in integer cents.", "In which unit are prices stored?", "cents"),
    ("Validation is split by hospital.", "How is the validation split?", "hospital"),
    ("The model card is due on 30 October.", "When is the model card due?", "30 October"),
    ("Plots use the viridis palette.", "Which palette do my plots use?", "viridis"),
    ("The GPU machine is called hopper.", "What is the GPU machine called?", "hopper"),
    ("Missing values are coded as -999.", "How are missing values coded?", "-999"),
    ("Das Testsystem wird sonntags neu gestartet.", "Wann wird das Testsystem neu gestartet?", "sonntags"),
    ("Le capteur 7 est en panne depuis juin.", "Depuis quand le capteur 7 est-il en panne ?", "juin"),
    ("Los datos de marzo están incompletos.", "¿Qué datos están incompletos?", "marzo"),
    ("Deploy with fab prod ship.", "How do we deploy?", "fab prod ship"),
)


@pytest.fixture
def known(store: MemoryStore) -> MemoryStore:
    for text, _, _ in PAIRS:
        store.add(text)
    return store


def right(session: ChatSession) -> float:
    """Return the share of questions that are answered rightly, each in a conversation of its own."""
    found = 0
    for _, question, answer in PAIRS:
        session.clear()
        found += answer in session.send(question).text
    return found / len(PAIRS)


def test_memory_makes_the_answers(known: MemoryStore) -> None:
    settings = {"capture": "off", "tools": "off", "log_chats": False}
    with_memory = right(ChatSession(known, model="demo", **settings))
    without = right(ChatSession(known, model="demo", memory=False, **settings))
    print(f"right with memory {with_memory:.0%}, without {without:.0%}")
    assert with_memory >= 0.9
    assert without == 0


def test_each_answer_counts_its_memory_as_used(known: MemoryStore) -> None:
    chat = ChatSession(known, model="demo", capture="off", tools="off", log_chats=False)
    for _, question, _ in PAIRS:
        chat.clear()
        chat.send(question)
    usage = known.df.usage()
    assert usage["used"].sum() >= 0.9 * len(PAIRS)
