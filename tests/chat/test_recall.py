"""What a message would get, while the conversation itself is in the store."""

from __future__ import annotations

from pathlib import Path

from littlemem_ipy.backends import open_backend
from littlemem_ipy.chat import ChatSession
from littlemem_ipy.models import EXCHANGE
from littlemem_ipy.store import MemoryStore

FACTS = (
    """
Berlin needs snappy there, the others gzip | Nightly runs take nine minutes since March | Only Ada may change it
The sales team reads it with DuckDB | Rows without a region are dropped | It failed twice on empty partitions
Dates are stored as UTC there | Version 14 broke the decimals | Its files go to the archive bucket
""".strip()
    .replace("\n", " | ")
    .split(" | ")
)


def test_the_conversation_itself_takes_no_place_from_what_others_say(tmp_path: Path) -> None:
    store = MemoryStore(open_backend(tmp_path / "store.db"))
    chat = ChatSession(store, model="demo")
    for number in range(20):
        said = f"Which parquet engine writes the forecast export? {number}"
        store.add(f"{said}\n\nParquet engine, forecast export.", conversation_id=chat.id, source=EXCHANGE)
        chat.history += [{"role": "user", "content": said}, {"role": "assistant", "content": "…"}]
    for fact in FACTS:
        store.add(f"The parquet export: {fact}.")
    block = chat.recall("Which parquet engine writes the export?")
    assert len(block.memories) == chat.max_memories
    assert {memory.source for memory in block.memories} == {"user"}
